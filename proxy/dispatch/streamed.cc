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
  if (!head.refusal.empty()) {
    dispatcher.stats().refused.Add();
    exchange.Finish(head.refusal);
    return;
  }
  if (dispatcher.RefusedForAuth(exchange, *command_, state)) return;
  server_ = dispatcher.ServerOf(exchange, head);
  if (server_ != nullptr) AppendForwarded(head, head_);
}

void StreamedRequest::Begin() {
  begun_ = true;
  if (server_ == nullptr) return;
  exchange_.server = server_;
  exchange_.Await();
  Failure failure;
  lease_ = server_->Acquire(failure);
  if (!lease_) {
    exchange_.OnNoReply(failure);
    return;
  }
  const size_t size = head_.size();
  lease_->output().Append(std::move(head_));
  lease_->Sent(*command_, size, exchange_);
}

void StreamedRequest::Write(Block* block, std::string_view bytes, bool last) {
  written_ = last;
  if (!sending()) return;
  lease_->output().Append(block, bytes);
  lease_->SentMore(bytes.size());
}

bool StreamedRequest::WantsMore() const {
  if (!begun_) return false;
  return !sending() || lease_->unwritten_bytes() < kStreamWindowBytes;
}

void StreamedRequest::WhenWanted(Task task) {
  if (sending()) lease_->WhenWritten(std::move(task));
}

}  // namespace keyway
