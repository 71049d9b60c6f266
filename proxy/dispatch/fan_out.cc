#include "proxy/dispatch/fan_out.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <tuple>
#include <utility>

#include "proxy/base/limits.h"

namespace keyway {

FanOut::FanOut(Exchange& exchange, size_t parts, size_t keys) : exchange_(exchange) {
  parts_.reserve(parts);
  if (keys == 0) return;
  char* place = nullptr;
  std::tie(numbers_, place) =
      exchange.client_sink()->kept().stash.Room(2 * keys * sizeof(uint32_t));
  numbers_end_ = reinterpret_cast<uint32_t*>(place);
}

void FanOut::KeepKeys(std::span<const std::string_view> keys) {
  const char* const begin = keys.front().data();
  const auto size = static_cast<size_t>(keys.back().data() + keys.back().size() - begin);
  char* place = nullptr;
  std::tie(kept_keys_, place) =
      exchange_.client_sink()->kept().stash.Room(keys.size() * sizeof(std::string_view) + size);
  auto* const kept = reinterpret_cast<std::string_view*>(place);
  char* const text = place + keys.size() * sizeof(std::string_view);
  std::memcpy(text, begin, size);
  for (size_t i = 0; i < keys.size(); ++i) {
    new (kept + i) std::string_view(text + (keys[i].data() - begin), keys[i].size());
  }
  keys_ = {kept, keys.size()};
}

ReplySink& FanOut::AddPart(ServerPool& server, std::span<const uint32_t> ordinals) {
  ++pending_;
  exchange_.Await();
  exchange_.context().stats.fragments.Add();
  const std::span<uint32_t> own(numbers_end_, ordinals.size());
  std::ranges::copy(ordinals, own.begin());
  numbers_end_ += 2 * own.size();
  return parts_.emplace_back(*this, server, own);
}

void FanOut::AddFailure(std::string failure) {
  if (!failure_.empty()) return;
  failure_ = std::move(failure);
  Forget();
}

void FanOut::Forget() {
  for (FanOutPart& part : parts_) part.Forget();
  if (ClientSink* client = exchange_.client_sink()) client->kept().bytes -= gathered_;
  gathered_ = 0;
}

void FanOut::Start() { Settled(); }

void FanOut::Settled() {
  if (--pending_ == 0 && exchange_.client_sink() != nullptr) Finish();
}

void FanOut::Finish() {
  if (!failure_.empty()) {
    exchange_.FinishFailed(ErrorKind::kServerFailed, failure_);
    return;
  }
  absl::InlinedVector<Part, kUsualParts> replies;
  replies.reserve(parts_.size());
  for (FanOutPart& part : parts_) replies.push_back(part.Complete());
  exchange_.FinishWith([&](OutputBuffer& out) {
    if (exchange_.quiet != Quiet::kHideAll) {
      exchange_.context().codec.Combine(*exchange_.command, keys_, replies, out);
    }
    Forget();
  });
}

// Whether `bytes` more are worth keeping.
bool FanOut::Admit(size_t bytes) {
  if (!failure_.empty() || exchange_.client_sink() == nullptr) return false;
  gathered_ += bytes;
  exchange_.client_sink()->kept().bytes += bytes;
  if (gathered_ <= kMaxGatheredBytes) return true;
  AddFailure("the merged reply would be too large");
  return false;
}

void FanOut::FanOutPart::OnReply(Connection& from, Block* block, std::string_view piece,
                                 bool last) {
  if (whole_->Admit(piece.size())) {
    Keep(block, piece);
    if (last && rest_ == nullptr) KeepEnds(from.element_ends());
    whole_->exchange_.client_sink()->OnPiece(whole_->exchange_, *server_, from);
  }
  if (!last) return;
  FanOut* whole = whole_;
  if (whole->exchange_.Settle()) whole->Settled();
}

void FanOut::FanOutPart::OnNoReply(const Failure& failure) {
  FanOut* whole = whole_;
  whole->AddFailure(DescribeFailure(failure, *server_));
  if (whole->exchange_.Settle()) whole->Settled();
}

void FanOut::FanOutPart::Keep(Block* block, std::string_view piece) {
  if (first_.bytes.empty() && rest_ == nullptr) {
    first_ = whole_->exchange_.client_sink()->kept().stash.Keep(block, piece);
    return;
  }
  if (rest_ == nullptr) {
    rest_ = std::make_unique<OutputBuffer>(whole_->exchange_.context().blocks);
    rest_->Append(std::exchange(first_, {}));
  }
  rest_->Append(block, piece);
}

void FanOut::FanOutPart::Forget() {
  first_ = {};
  rest_.reset();
}

void FanOut::FanOutPart::KeepEnds(std::span<const uint32_t> ends) {
  ends_ = std::min(ends.size(), ordinals_.size());
  std::ranges::copy(ends.first(ends_), ordinals_.end());
}

Part FanOut::FanOutPart::Complete() {
  const Exchange& exchange = whole_->exchange_;
  Slice reply = rest_ == nullptr ? first_ : rest_->Flatten();
  if (rest_ != nullptr && MergesElements(exchange.command->merge)) {
    // It is whole now, so its elements are found in one go.
    KeepEnds(exchange.context().codec.ElementEnds(*exchange.command, reply.bytes));
  }
  return {.keys = ordinals_,
          .server = server_->name(),
          .reply = std::move(reply),
          .element_ends = std::span(ordinals_.data() + ordinals_.size(), ends_)};
}

}  // namespace keyway
