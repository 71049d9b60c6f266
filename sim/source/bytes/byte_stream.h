// Bytes of a file or a pipe, as they are or decompressed.
#ifndef KEYWAY_SIM_SOURCE_BYTES_BYTE_STREAM_H_
#define KEYWAY_SIM_SOURCE_BYTES_BYTE_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace keyway::sim {

// Read once, from the start to the end, by one thread at a time.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  // Fills the start of `space`, which is not empty, and returns how many bytes that was;
  // 0 at the end only. An error names the file and the place in it.
  virtual absl::StatusOr<size_t> Read(std::span<char> space) = 0;

  // What messages call it.
  virtual const std::string& name() const = 0;

  // How many bytes of the file were read, before decompression; of how many, or 0 where
  // that is unknown. Callable from any thread.
  virtual uint64_t done() const = 0;
  virtual uint64_t in_all() const = 0;
};

// Lets its owner look at the first bytes before they are read.
class PeekStream final : public ByteStream {
 public:
  explicit PeekStream(std::unique_ptr<ByteStream> stream);

  // The next `bytes` bytes, fewer only at the end. They stay to be read, and the view is
  // valid until then.
  absl::StatusOr<std::string_view> Peek(size_t bytes);

  absl::StatusOr<size_t> Read(std::span<char> space) override;
  const std::string& name() const override { return stream_->name(); }
  uint64_t done() const override { return stream_->done(); }
  uint64_t in_all() const override { return stream_->in_all(); }

 private:
  const std::unique_ptr<ByteStream> stream_;
  std::vector<char> peeked_;
  size_t given_ = 0;  // of peeked_
};

struct OpenedBytes {
  std::unique_ptr<PeekStream> stream;
  // The name of the compression: "gzip", "zstd", "lz4"; empty where there is none.
  std::string_view compression;
};

// Opens a file; "-" is the standard input. `name` is what messages call it. What is
// compressed, by its first bytes, is decompressed, however many members or frames it has.
absl::StatusOr<OpenedBytes> OpenBytes(const std::string& path, std::string name);

// The two steps of it: opening, and decompressing where that is needed.
absl::StatusOr<std::unique_ptr<ByteStream>> OpenFile(const std::string& path, std::string name);
absl::StatusOr<OpenedBytes> OpenStream(std::unique_ptr<ByteStream> stored);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_BYTES_BYTE_STREAM_H_
