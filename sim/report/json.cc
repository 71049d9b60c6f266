#include <string>
#include <string_view>

#include "absl/strings/str_format.h"
#include "sim/report/formats.h"

namespace keyway::sim {
namespace {

std::string String(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&quoted, "\\u%04x", c);
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string ServerObject(const ServerFigures& server) {
  return absl::StrFormat(
      R"({"server": %s, "weight": %d, "keys": %d, "share": %.9g, "fair_share": %.9g, )"
      R"("share_to_fair": %.9g})",
      String(server.name), server.weight, server.keys, server.share, server.fair_share,
      server.load);
}

}  // namespace

std::string RenderJson(const Report& report) {
  const Figures& figures = report.figures;
  std::string text = "{\n";
  absl::StrAppendFormat(&text, "  \"pool\": %s,\n", String(report.pool));
  absl::StrAppendFormat(&text, "  \"hash\": %s,\n", String(report.hash));
  absl::StrAppendFormat(&text, "  \"hash_tag\": %s,\n", String(report.hash_tag));
  absl::StrAppendFormat(&text, "  \"distribution\": %s,\n", String(report.distribution));
  absl::StrAppendFormat(&text, "  \"keys_from\": %s,\n", String(report.keys_from));
  absl::StrAppendFormat(&text, "  \"keys\": %d,\n", figures.keys);
  absl::StrAppendFormat(&text, "  \"max_to_mean\": %.9g,\n", figures.max_to_mean);
  absl::StrAppendFormat(&text, "  \"min_to_mean\": %.9g,\n", figures.min_to_mean);
  absl::StrAppendFormat(&text, "  \"coefficient_of_variation\": %.9g,\n", figures.variation);
  text += "  \"servers\": [";
  std::string_view separator = "\n";
  for (const ServerFigures& server : figures.servers) {
    absl::StrAppendFormat(&text, "%s    %s", separator, ServerObject(server));
    separator = ",\n";
  }
  return text + "\n  ]\n}\n";
}

}  // namespace keyway::sim
