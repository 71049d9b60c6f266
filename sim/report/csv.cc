#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/strings/str_format.h"
#include "sim/report/formats.h"
#include "sim/report/text.h"

namespace keyway::sim {
namespace {

// A spreadsheet computes what begins with one of these.
constexpr std::string_view kFormulaStarts = "=+-@";

std::string Quoted(std::string_view text) {
  if (text.find_first_of(",\"") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

// Whoever names keys must not run formulas in the spreadsheet of whoever looks at them.
std::string Text(std::string text) {
  if (text.size() > 1 && kFormulaStarts.find(text[0]) != std::string_view::npos) {
    text.replace(0, 1, absl::StrFormat("\\x%02x", static_cast<unsigned char>(text[0])));
  }
  return Quoted(text);
}

// The shortest text that reads back as the same number.
std::string Number(double number) {
  if (!std::isfinite(number)) return "";
  char text[32];
  const auto end = std::to_chars(std::begin(text), std::end(text), number).ptr;
  return std::string(text, end);
}

std::string Field(const Value& value) {
  struct Visitor {
    std::string operator()(std::monostate) const { return ""; }
    std::string operator()(const std::string& text) const { return Text(Escape(text)); }
    std::string operator()(uint64_t count) const { return std::to_string(count); }
    std::string operator()(double number) const { return Number(number); }
  };
  return std::visit(Visitor{}, value);
}

class Sections {
 public:
  // Begins a table with the names of its columns.
  void Begin(std::string_view id, const std::vector<std::string>& columns) {
    if (!text_.empty()) text_ += "\r\n";
    id_ = Quoted(id);
    Line(columns);
  }
  void Line(const std::vector<std::string>& fields) {
    text_ += id_;
    for (const std::string& field : fields) {
      text_ += ',';
      text_ += field;
    }
    text_ += "\r\n";
  }
  const std::string& text() const { return text_; }

 private:
  std::string id_;
  std::string text_;
};

const char* YesNo(bool yes) { return yes ? "true" : "false"; }

void AddFacts(const Report& report, Sections& sections) {
  sections.Begin("facts", {"id", "value", "title", "estimate", "note"});
  for (const Fact& fact : report.facts) {
    sections.Line({fact.id, Field(fact.value), Text(Clean(fact.title)), YesNo(fact.estimate),
                   Text(Clean(fact.note))});
  }
}

void AddTable(const Table& table, Sections& sections) {
  std::vector<std::string> ids;
  for (const Column& column : table.columns) ids.push_back(column.id);
  sections.Begin(table.id, ids);
  for (const std::vector<Value>& row : table.rows) {
    std::vector<std::string> fields;
    for (const Value& value : row) fields.push_back(Field(value));
    sections.Line(fields);
  }
}

void AddVerdicts(const Report& report, Sections& sections) {
  sections.Begin("verdicts", {"id", "held", "figure"});
  for (const Verdict& verdict : report.verdicts) {
    sections.Line({verdict.id, YesNo(verdict.held), Text(Clean(verdict.figure))});
  }
}

void AddWarnings(const Report& report, Sections& sections) {
  sections.Begin("warnings", {"warning"});
  for (const std::string& warning : report.warnings) sections.Line({Text(Clean(warning))});
}

// What the tables and their columns are, as the line of a fact says it for the fact.
void AddAbout(const Report& report, Sections& sections) {
  sections.Begin("about", {"place", "title", "unit", "estimate", "note"});
  for (const Table& table : report.tables) {
    sections.Line({table.id, Text(Clean(table.title)), "", YesNo(false), Text(Clean(table.note))});
    for (const Column& column : table.columns) {
      sections.Line({table.id + "." + column.id, Text(Clean(column.title)),
                     std::string(UnitName(column.unit)), YesNo(column.estimate), ""});
    }
  }
}

}  // namespace

std::string RenderCsv(const Report& report, const RenderOptions&) {
  Sections sections;
  if (!report.facts.empty()) AddFacts(report, sections);
  for (const Table& table : report.tables) AddTable(table, sections);
  if (!report.verdicts.empty()) AddVerdicts(report, sections);
  if (!report.warnings.empty()) AddWarnings(report, sections);
  if (!report.tables.empty()) AddAbout(report, sections);
  return sections.text();
}

}  // namespace keyway::sim
