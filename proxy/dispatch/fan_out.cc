#include "proxy/dispatch/fan_out.h"

#include <algorithm>
#include <utility>

#include "proxy/base/limits.h"

namespace keyway {

FanOut::FanOut(Exchange& exchange, size_t parts, size_t keys) : exchange_(exchange) {
  parts_.reserve(parts);
  if (keys > kUsualKeys) many_ordinals_ = std::make_unique_for_overwrite<uint32_t[]>(keys);
  ordinals_end_ = many_ordinals_ != nullptr ? many_ordinals_.get() : usual_ordinals_.data();
}

void FanOut::KeepKeys(std::span<const std::string_view> keys) {
  const char* const begin = keys.front().data();
  key_bytes_.assign(begin, keys.back().data() + keys.back().size());
  keys_.resize(keys.size());
  std::ranges::transform(keys, keys_.begin(), [&](std::string_view key) {
    return std::string_view(key_bytes_.data() + (key.data() - begin), key.size());
  });
}

ReplySink& FanOut::AddPart(ServerPool& server, std::span<const uint32_t> ordinals) {
  ++pending_;
  exchange_.Await();
  exchange_.context().stats.fragments.Add();
  uint32_t* const own = ordinals_end_;
  ordinals_end_ = std::copy(ordinals.begin(), ordinals.end(), own);
  return parts_.emplace_back(*this, server, std::span(own, ordinals_end_));
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
  for (const FanOutPart& part : parts_) replies.push_back(part.Complete());
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

Part FanOut::FanOutPart::Complete() const {
  return {.keys = ordinals_,
          .server = server_->name(),
          .reply = rest_ == nullptr ? first_ : rest_->Flatten()};
}

}  // namespace keyway
