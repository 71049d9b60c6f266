#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/report/formats.h"
#include "sim/report/grid.h"
#include "sim/report/shape.h"
#include "sim/report/text.h"

namespace keyway::sim {
namespace {

// How many rows of a table are shown, and how many moves between servers.
constexpr size_t kRows = 60;
constexpr size_t kMoves = 20;

// A note beside a fact has at least this much room; otherwise it goes below.
constexpr size_t kNoteWidth = 32;

size_t LineWidth(const RenderOptions& options) {
  return static_cast<size_t>(std::max(options.columns, 20));
}

std::string Padded(std::string text, size_t width) {
  text.append(width - std::min(width, Width(text)), ' ');
  return text;
}

std::string Shown(const Fact& fact, const RenderOptions& options) {
  if (fact.value == Value("")) return "-";
  const std::string value = ToPeople(fact.value, fact.unit);
  return fact.estimate && IsNumber(fact.value) ? (options.unicode ? "≈ " : "~ ") + value : value;
}

std::string FactLine(const Fact& fact, size_t title_width, size_t value_width,
                     const RenderOptions& options) {
  const std::string value = Shown(fact, options);
  std::string line = Padded(Clean(fact.title), title_width) + "  ";
  size_t note_column = title_width + 2 + std::max(value_width, Width(value)) + 2;
  line += fact.note.empty() ? value : Padded(value, value_width);
  if (fact.note.empty()) return line + "\n";

  if (note_column + kNoteWidth > LineWidth(options)) {
    note_column = std::min<size_t>(title_width + 2, LineWidth(options) / 4);
    line += "\n" + std::string(note_column, ' ');
  } else {
    line += "  ";
  }
  const std::string note =
      Wrapped(Clean(fact.note), LineWidth(options) - note_column, std::string(note_column, ' '));
  return line + Styled(note, Style::kFaint, options) + "\n";
}

std::string Facts(const Report& report, const RenderOptions& options) {
  constexpr size_t kLongestValue = 16;  // of those that the notes are aligned behind
  size_t title_width = 0;
  size_t value_width = 0;
  for (const Fact& fact : report.facts) {
    title_width = std::max(title_width, Width(Clean(fact.title)));
    const size_t width = Width(Shown(fact, options));
    if (width <= kLongestValue) value_width = std::max(value_width, width);
  }
  std::string text;
  for (const Fact& fact : report.facts) text += FactLine(fact, title_width, value_width, options);
  return text;
}

// The table as a square if it is one and fits, and otherwise the rows that matter most.
Table Shown(const Report& report, const Table& table, const RenderOptions& options) {
  const Chart* matrix = FindChart(report, table, Chart::Kind::kMatrix);
  if (matrix != nullptr) {
    const std::optional<Table> square = AsMatrix(table, *matrix, LineWidth(options));
    if (square && GridFits(*square, options)) return *square;
    const std::optional<size_t> value =
        matrix->values.size() < 2 ? std::nullopt : FindColumn(table, matrix->values[1]);
    if (value) return Largest(table, *value, kMoves);
  }
  const std::optional<size_t> main = MainColumn(table);
  return main ? Largest(table, *main, kRows) : table;
}

std::string OneTable(const Report& report, const Table& table, const RenderOptions& options) {
  const Table shown = WithoutEmptyColumns(Shown(report, table, options));
  std::string text;
  if (!shown.title.empty()) {
    text += Styled(Clean(shown.title), Style::kStrong, options) + "\n";
  }
  text += Grid(shown, options);
  if (!shown.note.empty()) {
    const std::string note = Wrapped(Clean(shown.note), LineWidth(options), "");
    text += Styled(note, Style::kFaint, options) + "\n";
  }
  return text;
}

std::string Warnings(const Report& report, const RenderOptions& options) {
  constexpr std::string_view kBegin = "warning: ";
  std::string text;
  for (const std::string& warning : report.warnings) {
    const std::string line = Wrapped(Clean(warning), LineWidth(options) - kBegin.size(),
                                     std::string(kBegin.size(), ' '));
    text += Styled(kBegin, Style::kWarning, options) + line + "\n";
  }
  return text;
}

std::string Verdicts(const Report& report, const RenderOptions& options) {
  size_t id_width = 0;
  for (const Verdict& verdict : report.verdicts) id_width = std::max(id_width, verdict.id.size());
  std::string text;
  for (const Verdict& verdict : report.verdicts) {
    std::string word = verdict.held ? "held  " : "BROKEN";
    if (options.unicode) word = (verdict.held ? "✓ " : "✗ ") + word;
    text += Styled(word, verdict.held ? Style::kGood : Style::kBad, options) + "  " +
            Padded(verdict.id, id_width) + "  " + Clean(verdict.figure) + "\n";
  }
  return text;
}

}  // namespace

std::string RenderTable(const Report& report, const RenderOptions& options) {
  std::vector<std::string> parts;
  if (!report.title.empty()) {
    parts.push_back(Styled(Clean(report.title), Style::kStrong, options) + "\n");
  }
  parts.push_back(Facts(report, options));
  for (const Table& table : report.tables) parts.push_back(OneTable(report, table, options));
  parts.push_back(Warnings(report, options));
  parts.push_back(Verdicts(report, options));

  std::string text;
  for (const std::string& part : parts) {
    if (!part.empty()) text += (text.empty() ? "" : "\n") + part;
  }
  return text;
}

}  // namespace keyway::sim
