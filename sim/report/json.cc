#include "nlohmann/json.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/report/formats.h"
#include "sim/report/text.h"

namespace keyway::sim {
namespace {

using Json = nlohmann::ordered_json;

// Of schema.json; grows when something that is there changes its meaning or goes.
constexpr int kSchemaVersion = 1;

Json ToJson(const Value& value) {
  struct Visitor {
    Json operator()(std::monostate) const { return nullptr; }
    Json operator()(const std::string& text) const { return Escape(text); }
    Json operator()(uint64_t count) const { return count; }
    Json operator()(double number) const { return number; }
  };
  return std::visit(Visitor{}, value);
}

// The members of an object or the elements of an array, a line each: readable, and one row
// at a time in memory.
class Lines {
 public:
  explicit Lines(size_t depth) : indent_(2 * depth, ' ') {}

  void Add(const std::string& line) {
    text_ += text_.empty() ? "\n" : ",\n";
    text_ += indent_ + line;
  }
  void Add(std::string_view name, const std::string& json) { Add(Json(name).dump() + ": " + json); }
  std::string In(std::string_view open, std::string_view close) const {
    const std::string end = text_.empty() ? "" : "\n" + indent_.substr(2);
    return std::string(open) + text_ + end + std::string(close);
  }
  std::string Object() const { return In("{", "}"); }
  std::string Array() const { return In("[", "]"); }

 private:
  const std::string indent_;
  std::string text_;
};

std::string Facts(const Report& report) {
  Lines facts(2);
  for (const Fact& fact : report.facts) facts.Add(fact.id, ToJson(fact.value).dump());
  return facts.Object();
}

std::string Rows(const Table& table) {
  Lines rows(3);
  for (const std::vector<Value>& row : table.rows) {
    Json object = Json::object();
    for (size_t i = 0; i < table.columns.size() && i < row.size(); ++i) {
      object[table.columns[i].id] = ToJson(row[i]);
    }
    rows.Add(object.dump());
  }
  return rows.Array();
}

std::string Tables(const Report& report) {
  Lines tables(2);
  for (const Table& table : report.tables) tables.Add(table.id, Rows(table));
  return tables.Object();
}

std::string Verdicts(const Report& report) {
  Lines verdicts(2);
  for (const Verdict& verdict : report.verdicts) {
    const Json object = {
        {"id", verdict.id}, {"figure", Clean(verdict.figure)}, {"held", verdict.held}};
    verdicts.Add(object.dump());
  }
  return verdicts.Array();
}

std::string Warnings(const Report& report) {
  Lines warnings(2);
  for (const std::string& warning : report.warnings) warnings.Add(Json(Clean(warning)).dump());
  return warnings.Array();
}

std::string Estimates(const Report& report) {
  Lines estimates(2);
  for (const Fact& fact : report.facts) {
    if (fact.estimate) estimates.Add(Json("facts." + fact.id).dump());
  }
  for (const Table& table : report.tables) {
    for (const Column& column : table.columns) {
      if (column.estimate) estimates.Add(Json("tables." + table.id + "." + column.id).dump());
    }
  }
  return estimates.Array();
}

std::string About(std::string_view title, std::string_view unit, std::string_view note) {
  Json about = {{"title", Clean(title)}};
  if (!unit.empty()) about["unit"] = unit;
  if (!note.empty()) about["note"] = Clean(note);
  return about.dump();
}

std::string About(const Report& report) {
  Lines about(2);
  for (const Fact& fact : report.facts) {
    about.Add("facts." + fact.id, About(fact.title, UnitName(fact.unit), fact.note));
  }
  for (const Table& table : report.tables) {
    about.Add("tables." + table.id, About(table.title, "", table.note));
    for (const Column& column : table.columns) {
      about.Add("tables." + table.id + "." + column.id,
                About(column.title, UnitName(column.unit), ""));
    }
  }
  return about.Object();
}

}  // namespace

std::string RenderJson(const Report& report, const RenderOptions&) {
  Lines lines(1);
  lines.Add("schema_version", std::to_string(kSchemaVersion));
  lines.Add("command", Json(report.command).dump());
  lines.Add("title", Json(Clean(report.title)).dump());
  lines.Add("facts", Facts(report));
  lines.Add("tables", Tables(report));
  lines.Add("verdicts", Verdicts(report));
  lines.Add("warnings", Warnings(report));
  lines.Add("estimates", Estimates(report));
  lines.Add("about", About(report));
  return lines.Object() + "\n";
}

}  // namespace keyway::sim
