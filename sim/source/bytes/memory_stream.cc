#include "sim/source/bytes/memory_stream.h"

#include <algorithm>
#include <atomic>
#include <utility>

namespace keyway::sim {
namespace {

class MemoryStream final : public ByteStream {
 public:
  MemoryStream(std::string bytes, std::string name, size_t piece)
      : bytes_(std::move(bytes)), name_(std::move(name)), piece_(piece) {}

  absl::StatusOr<size_t> Read(std::span<char> space) override {
    const size_t size = bytes_.copy(space.data(), std::min(space.size(), piece_), done_);
    done_ += size;
    return size;
  }

  const std::string& name() const override { return name_; }
  uint64_t done() const override { return done_; }
  uint64_t in_all() const override { return bytes_.size(); }

 private:
  const std::string bytes_;
  const std::string name_;
  const size_t piece_;
  std::atomic<size_t> done_ = 0;
};

}  // namespace

std::unique_ptr<ByteStream> MakeMemoryStream(std::string bytes, std::string name, size_t piece) {
  return std::make_unique<MemoryStream>(std::move(bytes), std::move(name), piece);
}

}  // namespace keyway::sim
