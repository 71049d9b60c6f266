// libCacheSim's binary traces: little-endian records of 24 bytes,
//   uint32 time, uint64 object, uint32 size, int64 next access
#include <charconv>

#include "sim/source/format/formats.h"

namespace keyway::sim {
namespace {

constexpr size_t kRecordBytes = 24;
constexpr size_t kObjectAt = 4;
constexpr size_t kSizeAt = 12;
constexpr size_t kMaxDigits = 20;  // of a number of 64 bits

template <class Number>
Number Load(const char* bytes) {
  Number number = 0;
  for (size_t i = sizeof(Number); i-- > 0;) {
    number = static_cast<Number>(number << 8 | static_cast<uint8_t>(bytes[i]));
  }
  return number;
}

class OracleGeneralFormat final : public Format {
 public:
  size_t Cut(std::string_view bytes) const override {
    return bytes.size() - bytes.size() % kRecordBytes;
  }

  uint64_t Parse(std::string_view bytes, RecordSink& sink) const override {
    for (; bytes.size() >= kRecordBytes; bytes.remove_prefix(kRecordBytes)) {
      const std::span<char> room = sink.Room(kMaxDigits);
      const char* const end = std::to_chars(room.data(), room.data() + room.size(),
                                            Load<uint64_t>(bytes.data() + kObjectAt))
                                  .ptr;
      sink.Add(std::string_view(room.data(), static_cast<size_t>(end - room.data())),
               {.keys = 0, .bytes = Load<uint32_t>(bytes.data() + kSizeAt), .reads = 1});
    }
    if (!bytes.empty()) sink.Bad(0, bytes, "the last record has less than 24 bytes");
    return 0;
  }
};

}  // namespace

const FormatSpec kOracleGeneralFormat = {
    .name = "oracle-general",
    .help = "libCacheSim's binary oracleGeneral trace: requests, taken for reads",
    .content = Content::kRequests,
    .make = Make<OracleGeneralFormat>,
};

}  // namespace keyway::sim
