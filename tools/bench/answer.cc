#include "tools/bench/answer.h"

#include <strings.h>

#include <algorithm>
#include <charconv>

#include "tools/bench/content.h"
#include "tools/bench/messages.h"

namespace keyway::bench {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr size_t kMaxWords = 1 << 20;

bool IsName(std::string_view word, std::string_view name) {
  return word.size() == name.size() && strncasecmp(word.data(), name.data(), name.size()) == 0;
}

// Whether a line is "*N" or "$N".
bool ReadHeader(std::string_view line, char type, size_t& number) {
  if (line.empty() || line.front() != type) return false;
  const char* end = line.data() + line.size();
  const auto result = std::from_chars(line.data() + 1, end, number);
  return result.ec == std::errc() && result.ptr == end;
}

// Takes a line without its end from the front of `input`, if one is there.
bool TakeLine(std::string_view& input, std::string_view& line) {
  const size_t end = input.find(kLineEnd);
  if (end == std::string_view::npos) return false;
  line = input.substr(0, end);
  input.remove_prefix(end + kLineEnd.size());
  return true;
}

bool IsRightValue(std::string_view key, std::string_view value) {
  const auto item = ReadKey(key);
  return !item || value == ValueOf(*item);
}

void AppendRedisValue(std::string_view key, std::string& output) {
  if (const auto item = ReadKey(key)) {
    AppendValue(Protocol::kRedis, *item, output);
  } else {
    output += "$-1\r\n";
  }
}

std::string_view TakeWord(std::string_view& line) {
  const size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

// The values of `keys`, which are separated by spaces; those of others are missing.
void AppendMemcacheValues(std::string_view keys, bool with_cas, std::string& output) {
  while (!keys.empty()) {
    const auto item = ReadKey(keys.substr(0, kKeyBytes));
    const std::string_view behind = keys.substr(item ? kKeyBytes : 0, 1);
    if (!item || (behind != " " && !behind.empty())) {
      TakeWord(keys);
      continue;
    }
    keys.remove_prefix(kKeyBytes + behind.size());
    const size_t from = output.size();
    AppendValue(Protocol::kMemcache, *item, output);
    if (with_cas) output.insert(output.find('\r', from), " 1");
  }
}

}  // namespace

bool Answerer::Answer(std::string_view& input, std::string& output) {
  while (!input.empty()) {
    std::string_view rest = input;
    const Outcome outcome =
        rest.front() == '*' ? AnswerRedis(rest, output) : AnswerMemcache(rest, output);
    if (outcome == Outcome::kBad) return false;
    if (outcome == Outcome::kIncomplete) return true;
    input = rest;
  }
  return true;
}

Answerer::Outcome Answerer::AnswerRedis(std::string_view& input, std::string& output) {
  std::string_view line;
  size_t count = 0;
  if (!TakeLine(input, line)) return Outcome::kIncomplete;
  if (!ReadHeader(line, '*', count) || count == 0 || count > kMaxWords) return Outcome::kBad;
  words_.clear();
  while (words_.size() < count) {
    size_t bytes = 0;
    if (!TakeLine(input, line)) return Outcome::kIncomplete;
    if (!ReadHeader(line, '$', bytes)) return Outcome::kBad;
    if (input.size() < bytes + kLineEnd.size()) return Outcome::kIncomplete;
    words_.push_back(input.substr(0, bytes));
    input.remove_prefix(bytes);
    if (!input.starts_with(kLineEnd)) return Outcome::kBad;
    input.remove_prefix(kLineEnd.size());
  }
  RunRedis(output);
  return Outcome::kAnswered;
}

void Answerer::RunRedis(std::string& output) const {
  const std::string_view name = words_[0];
  const size_t arguments = words_.size() - 1;
  if (IsName(name, "get") && arguments == 1) {
    AppendRedisValue(words_[1], output);
  } else if (IsName(name, "set") && arguments == 2) {
    output += IsRightValue(words_[1], words_[2]) ? "+OK\r\n" : "-ERR another value\r\n";
  } else if (IsName(name, "mget")) {
    AppendHeader('*', arguments, output);
    for (size_t i = 1; i < words_.size(); ++i) AppendRedisValue(words_[i], output);
  } else if (IsName(name, "del")) {
    AppendHeader(':', arguments, output);
  } else if (IsName(name, "ping")) {
    output += "+PONG\r\n";
  } else if (IsName(name, "auth") || IsName(name, "select")) {
    output += "+OK\r\n";
  } else {
    output += "-ERR unknown command\r\n";
  }
}

Answerer::Outcome Answerer::AnswerMemcache(std::string_view& input, std::string& output) {
  std::string_view line;
  if (!TakeLine(input, line)) return Outcome::kIncomplete;
  const std::string_view name = TakeWord(line);
  if (name.empty()) return Outcome::kBad;
  if (name == "get" || name == "gets") {
    AppendMemcacheValues(line, name == "gets", output);
    output += kMemcacheEnd;
    return Outcome::kAnswered;
  }
  words_ = {name};
  while (!line.empty()) {
    const std::string_view word = TakeWord(line);
    if (!word.empty()) words_.push_back(word);
  }
  if (name == "set" && words_.size() == 5) {
    size_t bytes = 0;
    std::from_chars(words_[4].data(), words_[4].data() + words_[4].size(), bytes);
    if (input.size() < bytes + kLineEnd.size()) return Outcome::kIncomplete;
    const bool right = IsRightValue(words_[1], input.substr(0, bytes));
    output += right ? "STORED\r\n" : "SERVER_ERROR another value\r\n";
    input.remove_prefix(bytes + kLineEnd.size());
  } else if (name == "delete") {
    output += "DELETED\r\n";
  } else if (name == "version") {
    output += "VERSION fake\r\n";
  } else {
    output += "ERROR\r\n";
  }
  return Outcome::kAnswered;
}

}  // namespace keyway::bench
