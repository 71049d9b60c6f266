// The points of twemproxy's ketama. Private to this folder.
#ifndef KEYWAY_HASHING_KETAMA_H_
#define KEYWAY_HASHING_KETAMA_H_

#include "absl/status/statusor.h"
#include "hashing/kinds.h"
#include "hashing/ring.h"

namespace keyway::hashing {

// 160 points per member on average, by weight, where MD5 of the member's name and a
// number puts them. Fails where nutcracker would write past its memory.
absl::StatusOr<Ring> KetamaRing(Members members);

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_KETAMA_H_
