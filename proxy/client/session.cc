#include "proxy/client/session.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "proxy/base/limits.h"

namespace keyway {

Session::Session(EventLoop& loop, Dispatcher& dispatcher, Incoming& incoming, uint64_t number,
                 SessionOwner& owner)
    : loop_(loop),
      dispatcher_(dispatcher),
      owner_(owner),
      state_{.number = number, .authenticated = dispatcher.config().redis_auth.empty()},
      parser_(dispatcher.codec().MakeRequestParser()),
      stash_(loop.blocks()),
      stream_(incoming.Open(loop, *this)) {}

Session::~Session() {
  if (!closed_) Close(Ending::kClean);
}

void Session::Reject(std::string_view reply) {
  stream_->output().Append(reply);
  stream_->Flush();
  EndWith(Ending::kError);
}

void Session::Drain() { EndWith(Ending::kClean); }

void Session::OnData(InputBuffer& input) {
  if (ending_ != Ending::kNo) {
    input.Consume(input.bytes().size());
    return;
  }
  parsing_ = true;
  while (!input.empty() && TakeNext(input)) {
  }
  parsing_ = false;
  Pump();
}

// Whether to go on with what is left of the input.
bool Session::TakeNext(InputBuffer& input) {
  if (streamed_ != nullptr) return TakeMoreOfStreamed(input);
  if (!MayStartMore()) {
    Pause();
    return false;
  }
  switch (parser_->Next(input.bytes(), input.block(), request_)) {
    case Parsed::kNeedMore:
      input.Want(request_.wanted);
      return false;
    case Parsed::kBad:
      RefuseAndEnd(input);
      return false;
    case Parsed::kHead:
      StartStreamed();
      break;
    case Parsed::kDone:
      dispatcher_.Start(AddExchange(), request_, state_);
      if (queue_.back()->close_after) {
        EndWith(Ending::kClean);
        input.Consume(input.bytes().size());
        return false;
      }
      break;
  }
  input.Consume(request_.size);
  return true;
}

Exchange& Session::AddExchange() {
  return *queue_.push_back(Exchange::Make(dispatcher_.context(), *this));
}

void Session::RefuseAndEnd(InputBuffer& input) {
  dispatcher_.stats().refused.Add();
  AddExchange().Finish(request_.refusal);
  input.Consume(input.bytes().size());
  EndWith(Ending::kError);
}

void Session::StartStreamed() {
  Exchange& exchange = AddExchange();
  streamed_ = std::make_unique<StreamedRequest>(dispatcher_, exchange, request_, state_);
  if (exchange.finished()) streamed_->OnFinished();
  if (queue_.size() == 1) streamed_->Begin();
}

bool Session::TakeMoreOfStreamed(InputBuffer& input) {
  if (streamed_->written() || !streamed_->WantsMore()) {
    Pause();
    streamed_->WhenWanted([this] { ResumeIfRoom(); });
    return false;
  }
  size_t taken = 0;
  const Parsed parsed = parser_->Rest(input.bytes(), taken);
  if (parsed == Parsed::kBad) {
    streamed_.reset();
    input.Consume(input.bytes().size());
    EndWith(Ending::kError);
    return false;
  }
  streamed_->Write(input.block(), input.bytes().substr(0, taken), parsed == Parsed::kDone);
  input.Consume(taken);
  if (streamed_->finished()) streamed_.reset();
  return parsed == Parsed::kDone || taken != 0;
}

bool Session::MayStartMore() const {
  return queue_.size() < window_ && queue_.size() * typical_reply_ < kMaxExpectedReplyBytes &&
         stream_->output().size() < kClientOutputHigh;
}

void Session::Pause() {
  if (paused_) return;
  paused_ = true;
  dispatcher_.stats().paused.Add();
  stream_->SetReading(false);
}

void Session::ResumeIfRoom() {
  if (!paused_ || closed_ || ending_ != Ending::kNo) return;
  const bool room = streamed_ != nullptr ? !streamed_->written() && streamed_->WantsMore()
                                         : 2 * queue_.size() <= window_ && MayStartMore();
  if (room) {
    paused_ = false;
    stream_->SetReading(true);
  } else if (!stream_->output().empty()) {
    stream_->TellWhenSent();
  }
}

void Session::LearnReplySize(size_t bytes) {
  typical_reply_ = std::max(bytes, typical_reply_ - typical_reply_ / 8);
  if (paused_ && window_ < kMaxWindow && 2 * window_ * typical_reply_ < kMaxExpectedReplyBytes) {
    window_ *= 2;
  }
}

OutputBuffer* Session::OutputFor(const Exchange& exchange) {
  return queue_.front().get() == &exchange ? &stream_->output() : nullptr;
}

void Session::OnFinished(Exchange& exchange) {
  LearnReplySize(exchange.reply_bytes());
  if (!held_.empty()) {
    std::erase_if(held_, [&](const Held& held) { return held.exchange == &exchange; });
  }
  if (streamed_ != nullptr && &exchange == queue_.back().get()) {
    streamed_->OnFinished();
    if (streamed_->finished()) streamed_.reset();
  }
  Pump();
}

void Session::OnPiece(Exchange& exchange, ServerPool& server, Connection& from) {
  size_t waiting = stream_->output().size();
  if (queue_.front().get() == &exchange) {
    stream_->Flush();
  } else {
    for (size_t i = 0; i < queue_.size(); ++i) waiting += queue_[i]->kept_bytes();
  }
  if (waiting < kClientOutputHold) return;
  const bool others = from.HasOthers(static_cast<const ClientSink*>(this));
  server.Hold(from);
  held_.push_back({&exchange, &server, &from});
  stream_->TellWhenSent();
  if (others) WatchStall();
}

void Session::WatchStall() {
  stall_written_bytes_ = written_bytes_;
  stall_ = loop_.After(std::chrono::seconds(kClientStallSeconds), [this] {
    if (held_.empty()) return;
    if (written_bytes_ != stall_written_bytes_) {
      WatchStall();
      return;
    }
    dispatcher_.stats().dropped_clients.Add();
    Close(Ending::kError);
  });
}

void Session::ReleaseHeld() {
  stall_ = Timer();
  std::vector<Held> held = std::exchange(held_, {});
  for (const Held& one : held) one.server->Resume(*one.connection);
}

void Session::OnSent() {
  ReleaseHeld();
  if (input_ended_ && queue_.empty()) {
    Close(ending_);
  } else {
    ResumeIfRoom();
  }
}

// False if this ended the session.
bool Session::WriteFinished() {
  OutputBuffer& output = stream_->output();
  while (!queue_.empty() && queue_.front()->finished()) {
    queue_.front()->Release(output);
    if (queue_.front()->broken()) {
      Close(Ending::kError);
      return false;
    }
    queue_.pop_front();
  }
  if (queue_.empty()) {
    stash_.Rest();
  } else {
    queue_.front()->Release(output);
  }
  return true;
}

void Session::Pump() {
  if (parsing_ || closed_ || !WriteFinished()) return;
  if (!stream_->output().empty()) stream_->Flush();
  if (streamed_ != nullptr && !streamed_->begun() && queue_.size() == 1) streamed_->Begin();
  if (ending_ == Ending::kNo) {
    ResumeIfRoom();
  } else if (queue_.empty()) {
    FinishEnding();
  }
}

void Session::EndWith(Ending ending) {
  if (ending_ == Ending::kNo) ending_ = ending;
  if (queue_.empty()) FinishEnding();
}

// All replies are written. Closing with input unread would make the kernel reset the
// connection, which can cost the client the last of them; so its end is awaited.
void Session::FinishEnding() {
  if (input_ended_) {
    stream_->TellWhenSent();
    return;
  }
  stream_->SendEnd();
  stream_->SetReading(true);
  if (linger_.armed()) return;
  linger_ = loop_.After(std::chrono::seconds(kLingerSeconds), [this] { Close(ending_); });
}

void Session::OnEnd() {
  input_ended_ = true;
  // A request that is being streamed can never be completed.
  if (streamed_ != nullptr && !streamed_->written()) {
    Close(Ending::kClean);
    return;
  }
  if (ending_ == Ending::kNo || queue_.empty()) EndWith(Ending::kClean);
}

void Session::OnFailed(int) { Close(Ending::kError); }

void Session::Close(Ending ending) {
  closed_ = true;
  PoolStats& stats = dispatcher_.stats();
  (ending == Ending::kError ? stats.client_err : stats.client_eof).Add();
  streamed_.reset();
  while (!queue_.empty()) {
    Exchange::Abandon(std::move(queue_.front()));
    queue_.pop_front();
  }
  ReleaseHeld();
  stream_.reset();
  owner_.OnSessionClosed(*this);
}

}  // namespace keyway
