#include "proxy/control/stats_port.h"

#include <sys/socket.h>

#include <chrono>
#include <string_view>
#include <utility>

#include "hashing/placement.h"
#include "proxy/base/limits.h"
#include "proxy/stats/json.h"

namespace keyway {
namespace {

int64_t Seconds(WallTime::duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

// The indices of what has a name, in nutcracker's order of the names.
template <class Named>
std::vector<size_t> OrderByName(const std::vector<Named>& all) {
  std::vector<hashing::Member> members;
  for (const Named& each : all) members.push_back({.name = each.name});
  return hashing::TwemproxyOrder(members);
}

}  // namespace

std::vector<ShownPool> ShowInTwemproxyOrder(const Config& config) {
  std::vector<ShownPool> shown;
  for (const size_t i : OrderByName(config.pools)) {
    const PoolConfig& pool = config.pools[i];
    ShownPool& place = shown.emplace_back();
    place.name = pool.name;
    place.index = i;
    for (const size_t j : OrderByName(pool.servers)) {
      place.servers.push_back({.name = pool.servers[j].name, .index = j});
    }
  }
  return shown;
}

// One connection. Peers may end their direction first, as `nc < /dev/null` does.
class StatsPort::Reader : public StreamHandler {
 public:
  Reader(StatsPort& port, std::unique_ptr<Incoming> incoming, std::string_view report)
      : port_(port),
        stream_(incoming->Open(port.loop_, *this)),
        deadline_(port.loop_.After(kStatsReaderTimeout, [this] { port_.Remove(*this); })) {
    stream_->output().Append(report);
    stream_->SendEnd();
    stream_->TellWhenSent();
  }

  void OnData(InputBuffer& input) override { input.Consume(input.bytes().size()); }
  void OnEnd() override {
    ended_ = true;
    if (sent_) port_.Remove(*this);
  }
  void OnSent() override {
    sent_ = true;
    if (ended_) port_.Remove(*this);
  }
  void OnFailed(int) override { port_.Remove(*this); }

 private:
  StatsPort& port_;
  std::unique_ptr<Stream> stream_;
  Timer deadline_;
  bool ended_ = false;  // by the peer
  bool sent_ = false;
};

StatsPort::StatsPort(EventLoop& loop, StatsSource source)
    : loop_(loop), source_(std::move(source)) {}

StatsPort::~StatsPort() = default;

absl::Status StatsPort::Listen(const Address& address) {
  auto listener = loop_.Listen(address, {.backlog = SOMAXCONN}, *this);
  if (!listener.ok()) return listener.status();
  listener_ = *std::move(listener);
  return absl::OkStatus();
}

void StatsPort::OnAccept(std::unique_ptr<Incoming> incoming) {
  if (readers_.size() == kMaxStatsReaders) return;
  readers_.push_back(std::make_unique<Reader>(*this, std::move(incoming), Report()));
}

void StatsPort::Remove(const Reader& reader) {
  std::erase_if(readers_, [&](const auto& each) { return each.get() == &reader; });
}

std::string StatsPort::Report() const {
  const WallTime now = loop_.WallNow();
  return StatsJson({.source = source_.host,
                    .version = source_.version,
                    .uptime_s = Seconds(now - source_.started),
                    .timestamp_s = Seconds(now.time_since_epoch())},
                   AddUp(source_.shown, source_.workers, *source_.control));
}

}  // namespace keyway
