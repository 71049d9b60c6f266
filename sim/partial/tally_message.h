// Counts to messages and back. Private to this folder.
#ifndef KEYWAY_SIM_PARTIAL_TALLY_MESSAGE_H_
#define KEYWAY_SIM_PARTIAL_TALLY_MESSAGE_H_

#include "absl/status/status.h"
#include "sim/engine/tally.h"
#include "sim/partial/partial.pb.h"

namespace keyway::sim {

void PutTally(const Tally& tally, v1::Tally& message);

// Adds to a tally that has the right places. Nothing that the message says is believed:
// it fails where a count would have no place.
absl::Status AddTally(const v1::Tally& message, Tally& tally);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_PARTIAL_TALLY_MESSAGE_H_
