#include "sim/command/capacity.h"

#include "sim/command/numbers.h"

namespace keyway::sim {

std::optional<Capacity> ParseCapacity(std::string_view text) {
  Capacity capacity = {.text = std::string(text)};
  const size_t sign = text.find('=');
  std::optional<double> amount;
  if (sign == std::string_view::npos) {
    amount = ParseNumber(text);
  } else {
    capacity.measure = FindMeasure(text.substr(0, sign));
    if (capacity.measure == nullptr) return std::nullopt;
    amount = ParseAmount(text.substr(sign + 1));
  }
  if (!amount || *amount <= 0) return std::nullopt;
  capacity.amount = *amount;
  return capacity;
}

}  // namespace keyway::sim
