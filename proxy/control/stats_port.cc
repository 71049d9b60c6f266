#include "proxy/control/stats_port.h"

#include <string>
#include <string_view>
#include <utility>

#include "proxy/base/limits.h"
#include "proxy/control/http.h"

namespace keyway {

// One connection.
class StatsPort::Reader : public StreamHandler {
 public:
  Reader(StatsPort& port, std::unique_ptr<Incoming> incoming)
      : port_(port),
        stream_(incoming->Open(port.loop_, *this)),
        silence_(port.loop_.After(kStatsAskWait, [this] { TellIfSilent(); })),
        deadline_(port.loop_.After(kStatsReaderTimeout, [this] { port_.Remove(*this); })) {}

  void OnData(InputBuffer& input) override {
    const std::string_view bytes = input.bytes();
    if (!answered_) asked_.append(bytes.substr(0, kMaxHttpHeadBytes + 1 - asked_.size()));
    input.Consume(bytes.size());
    if (!answered_) Answer();
  }
  void OnEnd() override {
    ended_ = true;
    if (!answered_) Answer();
    if (sent_) port_.Remove(*this);
  }
  void OnSent() override {
    sent_ = true;
    if (ended_) port_.Remove(*this);
  }
  void OnFailed(int) override { port_.Remove(*this); }

 private:
  void TellIfSilent() {
    if (asked_.empty() && !answered_) Tell(port_.pages_.Json());
  }

  // To what has been asked, if it can be told yet.
  void Answer() {
    HttpRequest request;
    switch (ReadHttpRequest(asked_, ended_, request)) {
      case HttpRead::kNeedMore:
        if (asked_.size() > kMaxHttpHeadBytes) TellHttp({.status = 431, .body = "too long\n"});
        break;
      case HttpRead::kNotHttp:
        Tell(port_.pages_.Json());
        break;
      case HttpRead::kBad:
        TellHttp({.status = 400, .body = "HTTP/1.1 only\n"});
        break;
      case HttpRead::kDone:
        TellHttp(port_.pages_.Answer(request), &request);
        break;
    }
  }

  void TellHttp(const HttpResponse& response, const HttpRequest* request = nullptr) {
    Tell(HttpText(response, request, port_.loop_.WallNow()));
  }

  void Tell(std::string_view text) {
    answered_ = true;
    stream_->output().Append(text);
    stream_->SendEnd();
    stream_->TellWhenSent();
  }

  StatsPort& port_;
  std::unique_ptr<Stream> stream_;
  Timer silence_;
  Timer deadline_;
  std::string asked_;
  bool answered_ = false;
  bool ended_ = false;  // by the peer
  bool sent_ = false;
};

StatsPort::StatsPort(EventLoop& loop, StatsSource source)
    : loop_(loop), pages_(loop, std::move(source)) {}

StatsPort::~StatsPort() = default;

absl::Status StatsPort::Listen(const Address& address) {
  auto listener = loop_.Listen(address, {}, *this);
  if (!listener.ok()) return listener.status();
  listener_ = *std::move(listener);
  return absl::OkStatus();
}

void StatsPort::OnAccept(std::unique_ptr<Incoming> incoming) {
  if (readers_.size() == kMaxStatsReaders) {
    pages_.source().control->refused_readers.Add();
    return;
  }
  readers_.push_back(std::make_unique<Reader>(*this, std::move(incoming)));
}

void StatsPort::Remove(const Reader& reader) {
  std::erase_if(readers_, [&](const auto& each) { return each.get() == &reader; });
}

}  // namespace keyway
