#include "sim/command/limits.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "proxy/config/outline.h"
#include "proxy/config/problem.h"
#include "sim/command/numbers.h"

namespace keyway::sim {
namespace {

constexpr Limit kLimits[] = {
    {.id = "max_peak_to_mean", .figure = "max/mean", .value = &CheckedFigures::max_to_mean},
    {.id = "min_to_mean",
     .figure = "min/mean",
     .upper = false,
     .value = &CheckedFigures::min_to_mean},
    {.id = "max_cv", .figure = "coefficient of variation", .value = &CheckedFigures::variation},
    {.id = "max_gini", .figure = "Gini coefficient", .value = &CheckedFigures::gini},
    {.id = "min_p",
     .figure = "p of chi-square",
     .unit = Unit::kProbability,
     .upper = false,
     .value = &CheckedFigures::p_value},
    {.id = "max_outside",
     .figure = "share of servers outside ±15 %",
     .unit = Unit::kShare,
     .value = &CheckedFigures::outside},
    {.id = "max_hot_key_share",
     .figure = "hottest key's share",
     .unit = Unit::kShare,
     .value = &CheckedFigures::hot_key_share},
    {.id = "max_moved",
     .figure = "share that moves",
     .unit = Unit::kShare,
     .needs = Needs::kOldPool,
     .value = &CheckedFigures::moved_share},
    {.id = "max_avoidable",
     .figure = "share that moves without need",
     .unit = Unit::kShare,
     .needs = Needs::kOldPool,
     .value = &CheckedFigures::avoidable_share},
    {.id = "max_after_loss",
     .figure = "fullest server after the loss of any one",
     .needs = Needs::kLosses,
     .value = &CheckedFigures::after_loss},
    {.id = "max_churn",
     .figure = "share that moves at a loss though its server lives",
     .unit = Unit::kShare,
     .needs = Needs::kLosses,
     .value = &CheckedFigures::churn_share},
};

absl::Status Failed(const std::string& file, Location location, std::string message) {
  const Problem problem = {.location = location, .message = std::move(message)};
  return absl::InvalidArgumentError(problem.ToString(file));
}

}  // namespace

std::span<const Limit> AllLimits() { return kLimits; }

const Limit* FindLimit(std::string_view id) {
  const auto found = std::ranges::find(kLimits, id, &Limit::id);
  return found == std::end(kLimits) ? nullptr : found;
}

std::string OptionOf(const Limit& limit) {
  std::string option = "--" + std::string(limit.id);
  std::ranges::replace(option, '_', '-');
  return option;
}

std::optional<double> ParseLimit(const Limit& limit, std::string_view text) {
  return limit.unit == Unit::kShare ? ParseShare(text) : ParseNumber(text);
}

absl::StatusOr<LimitValues> ParseLimits(std::string_view text, const std::string& file) {
  Problems problems;
  const std::vector<Section> sections = ReadOutline(text, problems);
  if (!problems.empty()) return absl::InvalidArgumentError(problems.front().ToString(file));
  LimitValues values;
  for (const Section& section : sections) {
    if (section.name.text != "limits") {
      return Failed(file, section.name.location, Quoted(section.name.text) + " is not 'limits'");
    }
    for (const Setting& setting : section.settings) {
      const Limit* const limit = FindLimit(setting.key.text);
      if (limit == nullptr) {
        return Failed(file, setting.key.location, Quoted(setting.key.text) + " is no limit");
      }
      if (setting.sequence || setting.values.size() != 1) {
        return Failed(file, setting.key.location, "needs one value");
      }
      const Scalar& scalar = setting.values.front();
      const std::optional<double> value = ParseLimit(*limit, scalar.text);
      if (!value) {
        return Failed(
            file, scalar.location,
            Quoted(scalar.text) + (limit->unit == Unit::kShare ? " is no share" : " is no number"));
      }
      if (!values.emplace(limit->id, *value).second) {
        return Failed(file, setting.key.location, "is here twice");
      }
    }
  }
  return values;
}

}  // namespace keyway::sim
