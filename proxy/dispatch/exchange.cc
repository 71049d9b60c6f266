#include "proxy/dispatch/exchange.h"

#include <utility>

#include "proxy/dispatch/fan_out.h"

namespace keyway {

std::string DescribeFailure(const Failure& failure, const ServerPool& server) {
  return failure.text + " (server " + server.name() + ")";
}

void ExchangeDelete::operator()(Exchange* exchange) const {
  exchange->context().exchanges.Destroy(exchange);
}

Exchange::Exchange(const ExchangeContext& context, ClientSink& client)
    : context_(context), client_(&client) {}

Exchange::~Exchange() = default;

void Exchange::SetFanOut(std::unique_ptr<FanOut> fan_out) { fan_out_ = std::move(fan_out); }

OutputBuffer& Exchange::Rest() {
  if (rest_ == nullptr) rest_ = std::make_unique<OutputBuffer>(context_.blocks);
  return *rest_;
}

void Exchange::Keep(Block* block, std::string_view piece) {
  kept_bytes_ += piece.size();
  if (first_.bytes.empty() && rest_ == nullptr) {
    first_ = client_->stash().Keep(block, piece);
  } else {
    Rest().Append(block, piece);
  }
}

void Exchange::Release(OutputBuffer& out) {
  out.Append(first_);
  first_ = {};
  if (rest_ != nullptr) out.Append(std::move(*rest_));
  rest_.reset();
  kept_bytes_ = 0;
}

void Exchange::Finish(std::string_view reply) {
  FinishWith([&](OutputBuffer& out) {
    if (quiet != Quiet::kHideAll) out.Append(reply);
  });
}

void Exchange::FinishFailed(ErrorKind kind, std::string_view detail) {
  if (quiet != Quiet::kHideAll) context_.stats.forward_error.Add();
  Finish(context_.codec.Error(kind, detail));
}

void Exchange::End() {
  finished_ = true;
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
  if (!hidden_) {
    reply_bytes_ += piece.size();
    if (OutputBuffer* out = client_->OutputFor(*this)) {
      out->Append(block, piece);
    } else {
      Keep(block, piece);
    }
  }
  if (last) {
    End();
  } else if (!hidden_) {
    client_->OnPiece(*this, *server, from);
  }
}

void Exchange::OnNoReply(const Failure& failure) {
  if (!Settle() || client_ == nullptr) return;
  if (began_ && !hidden_) {
    broken_ = true;
    End();
  } else {
    FinishFailed(failure.kind == FailureKind::kOverloaded ? ErrorKind::kOverloaded
                                                          : ErrorKind::kServerFailed,
                 DescribeFailure(failure, *server));
  }
}

void Exchange::Abandon(ExchangePtr exchange) {
  exchange->client_ = nullptr;
  exchange->first_ = {};
  exchange->rest_.reset();
  if (exchange->awaited_ != 0) exchange.release();
}

}  // namespace keyway
