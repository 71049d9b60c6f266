#include "proxy/upstream/connection.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "proxy/base/limits.h"

namespace keyway {
namespace {

// nutcracker's texts come from strerror, and scripts look for them.
std::string ErrorText(int error) { return strerror(error); }

// What connect() and send() say when this process or machine has run out of something.
bool IsShortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

Failure FailureOf(int error) {
  if (!IsShortage(error)) return {FailureKind::kError, ErrorText(error)};
  return {FailureKind::kShortage, ErrorText(error) + " in the proxy"};
}

constexpr std::string_view kClosedText = "server closed the connection";

Failure TimedOut() { return {FailureKind::kTimedOut, ErrorText(ETIMEDOUT)}; }

}  // namespace

Connection::Connection(EventLoop& loop, const ConnectionTarget& target, const Address& address,
                       ServerStats& stats, ConnectionOwner& owner)
    : loop_(loop),
      target_(target),
      stats_(stats),
      owner_(owner),
      parser_(target.codec->MakeReplyParser()),
      stream_(loop.Connect(address, {.keepalive = target.keepalive, .patient = true}, *this)),
      held_(loop.blocks()),
      handshake_(target.codec->Handshake(target.credentials)),
      ready_(handshake_.empty()) {
  for (const HandshakeStep& step : handshake_) {
    stream_->output().Append(step.bytes);
    uncounted_bytes_ += step.bytes.size();
  }
  stream_->Flush();
}

Connection::~Connection() {
  if (!lost_) Lose({FailureKind::kStopped, "the proxy closed the connection"});
}

void Connection::GiveUp(std::string cause) {
  if (!lost_) Lose({FailureKind::kStopped, std::move(cause)});
}

void Connection::Enqueue(const CommandSpec& asked, size_t bytes, ReplySink& sink, bool whole) {
  Slot& slot = slots_.Add();
  slot.sink = &sink;
  slot.asked = &asked;
  slot.sent = loop_.Now();
  slot.deadline = FromNow();
  slot.bytes = bytes;
  slot.in_pieces = !whole;
  slot.whole = whole;
  unwritten_bytes_ += bytes;
  stats_.requests.Add();
  stats_.request_bytes.Add(static_cast<int64_t>(bytes));
  stats_.in_queue.Add();
  stats_.in_queue_bytes.Add(static_cast<int64_t>(bytes));
  ArmTimer();
  stream_->Flush();
}

void Connection::SentMore(size_t bytes, bool last) {
  stats_.request_bytes.Add(static_cast<int64_t>(bytes));
  stream_->Flush();
  if (slots_.empty()) {
    uncounted_bytes_ += bytes;
    return;
  }
  Slot& slot = slots_.back();
  if (written_slots_ == slots_.size()) {
    CountWritten(slot, -1);
    --written_slots_;
    partly_written_ = slot.bytes;
  }
  slot.bytes += bytes;
  slot.sent = loop_.Now();
  slot.deadline = FromNow();
  slot.whole = last;
  unwritten_bytes_ += bytes;
  stats_.in_queue_bytes.Add(static_cast<int64_t>(bytes));
}

void Connection::WhenWritten(Task task) {
  when_written_ = std::move(task);
  if (when_written_ && ready_ && !lost_) stream_->TellWhenSent();
}

void Connection::SetReading(bool reading) {
  if (lost_) return;
  reading_ = reading;
  stream_->SetReading(reading);
  if (!reading || slots_.empty()) return;
  if (slots_.front().began) slots_.front().deadline = FromNow();
  ArmTimer();
}

bool Connection::HasOthers(const void* client) const {
  for (size_t i = 0; i < slots_.size(); ++i) {
    const ReplySink* sink = slots_[i].sink;
    const void* other = sink == nullptr ? nullptr : sink->client();
    if (other != nullptr && other != client) return true;
  }
  return false;
}

std::vector<const void*> Connection::Clients() const {
  std::vector<const void*> clients;
  for (size_t i = 0; i < slots_.size(); ++i) {
    const ReplySink* sink = slots_[i].sink;
    if (sink != nullptr && sink->client() != nullptr) clients.push_back(sink->client());
  }
  return clients;
}

void Connection::OnConnected() {
  connected_ = true;
  stats_.server_connections.Add();
  stream_->Flush();
}

void Connection::BecomeReady() {
  ready_ = true;
  stream_->output().Append(std::move(held_));
  stream_->Flush();
  if (when_written_) stream_->TellWhenSent();
}

void Connection::OnData(InputBuffer& input) {
  bool replied = false;
  while (!input.empty() && reading_) {
    const Parsed parsed = ready_ ? TakeReply(input, replied) : TakeHandshakeReply(input);
    if (lost_) return;
    if (parsed == Parsed::kNeedMore) break;
  }
  if (slots_.empty() && ready_ && !lost_) owner_.OnConnectionIdle(*this);
}

Parsed Connection::TakeHandshakeReply(InputBuffer& input) {
  const HandshakeStep& step = handshake_[handshake_done_];
  size_t taken = 0;
  const Parsed parsed = parser_->Next(*step.asked, input.bytes(), taken);
  handshake_reply_.append(input.bytes().substr(0, taken));
  input.Consume(taken);
  if (parsed == Parsed::kBad || handshake_reply_.size() > kMaxHandshakeReplyBytes) {
    Lose({FailureKind::kBadReply, "unexpected reply to " + step.what});
  } else if (parsed == Parsed::kDone) {
    if (target_.codec->IsError(handshake_reply_)) {
      const std::string text = handshake_reply_.substr(0, handshake_reply_.find('\r'));
      Lose({FailureKind::kHandshake, step.what + " failed: " + text});
      return Parsed::kBad;
    }
    handshake_reply_.clear();
    if (++handshake_done_ == handshake_.size()) BecomeReady();
  }
  return parsed;
}

Parsed Connection::TakeReply(InputBuffer& input, bool& replied) {
  if (slots_.empty()) {
    Lose({FailureKind::kBadReply, "reply without a request"});
    return Parsed::kBad;
  }
  Slot& slot = slots_.front();
  size_t taken = 0;
  const Parsed parsed = parser_->Next(*slot.asked, input.bytes(), taken);
  if (parsed == Parsed::kBad) {
    Lose({FailureKind::kBadReply, "unexpected reply"});
    return parsed;
  }
  const bool last = parsed == Parsed::kDone;
  ReplySink* sink = slot.sink;
  const Time sent = slot.sent;
  if (last) {
    PopSlot();
  } else if (taken != 0) {
    slot.began = true;
    slot.deadline = FromNow();
    if (passed_ == 0) passed_ = 1;
  }
  if (sink == nullptr) {
    if (last) stats_.late_replies.Add();
  } else if (taken != 0) {
    stats_.response_bytes.Add(static_cast<int64_t>(taken));
    if (last) {
      stats_.responses.Add();
      stats_.latency.Record(loop_.Now() - sent);
      if (!std::exchange(replied, true)) owner_.OnReplies();
    }
    sink->OnReply(*this, input.block(), input.bytes().substr(0, taken), last);
  }
  input.Consume(taken);
  return parsed;
}

void Connection::PopSlot() {
  const Slot& slot = slots_.front();
  if (passed_ != 0) --passed_;
  if (written_slots_ != 0) {
    stats_.out_queue.Add(-1);
    stats_.out_queue_bytes.Add(-static_cast<int64_t>(slot.bytes));
    --written_slots_;
  } else {
    // Answered before it was sent as a whole, as memcached does with items too large.
    const size_t unwritten = slot.bytes - partly_written_;
    uncounted_bytes_ += unwritten;
    unwritten_bytes_ -= unwritten;
    partly_written_ = 0;
    stats_.in_queue.Add(-1);
    stats_.in_queue_bytes.Add(-static_cast<int64_t>(slot.bytes));
  }
  slots_.pop_front();
}

void Connection::OnEnd() { Lose({FailureKind::kClosed, std::string(kClosedText)}); }

void Connection::OnFailed(int error) { Lose(FailureOf(error)); }

void Connection::OnSent() {
  if (when_written_) std::exchange(when_written_, nullptr)();
}

void Connection::OnWritten(size_t count) {
  const size_t uncounted = std::min(count, uncounted_bytes_);
  uncounted_bytes_ -= uncounted;
  partly_written_ += count - uncounted;
  unwritten_bytes_ -= count - uncounted;
  while (written_slots_ < slots_.size() && partly_written_ >= slots_[written_slots_].bytes) {
    partly_written_ -= slots_[written_slots_].bytes;
    CountWritten(slots_[written_slots_], 1);
    ++written_slots_;
  }
  if (!slots_.empty() && slots_.back().in_pieces) slots_.back().deadline = FromNow();
}

void Connection::CountWritten(const Slot& slot, int sign) {
  const auto bytes = sign * static_cast<int64_t>(slot.bytes);
  stats_.in_queue.Add(-sign);
  stats_.in_queue_bytes.Add(-bytes);
  stats_.out_queue.Add(sign);
  stats_.out_queue_bytes.Add(bytes);
}

ConnectionHandle::ConnectionHandle(Connection& connection)
    : connection_(&connection), next_(std::exchange(connection.handles_, this)) {}

ConnectionHandle::~ConnectionHandle() {
  if (connection_ == nullptr) return;
  ConnectionHandle** place = &connection_->handles_;
  while (*place != this) place = &(*place)->next_;
  *place = next_;
}

void Connection::Lose(const Failure& failure) {
  lost_ = true;
  for (ConnectionHandle* handle = std::exchange(handles_, nullptr); handle != nullptr;
       handle = handle->next_) {
    handle->connection_ = nullptr;
  }
  const bool busy = SomebodyWaits() || !connected_ || !ready_;
  switch (failure.kind) {
    case FailureKind::kClosed:
      stats_.server_eof.Add();
      break;
    case FailureKind::kShortage:
      stats_.shortages.Add();
      break;
    case FailureKind::kTimedOut:
    case FailureKind::kStopped:
      break;
    default:
      stats_.server_err.Add();
  }
  if (connected_) stats_.server_connections.Add(-1);
  timer_ = Timer();
  stream_.reset();
  while (!slots_.empty()) {
    ReplySink* sink = slots_.front().sink;
    const Time sent = slots_.front().sent;
    PopSlot();
    if (sink == nullptr) continue;
    if (failure.kind == FailureKind::kTimedOut) stats_.latency.Record(loop_.Now() - sent);
    sink->OnNoReply(failure);
  }
  if (when_written_) std::exchange(when_written_, nullptr)();
  if (failure.kind != FailureKind::kStopped) owner_.OnConnectionLost(*this, failure, busy);
}

// Those whose request has timed out do not.
bool Connection::SomebodyWaits() const {
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].sink != nullptr) return true;
  }
  return false;
}

