#include "proxy/dispatch/exchange.h"

#include <utility>

#include "proxy/base/limits.h"
#include "proxy/dispatch/fan_out.h"

namespace keyway {

std::string DescribeFailure(const Failure& failure, const ServerPool& server) {
  return failure.text + " (server " + server.name() + ")";
}

void ExchangeDelete::operator()(Exchange* exchange) const {
  exchange->context().exchanges.Destroy(exchange);
}

void FanOutDelete::operator()(FanOut* fan_out) const {
  fan_out->exchange().context().fan_outs.Destroy(fan_out);
}

Exchange::Exchange(const ExchangeContext& context, ClientSink& client)
    : context_(context), client_(&client), begin_(context.loop.Now()) {}

Exchange::~Exchange() = default;

FanOut& Exchange::MakeFanOut(size_t parts, size_t keys) {
  fan_out_.reset(context_.fan_outs.Make(*this, parts, keys));
  return *fan_out_;
}

bool Exchange::Deliver(Block* block, std::string_view piece) {
  reply_bytes_ += piece.size();
  if (OutputBuffer* out = client_->OutputFor(*this)) {
    out->Append(block, piece);
    return out->size() >= kClientOutputHold;
  }
  Keep(block, piece);
  return true;
}

void Exchange::CountKept(size_t bytes) {
  kept_bytes_ += bytes;
  client_->kept().bytes += bytes;
}

void Exchange::UncountKept() {
  if (client_ != nullptr && kept_bytes_ != 0) client_->kept().bytes -= kept_bytes_;
  kept_bytes_ = 0;
}

void Exchange::Keep(Block* block, std::string_view piece) {
  CountKept(piece.size());
  if (first_.bytes.empty() && rest_ == nullptr) {
    first_ = client_->kept().stash.Keep(block, piece);
    return;
  }
  if (rest_ == nullptr) rest_ = std::make_unique<OutputBuffer>(context_.blocks);
  rest_->Append(block, piece);
}

// What is small goes where other small replies are: a block for each would be much.
void Exchange::KeepAll(OutputBuffer&& reply) {
  reply_bytes_ += reply.size();
  if (reply.size() < kLinkBytes) {
    if (!reply.empty()) Keep(nullptr, reply.Flatten().bytes);
    return;
  }
  CountKept(reply.size());
  rest_ = std::make_unique<OutputBuffer>(std::move(reply));
}

void Exchange::Forget() {
  first_.Clear();
  rest_.reset();
  UncountKept();
  reply_bytes_ = 0;
}

void Exchange::Release(OutputBuffer& out) {
  if (!first_.bytes.empty()) {
    out.Append(first_);
    first_.Clear();
  }
  if (rest_ != nullptr) out.Append(std::move(*rest_));
  rest_.reset();
  UncountKept();
}

void Exchange::Finish(std::string_view reply) {
  if (quiet != Quiet::kHideAll && !reply.empty()) Deliver(nullptr, reply);
  End();
}

void Exchange::FinishFailed(ErrorKind kind, std::string_view detail) {
  if (quiet != Quiet::kHideAll) context_.stats.forward_error.Add();
  Finish(context_.codec.Error(kind, detail));
}

void Exchange::End() {
  finished_ = true;
  if (asked_server_) context_.stats.latency.Record(context_.loop.Now() - begin_);
  client_->OnFinished(*this);
}

bool Exchange::Settle() {
  if (--awaited_ != 0 || client_ != nullptr) return true;
  context_.exchanges.Destroy(this);
  return false;
}

void Exchange::OnReply(Connection& from, Block* block, std::string_view piece, bool last) {
  if (last && !Settle()) return;
  if (client_ == nullptr) return;
  if (!began_) {
    began_ = true;
    hidden_ = quiet == Quiet::kHideAll ||
              (quiet == Quiet::kHideOrdinary && context_.codec.Hides(*command, piece));
  }
  if (!hidden_ && (Deliver(block, piece) || !last)) client_->OnPiece(*this, *server, from);
  if (last) End();
}

void Exchange::OnNoReply(const Failure& failure) {
  if (!Settle() || client_ == nullptr) return;
  if (reply_bytes_ != kept_bytes_) {
    broken_ = true;
    End();
    return;
  }
  Forget();
  FinishFailed(
      failure.kind == FailureKind::kOverloaded ? ErrorKind::kOverloaded : ErrorKind::kServerFailed,
      DescribeFailure(failure, *server));
}

void Exchange::Abandon(ExchangePtr exchange) {
  exchange->Forget();
  if (exchange->fan_out_ != nullptr) exchange->fan_out_->Forget();
  exchange->client_ = nullptr;
  if (exchange->awaited_ != 0) static_cast<void>(exchange.release());
}

}  // namespace keyway
