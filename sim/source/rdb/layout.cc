#include "sim/source/rdb/layout.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <span>

#include "absl/strings/str_format.h"
#include "sim/source/rdb/lzf.h"

namespace keyway::sim {
namespace {

static_assert(std::endian::native == std::endian::little);

// The layouts of values by type, up to RDB version 12. Types 1 to 4 are those of Redis
// 1.0; 9 to 13, 16, 17, 20 and 25 are a whole small value in one string.
constexpr std::array<std::string_view, 26> kValueLayouts = {
    /* 0: string */ "s",
    /* 1: list */ "(s)",
    /* 2: set */ "(s)",
    /* 3: sorted set, scores as text */ "(sd)",
    /* 4: hash */ "(ss)",
    /* 5: sorted set */ "(s8)",
    /* 6: of modules before Redis 4.0, which nobody can pass over */ "",
    /* 7: of modules */ "lm",
    /* 8: never used */ "",
    /* 9: hash, zipmap */ "s",
    /* 10: list, ziplist */ "s",
    /* 11: set, intset */ "s",
    /* 12: sorted set, ziplist */ "s",
    /* 13: hash, ziplist */ "s",
    /* 14: list, quicklist of ziplists */ "(s)",
    // Entries; length, last ID; groups: name, last ID, what is pending (ID, time,
    // deliveries), consumers: name, time, what is pending (ID).
    /* 15: stream */ "(ss)lll(sll(I8l)(s8(I)))",
    /* 16: hash, listpack */ "s",
    /* 17: sorted set, listpack */ "s",
    /* 18: list, quicklist of listpacks and plain strings */ "(ls)",
    // And the first ID, the highest deleted one, how many were added; of a group, how
    // many were read.
    /* 19: stream */ "(ss)llllllll(slll(I8l)(s8(I)))",
    /* 20: set, listpack */ "s",
    // And when a consumer was last active.
    /* 21: stream */ "(ss)llllllll(slll(I8l)(s88(I)))",
    /* 22: hash with times of fields, before Redis 7.4 */ "",
    /* 23: the same, listpack */ "",
    // The earliest time; fields: time after it, name, value.
    /* 24: hash with times of fields */ "8(lss)",
    /* 25: the same, listpack */ "8s",
};

// The first byte of a length: its upper two bits say where the length is.
enum LengthForm : uint8_t { k6Bits, k14Bits, kNextBytes, kEncoded };
constexpr uint8_t kNext4Bytes = 0x80, kNext8Bytes = 0x81;

// What is no plain string, by the lower six bits.
enum Encoding : uint8_t { kInt8, kInt16, kInt32, kLzf };

template <class Integer>
bool TakeInteger(RdbInput& input, Integer& value) {
  std::string_view bytes;
  if (!input.Take(sizeof(value), bytes)) return false;
  std::memcpy(&value, bytes.data(), sizeof(value));
  return true;
}

// Lengths are big endian from 32 bits on; everything else is little endian.
bool ReadFarLength(RdbInput& input, uint8_t first, uint64_t& length) {
  if (first == kNext8Bytes) {
    if (!TakeInteger(input, length)) return false;
    length = __builtin_bswap64(length);
    return true;
  }
  if (first != kNext4Bytes) {
    return input.Fail(input.offset() - 1, absl::StrFormat("no length begins with %#x", first));
  }
  uint32_t short_length;
  if (!TakeInteger(input, short_length)) return false;
  length = __builtin_bswap32(short_length);
  return true;
}

// Of a length that is none, `length` is the encoding.
inline bool ReadLengthOrEncoding(RdbInput& input, uint64_t& length, bool& encoded) {
  uint8_t first, second;
  if (!input.Byte(first)) return false;
  encoded = false;
  length = first & 0x3f;
  switch (first >> 6) {
    case k6Bits:
      return true;
    case k14Bits:
      if (!input.Byte(second)) return false;
      length = length << 8 | second;
      return true;
    case kNextBytes:
      return ReadFarLength(input, first, length);
    default:
      encoded = true;
      return true;
  }
}

bool ReadInteger(RdbInput& input, uint64_t encoding, int32_t& value) {
  int8_t byte;
  int16_t word;
  if (encoding == kInt32) return TakeInteger(input, value);
  if (encoding == kInt16) {
    if (!TakeInteger(input, word)) return false;
    value = word;
    return true;
  }
  if (!TakeInteger(input, byte)) return false;
  value = byte;
  return true;
}

std::string_view Digits(int32_t value, std::span<char> space) {
  const auto end = std::to_chars(space.data(), space.data() + space.size(), value).ptr;
  return {space.data(), end};
}
constexpr size_t kMostDigits = sizeof("-2147483648");

// How long a compressed string is in the file, and otherwise.
bool ReadLzfLengths(RdbInput& input, uint64_t& compressed, uint64_t& size) {
  const uint64_t offset = input.offset();
  if (!ReadLength(input, compressed) || !ReadLength(input, size)) return false;
  if (size / kMostLzfGrowth <= compressed) return true;
  return input.Fail(offset,
                    absl::StrFormat("%d bytes cannot be %d compressed ones", size, compressed));
}

bool CheckSize(RdbInput& input, uint64_t offset, uint64_t size) {
  return size <= kMostStringBytes ||
         input.Fail(offset, absl::StrFormat("a key of %d bytes; none has more than %d", size,
                                            kMostStringBytes));
}

bool ReadEncodedString(RdbInput& input, uint64_t encoding, std::string& text) {
  const uint64_t offset = input.offset();
  if (encoding <= kInt32) {
    int32_t value;
    if (!ReadInteger(input, encoding, value)) return false;
    char space[kMostDigits];
    text += Digits(value, space);
    return true;
  }
  if (encoding != kLzf) {
    return input.Fail(offset - 1, absl::StrFormat("unknown encoding %d of a string", encoding));
  }
  uint64_t compressed, size;
  std::string packed;
  if (!ReadLzfLengths(input, compressed, size) || !CheckSize(input, offset, size) ||
      !input.Append(compressed, packed)) {
    return false;
  }
  const size_t before = text.size();
  text.resize(before + size);
  if (DecompressLzf(packed, std::span(text).subspan(before))) return true;
  return input.Fail(offset, "a compressed string is damaged");
}

bool SkipEncodedString(RdbInput& input, uint64_t encoding, uint64_t& bytes) {
  const uint64_t offset = input.offset();
  if (encoding <= kInt32) {
    int32_t value;
    if (!ReadInteger(input, encoding, value)) return false;
    char space[kMostDigits];
    bytes += Digits(value, space).size();
    return true;
  }
  if (encoding != kLzf) {
    return input.Fail(offset - 1, absl::StrFormat("unknown encoding %d of a string", encoding));
  }
  uint64_t compressed, size;
  if (!ReadLzfLengths(input, compressed, size)) return false;
  bytes += size;
  return input.Skip(compressed);
}

inline bool SkipString(RdbInput& input, uint64_t& bytes) {
  uint64_t length;
  bool encoded;
  if (!ReadLengthOrEncoding(input, length, encoded)) return false;
  if (encoded) return SkipEncodedString(input, length, bytes);
  bytes += length;
  return input.Skip(length);
}

// Not a number and the infinities are lengths that no text has.
bool SkipTextNumber(RdbInput& input, uint64_t& bytes) {
  constexpr uint8_t kNotANumber = 253;
  uint8_t length;
  if (!input.Byte(length)) return false;
  if (length >= kNotANumber) return true;
  bytes += length;
  return input.Skip(length);
}

// Each part of what a module wrote begins with its kind.
bool SkipModule(RdbInput& input, uint64_t& bytes) {
  constexpr std::array<std::string_view, 6> kParts = {
      /* end */ "",       /* signed */ "l",
      /* unsigned */ "l", /* float */ "4",
      /* double */ "8",   /* string */ "s"};
  while (true) {
    const uint64_t offset = input.offset();
    uint64_t kind;
    if (!ReadLength(input, kind)) return false;
    if (kind == 0) return true;
    if (kind >= kParts.size()) {
      return input.Fail(offset, absl::StrFormat("unknown part %d of a module's value", kind));
    }
    if (!SkipLayout(input, kParts[kind], bytes)) return false;
  }
}

// What stands between the parenthesis at the start of `layout` and its partner.
std::string_view Repeated(std::string_view layout) {
  size_t end = 1;
  for (int depth = 1; depth > 0; ++end) {
    if (layout[end] == '(') ++depth;
    if (layout[end] == ')') --depth;
  }
  return layout.substr(1, end - 2);
}

bool SkipBytes(RdbInput& input, uint64_t size, uint64_t& bytes) {
  bytes += size;
  return input.Skip(size);
}

bool SkipRepeated(RdbInput& input, std::string_view layout, uint64_t& bytes) {
  uint64_t count;
  if (!ReadLength(input, count)) return false;
  for (; count > 0; --count) {
    if (!SkipLayout(input, layout, bytes)) return false;
  }
  return true;
}

}  // namespace

bool ReadLength(RdbInput& input, uint64_t& length) {
  bool encoded;
  if (!ReadLengthOrEncoding(input, length, encoded)) return false;
  return !encoded || input.Fail(input.offset() - 1, "a string where a length should be");
}

bool ReadString(RdbInput& input, std::string& text) {
  const uint64_t offset = input.offset();
  uint64_t length;
  bool encoded;
  if (!ReadLengthOrEncoding(input, length, encoded)) return false;
  if (encoded) return ReadEncodedString(input, length, text);
  return CheckSize(input, offset, length) && input.Append(length, text);
}

bool SkipLayout(RdbInput& input, std::string_view layout, uint64_t& bytes) {
  for (size_t part = 0; part < layout.size(); ++part) {
    bool skipped = false;
    uint64_t length;
    switch (layout[part]) {
      case 's':
        skipped = SkipString(input, bytes);
        break;
      case 'l':
        skipped = ReadLength(input, length);
        break;
      case 'd':
        skipped = SkipTextNumber(input, bytes);
        break;
      case 'm':
        skipped = SkipModule(input, bytes);
        break;
      case 'I':
        skipped = SkipBytes(input, 16, bytes);
        break;
      case '(': {
        const std::string_view repeated = Repeated(layout.substr(part));
        skipped = SkipRepeated(input, repeated, bytes);
        part += repeated.size() + 1;
        break;
      }
      default:
        skipped = SkipBytes(input, static_cast<uint64_t>(layout[part] - '0'), bytes);
    }
    if (!skipped) return false;
  }
  return true;
}

std::string_view LayoutOfValue(uint8_t type) {
  return type < kValueLayouts.size() ? kValueLayouts[type] : std::string_view{};
}

}  // namespace keyway::sim
