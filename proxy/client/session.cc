#include "proxy/client/session.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "proxy/base/limits.h"
#include "proxy/stats/metrics.h"

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
  parsing_ = true;
  while (!input.empty() && TakeNext(input)) {
  }
  parsing_ = false;
  Pump();
}

// Whether to go on with what is left of the input.
bool Session::TakeNext(InputBuffer& input) {
  if (streamed_ != nullptr) return TakeMoreOfStreamed(input);
  if (ending_ != Ending::kNo) {
    input.Consume(input.bytes().size());
    return false;
  }
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
  if (queue_.front()->finished()) WriteReplies();
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
  if (!streamed_->begun() && queue_.size() == 1) streamed_->Begin();
  WatchSender();
}

// A client that was held back is not to blame.
void Session::WatchSender() {
  sender_streamed_bytes_ = streamed_bytes_;
  sender_ = loop_.After(std::chrono::seconds(kSenderStallSeconds), [this] {
    if (streamed_ == nullptr || streamed_->written()) return;
    if (paused_ || streamed_bytes_ != sender_streamed_bytes_) {
      WatchSender();
      return;
    }
    dispatcher_.stats().dropped_clients.Add();
    Close(Ending::kError);
  });
}

bool Session::TakeMoreOfStreamed(InputBuffer& input) {
  if (streamed_->written() || !streamed_->WantsMore()) {
    Pause();
    return false;
  }
  size_t taken = 0;
  const Parsed parsed = parser_->Rest(input.bytes(), taken);
  if (parsed == Parsed::kBad) {
    input.Consume(input.bytes().size());
    BreakOffStreamed("protocol error in the request");
    EndWith(Ending::kError);
    return false;
  }
  streamed_bytes_ += taken;
  streamed_->Write(input.block(), input.bytes().substr(0, taken), parsed == Parsed::kDone);
  input.Consume(taken);
  if (streamed_->finished()) streamed_.reset();
  return parsed == Parsed::kDone || taken != 0;
}

void Session::BreakOffStreamed(std::string cause) {
  streamed_->BreakOff(std::move(cause));
  streamed_.reset();
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
  if (!paused_ || closed_ || (ending_ != Ending::kNo && streamed_ == nullptr)) return;
  const bool room = streamed_ != nullptr ? !streamed_->written() && streamed_->WantsMore()
                                         : 2 * queue_.size() <= window_ && MayStartMore();
  if (room) {
    paused_ = false;
    stream_->SetReading(true);
    return;
  }
  if (!stream_->output().empty()) stream_->TellWhenSent();
  if (streamed_ != nullptr && !streamed_->written()) {
    streamed_->WhenWanted([this] { ResumeIfRoom(); });
  }
}

void Session::LearnReplySize(size_t bytes) {
  typical_reply_ = std::max(bytes, typical_reply_ - typical_reply_ / 8);
  if (paused_ && window_ < kMaxWindow && 2 * window_ * typical_reply_ < kMaxExpectedReplyBytes) {
    window_ *= 2;
  }
}

OutputBuffer* Session::OutputFor(const Exchange& exchange) {
  return IsOldest(exchange) ? &stream_->output() : nullptr;
}

void Session::OnFinished(Exchange& exchange) {
  LearnReplySize(exchange.reply_bytes());
  if (!held_.empty()) {
    // Its connection is lost; held back, it could not have finished otherwise.
    std::erase_if(held_, [&](const Held& held) { return held.exchange == &exchange; });
    if (held_.empty()) stall_ = Timer();
  }
  if (streamed_ != nullptr && &exchange == queue_.back().get()) {
    streamed_->OnFinished();
    if (streamed_->finished()) streamed_.reset();
  }
  Pump();
}

void Session::OnPiece(Exchange& exchange, ServerPool& server, Connection& from) {
  size_t waiting = stream_->output().size();
  if (IsOldest(exchange)) {
    stream_->Flush();
  } else {
    waiting += KeptBytes();
  }
  if (waiting < kClientOutputHold) return;
  const bool others = from.HasOthers(static_cast<const ClientSink*>(this));
  server.Hold(from);
  held_.push_back({&exchange, &server, &from});
  stream_->TellWhenSent();
  if (others) WatchStall();
}

