#include "sim/source/bytes/decoder.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"

namespace keyway::sim {
namespace {

// One read of compressed bytes. Larger ones gained nothing.
constexpr size_t kInputBytes = 128 * 1024;

class DecodedStream final : public ByteStream {
 public:
  DecodedStream(std::unique_ptr<ByteStream> input, std::unique_ptr<Decoder> decoder)
      : input_(std::move(input)), decoder_(std::move(decoder)), buffer_(kInputBytes) {}

  absl::StatusOr<size_t> Read(std::span<char> space) override {
    while (true) {
      if (ahead_.empty() && !at_end_) {
        const absl::StatusOr<size_t> size = input_->Read(buffer_);
        if (!size.ok()) return size.status();
        at_end_ = *size == 0;
        ahead_ = std::string_view(buffer_.data(), *size);
      }
      if (ahead_.empty() && complete_) return 0;
      const Decoder::Step step = decoder_->Decode(ahead_, space);
      ahead_.remove_prefix(step.taken);
      offset_ += step.taken;
      if (!step.error.empty()) return Broken(step.error);
      complete_ = step.complete;
      if (step.given > 0) return step.given;
      if (at_end_ && !complete_) return Broken("the compressed data end too early");
      if (step.taken == 0) return Broken("the compressed data are broken");
    }
  }

  const std::string& name() const override { return input_->name(); }
  uint64_t done() const override { return input_->done(); }
  uint64_t in_all() const override { return input_->in_all(); }

 private:
  absl::Status Broken(const std::string& why) const {
    return absl::DataLossError(absl::StrFormat("%s: at byte %d: %s", name(), offset_, why));
  }

  const std::unique_ptr<ByteStream> input_;
  const std::unique_ptr<Decoder> decoder_;
  std::vector<char> buffer_;
  std::string_view ahead_;  // what of buffer_ is still to be decompressed
  uint64_t offset_ = 0;     // of ahead_ in the file
  bool at_end_ = false;
  bool complete_ = true;  // an empty file is no compressed one, so this ends at once
};

bool IsGzip(std::string_view head) { return head.starts_with("\x1f\x8b"); }

// Also skippable frames, with which some programs begin a zstd file.
bool IsZstd(std::string_view head) {
  return head.starts_with("\x28\xb5\x2f\xfd") ||
         (head.size() >= 4 && (head[0] & 0xf0) == 0x50 && head.substr(1, 3) == "\x2a\x4d\x18");
}

bool IsLz4(std::string_view head) { return head.starts_with("\x04\x22\x4d\x18"); }

constexpr Compression kCompressions[] = {
    {"gzip", IsGzip, MakeGzipDecoder},
    {"zstd", IsZstd, MakeZstdDecoder},
    {"lz4", IsLz4, MakeLz4Decoder},
};

}  // namespace

const Compression* FindCompression(std::string_view head) {
  for (const Compression& row : kCompressions) {
    if (row.recognise(head)) return &row;
  }
  return nullptr;
}

std::unique_ptr<ByteStream> MakeDecodedStream(std::unique_ptr<ByteStream> compressed,
                                              std::unique_ptr<Decoder> decoder) {
  return std::make_unique<DecodedStream>(std::move(compressed), std::move(decoder));
}

}  // namespace keyway::sim
