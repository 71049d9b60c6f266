#include "proxy/testing/stage.h"

#include <utility>

#include "proxy/net/epoll_loop.h"

namespace keyway {
namespace {

// What must not happen gets this long to happen nevertheless.
constexpr std::chrono::milliseconds kQuietTime{30};

}  // namespace

Address Stage::AddressOf(const std::string& name) {
  return *Resolve({.host = "127.0.0.1", .port = PortOf(name), .path = {}});
}

KernelStage::KernelStage(std::string path, std::vector<std::string> arguments)
    : path_(std::move(path)), arguments_(std::move(arguments)), loop_(MakeEpollLoop()) {}

void KernelStage::StartProxy(const std::string& config, const std::vector<uint16_t>& ports) {
  proxy_.emplace(path_, config, ports, arguments_);
}

bool KernelStage::RunUntil(const std::function<bool()>& done) {
  if (done()) return true;
  const Timer deadline = loop_->After(kTestDeadline, [this] { loop_->Stop(); });
  done_ = &done;
  loop_->Run();
  done_ = nullptr;
  return done();
}

void KernelStage::Changed() {
  if (done_ != nullptr && (*done_)()) loop_->Stop();
}

void KernelStage::RunQuietly() { Pass(kQuietTime); }

void KernelStage::Pass(Duration duration) {
  const Timer end = loop_->After(duration, [this] { loop_->Stop(); });
  loop_->Run();
}

}  // namespace keyway
