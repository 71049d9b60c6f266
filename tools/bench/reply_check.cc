#include "tools/bench/reply_check.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"

namespace keyway::bench {
namespace {

// Enough of a value's first line to know whose value it is.
constexpr size_t kHeadBytes = kMemcacheValue.size() + kKeyBytes;
constexpr size_t kShownBytes = 60;

}  // namespace

void ReplyCheck::Expect(std::span<const Item> items) {
  expected_.clear();
  matched_ = 0;
  AppendReply(kind_, items, expected_);
  if (InAnyOrder()) {
    asked_.assign(items.begin(), items.end());
    in_order_ = true;
  }
}

ReplyCheck::Verdict ReplyCheck::Take(std::string_view& input) {
  return InAnyOrder() ? TakeInAnyOrder(input) : TakeExpected(input);
}

ReplyCheck::Verdict ReplyCheck::TakeExpected(std::string_view& input) {
  const auto rest = std::string_view(expected_).substr(matched_);
  const size_t bytes = std::min(rest.size(), input.size());
  if (input.substr(0, bytes) != rest.substr(0, bytes)) return Complain(rest, input);
  input.remove_prefix(bytes);
  matched_ += bytes;
  return matched_ == expected_.size() ? Verdict::kRight : Verdict::kIncomplete;
}

ReplyCheck::Verdict ReplyCheck::TakeInAnyOrder(std::string_view& input) {
  if (in_order_) {
    // Nearly always all of it is there, in the order of the keys.
    if (input.starts_with(expected_)) {
      input.remove_prefix(expected_.size());
      return Verdict::kRight;
    }
    BeginAnyOrder();
  }
  while (true) {
    if (matched_ < expected_.size()) {
      const Verdict verdict = TakeExpected(input);
      if (verdict != Verdict::kRight) return verdict;
    }
    if (expected_ == kMemcacheEnd) return Verdict::kRight;
    if (missing_ == 0) {
      expected_ = kMemcacheEnd;
      matched_ = 0;
      continue;
    }
    const size_t bytes = std::min(kHeadBytes - head_.size(), input.size());
    head_ += input.substr(0, bytes);
    input.remove_prefix(bytes);
    const size_t known = std::min(head_.size(), kMemcacheValue.size());
    if (head_.compare(0, known, kMemcacheValue, 0, known) != 0) {
      return Complain(kMemcacheValue, head_);
    }
    if (head_.size() < kHeadBytes) return Verdict::kIncomplete;
    if (!ExpectNextValue()) return Complain("VALUE of a key that was asked for", head_);
  }
}

void ReplyCheck::BeginAnyOrder() {
  in_order_ = false;
  expected_.clear();
  came_.assign(asked_.size(), 0);
  missing_ = asked_.size();
  likely_ = 0;
  head_.clear();
}

// Finds whose value head_ begins, and expects the rest of it. Servers answer in the order in
// which they are asked, so it is a few places behind the last one.
bool ReplyCheck::ExpectNextValue() {
  const auto item = ReadKey(std::string_view(head_).substr(kMemcacheValue.size()));
  if (!item) return false;
  const auto is_it = [&](size_t place) {
    const Item& asked = asked_[place];
    return !came_[place] && asked.number == item->number && asked.value_bytes == item->value_bytes;
  };
  size_t place = likely_;
  while (!is_it(place)) {
    place = (place + 1) % asked_.size();
    if (place == likely_) return false;
  }
  came_[place] = 1;
  likely_ = (place + 1) % asked_.size();
  --missing_;
  expected_.clear();
  AppendValue(kind_.protocol, *item, expected_);
  matched_ = kHeadBytes;
  head_.clear();
  return true;
}

ReplyCheck::Verdict ReplyCheck::Complain(std::string_view expected, std::string_view came) {
  const auto shown = [](std::string_view bytes) {
    return absl::CHexEscape(std::string(bytes.substr(0, kShownBytes)));
  };
  complaint_ = absl::StrFormat("expected \"%s\", got \"%s\"", shown(expected), shown(came));
  return Verdict::kWrong;
}

}  // namespace keyway::bench
