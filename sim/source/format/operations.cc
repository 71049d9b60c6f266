#include "sim/source/format/operations.h"

#include <algorithm>

namespace keyway::sim {
namespace {

struct Row {
  std::string_view name;  // in lower case
  Operation operation;
};

// The most frequent ones first.
constexpr Row kRows[] = {
    {"get", Operation::kRead},       {"set", Operation::kWrite},
    {"gets", Operation::kRead},      {"delete", Operation::kWrite},
    {"get_lease", Operation::kRead}, {"set_lease", Operation::kWrite},
    {"add", Operation::kWrite},      {"cas", Operation::kWrite},
    {"incr", Operation::kWrite},     {"decr", Operation::kWrite},
    {"replace", Operation::kWrite},  {"append", Operation::kWrite},
    {"prepend", Operation::kWrite},  {"touch", Operation::kWrite},
    {"read", Operation::kRead},      {"write", Operation::kWrite},
    {"update", Operation::kWrite},   {"del", Operation::kWrite},
};

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return Lower(a) == b; });
}

}  // namespace

Operation FindOperation(std::string_view name) {
  for (const Row& row : kRows) {
    if (EqualsIgnoringCase(name, row.name)) return row.operation;
  }
  return Operation::kUnknown;
}

}  // namespace keyway::sim
