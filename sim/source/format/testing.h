// Formats without a file around them, for tests.
#ifndef KEYWAY_SIM_SOURCE_FORMAT_TESTING_H_
#define KEYWAY_SIM_SOURCE_FORMAT_TESTING_H_

#include <cstddef>
#include <string_view>

#include "sim/source/format/format.h"
#include "sim/source/testing.h"

namespace keyway::sim {

// The format with that name; null if none has it.
const FormatSpec* FindFormatSpec(std::string_view name);

// The records of two blocks: what the format cuts off the first `size` bytes of `content`,
// and all that follows.
Collected CollectCut(const Format& format, std::string_view content, size_t size);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_FORMAT_TESTING_H_
