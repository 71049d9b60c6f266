#include "proxy/dispatch/streamed.h"

#include <utility>

#include "proxy/base/limits.h"

namespace keyway {

StreamedRequest::StreamedRequest(Dispatcher& dispatcher, Exchange& exchange, const Request& head,
                                 const SessionState& state)
    : exchange_(exchange), command_(head.command), head_(dispatcher.context().blocks) {
  exchange.command = head.command;
  exchange.quiet = head.quiet;
  exchange.request_bytes = head.bytes.size();
  dispatcher.stats().requests.Add();
  begun_ = true;
  if (!head.refusal.empty()) {
    dispatcher.stats().refused.Add();
    exchange.Finish(head.refusal);
    return;
  }
  if (dispatcher.RefusedForAuth(exchange, *command_, state)) return;
  server_ = dispatcher.ServerOf(exchange, head);
  if (server_ == nullptr) return;
  begun_ = false;
  exchange.server = server_;
  AppendForwarded(head, head_);
}

void StreamedRequest::Begin() {
  begun_ = true;
  exchange_.Await();
  Failure failure;
  lease_ = server_->Acquire(failure);
  if (!lease_) {
    exchange_.OnNoReply(failure);
    return;
  }
  const size_t size = head_.size();
  lease_->output().Append(std::move(head_));
  lease_->SentHead(*command_, size, exchange_);
}

void StreamedRequest::Write(Block* block, std::string_view bytes, bool last) {
  written_ = last;
  if (last && !finished_) exchange_.RestartLatency();
  if (!sending()) return;
  lease_->output().Append(block, bytes);
  lease_->SentMore(bytes.size(), last);
}

void StreamedRequest::BreakOff(std::string cause) {
  if (sending()) {
    lease_->GiveUp(std::move(cause));
  } else if (!begun_) {
    begun_ = true;
    exchange_.Await();
    exchange_.OnNoReply({FailureKind::kStopped, std::move(cause)});
  }
}

bool StreamedRequest::WantsMore() const {
  if (!begun_) return false;
  return !sending() || lease_->unwritten_bytes() < kStreamWindowBytes;
}

void StreamedRequest::WhenWanted(Task task) {
  if (sending()) lease_->WhenWritten(std::move(task));
}

}  // namespace keyway
