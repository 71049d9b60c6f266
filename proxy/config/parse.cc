#include "proxy/config/parse.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "proxy/config/check.h"
#include "proxy/config/nutcracker.h"
#include "proxy/config/outline.h"

namespace keyway {
namespace {

// Far more than any pool needs; keeps a wrong file name from filling the memory.
constexpr size_t kMaxFileBytes = 64 * 1024 * 1024;

// As many as somebody reads. A file of something else has a problem in every line.
constexpr size_t kMaxReported = 100;

ParsedConfig Unreadable(std::string file, std::string reason) {
  ParsedConfig parsed;
  parsed.config.file = std::move(file);
  parsed.problems.push_back({.message = std::move(reason)});
  return parsed;
}

}  // namespace

std::string ParsedConfig::Report() const {
  // Where not all are shown, no warning takes the place of an error.
  const bool errors_only = problems.size() > kMaxReported && !ok();
  std::string report;
  size_t shown = 0;
  for (const Problem& problem : problems) {
    if (shown == kMaxReported) break;
    if (errors_only && problem.severity != Severity::kError) continue;
    report += problem.ToString(config.file) + "\n";
    ++shown;
  }
  if (shown < problems.size()) {
    absl::StrAppendFormat(&report, "%s: %d more problems\n", config.file, problems.size() - shown);
  }
  return report;
}

ParsedConfig ParseConfig(std::string_view text, std::string file) {
  ParsedConfig parsed;
  Problems& problems = parsed.problems;
  const std::vector<Section> sections = ReadOutline(text, problems);
  std::set<int> broken_lines;
  for (const Problem& problem : problems) broken_lines.insert(problem.location.line);
  const size_t syntax_errors = problems.size();

  parsed.config = ReadSections(sections, problems);
  parsed.config.file = std::move(file);
  CheckConfig(parsed.config, problems);

  // What a broken line seems to say is not what was meant.
  const auto meaning = problems.begin() + static_cast<std::ptrdiff_t>(syntax_errors);
  problems.erase(std::remove_if(meaning, problems.end(),
                                [&](const Problem& problem) {
                                  return broken_lines.contains(problem.location.line);
                                }),
                 problems.end());
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.location.line, a.location.column) <
           std::tie(b.location.line, b.location.column);
  });
  return parsed;
}

ParsedConfig ReadConfigFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return Unreadable(path, absl::StrFormat("cannot be opened: %s", strerror(errno)));
  std::string text;
  char block[16 * 1024];
  while (stream.read(block, sizeof(block)) || stream.gcount() > 0) {
    text.append(block, static_cast<size_t>(stream.gcount()));
    if (text.size() > kMaxFileBytes) return Unreadable(path, "is too large for a configuration");
  }
  if (stream.bad()) return Unreadable(path, absl::StrFormat("cannot be read: %s", strerror(errno)));
  return ParseConfig(text, path);
}

}  // namespace keyway