bool Session::IsOldest(const Exchange& exchange) const {
  return !queue_.empty() && queue_.front().get() == &exchange;
}

// Of replies whose turn has not come.
size_t Session::KeptBytes() const {
  size_t kept = 0;
  for (size_t i = 0; i < queue_.size(); ++i) kept += queue_[i]->kept_bytes();
  return kept;
}

void Session::WatchStall() {
  stall_written_bytes_ = written_bytes_;
  stall_ = loop_.After(std::chrono::seconds(kClientStallSeconds), [this] {
    if (written_bytes_ != stall_written_bytes_) {
      WatchStall();
      return;
    }
    dispatcher_.stats().dropped_clients.Add();
    Close(Ending::kError);
  });
}

// Call when the output is sent. What waits for its turn must go on waiting where it is,
// unless it is little.
void Session::ResumeHeld() {
  const bool little = KeptBytes() < kClientOutputHold;
  std::erase_if(held_, [&](const Held& held) {
    const bool resume = little || IsOldest(*held.exchange);
    if (resume) held.server->Resume(*held.connection);
    return resume;
  });
  if (held_.empty()) stall_ = Timer();
}

void Session::OnSent() {
  ResumeHeld();
  if (input_ended_ && queue_.empty()) {
    Close(ending_);
  } else {
    ResumeIfRoom();
  }
}

// Puts out what the oldest exchanges have, and takes leave of the finished ones.
void Session::WriteReplies() {
  while (!queue_.empty()) {
    Exchange& oldest = *queue_.front();
    oldest.Release(stream_->output());
    if (!oldest.finished() || oldest.broken()) return;
    queue_.pop_front();
  }
  stash_.Rest();
}

void Session::Pump() {
  if (parsing_ || closed_) return;
  WriteReplies();
  if (!queue_.empty() && queue_.front()->broken()) AbandonAll(Ending::kError);
  if (!stream_->output().empty()) stream_->Flush();
  if (!held_.empty()) stream_->TellWhenSent();
  if (streamed_ != nullptr && !streamed_->begun() && queue_.size() == 1) streamed_->Begin();
  if (ending_ != Ending::kNo && queue_.empty()) {
    FinishEnding();
  } else {
    ResumeIfRoom();
  }
}

// No reply goes out any more, but for what is in the output already.
void Session::AbandonAll(Ending ending) {
  ending_ = ending;
  streamed_.reset();
  for (; !queue_.empty(); queue_.pop_front()) Exchange::Abandon(std::move(queue_.front()));
  stall_ = Timer();
  for (const Held& held : std::exchange(held_, {})) held.server->Resume(*held.connection);
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
  } else if (!linger_.armed()) {
    stream_->SendEnd();
    stream_->SetReading(true);
    Linger();
  }
}

void Session::Linger() {
  linger_written_bytes_ = written_bytes_;
  linger_ = loop_.After(std::chrono::seconds(kLingerSeconds), [this] {
    if (written_bytes_ != linger_written_bytes_) {
      Linger();
    } else {
      Close(ending_);
    }
  });
}

void Session::OnEnd() {
  input_ended_ = true;
  if (streamed_ != nullptr && !streamed_->written()) BreakOffStreamed("the request broke off");
  EndWith(Ending::kClean);
}

// Who has said goodbye may be gone before the last reply: no error.
void Session::OnFailed(int) { Close(ending_ == Ending::kNo ? Ending::kError : ending_); }

void Session::Close(Ending ending) {
  closed_ = true;
  PoolStats& stats = dispatcher_.stats();
  (ending == Ending::kError ? stats.client_err : stats.client_eof).Add();
  AbandonAll(ending);
  linger_ = Timer();
  sender_ = Timer();
  stream_.reset();
  owner_.OnSessionClosed(*this);
}

}  // namespace keyway
