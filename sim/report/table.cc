#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "sim/report/formats.h"

namespace keyway::sim {
namespace {

using Row = std::array<std::string, 6>;

// Columns that a text takes, as far as UTF-8 shows: its characters.
size_t Width(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::vector<Row> RowsOf(const Figures& figures) {
  std::vector<Row> rows = {{"server", "weight", "keys", "share", "fair", "share/fair"}};
  for (const ServerFigures& server : figures.servers) {
    rows.push_back(
        {absl::Utf8SafeCEscape(server.name), absl::StrFormat("%d", server.weight),
         absl::StrFormat("%d", server.keys), absl::StrFormat("%.2f%%", 100 * server.share),
         absl::StrFormat("%.2f%%", 100 * server.fair_share), absl::StrFormat("%.3f", server.load)});
  }
  return rows;
}

// The first column holds names and starts at the left, the others hold numbers.
void AppendAligned(const std::vector<Row>& rows, std::string& text) {
  std::array<size_t, std::tuple_size_v<Row>> widths = {};
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  for (const Row& row : rows) {
    text += row[0] + std::string(widths[0] - Width(row[0]), ' ');
    for (size_t i = 1; i < row.size(); ++i) {
      text += std::string(2 + widths[i] - Width(row[i]), ' ') + row[i];
    }
    text += '\n';
  }
}

}  // namespace

std::string RenderTable(const Report& report) {
  const Figures& figures = report.figures;
  std::string text =
      absl::StrFormat("pool %s: %d servers, %s, %s", absl::Utf8SafeCEscape(report.pool),
                      figures.servers.size(), report.distribution, report.hash);
  if (!report.hash_tag.empty()) {
    absl::StrAppendFormat(&text, ", hash tag %s", absl::Utf8SafeCEscape(report.hash_tag));
  }
  absl::StrAppendFormat(&text, "\n%d keys from %s\n\n", figures.keys, report.keys_from);
  AppendAligned(RowsOf(figures), text);
  absl::StrAppendFormat(&text, "\nmax/mean %.3f, min/mean %.3f, coefficient of variation %.4f\n",
                        figures.max_to_mean, figures.min_to_mean, figures.variation);
  return text;
}

}  // namespace keyway::sim
