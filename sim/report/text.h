// Bytes and numbers as people read them. Keys are any bytes: what reaches a terminal, a
// spreadsheet or a page goes through here.
#ifndef KEYWAY_SIM_REPORT_TEXT_H_
#define KEYWAY_SIM_REPORT_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "sim/report/report.h"

namespace keyway::sim {

// UTF-8 without anything that a terminal obeys or a reader cannot see: control characters,
// marks of direction and bytes that are no UTF-8 become \xNN, and a backslash \\. Each
// text has one such form, and the form gives the text back.
std::string Escape(std::string_view bytes);

// The same for a sentence of ours, which may quote what is escaped already: a backslash
// stays as it is.
std::string Clean(std::string_view sentence);

// How many columns of a terminal the UTF-8 text takes.
size_t Width(std::string_view text);

// Takes the middle out of a text that is wider than `width`.
std::string CutMiddle(std::string_view text, size_t width, std::string_view ellipsis);

// The text in lines that are not wider than `width`, where its words allow that.
std::string Wrapped(std::string_view text, size_t width, std::string_view indent);

// 1,234,567; 12.3 MB (a MB is 10^6 bytes); 28.40 %; 1.136. `none` is shown for no value.
std::string ToPeople(const Value& value, Unit unit, std::string_view none = "-");

// The unit's name in files: "count".
std::string_view UnitName(Unit unit);

// The value of a number; 0 for what is none.
double AsNumber(const Value& value);
bool IsNumber(const Value& value);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_REPORT_TEXT_H_
