#include "sim/source/synthetic/key_template.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "absl/strings/str_format.h"
#include "sim/source/synthetic/numbers.h"
#include "sim/source/synthetic/purpose.h"

namespace keyway::sim {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kAlnumDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

constexpr uint64_t kDefaultSize = 16;
constexpr uint64_t kMaxSize = 4096;
constexpr double kDefaultExponent = 0.99;
constexpr size_t kMaxDigits = 20;  // of 2^64
constexpr std::string_view kUuid = "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx";

absl::Status Unknown(std::string_view placeholder) {
  return absl::InvalidArgumentError(
      absl::StrFormat("{%s} is no placeholder; there are {id}, {id:08}, {id:x}, {id/1000}, "
                      "{id%%16}, {hex:16}, {alnum:16}, {bytes:16}, {uuid}, {random:100}, "
                      "{zipf:100:0.99} and {one:a|b}; {{ and }} are braces",
                      placeholder));
}

char* WriteNumber(uint64_t number, int base, uint64_t least_digits, char* out) {
  std::array<char, kMaxDigits> digits;
  char* const end = std::to_chars(digits.begin(), digits.end(), number, base).ptr;
  const auto size = static_cast<uint64_t>(end - digits.begin());
  if (size < least_digits) out = std::fill_n(out, least_digits - size, '0');
  return std::copy(digits.begin(), end, out);
}

char* WriteHex(uint64_t size, Random& random, char* out) {
  for (uint64_t written = 0; written < size;) {
    uint64_t bits = random.Next();
    for (int digit = 0; digit < 16 && written < size; ++digit, ++written, bits >>= 4) {
      *out++ = kHexDigits[bits & 15];
    }
  }
  return out;
}

// The version is 4, and the two leading bits of the variant are 10.
char* WriteUuid(Random& random, char* out) {
  std::array<char, kUuid.size()> digits;
  WriteHex(digits.size(), random, digits.data());
  for (size_t index = 0; index < kUuid.size(); ++index) {
    char byte = kUuid[index];
    if (byte == 'x') byte = digits[index];
    if (byte == 'v') byte = kHexDigits[8 + kHexDigits.find(digits[index]) % 4];
    *out++ = byte;
  }
  return out;
}

}  // namespace

absl::StatusOr<KeyTemplate> KeyTemplate::Parse(std::string_view text, uint64_t seed) {
  KeyTemplate result;
  result.seed_ = seed;
  Piece literal;
  for (size_t at = 0; at < text.size(); ++at) {
    const char byte = text[at];
    const bool doubled = at + 1 < text.size() && text[at + 1] == byte;
    if ((byte == '{' || byte == '}') && doubled) {
      literal.text += byte;
      ++at;
      continue;
    }
    if (byte == '}') return absl::InvalidArgumentError("a \"}\" closes nothing; }} is a brace");
    if (byte != '{') {
      literal.text += byte;
      continue;
    }
    const size_t end = text.find('}', at);
    if (end == std::string_view::npos) {
      return absl::InvalidArgumentError("a \"{\" is not closed; {{ is a brace");
    }
    absl::StatusOr<Piece> piece = ParsePlaceholder(text.substr(at + 1, end - at - 1));
    if (!piece.ok()) return piece.status();
    result.Append(std::exchange(literal, Piece()));
    result.Append(*std::move(piece));
    at = end;
  }
  result.Append(std::move(literal));
  return result;
}

void KeyTemplate::Append(Piece piece) {
  if (piece.kind == Kind::kText && piece.text.empty()) return;
  max_size_ += MaxSize(piece);
  pieces_.push_back(std::move(piece));
}

absl::StatusOr<KeyTemplate::Piece> KeyTemplate::ParsePlaceholder(std::string_view text) {
  const size_t name_end = std::min(text.find_first_of(":/%"), text.size());
  const size_t colon = std::min(text.find(':', name_end), text.size());
  const std::string_view name = text.substr(0, name_end);
  const std::string_view operations = text.substr(name_end, colon - name_end);
  const std::string_view argument = text.substr(std::min(colon + 1, text.size()));
  Piece piece;
  absl::Status status;
  if (name == "id") {
    status = ParseId(operations, argument, piece);
  } else {
    status = operations.empty() ? ParseDrawn(name, argument, piece) : Unknown(text);
  }
  if (status.ok()) return piece;
  return status.message().empty() ? Unknown(text) : status;
}

// "/1000%16" and "08x", each part of which may be missing.
absl::Status KeyTemplate::ParseId(std::string_view operations, std::string_view ending,
                                  Piece& piece) {
  piece.kind = Kind::kId;
  for (const auto& [sign, operand] :
       {std::pair('/', &piece.divisor), std::pair('%', &piece.modulus)}) {
    if (!operations.starts_with(sign)) continue;
    const size_t end = std::min(operations.find_first_of("/%", 1), operations.size());
    const absl::StatusOr<uint64_t> count = ParseCount("{id}", operations.substr(1, end - 1));
    if (!count.ok()) return count.status();
    if (*count == 0) return absl::InvalidArgumentError("{id} is not divided by 0");
    *operand = *count;
    operations.remove_prefix(end);
  }
  if (!operations.empty()) return absl::InvalidArgumentError("");
  if (ending.ends_with('x')) {
    piece.hexadecimal = true;
    ending.remove_suffix(1);
  }
  if (ending.empty()) return absl::OkStatus();
  const absl::StatusOr<uint64_t> digits = ParseCount("{id}", ending);
  if (!digits.ok() || *digits > kMaxSize) return absl::InvalidArgumentError("");
  piece.size = *digits;
  return absl::OkStatus();
}

