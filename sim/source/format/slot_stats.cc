// CLUSTER SLOT-STATS of Valkey 8 and Redis 8.2, in any form that redis-cli gives it:
//   1) 1) (integer) 0                        0                 [[0,{"key-count":12}]]
//      2) 1) "key-count"          or         key-count    or
//         2) (integer) 12                    12
// In all of them a slot's number stands before its figures, and a figure's name before it.
#include <algorithm>
#include <string>
#include <vector>

#include "hashing/slots.h"
#include "sim/source/format/formats.h"
#include "sim/source/format/lines.h"

namespace keyway::sim {
namespace {

// A key of each slot: "{", a number, "}".
std::vector<std::string> MakeKeys() {
  std::vector<std::string> keys(hashing::kSlotCount);
  size_t missing = keys.size();
  for (uint64_t number = 0; missing > 0; ++number) {
    std::string key = "{" + std::to_string(number) + "}";
    std::string& place = keys[hashing::SlotOf(key)];
    if (!place.empty()) continue;
    place = std::move(key);
    --missing;
  }
  return keys;
}

const std::string& KeyOf(uint64_t slot) {
  static const std::vector<std::string>& keys = *new std::vector<std::string>(MakeKeys());
  return keys[slot];
}

// What is counted for each slot.
struct Figures {
  uint64_t keys = 0;
  uint64_t cpu_us = 0;
  uint64_t memory_bytes = 0;
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
};

struct FigureName {
  std::string_view name;
  uint64_t Figures::*figure;
};

constexpr FigureName kFigures[] = {
    {"key-count", &Figures::keys},
    {"cpu-usec", &Figures::cpu_us},
    {"memory-bytes", &Figures::memory_bytes},
    {"network-bytes-in", &Figures::bytes_in},
    {"network-bytes-out", &Figures::bytes_out},
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWord(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; }

class SlotStatsParser {
 public:
  explicit SlotStatsParser(RecordSink& sink) : sink_(sink) {}

  uint64_t Parse(std::string_view bytes) {
    const uint64_t lines =
        ParseLines(bytes, sink_, [&](std::string_view line) { return ParseLine(line); });
    Finish();
    return lines;
  }

 private:
  std::string_view ParseLine(std::string_view line) {
    while (!line.empty()) {
      const auto end = std::find_if_not(line.begin(), line.end(),
                                        IsDigit(line[0])  ? IsDigit
                                        : IsWord(line[0]) ? IsWord
                                                          : IsOther);
      const std::string_view token = line.substr(0, static_cast<size_t>(end - line.begin()));
      line.remove_prefix(token.size());
      // The place in a list, as redis-cli numbers it.
      if (line.starts_with(')') || line.starts_with('#')) {
        if (IsDigit(token[0])) continue;
      }
      const std::string_view wrong = IsDigit(token[0])  ? TakeNumber(token)
                                     : IsWord(token[0]) ? TakeWord(token)
                                                        : std::string_view();
      if (!wrong.empty()) return wrong;
    }
    return {};
  }

  static bool IsOther(char c) { return !IsDigit(c) && !IsWord(c); }

  std::string_view TakeWord(std::string_view word) {
    if (word == "integer") return {};
    const auto* const row =
        std::find_if(std::begin(kFigures), std::end(kFigures),
                     [&](const FigureName& figure) { return figure.name == word; });
    if (row == std::end(kFigures)) return "a word that is no figure of a slot";
    if (!in_slot_) return "a figure before the number of a slot";
    figure_ = row->figure;
    return {};
  }

  std::string_view TakeNumber(std::string_view digits) {
    uint64_t number;
    if (!ParseNumber(digits, number)) return "too large a number";
    if (figure_ != nullptr) {
      figures_.*figure_ = number;
      figure_ = nullptr;
      return {};
    }
    Finish();
    if (number >= hashing::kSlotCount) return "slots are 0 to 16383";
    slot_ = number;
    in_slot_ = true;
    return {};
  }

  void Finish() {
    if (in_slot_) {
      sink_.Add(KeyOf(slot_),
                {.keys = figures_.keys,
                 .bytes = figures_.memory_bytes != 0 ? figures_.memory_bytes
                                                     : figures_.bytes_in + figures_.bytes_out,
                 .reads = figures_.cpu_us});
    }
    in_slot_ = false;
    figures_ = {};
    figure_ = nullptr;
  }

  RecordSink& sink_;
  bool in_slot_ = false;
  uint64_t slot_ = 0;
  Figures figures_;
  uint64_t Figures::*figure_ = nullptr;  // whose number comes next
};

class SlotStatsFormat final : public Format {
 public:
  // A slot may go over several lines, or all slots may be on one; all of them are few.
  size_t Cut(std::string_view) const override { return 0; }

  uint64_t Parse(std::string_view bytes, RecordSink& sink) const override {
    return SlotStatsParser(sink).Parse(bytes);
  }
};

bool IsSlotStats(std::string_view head) {
  const size_t name = head.find("key-count");
  return name != head.npos && IsDigit(head[std::min(head.find_first_not_of("[ \n"), name)]);
}

}  // namespace

const FormatSpec kSlotStatsFormat = {
    .name = "slot-stats",
    .help = "CLUSTER SLOT-STATS as redis-cli prints it, also with --json or --csv: a key per slot",
    .recognise = IsSlotStats,
    .make = Make<SlotStatsFormat>,
};

}  // namespace keyway::sim
