#include "sim/source/rdb/testing.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "sim/source/bytes/memory_stream.h"
#include "sim/source/rdb/crc64.h"

namespace keyway::sim {
std::unique_ptr<ByteStream> MakeStream(std::string bytes, size_t piece) {
  return MakeMemoryStream(std::move(bytes), "test.rdb", piece);
}

Dump::Dump(int version) : version_(version), bytes_(absl::StrFormat("REDIS%04d", version)) {}

Dump& Dump::Raw(std::string_view bytes) {
  bytes_ += bytes;
  return *this;
}

Dump& Dump::Byte(int byte) {
  bytes_ += static_cast<char>(byte);
  return *this;
}

Dump& Dump::Zeros(size_t count) {
  bytes_.append(count, '\0');
  return *this;
}

// The shortest form.
Dump& Dump::Length(uint64_t length) {
  if (length < 64) return Byte(static_cast<int>(length));
  if (length < 16384) return Byte(static_cast<int>(0x40 | length >> 8)).Byte(length & 0xff);
  const bool wide = length > UINT32_MAX;
  Byte(wide ? 0x81 : 0x80);
  for (int shift = wide ? 56 : 24; shift >= 0; shift -= 8) Byte(length >> shift & 0xff);
  return *this;
}

Dump& Dump::String(std::string_view text) { return Length(text.size()).Raw(text); }

Dump& Dump::Auxiliary(std::string_view name, std::string_view value) {
  return Byte(250).String(name).String(value);
}

Dump& Dump::Pair(std::string_view key, std::string_view value) {
  return Byte(0).String(key).String(value);
}

std::string Dump::Finish() const {
  std::string bytes = bytes_ + '\xff';
  const uint64_t checksum = Crc64(0, bytes);
  for (int shift = 0; version_ >= 5 && shift < 64; shift += 8) {
    bytes += static_cast<char>(checksum >> shift & 0xff);
  }
  return bytes;
}

}  // namespace keyway::sim