void Connection::ArmTimer() {
  if (target_.timeout == Duration::zero() || timer_.armed() || slots_.empty()) return;
  Time next = GiveUpTime();
  if (passed_ < slots_.size()) next = std::min(next, slots_[passed_].deadline);
  if (next == Time::max()) return;
  timer_ = loop_.After(next - loop_.Now(), [this] {
    timer_ = Timer();
    CheckDeadlines();
  });
}

// When all is lost if nothing more comes; never while it is held back.
Time Connection::GiveUpTime() const {
  const Slot& oldest = slots_.front();
  if (!connected_ || !ready_) return oldest.deadline;
  if (passed_ == 0 || !reading_) return Time::max();
  return oldest.began ? oldest.deadline : oldest.deadline + target_.timeout;
}

void Connection::CheckDeadlines() {
  if (slots_.empty()) return;
  const Time now = loop_.Now();
  if (Slot& newest = slots_.back(); !newest.whole && unwritten_bytes() == 0) {
    newest.deadline = FromNow();
  }
  if (GiveUpTime() <= now) {
    stats_.server_timedout.Add();
    Lose(TimedOut());
    return;
  }
  bool timed_out = false;
  while (passed_ < slots_.size() && slots_[passed_].deadline <= now) {
    ReplySink* sink = std::exchange(slots_[passed_].sink, nullptr);
    stats_.latency.Record(now - slots_[passed_].sent);
    ++passed_;
    timed_out = true;
    sink->OnNoReply(TimedOut());
  }
  if (timed_out) {
    stats_.server_timedout.Add();
    // In the middle of a reply the server may be slow or held back, but it is alive.
    if (!slots_.front().began) owner_.OnRequestTimedOut(*this);
  }
  ArmTimer();
}

}  // namespace keyway
