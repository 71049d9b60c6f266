// Decompression in steps: one decoder for each compression, one stream around them all.
#ifndef KEYWAY_SIM_SOURCE_BYTES_DECODER_H_
#define KEYWAY_SIM_SOURCE_BYTES_DECODER_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "sim/source/bytes/byte_stream.h"

namespace keyway::sim {

// So many bytes tell the compressions apart.
inline constexpr size_t kMagicBytes = 4;

class Decoder {
 public:
  struct Step {
    size_t taken = 0;  // of the input
    size_t given = 0;  // of the output
    // Whether the input could end here: a member or frame is complete.
    bool complete = false;
    std::string error = {};  // not empty: the input cannot be decompressed, and why
  };

  virtual ~Decoder() = default;

  // Decompresses some of `in` into `out`. `in` is empty only at the end of the input.
  virtual Step Decode(std::string_view in, std::span<char> out) = 0;
};

// A row of the table.
struct Compression {
  std::string_view name;
  bool (*recognise)(std::string_view head);
  std::unique_ptr<Decoder> (*make)();
};

// What compression the first bytes tell; null if none.
const Compression* FindCompression(std::string_view head);

std::unique_ptr<ByteStream> MakeDecodedStream(std::unique_ptr<ByteStream> compressed,
                                              std::unique_ptr<Decoder> decoder);

std::unique_ptr<Decoder> MakeGzipDecoder();
std::unique_ptr<Decoder> MakeZstdDecoder();
std::unique_ptr<Decoder> MakeLz4Decoder();

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_BYTES_DECODER_H_
