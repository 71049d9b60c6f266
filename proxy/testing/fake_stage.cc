#include "proxy/testing/fake_stage.h"

#include <utility>

#include "gtest/gtest.h"
#include "proxy/config/parse.h"
#include "proxy/testing/party.h"

namespace keyway {
namespace {

constexpr uint16_t kFirstPort = 20001;

// Scenarios name no hosts.
class NoNames final : public Resolver {
 public:
  void Lookup(const Endpoint& endpoint, Done) override {
    ADD_FAILURE() << "a look-up of " << endpoint.host;
  }
};

}  // namespace

FakeStage::FakeStage(const FakeLoop::Options& options, size_t workers)
    : loop_(options),
      workers_(workers),
      logger_(*Logger::Open("", LogLevel::kErr)),
      resolver_(std::make_unique<NoNames>()) {}

FakeStage::~FakeStage() = default;

uint16_t FakeStage::PortOf(const std::string& name) {
  const auto next = static_cast<uint16_t>(kFirstPort + ports_.size());
  return ports_.emplace(name, next).first->second;
}

void FakeStage::StartProxy(const std::string& config, const std::vector<uint16_t>&) {
  ParsedConfig parsed = ParseConfig(config, "scenario");
  ASSERT_TRUE(parsed.ok()) << parsed.Report() << config;
  server_.emplace(Server::Parts{.control = loop_,
                                .workers = std::vector<EventLoop*>(workers_, &loop_),
                                .resolver = *resolver_,
                                .logger = *logger_},
                  std::move(parsed.config));
  const absl::Status started =
      server_->Start(Endpoint{.host = "127.0.0.1", .port = PortOf("stats"), .path = {}});
  ASSERT_TRUE(started.ok()) << started;
  loop_.RunUntilIdle();
}

void FakeStage::StopProxy() {
  server_.reset();
  loop_.DropTasks();
}

bool FakeStage::RunUntil(const std::function<bool()>& done) {
  loop_.RunUntilIdle();
  return done();
}

std::string FakeStage::Stats() {
  Party reader(loop_, AddressOf("stats"), [](Party&) {});
  reader.SendEnd();  // else it would be waited for to speak
  loop_.RunUntilIdle();
  return reader.received();
}

}  // namespace keyway
