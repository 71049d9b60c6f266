#include "proxy/testing/wire.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "absl/strings/str_format.h"

namespace keyway {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

// With its end; empty when that is not there.
std::string_view Line(std::string_view bytes) {
  const size_t end = bytes.find(kLineEnd);
  return end == bytes.npos ? std::string_view() : bytes.substr(0, end + kLineEnd.size());
}

long Number(std::string_view digits) {
  long value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::vector<std::string> Split(std::string_view line) {
  std::vector<std::string> words;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(" \r\n"), line.size()));
    if (line.empty()) return words;
    words.emplace_back(line.substr(0, line.find_first_of(" \r\n")));
    line.remove_prefix(words.back().size());
  }
}

// A header line, and the data of `size` bytes and a line end behind it.
size_t WithData(std::string_view bytes, std::string_view line, size_t size) {
  const size_t total = line.size() + size + kLineEnd.size();
  return bytes.size() < total ? 0 : total;
}

size_t RespSize(std::string_view bytes) {
  const std::string_view line = Line(bytes);
  if (line.empty()) return 0;
  const long count = Number(line.substr(1));
  if (line[0] == '$' && count >= 0) return WithData(bytes, line, static_cast<size_t>(count));
  size_t total = line.size();
  if (line[0] != '*') return total;
  for (long i = 0; i < count; ++i) {
    const size_t size = RespSize(bytes.substr(total));
    if (size == 0) return 0;
    total += size;
  }
  return total;
}

// The word of a request line that counts the bytes of the data block; 0 if it has none.
size_t DataWord(std::string_view command) {
  constexpr std::array<std::string_view, 6> kStores = {"set",    "add",     "replace",
                                                       "append", "prepend", "cas"};
  if (std::find(kStores.begin(), kStores.end(), command) != kStores.end()) return 4;
  return command == "ms" ? 2 : 0;
}

size_t TextRequestSize(std::string_view bytes) {
  const std::string_view line = Line(bytes);
  if (line.empty()) return 0;
  const std::vector<std::string> words = Split(line);
  const size_t at = words.empty() ? 0 : DataWord(words[0]);
  if (at == 0 || words.size() <= at) return line.size();
  return WithData(bytes, line, static_cast<size_t>(Number(words[at])));
}

size_t TextReplySize(std::string_view bytes) {
  size_t total = 0;
  while (true) {
    const std::string_view rest = bytes.substr(total);
    const std::string_view line = Line(rest);
    if (line.empty()) return 0;
    const std::vector<std::string> words = Split(line);
    const bool value = words.size() >= 4 && words[0] == "VALUE";
    const bool meta = words.size() >= 2 && words[0] == "VA";
    if (!value && !meta && !line.starts_with("STAT ")) return total + line.size();
    const size_t size =
        line.starts_with("STAT ")
            ? line.size()
            : WithData(rest, line, static_cast<size_t>(Number(words[value ? 3 : 1])));
    if (size == 0) return 0;
    total += size;
    if (meta) return total;
  }
}

}  // namespace

std::string Resp(std::span<const std::string> words) {
  std::string bytes = absl::StrFormat("*%d\r\n", words.size());
  for (const std::string& word : words) {
    absl::StrAppendFormat(&bytes, "$%d\r\n", word.size());
    bytes += word;
    bytes += kLineEnd;
  }
  return bytes;
}

std::string Resp(std::initializer_list<std::string> words) {
  return Resp(std::span(words.begin(), words.size()));
}

size_t RequestSize(Protocol protocol, std::string_view bytes) {
  return protocol == Protocol::kRedis ? RespSize(bytes) : TextRequestSize(bytes);
}

size_t ReplySize(Protocol protocol, std::string_view bytes) {
  return protocol == Protocol::kRedis ? RespSize(bytes) : TextReplySize(bytes);
}

std::vector<std::string> RequestWords(Protocol protocol, std::string_view request) {
  const std::string_view line = Line(request);
  request.remove_prefix(line.size());
  if (protocol == Protocol::kMemcache) {
    std::vector<std::string> words = Split(line);
    if (!request.empty()) words.emplace_back(request.substr(0, request.size() - kLineEnd.size()));
    return words;
  }
  std::vector<std::string> words;
  while (!request.empty()) {
    const std::string_view header = Line(request);
    const auto size = static_cast<size_t>(Number(header.substr(1)));
    words.emplace_back(request.substr(header.size(), size));
    request.remove_prefix(header.size() + size + kLineEnd.size());
  }
  return words;
}

}  // namespace keyway
