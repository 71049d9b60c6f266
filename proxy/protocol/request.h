// A request as it came from a client: its bytes, and an index over them.
#ifndef KEYWAY_PROXY_PROTOCOL_REQUEST_H_
#define KEYWAY_PROXY_PROTOCOL_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/base/buffer.h"
#include "proxy/protocol/command.h"

namespace keyway {

// Which replies the client asked not to see.
enum class Quiet : uint8_t {
  kOff,           // every reply is wanted
  kHideOrdinary,  // memcached's meta flag q: Codec::Hides says which
  kHideAll,       // noreply
};

// Filled by a RequestParser; valid until the next call of that parser or until the
// input it was parsed from is consumed. One object is reused for all requests of a
// session, and holds the parser's progress in a request that is still incomplete.
struct Request {
  struct Argument {
    uint32_t offset = 0;  // into bytes
    uint32_t size = 0;
  };

  // The request, to be forwarded. Usually the input itself; a composed equivalent
  // where the input was in another form (inline commands).
  std::string_view bytes;
  Block* block = nullptr;  // the block that `bytes` lies in, null if in none

  size_t size = 0;    // bytes of the input that belong to this request (so far, for kHead)
  size_t wanted = 0;  // after kNeedMore: the request has at least this many bytes

  const CommandSpec* command = nullptr;  // null: no row has this name
  // All arguments, the name first. memcached: the words of the line; the data block
  // is no argument.
  std::vector<Argument> arguments;

  // A part of `bytes` that is not forwarded (noreply, the quiet flag).
  uint32_t cut_offset = 0;
  uint32_t cut_size = 0;
  Quiet quiet = Quiet::kOff;

  // Not empty: the request is well framed but wrong, and this is the whole reply to
  // it. It is not forwarded.
  std::string refusal;

  // The key for routing when the argument is an encoding of it (memcached's meta
  // flag b), else empty.
  std::string decoded_key;

  std::string_view Text(size_t i) const {
    return {bytes.data() + arguments[i].offset, arguments[i].size};
  }

  // Makes it ready for the next request; keeps allocations of usual size for reuse.
  void Clear() {
    bytes = {};
    block = nullptr;
    size = wanted = 0;
    command = nullptr;
    arguments.clear();
    if (arguments.capacity() > kKeptArguments) arguments = {};
    cut_offset = cut_size = 0;
    quiet = Quiet::kOff;
    refusal.clear();
    decoded_key.clear();
  }

 private:
  static constexpr size_t kKeptArguments = 1024;
};

// The positions of the keys among the arguments, in the order of the request.
using KeyPositions = std::vector<uint32_t>;

enum class KeysFound : uint8_t {
  kOk,
  kBadCount,   // the argument that counts the keys is no number, or too large
  kMalformed,  // the keys do not come out even (MSET without a last value)
};

// Finds the keys of `request`, whose command is known and whose arity is right.
KeysFound FindKeys(const Request& request, KeyPositions& positions);

// Whether `request` has the option that its row refuses. Parsers ask, and answer such
// a request with its refusal.
bool HasRefusedOption(const Request& request);

// Whether `count` arguments (name included) satisfy `arity`.
inline bool ArityFits(int arity, size_t count) {
  return arity >= 0 ? count == static_cast<size_t>(arity) : count >= static_cast<size_t>(-arity);
}

}  // namespace keyway

#endif  // KEYWAY_PROXY_PROTOCOL_REQUEST_H_
