#include "tools/bench/client.h"

#include "absl/strings/str_format.h"

namespace keyway::bench {

void ItemChoice::ItemsOf(uint64_t request, std::vector<Item>& result) const {
  result.clear();
  for (size_t i = 0; i < per_request; ++i) {
    const uint64_t counter = request * per_request + i;
    const uint64_t number = (in_order ? counter : Scatter(counter)) % items;
    result.push_back({.number = static_cast<uint32_t>(number), .value_bytes = value_bytes});
  }
}

void Client::Ask(uint64_t request, int64_t due_ns) {
  group_.choice.ItemsOf(request, items_);
  AppendRequest(group_.kind, items_, output_.bytes);
  waiting_.push_back({.request = request, .due_ns = due_ns});
  if (waiting_.size() == 1) check_.Expect(items_);
}

void Client::ExpectFront() {
  group_.choice.ItemsOf(waiting_.front().request, items_);
  check_.Expect(items_);
}

std::string Client::complaint() const {
  if (unasked_) return absl::StrFormat("bytes after reply %d, which was the last due", replies_);
  return absl::StrFormat("reply %d is wrong: %s", replies_ + 1, check_.complaint());
}

}  // namespace keyway::bench