// An empty message stands for: no such placeholder.
absl::Status KeyTemplate::ParseDrawn(std::string_view name, std::string_view argument,
                                     Piece& piece) {
  struct Row {
    std::string_view name;
    Kind kind;
    uint64_t default_size;  // 0: it has to be said
    uint64_t max_size;
  };
  constexpr Row kRows[] = {
      {"hex", Kind::kHex, kDefaultSize, kMaxSize},
      {"alnum", Kind::kAlnum, kDefaultSize, kMaxSize},
      {"bytes", Kind::kBytes, kDefaultSize, kMaxSize},
      {"uuid", Kind::kUuid, kUuid.size(), kUuid.size()},
      {"random", Kind::kRandom, 0, kMaxCount},
      {"zipf", Kind::kZipf, 0, kMaxCount},
      {"one", Kind::kOne, 0, 0},
  };
  const auto row = std::ranges::find(kRows, name, &Row::name);
  if (row == std::end(kRows)) return absl::InvalidArgumentError("");
  const bool fixed = row->default_size == row->max_size && row->max_size > 0;
  if (fixed && !argument.empty()) return absl::InvalidArgumentError("");
  piece.kind = row->kind;
  piece.size = row->default_size;
  if (row->kind == Kind::kOne) {
    while (!argument.empty()) {
      const size_t end = std::min(argument.find('|'), argument.size());
      piece.words.emplace_back(argument.substr(0, end));
      argument.remove_prefix(std::min(end + 1, argument.size()));
    }
    return piece.words.empty() ? absl::InvalidArgumentError("") : absl::OkStatus();
  }

  const size_t colon = std::min(argument.find(':'), argument.size());
  const std::string_view exponent = argument.substr(colon);
  if (colon > 0) {
    const absl::StatusOr<uint64_t> size = ParseCount(name, argument.substr(0, colon));
    if (!size.ok()) return size.status();
    piece.size = *size;
  }
  if (piece.size == 0 || piece.size > row->max_size) return absl::InvalidArgumentError("");
  if (row->kind != Kind::kZipf) {
    return exponent.empty() ? absl::OkStatus() : absl::InvalidArgumentError("");
  }
  const absl::StatusOr<double> s =
      exponent.empty() ? kDefaultExponent : ParseReal(name, exponent.substr(1));
  if (!s.ok()) return s.status();
  if (*s < 0 || *s > kMaxZipfExponent) return absl::InvalidArgumentError("");
  piece.zipf = Zipf(piece.size, *s);
  return absl::OkStatus();
}

size_t KeyTemplate::MaxSize(const Piece& piece) {
  switch (piece.kind) {
    case Kind::kText:
      return piece.text.size();
    case Kind::kId:
      return std::max<size_t>(piece.size, kMaxDigits);
    case Kind::kHex:
    case Kind::kAlnum:
    case Kind::kBytes:
    case Kind::kUuid:
      return piece.size;
    case Kind::kRandom:
    case Kind::kZipf:
      return kMaxDigits;
    case Kind::kOne:
      return std::ranges::max(piece.words, {}, &std::string::size).size();
  }
  return 0;
}

char* KeyTemplate::Write(uint64_t id, char* out) const {
  uint32_t purpose = kForPlaceholder;
  for (const Piece& piece : pieces_) {
    if (piece.kind == Kind::kText) {
      out = std::copy(piece.text.begin(), piece.text.end(), out);
    } else if (piece.kind == Kind::kId) {
      out = WriteId(piece, id, out);
    } else {
      Random random(seed_, purpose++, id);
      out = WriteDrawn(piece, random, out);
    }
  }
  return out;
}

char* KeyTemplate::WriteId(const Piece& piece, uint64_t id, char* out) {
  id /= piece.divisor;
  if (piece.modulus != 0) id %= piece.modulus;
  return WriteNumber(id, piece.hexadecimal ? 16 : 10, piece.size, out);
}

char* KeyTemplate::WriteDrawn(const Piece& piece, Random& random, char* out) {
  switch (piece.kind) {
    case Kind::kHex:
      return WriteHex(piece.size, random, out);
    case Kind::kAlnum:
      return std::generate_n(out, piece.size, [&random] {
        return kAlnumDigits[random.NextBelow(kAlnumDigits.size())];
      });
    case Kind::kBytes:
      return std::generate_n(out, piece.size,
                             [&random] { return static_cast<char>(random.Next()); });
    case Kind::kUuid:
      return WriteUuid(random, out);
    case Kind::kRandom:
      return WriteNumber(random.NextBelow(piece.size), 10, 0, out);
    case Kind::kZipf:
      return WriteNumber(piece.zipf.Draw(random), 10, 0, out);
    case Kind::kOne: {
      const std::string& word = piece.words[random.NextBelow(piece.words.size())];
      return std::copy(word.begin(), word.end(), out);
    }
    case Kind::kText:
    case Kind::kId:
      break;
  }
  return out;
}

std::string KeyTemplate::NameOf(uint64_t id) const {
  std::string name(max_size_, '\0');
  name.resize(static_cast<size_t>(Write(id, name.data()) - name.data()));
  return name;
}

}  // namespace keyway::sim
