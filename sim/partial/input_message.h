// What was read to messages and back. Private to this folder.
#ifndef KEYWAY_SIM_PARTIAL_INPUT_MESSAGE_H_
#define KEYWAY_SIM_PARTIAL_INPUT_MESSAGE_H_

#include "sim/engine/input.h"
#include "sim/partial/partial.pb.h"

namespace keyway::sim {

// Sums by format: a report tells no more, and an input may have any number of parts.
void PutInput(const InputReport& input, v1::Input& message);

// Adds the sums to the sources without a name. Each example of a bad line gets a source
// of its own that has nothing but the name.
void AddInput(const v1::Input& message, InputReport& input);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_PARTIAL_INPUT_MESSAGE_H_
