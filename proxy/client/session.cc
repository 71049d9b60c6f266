#include "proxy/client/session.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "proxy/base/limits.h"
#include "proxy/stats/metrics.h"

namespace keyway {

Session::Session(SessionContext& context, Incoming& incoming, uint64_t number)
    : context_(context),
      state_{.number = number, .authenticated = context.dispatcher.config().redis_auth.empty()},
      kept_{Stash(context.loop.blocks())},
      stream_(incoming.Open(context.loop, *this)) {}

Session::~Session() {
  if (!closed_) Close(Ending::kClean);
}

void Session::Reject(std::string_view reply) {
  stream_->output().Append(reply);
  stream_->Flush();
  EndWith(Ending::kError);
}

void Session::Drain() {
  draining_ = true;
  EndWith(Ending::kClean);
  if (lingering_) Linger();
}

void Session::OnData(InputBuffer& input) {
  parsing_ = true;
  if (reader_ == nullptr) reader_ = context_.readers.Take();
  while (!input.empty() && TakeNext(input)) {
  }
  if (!in_request_) context_.readers.Return(std::move(reader_));
  parsing_ = false;
  Pump();
}

// Whether to go on with what is left of the input.
bool Session::TakeNext(InputBuffer& input) {
  if (streaming_ != nullptr) return TakeMoreOfStreamed(input);
  if (ending_ != Ending::kNo) {
    input.Consume(input.bytes().size());
    return false;
  }
  if (!MayStartMore()) {
    Pause();
    return false;
  }
  Request& request = reader_->request;
  in_request_ = true;
  switch (reader_->parser->Next(input.bytes(), input.block(), request)) {
    case Parsed::kNeedMore:
      input.Want(request.wanted);
      return false;
    case Parsed::kBad:
      RefuseAndEnd(input);
      return false;
    case Parsed::kHead:
      StartStreamed();
      break;
    case Parsed::kDone:
      in_request_ = false;
      context_.dispatcher.Start(AddExchange(), request, state_);
      if (queue_.back().close_after) {
        EndWith(Ending::kClean);
        input.Consume(input.bytes().size());
        return false;
      }
      break;
  }
  input.Consume(request.size);
  if (queue_.front().finished()) WriteReplies();
  return true;
}

Exchange& Session::AddExchange() {
  return queue_.push_back(Exchange::Make(context_.dispatcher.context(), *this));
}

void Session::RefuseAndEnd(InputBuffer& input) {
  stats().refused.Add();
  AddExchange().Finish(reader_->request.refusal);
  input.Consume(input.bytes().size());
  EndWith(Ending::kError);
}

void Session::StartStreamed() {
  Exchange& exchange = AddExchange();
  streaming_ = std::make_unique<Streaming>(context_.dispatcher, exchange, reader_->request, state_);
  StreamedRequest& request = streaming_->request;
  if (exchange.finished()) request.OnFinished();
  if (!request.begun() && queue_.size() == 1) request.Begin();
  WatchSender();
}

// A client that was held back is not to blame.
void Session::WatchSender() {
  Streaming& watched = *streaming_;
  watched.watched_bytes = watched.bytes;
  watched.sender = loop().After(std::chrono::seconds(kSenderStallSeconds), [this, &watched] {
    if (watched.request.written()) return;
    if (paused_ || watched.bytes != watched.watched_bytes) {
      WatchSender();
      return;
    }
    stats().dropped_clients.Add();
    Close(Ending::kError);
  });
}

bool Session::TakeMoreOfStreamed(InputBuffer& input) {
  StreamedRequest& request = streaming_->request;
  if (request.written() || !request.WantsMore()) {
    Pause();
    return false;
  }
  size_t taken = 0;
  const Parsed parsed = reader_->parser->Rest(input.bytes(), taken);
  if (parsed == Parsed::kBad) {
    input.Consume(input.bytes().size());
    BreakOffStreamed("protocol error in the request");
    EndWith(Ending::kError);
    return false;
  }
  in_request_ = parsed != Parsed::kDone;
  streaming_->bytes += taken;
  request.Write(input.block(), input.bytes().substr(0, taken), parsed == Parsed::kDone);
  input.Consume(taken);
  if (request.finished()) streaming_.reset();
  return parsed == Parsed::kDone || taken != 0;
}

void Session::BreakOffStreamed(std::string cause) {
  streaming_->request.BreakOff(std::move(cause));
  streaming_.reset();
}

bool Session::MayStartMore() const {
  return queue_.size() < window_ && queue_.size() * typical_reply_ < kMaxExpectedReplyBytes &&
         stream_->output().size() + kept_.bytes < kClientOutputHigh;
}

void Session::Pause() {
  if (paused_) return;
  paused_ = true;
  stats().paused.Add();
  stream_->SetReading(false);
}

void Session::ResumeIfRoom() {
  if (!paused_ || closed_ || (ending_ != Ending::kNo && streaming_ == nullptr)) return;
  StreamedRequest* request = streaming_ == nullptr ? nullptr : &streaming_->request;
  const bool room = request != nullptr ? !request->written() && request->WantsMore()
                                       : 2 * queue_.size() <= window_ && MayStartMore();
  if (room) {
    paused_ = false;
    stream_->SetReading(true);
    return;
  }
  if (!stream_->output().empty()) stream_->TellWhenSent();
  if (request != nullptr && !request->written()) {
    request->WhenWanted([this] { ResumeIfRoom(); });
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
  if (streaming_ != nullptr && &exchange == &queue_.back()) {
    streaming_->request.OnFinished();
    if (streaming_->request.finished()) streaming_.reset();
  }
  Pump();
}

// The oldest reply always comes on while the client takes what there is: what it is made
// of, when it is a merged one, does not count against it.
void Session::OnPiece(Exchange& exchange, ServerPool& server, Connection& from) {
  size_t waiting = stream_->output().size();
  if (IsOldest(exchange)) {
    if (waiting != 0) stream_->Flush();
  } else {
    waiting += kept_.bytes;
  }
  if (waiting < kClientOutputHold || from.outstanding() == 0) return;
  const bool others = from.HasOthers(static_cast<const ClientSink*>(this));
  if (others && waiting < kClientOutputMost && loop().blocks().bytes_in_use() < kMaxTakenInBytes) {
    return;
  }
  stats().held.Add();
  server.Hold(from);
  held_.emplace_back(exchange, server, from);
  stream_->TellWhenSent();
  if (others) WatchReader(std::chrono::seconds(kClientStallSeconds));
}

bool Session::IsOldest(const Exchange& exchange) const {
  return !queue_.empty() && &queue_.front() == &exchange;
}

void Session::WatchReader(Duration patience) {
  watched_written_bytes_ = written_bytes_;
  patience_ = loop().After(patience, [this, patience] {
    if (written_bytes_ != watched_written_bytes_) {
      WatchReader(patience);
    } else {
      LoseReader();
    }
  });
}

void Session::LoseReader() {
  if (!lingering_) {
    stats().dropped_clients.Add();
    ending_ = Ending::kError;
  }
  Close(ending_);
}

// Call when the output is sent. What waits for its turn must go on waiting where it is,
// unless it is little.
void Session::ResumeHeld() {
  const bool little = kept_.bytes < kClientOutputHold;
  held_.remove_if([&](const Held& held) {
    const bool resume = little || held.exchange == nullptr || IsOldest(*held.exchange);
    if (resume) LetGo(held);
    return resume;
  });
  if (held_.empty() && !lingering_) patience_ = Timer();
}

void Session::LetGo(const Held& held) {
  if (Connection* connection = held.connection.get()) held.server.Resume(*connection);
}

void Session::OnSent() {
  ResumeHeld();
  if (input_ended_ && queue_.empty()) {
    Close(ending_);
  } else if (draining_ && lingering_) {
    Linger();
  } else {
    ResumeIfRoom();
  }
}

// Puts out what the oldest exchanges have, and takes leave of the finished ones.
void Session::WriteReplies() {
  while (!queue_.empty()) {
    Exchange& oldest = queue_.front();
    oldest.Release(stream_->output());
    if (!oldest.finished() || oldest.broken()) return;
    for (Held& held : held_) {
      if (held.exchange == &oldest) held.exchange = nullptr;
    }
    queue_.pop_front();
  }
  kept_.stash.Rest();
}

void Session::Pump() {
  if (parsing_ || closed_) return;
  WriteReplies();
  if (!queue_.empty() && queue_.front().broken()) AbandonAll(Ending::kError);
  if (!stream_->output().empty()) stream_->Flush();
  if (!held_.empty()) stream_->TellWhenSent();
  if (streaming_ != nullptr && !streaming_->request.begun() && queue_.size() == 1) {
    streaming_->request.Begin();
  }
  if (ending_ != Ending::kNo && queue_.empty()) {
    FinishEnding();
  } else {
    ResumeIfRoom();
  }
}

// No reply goes out any more, but for what is in the output already.
void Session::AbandonAll(Ending ending) {
  ending_ = ending;
  streaming_.reset();
  while (!queue_.empty()) Exchange::Abandon(queue_.pop_front());
  patience_ = Timer();
  for (const Held& held : std::exchange(held_, {})) LetGo(held);
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
  } else if (!lingering_) {
    lingering_ = true;
    stream_->SendEnd();
    stream_->SetReading(true);
    Linger();
  }
}

void Session::Linger() {
  const bool told = stream_->output().empty();
  if (draining_ && !told) stream_->TellWhenSent();
  WatchReader(draining_ && told ? Duration(kDrainLinger) : std::chrono::seconds(kLingerSeconds));
}

void Session::OnEnd() {
  input_ended_ = true;
  if (streaming_ != nullptr && !streaming_->request.written()) {
    BreakOffStreamed("the request broke off");
  }
  EndWith(Ending::kClean);
}

// Who has said goodbye may be gone before the last reply: no error.
void Session::OnFailed(int) { Close(ending_ == Ending::kNo ? Ending::kError : ending_); }

void Session::Close(Ending ending) {
  closed_ = true;
  (ending == Ending::kError ? stats().client_err : stats().client_eof).Add();
  AbandonAll(ending);
  patience_ = Timer();
  stream_.reset();
  context_.owner.OnSessionClosed(*this);
}

}  // namespace keyway
