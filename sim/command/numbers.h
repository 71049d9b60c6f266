// Numbers as people write them.
#ifndef KEYWAY_SIM_COMMAND_NUMBERS_H_
#define KEYWAY_SIM_COMMAND_NUMBERS_H_

#include <optional>
#include <string>
#include <string_view>

namespace keyway::sim {

// A number, as far as the whole text is one.
std::optional<double> ParseNumber(std::string_view text);

// "10%", "10 %" or "0.1".
std::optional<double> ParseShare(std::string_view text);

// A number with a unit of powers of 1000 (k, M, G, T) or of 1024 (Ki, Mi, Gi, Ti), with or
// without a B behind it.
std::optional<double> ParseAmount(std::string_view text);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_NUMBERS_H_
