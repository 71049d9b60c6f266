// What the user gets to see of any command: facts, tables and charts as data, which each
// output format shows in its way. Every name here (`id`) is part of the JSON schema and
// stays.
#ifndef KEYWAY_SIM_REPORT_REPORT_H_
#define KEYWAY_SIM_REPORT_REPORT_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace keyway::sim {

// How a number is to be read, and so how it is shown to people. Files hold the plain
// number: shares are fractions of 1.
enum class Unit { kText, kCount, kBytes, kShare, kRatio, kNumber, kProbability };

// Nothing, where a figure does not exist (a mean of no keys): "-" to people, null in JSON.
using Value = std::variant<std::monostate, std::string, uint64_t, double>;

// One figure about the whole.
struct Fact {
  std::string id = {};     // snake_case
  std::string title = {};  // to people
  Unit unit = Unit::kText;
  Value value = {};
  bool estimate = false;  // shown as such
  std::string note = {};  // how it is computed or how far it may be off; or empty
};

struct Column {
  std::string id = {};
  std::string title = {};
  Unit unit = Unit::kText;
  // A bar beside the number, where the format has them. A ratio with a bar is one to the
  // fair share: rows far above 1 stand out.
  bool bar = false;
  bool estimate = false;  // shown as such
};

struct Table {
  std::string id = {};
  std::string title = {};
  std::vector<Column> columns = {};
  std::vector<std::vector<Value>> rows = {};  // as long as `columns`
  std::string note = {};                      // below it; or empty
  // The first rows matter most, and are those to show where there is no room for all.
  bool ranked = false;
};

// A picture of a table, for formats that have pictures.
struct Chart {
  enum class Kind {
    kBars,    // one group of bars for each row: `label` against each of `values`
    kLines,   // the same, as lines: rows in their order along the axis
    kMatrix,  // rows are (from, to, value): label, values[0], values[1]
  };
  Kind kind = Kind::kBars;
  std::string title = {};
  std::string table = {};                // id
  std::string label = {};                // id of the column with the names
  std::vector<std::string> values = {};  // ids of columns
  // A line across at this value; none at 0.
  double mark = 0;
  std::string mark_title = {};  // what the line says: "fair share", "capacity"
};

// A limit that was to be held.
struct Verdict {
  std::string id = {};      // of the limit: max_peak_to_mean
  std::string figure = {};  // what it was held against, for people: "peak/mean of keys 1.31"
  bool held = true;
};

struct Report {
  std::string command = {};  // balance, diff, …
  std::string title = {};    // a line to people
  std::vector<Fact> facts = {};
  std::vector<Table> tables = {};
  std::vector<Chart> charts = {};
  std::vector<Verdict> verdicts = {};
  std::vector<std::string> warnings = {};
};

struct RenderOptions {
  bool color = false;   // a terminal that shows colours
  int columns = 100;    // its width
  bool unicode = true;  // whether it shows more than ASCII
};

struct ReportFormat {
  std::string_view name;
  std::string_view help;
  std::string (*render)(const Report& report, const RenderOptions& options);
};

// The format with that name (table, json, csv, html), or null.
const ReportFormat* FindReportFormat(std::string_view name);
std::span<const ReportFormat> AllReportFormats();

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_REPORT_REPORT_H_
