#include "sim/source/rdb/rdb.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "proxy/config/problem.h"
#include "sim/source/rdb/input.h"
#include "sim/source/rdb/layout.h"

namespace keyway::sim {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMagic = "REDIS";
constexpr size_t kVersionDigits = 4;
constexpr int kFirstWithChecksum = 5;

// What stands where a value's type could stand.
enum Opcode : uint8_t {
  kSlotInfo = 244,
  kFunctions = 245,
  kModuleData = 247,
  kIdleTime = 248,
  kFrequency = 249,
  kAuxiliary = 250,
  kSizes = 251,
  kExpiresMs = 252,
  kExpires = 253,
  kSelect = 254,
  kEnd = 255,
};

// Of those that say nothing about keys.
struct OpcodeLayout {
  Opcode opcode;
  std::string_view layout;
};
constexpr OpcodeLayout kIgnored[] = {
    {kSlotInfo, "lll"}, {kFunctions, "s"}, {kModuleData, "lm"},
    {kIdleTime, "l"},   {kFrequency, "1"}, {kSizes, "ll"},
};

class RdbBlock final : public Block {
 public:
  RdbBlock() {
    keys_.reserve(kKeyBytes + kUsualKeyBytes);
    entries_.reserve(kEntries);
  }

  bool full() const { return entries_.size() == kEntries || keys_.size() >= kKeyBytes; }
  bool empty() const { return entries_.empty() && expired_ == 0 && elsewhere_ == 0; }

  // Where the next key goes, before End() is told about it.
  std::string& keys() { return keys_; }
  void End(uint64_t value_bytes) { entries_.push_back({keys_.size(), value_bytes}); }
  void SkipExpired() { ++expired_; }
  void SkipElsewhere() { ++elsewhere_; }

  uint64_t Parse(RecordSink& sink) override {
    size_t start = 0;
    for (const Entry& entry : entries_) {
      const std::string_view key(keys_.data() + start, entry.key_end - start);
      sink.Add(key, Weight{.bytes = entry.value_bytes});
      start = entry.key_end;
    }
    if (expired_ > 0) sink.Skip("expired", expired_);
    if (elsewhere_ > 0) sink.Skip("other database", elsewhere_);
    return 0;
  }

 private:
  // So small that their memory is used again and again, and comes with no page faults.
  static constexpr size_t kEntries = 2048, kKeyBytes = 56 * 1024, kUsualKeyBytes = 4096;

  struct Entry {
    size_t key_end;  // in keys_
    uint64_t value_bytes;
  };

  std::string keys_;
  std::vector<Entry> entries_;
  uint64_t expired_ = 0;
  uint64_t elsewhere_ = 0;
};

class RdbSource final : public Source {
 public:
  RdbSource(std::unique_ptr<ByteStream> stream, const RdbOptions& options)
      : options_(options), input_(std::move(stream)) {}

  absl::StatusOr<std::unique_ptr<Block>> Next() override {
    if (version_ == 0 && !ReadHeader()) return input_.status();
    auto block = std::make_unique<RdbBlock>();
    while (!ended_ && !block->full()) {
      if (!ReadOne(*block)) return input_.status();
    }
    if (block->empty()) return nullptr;
    return block;
  }

  const std::string& name() const override { return input_.stream().name(); }
  std::string_view format() const override { return "rdb"; }
  Content content() const override { return Content::kKeys; }
  uint64_t done() const override { return input_.stream().done(); }
  uint64_t in_all() const override { return input_.stream().in_all(); }

 private:
  bool ReadHeader();
  // An opcode with what belongs to it, or a key with its value.
  bool ReadOne(RdbBlock& block);
  bool ReadKey(uint8_t type, RdbBlock& block);
  bool ReadOpcode(uint8_t opcode);
  bool ReadAuxiliary();
  template <class Integer>
  bool ReadExpiry(uint64_t unit_ms);
  bool ReadEnd();

