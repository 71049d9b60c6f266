// Any bytes as a dump: all of it is read or an error names the place, however the file
// comes in pieces. The first byte of the input says how.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "sim/source/rdb/rdb.h"
#include "sim/source/rdb/testing.h"
#include "sim/source/testing.h"

namespace keyway::sim {
namespace {

Collected Read(const std::string& bytes, size_t piece) {
  const std::unique_ptr<Source> source = MakeRdbSource(MakeStream(bytes, piece), {});
  return Collect(*source);
}

void Check(const std::string& bytes, size_t piece) {
  const Collected whole = Read(bytes, bytes.size() + 1), pieces = Read(bytes, piece);
  const bool same = whole.keys() == pieces.keys() && whole.status == pieces.status &&
                    whole.skipped == pieces.skipped;
  const bool placed =
      whole.status.ok() || whole.status.message().substr(0, 15) == "test.rdb: byte ";
  if (!same || !placed) std::abort();
}

}  // namespace
}  // namespace keyway::sim

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  keyway::sim::Check(bytes, size_t{1} + data[0]);
  return 0;
}
