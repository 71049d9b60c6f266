// Every configuration of testdata/configs through the option -t of both programs: the same
// verdict, or a listed reason; and ours says where and what is wrong.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/testing/command.h"
#include "proxy/testing/process.h"

namespace keyway {
namespace {

using ::testing::HasSubstr;

// Where the verdicts are to differ.
struct Difference {
  std::string_view file;
  bool nutcracker_accepts;
  std::string_view reason;
};

constexpr std::string_view kOverflow = "computes in 32 bits and takes what the overflow leaves";
constexpr std::string_view kReserved = "takes 'keyway' for a pool";
constexpr std::string_view kInvisible = "takes what cannot be seen into names and values";

constexpr Difference kDifferences[] = {
    {"byte_order_mark_within", true, kInvisible},
    {"escaped_quote", false, "its YAML library does not know \\' in double quotes"},
    {"keyway_hashing", false, "has fewer hashes and distributions"},
    {"keyway_pool", true, kReserved},
    {"keyway_workers", false, kReserved},
    {"line_separator", true, kInvisible},
    {"listen_port_overflows", true, kOverflow},
    {"number_that_overflows", true, kOverflow},
    {"reuse_port", false, "knows this key from a later version on only"},
    {"reuseport", false, "knows this key from a later version on only"},
    {"server_weight_overflows", true, kOverflow},
    {"weights_that_overflow", true, "finds out when it builds the ring"},
    {"utf16", true, "reads UTF-16"},
};

const Difference* FindDifference(const std::string& file) {
  const auto row =
      std::find_if(std::begin(kDifferences), std::end(kDifferences),
                   [&](const Difference& difference) { return difference.file == file; });
  return row == std::end(kDifferences) ? nullptr : &*row;
}

std::vector<std::filesystem::path> AllFiles() {
  std::vector<std::filesystem::path> files;
  for (const std::string folder : {"valid", "invalid"}) {
    for (const auto& entry : std::filesystem::directory_iterator("testdata/configs/" + folder)) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

CommandResult TestConfig(const std::string& program, const std::string& file) {
  return RunCommand({program, "-t", "-c", file});
}

std::string LastLine(const std::string& text) {
  const size_t end = text.find_last_not_of('\n');
  return text.substr(text.rfind('\n', end) + 1);
}

// The problems that the file announces at its top, as its user is to see them.
std::vector<std::string> Announced(const std::string& file) {
  std::ifstream stream(file);
  std::vector<std::string> announced;
  for (std::string line; std::getline(stream, line);) {
    std::erase(line, '\0');  // of UTF-16
    for (const std::string severity : {"expect", "warn"}) {
      const std::string mark = "# " + severity + ": ";
      const size_t at = line.find(mark);
      if (at == line.npos) continue;
      const std::string problem = line.substr(at + mark.size());
      const std::string place = problem.substr(0, problem.find(' '));
      announced.push_back(file + ":" + (place == "0:0:" ? "" : place) +
                          (severity == "warn" ? " warning: " : " error: "));
    }
  }
  return announced;
}

// Line by line, and the verdict last.
void ExpectReasons(const std::string& file, const std::string& err) {
  std::istringstream lines(err);
  std::string line;
  for (const std::string& problem : Announced(file)) {
    EXPECT_TRUE(std::getline(lines, line));
    EXPECT_THAT(line, HasSubstr(problem));
    EXPECT_TRUE(line.find(": key '") == line.npos || line.find(": pool '") != line.npos) << line;
  }
  EXPECT_TRUE(std::getline(lines, line));
  EXPECT_EQ(line + "\n", LastLine(err));
}

class ConfigCompareTest : public ::testing::TestWithParam<std::filesystem::path> {};

std::string NameOf(const ::testing::TestParamInfo<std::filesystem::path>& test) {
  return test.param.parent_path().stem().string() + "_" + test.param.stem().string();
}

TEST_P(ConfigCompareTest, TheVerdictIsTheSameAndHasItsReasons) {
  const std::string file = GetParam();
  const CommandResult theirs = TestConfig(NutcrackerPath(), file);
  const CommandResult ours = TestConfig(ProxyPath(), file);
  ExpectReasons(file, ours.err);
  EXPECT_EQ(ours.out, theirs.out);
  if (const Difference* row = FindDifference(GetParam().stem())) {
    EXPECT_NE(ours.exit_code, theirs.exit_code) << "no difference any more";
    EXPECT_EQ(theirs.exit_code == 0, row->nutcracker_accepts);
  } else {
    EXPECT_EQ(ours.exit_code, theirs.exit_code) << ours.err;
    EXPECT_EQ(LastLine(ours.err), LastLine(theirs.err));
  }
}

INSTANTIATE_TEST_SUITE_P(All, ConfigCompareTest, ::testing::ValuesIn(AllFiles()), NameOf);

// Of a pool and one of its keys both names are said.
TEST(ConfigsTest, ReasonsNameThePoolAndTheKey) {
  const std::string file = "testdata/configs/invalid/every_problem_is_reported.yml";
  const std::string err = TestConfig(ProxyPath(), file).err;
  for (const std::string reason :
       {":9:11: error: pool 'alpha': key 'listen': 'x' is not a port",
        ":10:9: error: pool 'alpha': key 'hash': 'none' is not a hash",
        ":11:12: error: pool 'alpha': key 'timeout': 'soon' is not a number",
        ":14:6: error: pool 'alpha': key 'servers': 'b' is not a server",
        ":16:1: error: pool 'beta': has no settings"}) {
    EXPECT_THAT(err, HasSubstr(file + reason));
  }
}

TEST(ConfigsTest, AFileWithNothingInIt) {
  for (const std::string& program : {NutcrackerPath(), ProxyPath()}) {
    const CommandResult result = TestConfig(program, "/dev/null");
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(LastLine(result.err),
              "nutcracker: configuration file '/dev/null' syntax is invalid\n");
  }
}

TEST(ConfigsTest, EveryDifferenceHasAFile) {
  for (const Difference& difference : kDifferences) {
    const std::string name = std::string(difference.file) + ".yml";
    EXPECT_TRUE(std::filesystem::exists("testdata/configs/valid/" + name) ||
                std::filesystem::exists("testdata/configs/invalid/" + name))
        << difference.file;
  }
}

}  // namespace
}  // namespace keyway
