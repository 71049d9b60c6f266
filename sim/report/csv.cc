#include <string>
#include <string_view>

#include "absl/strings/str_format.h"
#include "sim/report/formats.h"

namespace keyway::sim {
namespace {

std::string Field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

std::string RenderCsv(const Report& report) {
  std::string text = "server,weight,keys,share,fair_share,share_to_fair\n";
  for (const ServerFigures& server : report.figures.servers) {
    absl::StrAppendFormat(&text, "%s,%d,%d,%.9g,%.9g,%.9g\n", Field(server.name), server.weight,
                          server.keys, server.share, server.fair_share, server.load);
  }
  return text;
}

}  // namespace keyway::sim
