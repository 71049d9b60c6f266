#include "sim/source/synthetic/sizes.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "sim/source/synthetic/numbers.h"

namespace keyway::sim {

absl::StatusOr<Sizes> Sizes::Parse(std::string_view text) {
  struct Row {
    std::string_view name;
    Kind kind;
    char separator;
    size_t least_numbers, most_numbers;
  };
  constexpr Row kRows[] = {
      {"fixed:", Kind::kFixed, ',', 1, 1},
      {"uniform:", Kind::kUniform, '-', 2, 2},
      {"lognormal:", Kind::kLogNormal, ',', 2, 2},
      {"pareto:", Kind::kPareto, ',', 2, 3},
      {"", Kind::kFixed, ',', 1, 1},
  };
  const Row row = *std::ranges::find_if(
      kRows, [text](const Row& candidate) { return text.starts_with(candidate.name); });

  std::vector<double> numbers;
  std::string_view rest = text.substr(row.name.size());
  for (bool more = true; more;) {
    const size_t end = std::min(rest.find(row.separator), rest.size());
    const absl::StatusOr<double> number = ParseReal("size", rest.substr(0, end));
    if (!number.ok()) return number.status();
    numbers.push_back(*number);
    more = end < rest.size();
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const bool ordered = row.kind != Kind::kUniform || numbers.front() <= numbers.back();
  const bool sensible = std::ranges::all_of(
      numbers, [](double number) { return number >= 0 && number <= double{kMaxValueBytes}; });
  const bool tailed = row.kind != Kind::kPareto || (numbers.size() > 1 && numbers[1] > 0);
  if (numbers.size() < row.least_numbers || numbers.size() > row.most_numbers || !ordered ||
      !sensible || !tailed) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "size: \"%s\" is none of fixed:BYTES, uniform:LEAST-MOST, lognormal:MEDIAN,SIGMA, "
        "pareto:LEAST,SHAPE,MOST",
        text));
  }

  Sizes sizes;
  sizes.kind_ = row.kind;
  sizes.first_ = numbers[0];
  if (numbers.size() > 1) sizes.second_ = numbers[1];
  if (numbers.size() > 2) sizes.most_ = std::min(numbers[2], sizes.most_);
  return sizes;
}

uint64_t Sizes::Draw(Random& random) const {
  double size = first_;
  switch (kind_) {
    case Kind::kFixed:
      break;
    case Kind::kUniform:
      size += static_cast<double>(random.NextBelow(static_cast<uint64_t>(second_ - first_) + 1));
      break;
    case Kind::kLogNormal:
      size *= std::exp(second_ * random.NextNormal());
      break;
    case Kind::kPareto:
      size *= std::pow(random.NextFraction(), -1 / second_);
      break;
  }
  return static_cast<uint64_t>(std::min(size, most_));
}

}  // namespace keyway::sim