  const RdbOptions options_;
  RdbInput input_;
  int version_ = 0;
  uint64_t database_ = 0;
  // In milliseconds since 1970. Files before version 7 do not say when they were made.
  std::optional<uint64_t> made_;
  std::optional<uint64_t> expires_;  // of the next key
  bool ended_ = false;
  std::string scratch_;
};

bool RdbSource::ReadHeader() {
  std::string_view head;
  if (!input_.Take(kMagic.size() + kVersionDigits, head)) return false;
  const std::string_view digits = head.substr(kMagic.size());
  int version = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  const bool number = parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size();
  if (!head.starts_with(kMagic) || !number || version < 1) {
    return input_.Fail(0, "no Redis dump begins with " + Quoted(head));
  }
  if (version > kNewestRdb) {
    return input_.Fail(kMagic.size(),
                       absl::StrFormat("RDB version %d; up to %d are read", version, kNewestRdb));
  }
  version_ = version;
  return true;
}

bool RdbSource::ReadOne(RdbBlock& block) {
  uint8_t type;
  if (!input_.Byte(type)) return false;
  return type < kSlotInfo ? ReadKey(type, block) : ReadOpcode(type);
}

bool RdbSource::ReadKey(uint8_t type, RdbBlock& block) {
  const std::string_view layout = LayoutOfValue(type);
  if (layout.empty()) {
    return input_.Fail(input_.offset() - 1, absl::StrFormat("unknown type %d of a value", type));
  }
  const std::optional<uint64_t> expires = std::exchange(expires_, std::nullopt);
  const bool elsewhere = options_.database.has_value() && *options_.database != database_;
  uint64_t bytes = 0;
  if (elsewhere || (expires.has_value() && made_.has_value() && *expires < *made_)) {
    elsewhere ? block.SkipElsewhere() : block.SkipExpired();
    return SkipLayout(input_, "s", bytes) && SkipLayout(input_, layout, bytes);
  }
  if (!ReadString(input_, block.keys()) || !SkipLayout(input_, layout, bytes)) return false;
  block.End(bytes);
  return true;
}

bool RdbSource::ReadOpcode(uint8_t opcode) {
  switch (opcode) {
    case kAuxiliary:
      return ReadAuxiliary();
    case kExpiresMs:
      return ReadExpiry<uint64_t>(1);
    case kExpires:
      return ReadExpiry<uint32_t>(1000);
    case kSelect:
      return ReadLength(input_, database_);
    case kEnd:
      return ReadEnd();
    default:
      break;
  }
  for (const OpcodeLayout& ignored : kIgnored) {
    uint64_t bytes = 0;
    if (ignored.opcode == opcode) return SkipLayout(input_, ignored.layout, bytes);
  }
  return input_.Fail(input_.offset() - 1, absl::StrFormat("unknown opcode %d", opcode));
}

// A name and a value.
bool RdbSource::ReadAuxiliary() {
  scratch_.clear();
  if (!ReadString(input_, scratch_)) return false;
  const bool time = scratch_ == "ctime";
  scratch_.clear();
  if (!ReadString(input_, scratch_)) return false;
  uint64_t seconds = 0;
  const char* const end = scratch_.data() + scratch_.size();
  if (time && std::from_chars(scratch_.data(), end, seconds).ptr == end) made_ = seconds * 1000;
  return true;
}

template <class Integer>
bool RdbSource::ReadExpiry(uint64_t unit_ms) {
  std::string_view bytes;
  if (!input_.Take(sizeof(Integer), bytes)) return false;
  Integer value;
  std::memcpy(&value, bytes.data(), sizeof(value));
  expires_ = value * unit_ms;
  return true;
}

bool RdbSource::ReadEnd() {
  ended_ = true;
  const uint64_t checksum = input_.Checksum(), offset = input_.offset();
  if (version_ >= kFirstWithChecksum) {
    std::string_view bytes;
    if (!input_.Take(sizeof(checksum), bytes)) return false;
    uint64_t written;
    std::memcpy(&written, bytes.data(), sizeof(written));
    // 0: by a server with "rdbchecksum no".
    if (written != 0 && written != checksum) {
      return input_.Fail(offset, absl::StrFormat("the file is damaged: its checksum is %016x, and "
                                                 "it says %016x",
                                                 checksum, written));
    }
  }
  if (input_.AtEnd()) return true;
  return input_.status().ok() &&
         input_.Fail(input_.offset(),
                     "the dump ends here, and the file does not; an append-only file, which begins "
                     "with a dump, is not read");
}

}  // namespace

bool LooksLikeRdb(std::string_view head) {
  return head.size() >= kMagic.size() + kVersionDigits && head.starts_with(kMagic) &&
         head.find_first_not_of("0123456789", kMagic.size()) >= kMagic.size() + kVersionDigits;
}

absl::StatusOr<RdbOptions> ParseRdbOptions(std::string_view text) {
  RdbOptions options;
  if (text.empty()) return options;
  constexpr std::string_view kDatabase = "db=";
  uint64_t database = 0;
  const char* const end = text.data() + text.size();
  if (text.starts_with(kDatabase)) {
    const auto parsed = std::from_chars(text.data() + kDatabase.size(), end, database);
    if (parsed.ec == std::errc() && parsed.ptr == end) {
      options.database = database;
      return options;
    }
  }
  return absl::InvalidArgumentError(
      absl::StrFormat("%s is no option of rdb; it has db=NUMBER", Quoted(text)));
}

std::unique_ptr<Source> MakeRdbSource(std::unique_ptr<ByteStream> stream,
                                      const RdbOptions& options) {
  return std::make_unique<RdbSource>(std::move(stream), options);
}

}  // namespace keyway::sim
