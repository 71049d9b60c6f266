#include "sim/source/bytes/byte_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sim/source/bytes/decoder.h"

namespace keyway::sim {

PeekStream::PeekStream(std::unique_ptr<ByteStream> stream) : stream_(std::move(stream)) {}

absl::StatusOr<std::string_view> PeekStream::Peek(size_t bytes) {
  while (peeked_.size() - given_ < bytes) {
    const size_t before = peeked_.size();
    peeked_.resize(given_ + bytes);
    const absl::StatusOr<size_t> read =
        stream_->Read(std::span(peeked_.data() + before, peeked_.size() - before));
    peeked_.resize(before + (read.ok() ? *read : 0));
    if (!read.ok()) return read.status();
    if (*read == 0) break;
  }
  return std::string_view(peeked_.data() + given_, std::min(peeked_.size() - given_, bytes));
}

absl::StatusOr<size_t> PeekStream::Read(std::span<char> space) {
  if (given_ == peeked_.size()) return stream_->Read(space);
  const size_t size = std::min(space.size(), peeked_.size() - given_);
  std::memcpy(space.data(), peeked_.data() + given_, size);
  given_ += size;
  if (given_ == peeked_.size()) {
    peeked_ = {};
    given_ = 0;
  }
  return size;
}

absl::StatusOr<OpenedBytes> OpenBytes(const std::string& path, std::string name) {
  absl::StatusOr<std::unique_ptr<ByteStream>> file = OpenFile(path, std::move(name));
  if (!file.ok()) return file.status();
  return OpenStream(*std::move(file));
}

absl::StatusOr<OpenedBytes> OpenStream(std::unique_ptr<ByteStream> stored) {
  auto stream = std::make_unique<PeekStream>(std::move(stored));
  const absl::StatusOr<std::string_view> head = stream->Peek(kMagicBytes);
  if (!head.ok()) return head.status();
  const Compression* const compression = FindCompression(*head);
  if (compression == nullptr) return OpenedBytes{std::move(stream), {}};
  return OpenedBytes{
      std::make_unique<PeekStream>(MakeDecodedStream(std::move(stream), compression->make())),
      compression->name};
}

}  // namespace keyway::sim
