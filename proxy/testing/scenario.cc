#include "proxy/testing/scenario.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"

namespace keyway {
namespace {

constexpr const char* kFolder = "testdata/scenarios";

size_t Number(std::string_view text) {
  size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void TrimLeft(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
}

std::string_view TakeWord(std::string_view& text) {
  TrimLeft(text);
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  TrimLeft(text);
  return word;
}

std::string_view WithoutComment(std::string_view line) {
  if (line.starts_with('#')) return {};
  line = line.substr(0, line.find("  # "));
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

// The brace that closes the one at the start; npos if there is none.
size_t ClosingBrace(std::string_view text) {
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth == 0) return i;
  }
  return text.npos;
}

// {3 ab} becomes ababab, inner ones first; other braces are just braces.
std::string Repeat(std::string_view text) {
  std::string result;
  while (true) {
    const size_t open = text.find('{');
    result += text.substr(0, open);
    if (open == text.npos) return result;
    text.remove_prefix(open);
    const size_t close = ClosingBrace(text);
    const size_t space = text.find_first_not_of("0123456789", 1);
    if (close == text.npos || space == 1 || text[space] != ' ') {
      result += '{';
      text.remove_prefix(1);
      continue;
    }
    const std::string unit = Repeat(text.substr(space + 1, close - space - 1));
    const size_t count = Number(text.substr(1));
    if (unit.size() == 1) {
      result.append(count, unit[0]);
    } else {
      for (size_t i = 0; i < count; ++i) result += unit;
    }
    text.remove_prefix(close + 1);
  }
}

// Takes one character, perhaps written as an escape.
char TakeCharacter(std::string_view& text) {
  if (text[0] != '\\' || text.size() == 1) {
    const char plain = text[0];
    text.remove_prefix(1);
    return plain;
  }
  const char kind = text[1];
  text.remove_prefix(2);
  if (kind == 'x') {
    int value = 0;
    std::from_chars(text.data(), text.data() + std::min<size_t>(2, text.size()), value, 16);
    text.remove_prefix(std::min<size_t>(2, text.size()));
    return static_cast<char>(value);
  }
  constexpr std::string_view kLetters = "rnt", kMeanings = "\r\n\t";
  const size_t at = kLetters.find(kind);
  return at == kLetters.npos ? kind : kMeanings[at];
}

// Takes text up to `end`, or up to and without the closing quote after an opening one.
std::string TakeText(std::string_view& text, std::string_view end) {
  const bool quoted = text.starts_with('"');
  if (quoted) text.remove_prefix(1);
  std::string result(text.substr(0, text.find_first_of(quoted ? "\"\\" : std::string(end) + "\\")));
  text.remove_prefix(result.size());
  while (!text.empty() && (quoted ? text[0] != '"' : end.find(text[0]) == end.npos)) {
    result += TakeCharacter(text);
  }
  if (quoted && !text.empty()) text.remove_prefix(1);
  return result;
}

// One element of a reply; an array takes its elements with it.
std::string TakeReply(std::string_view& text) {
  TrimLeft(text);
  if (text.empty()) return {};
  if (text[0] == '+' || text[0] == '-') return TakeText(text, "") + "\r\n";
  const std::string header(TakeWord(text));
  std::string reply = header + "\r\n";
  if (header.starts_with("$-") || header.starts_with(":")) return reply;
  const size_t count = Number(std::string_view(header).substr(1));
  if (header[0] == '*') {
    for (size_t i = 0; header != "*-1" && i < count; ++i) reply += TakeReply(text);
    return reply;
  }
  std::string bytes(text.substr(0, std::min(count, text.find('\\'))));
  text.remove_prefix(bytes.size());
  while (bytes.size() < count && !text.empty()) bytes += TakeCharacter(text);
  EXPECT_EQ(count, bytes.size()) << "the bulk string is shorter than its header says";
  return reply + bytes + "\r\n";
}

std::string ComposeMessage(Protocol protocol, std::string_view text) {
  if (text.starts_with('"')) return TakeText(text, "");
  if (protocol == Protocol::kMemcache) return TakeText(text, "") + "\r\n";
  if (std::string_view("+-:$*").find(text[0]) != std::string_view::npos) return TakeReply(text);
  std::vector<std::string> words;
  for (; !text.empty(); TrimLeft(text)) words.push_back(TakeText(text, " "));
  return Resp(words);
}

bool IsActor(std::string_view word) {
  return word.size() >= 2 && (word[0] == 'c' || word[0] == 's') &&
         std::isdigit(static_cast<unsigned char>(word[1]));
}

}  // namespace

std::string ComposeMessages(Protocol protocol, std::string_view text) {
  const std::string whole = Repeat(text);
  std::string bytes;
  for (std::string_view rest = whole; !rest.empty();) {
    const size_t end = std::min(rest.find(" | "), rest.size());
    std::string_view message = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 3, rest.size()));
    TrimLeft(message);
    if (!message.empty()) bytes += ComposeMessage(protocol, message);
  }
  return bytes;
}

Scenario ReadScenario(const std::string& file) {
  Scenario scenario;
  scenario.file = file;
  std::ifstream stream(file);
  EXPECT_TRUE(stream.is_open()) << file;
  int number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    std::string_view text = WithoutComment(line);
    if (text.empty()) continue;
    const std::string first(TakeWord(text));
    if (first == "pool") {
      scenario.protocol = TakeWord(text) == "redis" ? Protocol::kRedis : Protocol::kMemcache;
      while (!text.empty()) scenario.servers.emplace_back(TakeWord(text));
    } else if (first == "memory") {
      scenario.memory_only = true;
    } else if (first == "with") {
      scenario.settings.emplace_back(text);
    } else if (first == "+++" || first == "time") {
      scenario.steps.push_back(
          {.line = number, .actor = first, .verb = "", .text = std::string(text)});
    } else if (IsActor(first)) {
      const std::string verb(TakeWord(text));
      scenario.steps.push_back(
          {.line = number, .actor = first, .verb = verb, .text = std::string(text)});
    } else {
      ADD_FAILURE() << file << ":" << number << ": " << first << " is not understood";
    }
  }
  EXPECT_FALSE(scenario.servers.empty()) << file << " has no pool";
  return scenario;
}

std::vector<std::string> ScenarioFiles() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".scn") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace keyway
