#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "sim/source/format/format.h"

namespace keyway::sim {
namespace {

// Large enough that handing a block from thread to thread costs nothing, small enough to
// stay in the cache of the core that parses it.
constexpr size_t kBlockBytes = 1024 * 1024;

class FormatBlock final : public Block {
 public:
  FormatBlock(std::shared_ptr<const Format> format, std::unique_ptr<char[]> bytes, size_t size)
      : format_(std::move(format)), bytes_(std::move(bytes)), size_(size) {}

  uint64_t Parse(RecordSink& sink) override {
    return format_->Parse(std::string_view(bytes_.get(), size_), sink);
  }

 private:
  const std::shared_ptr<const Format> format_;
  const std::unique_ptr<char[]> bytes_;
  const size_t size_;
};

class FormatSource final : public Source {
 public:
  FormatSource(const FormatSpec& spec, std::unique_ptr<Format> format,
               std::unique_ptr<PeekStream> stream)
      : spec_(spec), format_(std::move(format)), stream_(std::move(stream)) {}

  absl::StatusOr<std::unique_ptr<Block>> Next() override;

  const std::string& name() const override { return stream_->name(); }
  std::string_view format() const override { return spec_.name; }
  Content content() const override { return spec_.content; }
  uint64_t done() const override { return stream_->done(); }
  uint64_t in_all() const override { return stream_->in_all(); }

 private:
  const FormatSpec& spec_;
  const std::shared_ptr<const Format> format_;
  const std::unique_ptr<PeekStream> stream_;
  std::string rest_;     // the unfinished record behind the last block
  uint64_t offset_ = 0;  // of rest_ in the decompressed bytes
  bool at_end_ = false;
};

absl::StatusOr<std::unique_ptr<Block>> FormatSource::Next() {
  while (!at_end_ || !rest_.empty()) {
    const size_t room = std::min(std::max(kBlockBytes, 2 * rest_.size()), kMaxLineBytes + 1);
    auto bytes = std::make_unique_for_overwrite<char[]>(room);
    std::memcpy(bytes.get(), rest_.data(), rest_.size());
    size_t size = rest_.size();
    while (!at_end_ && size < room) {
      const absl::StatusOr<size_t> read = stream_->Read(std::span(bytes.get() + size, room - size));
      if (!read.ok()) return read.status();
      at_end_ = *read == 0;
      size += *read;
    }
    const std::string_view view(bytes.get(), size);
    const size_t cut = format_->Cut(view);
    if (size - cut > kMaxLineBytes) {
      return absl::InvalidArgumentError(
          absl::StrFormat("%s: the line at byte %d is longer than %d bytes; is this the format %s?",
                          stream_->name(), offset_ + cut, kMaxLineBytes, spec_.name));
    }
    const size_t whole = at_end_ ? size : cut;
    rest_.assign(view.substr(whole));
    if (whole == 0) continue;
    offset_ += whole;
    return std::make_unique<FormatBlock>(format_, std::move(bytes), whole);
  }
  return nullptr;
}

}  // namespace

size_t Format::Cut(std::string_view bytes) const { return bytes.rfind('\n') + 1; }

absl::StatusOr<std::unique_ptr<Source>> OpenFormat(const FormatSpec& spec, std::string_view details,
                                                   std::unique_ptr<PeekStream> stream) {
  if (spec.open != nullptr) return spec.open(details, std::move(stream));
  const absl::StatusOr<std::string_view> head = stream->Peek(kHeadBytes);
  if (!head.ok()) return head.status();
  absl::StatusOr<std::unique_ptr<Format>> format = spec.make(*head, details);
  if (!format.ok()) return format.status();
  return std::make_unique<FormatSource>(spec, *std::move(format), std::move(stream));
}

}  // namespace keyway::sim
