// The limits that `check` holds a pool to: one row each.
#ifndef KEYWAY_SIM_COMMAND_LIMITS_H_
#define KEYWAY_SIM_COMMAND_LIMITS_H_

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "sim/report/report.h"

namespace keyway::sim {

// The figures that limits are held against; nothing where a figure was not drawn or does
// not exist.
struct CheckedFigures {
  std::optional<double> max_to_mean = {}, min_to_mean = {}, variation = {}, gini = {};
  std::optional<double> p_value = {}, outside = {}, hot_key_share = {};
  std::optional<double> moved_share = {}, avoidable_share = {};
  std::optional<double> after_loss = {}, churn_share = {};
};

// What has to be counted for a limit besides the pool itself.
enum class Needs { kPool, kOldPool, kLosses };

struct Limit {
  std::string_view id;      // max_peak_to_mean: in files; the option is --max-peak-to-mean
  std::string_view figure;  // what is limited, for people
  Unit unit = Unit::kRatio;
  bool upper = true;  // the figure may not be more; otherwise, not less
  Needs needs = Needs::kPool;
  std::optional<double> CheckedFigures::*value;
};

std::span<const Limit> AllLimits();
// The limit with that id, or null.
const Limit* FindLimit(std::string_view id);
// --max-peak-to-mean.
std::string OptionOf(const Limit& limit);
// Of the text of a limit; nothing if it is none.
std::optional<double> ParseLimit(const Limit& limit, std::string_view text);

// By id.
using LimitValues = std::map<std::string, double, std::less<>>;

// Reads "limits:" and, indented below it, an id and a value a line. Errors are lines for
// the user, with file, line and column.
absl::StatusOr<LimitValues> ParseLimits(std::string_view text, const std::string& file);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_LIMITS_H_
