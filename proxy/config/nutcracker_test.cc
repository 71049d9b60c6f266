// The real nutcracker is asked which of the files below testdata/configs it accepts.

#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "proxy/config/parse.h"
#include "proxy/testing/process.h"

namespace keyway {
namespace {

// Where the two are to differ.
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

bool NutcrackerAccepts(const std::string& file) {
  Process nutcracker("nutcracker", {NutcrackerPath(), "-t", "-c", file});
  const std::optional<int> status = nutcracker.AwaitExit();
  EXPECT_TRUE(status.has_value() && WIFEXITED(*status)) << file;
  return status == 0;
}

TEST(NutcrackerTest, TheSameFilesAreAccepted) {
  size_t files = 0;
  for (const std::string folder : {"valid", "invalid"}) {
    for (const auto& entry : std::filesystem::directory_iterator("testdata/configs/" + folder)) {
      ++files;
      const ParsedConfig parsed = ReadConfigFile(entry.path());
      const bool accepted = NutcrackerAccepts(entry.path());
      if (const Difference* difference = FindDifference(entry.path().stem())) {
        EXPECT_NE(parsed.ok(), accepted) << difference->file << " is no difference any more";
        EXPECT_EQ(accepted, difference->nutcracker_accepts) << difference->file;
      } else {
        EXPECT_EQ(parsed.ok(), accepted) << entry.path() << "\n" << parsed.Report();
      }
    }
  }
  EXPECT_GT(files, 150u);
}

TEST(NutcrackerTest, EveryDifferenceHasAFile) {
  for (const Difference& difference : kDifferences) {
    const std::string name = std::string(difference.file) + ".yml";
    EXPECT_TRUE(std::filesystem::exists("testdata/configs/valid/" + name) ||
                std::filesystem::exists("testdata/configs/invalid/" + name))
        << difference.file;
  }
}

}  // namespace
}  // namespace keyway
