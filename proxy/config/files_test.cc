// Every file below testdata/configs is accepted or refused, with just the problems that
// it announces at its top.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "proxy/config/parse.h"

namespace keyway {
namespace {

std::vector<std::filesystem::path> FilesIn(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator("testdata/configs/" + folder)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string TestName(const ::testing::TestParamInfo<std::filesystem::path>& info) {
  return info.param.stem().string();
}

// What follows `mark` in the lines at the top of the file. UTF-16 is read as well.
std::vector<std::string> Announced(const std::filesystem::path& file, const std::string& mark) {
  std::ifstream stream(file);
  std::ostringstream content;
  content << stream.rdbuf();
  std::string text = content.str();
  std::erase(text, '\0');

  std::vector<std::string> announced;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const size_t at = line.find(mark);
    if (at == std::string::npos) break;
    announced.push_back(line.substr(at + mark.size()));
  }
  return announced;
}

// "line:column: text", with 0:0 for a place that is unknown.
std::string Shown(const Problem& problem) {
  const std::string text = problem.ToString("");
  const std::string severity = problem.severity == Severity::kError ? "error: " : "warning: ";
  return absl::StrFormat("%d:%d: %s", problem.location.line, problem.location.column,
                         text.substr(text.find(severity) + severity.size()));
}

// Each problem, in order, starts with the announced place and contains the announced text.
void ExpectProblems(const ParsedConfig& parsed, Severity severity,
                    const std::vector<std::string>& announced) {
  std::vector<std::string> shown;
  for (const Problem& problem : parsed.problems) {
    if (problem.severity == severity) shown.push_back(Shown(problem));
  }
  ASSERT_EQ(shown.size(), announced.size()) << parsed.Report();
  for (size_t i = 0; i < shown.size(); ++i) {
    const size_t space = announced[i].find(": ");
    EXPECT_EQ(shown[i].substr(0, space), announced[i].substr(0, space)) << shown[i];
    EXPECT_NE(shown[i].find(announced[i].substr(space + 2)), std::string::npos) << shown[i] << "\n"
                                                                                << announced[i];
  }
}

using ValidFile = ::testing::TestWithParam<std::filesystem::path>;

TEST_P(ValidFile, IsAcceptedWithTheAnnouncedWarnings) {
  const ParsedConfig parsed = ReadConfigFile(GetParam());
  EXPECT_TRUE(parsed.ok()) << parsed.Report();
  ExpectProblems(parsed, Severity::kWarning, Announced(GetParam(), "# warn: "));
}

INSTANTIATE_TEST_SUITE_P(Configs, ValidFile, ::testing::ValuesIn(FilesIn("valid")), TestName);

using InvalidFile = ::testing::TestWithParam<std::filesystem::path>;

TEST_P(InvalidFile, IsRefusedWithTheAnnouncedErrors) {
  const ParsedConfig parsed = ReadConfigFile(GetParam());
  EXPECT_FALSE(parsed.ok());
  const std::vector<std::string> announced = Announced(GetParam(), "# expect: ");
  EXPECT_FALSE(announced.empty()) << "no '# expect: ' line";
  ExpectProblems(parsed, Severity::kError, announced);
}

INSTANTIATE_TEST_SUITE_P(Configs, InvalidFile, ::testing::ValuesIn(FilesIn("invalid")), TestName);

}  // namespace
}  // namespace keyway
