#include "proxy/protocol/request.h"

#include <algorithm>
#include <charconv>

namespace keyway {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// `lower` is in lower case already.
bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return Lower(a) == b; });
}

// Whether `text` is one of `words`, which have '|' between them.
bool IsOneOf(std::string_view text, std::string_view words) {
  for (;;) {
    const size_t bar = words.find('|');
    if (EqualsIgnoringCase(text, words.substr(0, bar))) return true;
    if (bar == std::string_view::npos) return false;
    words.remove_prefix(bar + 1);
  }
}

// The position of the first of `words` at `from` or behind it; the number of
// arguments if there is none.
size_t FindWord(const Request& request, size_t from, std::string_view words) {
  const size_t count = request.arguments.size();
  size_t i = std::min(from, count);
  while (i < count && !IsOneOf(request.Text(i), words)) ++i;
  return i;
}

KeysFound FindCounted(const Request& request, const KeySpec& spec, KeyPositions& positions) {
  const size_t count_at = static_cast<size_t>(spec.count_at);
  const size_t first = static_cast<size_t>(spec.first);
  const size_t step = static_cast<size_t>(spec.step);
  if (request.arguments.size() <= count_at) return KeysFound::kBadCount;
  const std::string_view text = request.Text(count_at);
  const char* const end = text.data() + text.size();
  uint32_t count = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || stop != end) return KeysFound::kBadCount;
  const size_t room = request.arguments.size() - std::min(first, request.arguments.size());
  if (count > room / step) return KeysFound::kBadCount;
  for (size_t i = 0; i < count; ++i) positions.push_back(static_cast<uint32_t>(first + i * step));
  return KeysFound::kOk;
}

// What does not come out even is left without keys: the server knows best what to
// say of it, and it does nothing else.
void FindHalves(const Request& request, const KeySpec& spec, KeyPositions& positions) {
  const size_t begin = FindWord(request, static_cast<size_t>(spec.first), spec.after) + 1;
  const size_t end = request.arguments.size();
  if (begin > end || (end - begin) % 2 != 0) return;
  for (size_t i = begin; i < begin + (end - begin) / 2; ++i) {
    positions.push_back(static_cast<uint32_t>(i));
  }
}

void FindBehindWords(const Request& request, const KeySpec& spec, KeyPositions& positions) {
  size_t key = FindWord(request, static_cast<size_t>(spec.first), spec.after) + 1;
  for (; key < request.arguments.size(); key = FindWord(request, key, spec.after) + 1) {
    positions.push_back(static_cast<uint32_t>(key));
  }
}

KeysFound FindRange(const Request& request, const KeySpec& spec, KeyPositions& positions) {
  const size_t count = request.arguments.size();
  const size_t first = static_cast<size_t>(spec.first);
  const size_t step = static_cast<size_t>(spec.step);
  size_t end = static_cast<size_t>(spec.last) + 1;
  if (spec.last < 0) {
    const size_t behind = static_cast<size_t>(-spec.last) - 1;
    end = count - std::min(behind, count);
  }
  end = std::min(end, count);
  if (end <= first) return KeysFound::kOk;
  size_t keys = (end - first) / step;
  if ((end - first) % step != 0) {
    if (spec.last < 0) return KeysFound::kMalformed;
    ++keys;
  }
  const size_t begin = positions.size();
  positions.resize(begin + keys);
  for (size_t i = 0; i < keys; ++i) {
    positions[begin + i] = static_cast<uint32_t>(first + i * step);
  }
  return KeysFound::kOk;
}

KeysFound Find(const Request& request, const KeySpec& spec, KeyPositions& positions) {
  if (spec.first == 0) return KeysFound::kOk;
  if (spec.count_at != 0) return FindCounted(request, spec, positions);
  if (spec.after.empty()) return FindRange(request, spec, positions);
  spec.halves ? FindHalves(request, spec, positions) : FindBehindWords(request, spec, positions);
  return KeysFound::kOk;
}

}  // namespace

KeysFound FindKeys(const Request& request, KeyPositions& positions) {
  positions.clear();
  const CommandSpec& command = *request.command;
  if (command.keys.first == command.keys.last && command.more_keys.first == 0) {
    const size_t only = static_cast<size_t>(command.keys.first);
    if (only != 0 && only < request.arguments.size())
      positions.push_back(static_cast<uint32_t>(only));
    return KeysFound::kOk;
  }
  const KeysFound found = Find(request, command.keys, positions);
  if (found != KeysFound::kOk || command.more_keys.first == 0) return found;
  return Find(request, command.more_keys, positions);
}

bool HasRefusedOption(const Request& request) {
  const CommandSpec& command = *request.command;
  if (command.refused_option.empty()) return false;
  const size_t from = static_cast<size_t>(command.keys.first);
  const size_t end = command.keys.after.empty() ? request.arguments.size()
                                                : FindWord(request, from, command.keys.after);
  return FindWord(request, from, command.refused_option) < end;
}

}  // namespace keyway
