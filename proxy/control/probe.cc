#include "proxy/control/probe.h"

#include <cstring>
#include <string_view>
#include <utility>

#include "absl/strings/str_format.h"
#include "proxy/base/limits.h"

namespace keyway {
namespace {

// Errors that only say what an anonymous user may not do. A server that gives one
// works: where the pool has no password, clients get the same answer from it, and
// ejecting it would not help them.
constexpr std::string_view kErrorsOfWorkingServers[] = {"-NOAUTH ", "-NOPERM "};

bool ComesFromWorkingServer(std::string_view error) {
  for (const std::string_view prefix : kErrorsOfWorkingServers) {
    if (error.starts_with(prefix)) return true;
  }
  return false;
}

}  // namespace

Probe::Probe(EventLoop& loop, const ProbeTarget& target, Done done)
    : codec_(*target.codec),
      steps_(codec_.Handshake(target.credentials)),
      parser_(codec_.MakeReplyParser()),
      done_(std::move(done)),
      stream_(loop.Connect(target.address, {}, *this)) {
  steps_.push_back(codec_.Probe());
  for (const HandshakeStep& step : steps_) stream_->output().Append(step.bytes);
  stream_->Flush();
  deadline_ = loop.After(target.timeout, [this] { Fail("no answer in time"); });
}

void Probe::OnData(InputBuffer& input) {
  while (!input.empty()) {
    const HandshakeStep& step = steps_[answered_];
    size_t taken = 0;
    const Parsed parsed = parser_->Next(*step.asked, input.bytes(), taken);
    reply_.append(input.bytes().substr(0, taken));
    input.Consume(taken);
    if (parsed == Parsed::kBad || reply_.size() + input.bytes().size() > kMaxProbeReplyBytes) {
      return Fail(absl::StrFormat("unexpected reply to %s", step.what));
    }
    if (parsed == Parsed::kNeedMore) return;
    const bool last = ++answered_ == steps_.size();
    if (codec_.IsError(reply_) && !(last && ComesFromWorkingServer(reply_))) {
      return Fail(absl::StrFormat("%s failed: %s", step.what, reply_.substr(0, reply_.find('\r'))));
    }
    if (last) return Finish(absl::OkStatus());
    reply_.clear();
  }
}

void Probe::OnEnd() { Fail("server closed the connection"); }

void Probe::OnFailed(int error) { Fail(strerror(error)); }

void Probe::Fail(const std::string& cause) { Finish(absl::UnavailableError(cause)); }

void Probe::Finish(const absl::Status& result) {
  stream_.reset();
  deadline_ = Timer();
  // The call may destroy this, and so done_.
  Done done = std::move(done_);
  done(result);
}

}  // namespace keyway
