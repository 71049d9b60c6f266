#include "proxy/protocol/memcache/commands.h"

#include <array>
#include <cstddef>

namespace keyway::memcache {
namespace {

struct Row {
  CommandSpec spec;
  CommandForm form = {};
};

using enum ReplyWord;
using enum Access;
using enum Plan;
using enum Merge;

// gat and gats have the expiry time in front of the keys.
constexpr KeySpec kKeysFromSecond = {.first = 2, .last = -1, .step = 1};

constexpr ReplyWords kStoring = {kStored, kNotStored, kExists, kNotFound};
constexpr ReplyWords kCounting = {kNumber, kNotFound};
constexpr ReplyWords kValues = {kValue, kEnd};
constexpr ReplyWords kStats = {kStat, kItem, kPrefix, kEnd, kReset, kOk};

constexpr CommandForm kGetForm = {.words = "K", .long_line = true, .replies = kValues};
constexpr CommandForm kGatForm = {.words = "-K", .replies = kValues};
constexpr CommandForm kSetForm = {
    .words = "kftn", .most_words = 6, .noreply_from = 4, .replies = kStoring};
constexpr CommandForm kCasForm = {
    .words = "kftnu", .most_words = 7, .noreply_from = 5, .replies = kStoring};
constexpr CommandForm kDeleteForm = {
    .words = "k", .most_words = 4, .noreply_from = 2, .replies = {kDeleted, kNotFound}};
constexpr CommandForm kIncrForm = {
    .words = "k", .most_words = 4, .noreply_from = 2, .replies = kCounting};
constexpr CommandForm kTouchForm = {
    .words = "k", .most_words = 4, .noreply_from = 2, .replies = {kTouched, kNotFound}};
constexpr CommandForm kEveryServerForm = {.most_words = 3, .noreply_from = 1, .replies = {kOk}};

// Which return codes q hides was measured with memcached 1.6.18. It shows those of
// an `ma` that made the item; the reply does not tell, so they are hidden here.
constexpr CommandForm kMetaGetForm = {
    .words = "k", .flags = MetaFlags::kQuiet, .replies = {kHd, kVa, kEn}, .hidden = {kEn}};
// More than 16 flags make memcached leave the data unread.
constexpr CommandForm kMetaSetForm = {.words = "kn",
                                      .most_words = 19,
                                      .flags = MetaFlags::kQuiet,
                                      .replies = {kHd, kNs, kEx, kNf},
                                      .hidden = {kHd}};
constexpr CommandForm kMetaDeleteForm = {
    .words = "k", .flags = MetaFlags::kQuiet, .replies = {kHd, kNf, kEx}, .hidden = {kHd}};
constexpr CommandForm kMetaArithmeticForm = {.words = "k",
                                             .flags = MetaFlags::kQuiet,
                                             .replies = {kHd, kVa, kNf, kNs, kEx},
                                             .hidden = {kHd, kVa}};
constexpr CommandForm kMetaDebugForm = {
    .words = "k", .flags = MetaFlags::kBase64, .replies = {kMe, kEn}};

constexpr Row kRows[] = {
    // name, arity, keys, access, plan, merge
    {{"get", -2, kAllKeys, kRead, kSplitByKey, kMatchKeys}, kGetForm},
    {{"gets", -2, kAllKeys, kRead, kSplitByKey, kMatchKeys}, kGetForm},
    {{"gat", -3, kKeysFromSecond, kWrite, kSplitByKey, kMatchKeys}, kGatForm},
    {{"gats", -3, kKeysFromSecond, kWrite, kSplitByKey, kMatchKeys}, kGatForm},

    {{"set", -5, kFirstKey, kWrite, kOneShard, kOnly}, kSetForm},
    {{"add", -5, kFirstKey, kWrite, kOneShard, kOnly}, kSetForm},
    {{"replace", -5, kFirstKey, kWrite, kOneShard, kOnly}, kSetForm},
    {{"append", -5, kFirstKey, kWrite, kOneShard, kOnly}, kSetForm},
    {{"prepend", -5, kFirstKey, kWrite, kOneShard, kOnly}, kSetForm},
    {{"cas", -6, kFirstKey, kWrite, kOneShard, kOnly}, kCasForm},

    {{"delete", -2, kFirstKey, kWrite, kOneShard, kOnly}, kDeleteForm},
    {{"incr", -3, kFirstKey, kWrite, kOneShard, kOnly}, kIncrForm},
    {{"decr", -3, kFirstKey, kWrite, kOneShard, kOnly}, kIncrForm},
    {{"touch", -3, kFirstKey, kWrite, kOneShard, kOnly}, kTouchForm},

    {{"mg", -2, kFirstKey, kRead, kOneShard, kOnly}, kMetaGetForm},
    {{"ms", -3, kFirstKey, kWrite, kOneShard, kOnly}, kMetaSetForm},
    {{"md", -2, kFirstKey, kWrite, kOneShard, kOnly}, kMetaDeleteForm},
    {{"ma", -2, kFirstKey, kWrite, kOneShard, kOnly}, kMetaArithmeticForm},
    {{"me", -2, kFirstKey, kRead, kOneShard, kOnly}, kMetaDebugForm},
    {{"mn", -1, kNoKeys, kNone, kLocal, kOnly}},

    {{"version", -1, kNoKeys, kNone, kOneShard, kOnly}, {.replies = {kVersion}}},
    {{"quit", -1, kNoKeys, kNone, kLocal, kOnly}},
    {{"stats", -1, kNoKeys, kRead, kEveryShard, kConcat}, {.replies = kStats}},
    {{"flush_all", -1, kNoKeys, kAdmin, kEveryShard, kAllOk}, kEveryServerForm},
    {{"verbosity", -2, kNoKeys, kAdmin, kEveryShard, kAllOk}, kEveryServerForm},

    {{"cache_memlimit", -1, kNoKeys, kAdmin, kRefused, kOnly}},
    {{"extstore", -1, kNoKeys, kAdmin, kRefused, kOnly}},
    {{"lru", -1, kNoKeys, kAdmin, kRefused, kOnly}},
    {{"lru_crawler", -1, kNoKeys, kAdmin, kRefused, kOnly}},
    {{"refresh_certs", -1, kNoKeys, kAdmin, kRefused, kOnly}},
    {{"shutdown", -1, kNoKeys, kAdmin, kRefused, kOnly}},
    {{"slabs", -1, kNoKeys, kAdmin, kRefused, kOnly}},
    {{"watch", -1, kNoKeys, kAdmin, kRefused, kOnly}},
};
constexpr size_t kCount = std::size(kRows);

constexpr std::array<CommandSpec, kCount> kSpecs = [] {
  std::array<CommandSpec, kCount> specs{};
  for (size_t i = 0; i < kCount; ++i) specs[i] = kRows[i].spec;
  return specs;
}();

// A perfect hash of the names: length and three letters, multiplied into 7 bits.
constexpr size_t kSlots = 128;
constexpr uint8_t kEmpty = 255;

constexpr size_t SlotOf(std::string_view name, uint32_t multiplier) {
  const uint32_t word = static_cast<uint32_t>(name.size()) |
                        static_cast<uint32_t>(static_cast<uint8_t>(name[0])) << 8 |
                        static_cast<uint32_t>(static_cast<uint8_t>(name[1])) << 16 |
                        static_cast<uint32_t>(static_cast<uint8_t>(name.back())) << 24;
  return (word * multiplier) >> 25;
}

struct Index {
  uint32_t multiplier = 0;
  std::array<uint8_t, kSlots> rows{};
};

constexpr Index kIndex = [] {
  Index index;
  for (index.multiplier = 0x9E3779B1;; index.multiplier += 2) {
    index.rows.fill(kEmpty);
    size_t placed = 0;
    while (placed < kCount) {
      uint8_t& row = index.rows[SlotOf(kRows[placed].spec.name, index.multiplier)];
      if (row != kEmpty) break;
      row = static_cast<uint8_t>(placed++);
    }
    if (placed == kCount) return index;
  }
}();

}  // namespace

std::span<const CommandSpec> Commands() { return kSpecs; }

const CommandSpec* FindCommand(std::string_view name) {
  if (name.size() < 2) return nullptr;
  const uint8_t row = kIndex.rows[SlotOf(name, kIndex.multiplier)];
  if (row == kEmpty || kSpecs[row].name != name) return nullptr;
  return &kSpecs[row];
}

const CommandForm& FormOf(const CommandSpec& command) {
  return kRows[&command - kSpecs.data()].form;
}

}  // namespace keyway::memcache
