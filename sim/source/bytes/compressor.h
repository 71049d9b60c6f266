// Compression of output, piece by piece: each piece is a member or frame of its own, so
// that any thread may compress any piece, and one after the other they are one file to
// every program that reads it.
#ifndef KEYWAY_SIM_SOURCE_BYTES_COMPRESSOR_H_
#define KEYWAY_SIM_SOURCE_BYTES_COMPRESSOR_H_

#include <string>
#include <string_view>

namespace keyway::sim {

struct Compressor {
  std::string_view suffix;  // of a file's name
  // Replaces `out` by `text` compressed; false where memory does not suffice.
  bool (*compress)(std::string_view text, int level, std::string& out);
  int fast_level;   // enough for keys that were made, which compress well at any
  int usual_level;  // of the program that people call
};

// What the end of a file's name asks for, or null.
const Compressor* FindCompressor(std::string_view file);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_BYTES_COMPRESSOR_H_
