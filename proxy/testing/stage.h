// Where the tests' own clients and servers meet a proxy: in memory or for real.
#ifndef KEYWAY_PROXY_TESTING_STAGE_H_
#define KEYWAY_PROXY_TESTING_STAGE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proxy/net/event_loop.h"
#include "proxy/testing/process.h"

namespace keyway {

class Stage {
 public:
  virtual ~Stage() = default;

  // The loop of the parties, and perhaps of the proxy.
  virtual EventLoop& loop() = 0;

  // A port of 127.0.0.1 for what the test calls `name`; the same one each time.
  virtual uint16_t PortOf(const std::string& name) = 0;
  Address AddressOf(const std::string& name);

  // Starts the proxy with the text of a nutcracker.yml; it listens on `ports`.
  virtual void StartProxy(const std::string& config, const std::vector<uint16_t>& ports) = 0;

  // Runs until `done`, which is asked again whenever a party has changed. False if it
  // does not become true.
  virtual bool RunUntil(const std::function<bool()>& done) = 0;
  // For the parties: something has changed.
  virtual void Changed() = 0;
  // Runs until nothing more is to be expected at this time.
  virtual void RunQuietly() = 0;
  // Runs until that much time has passed.
  virtual void Pass(Duration duration) = 0;

  // The proxy's statistics as JSON.
  virtual std::string Stats() = 0;
};

// A stage with real sockets, time, and a proxy in a process of its own.
class KernelStage final : public Stage {
 public:
  // The proxy is `path` with `arguments` besides the usual ones.
  KernelStage(std::string path, std::vector<std::string> arguments);

  EventLoop& loop() override { return *loop_; }
  uint16_t PortOf(const std::string& name) override { return ports_[name].number(); }
  void StartProxy(const std::string& config, const std::vector<uint16_t>& ports) override;
  bool RunUntil(const std::function<bool()>& done) override;
  void Changed() override;
  void RunQuietly() override;
  void Pass(Duration duration) override;
  std::string Stats() override { return proxy_->Stats(); }

  ProxyProcess& proxy() { return *proxy_; }

 private:
  const std::string path_;
  const std::vector<std::string> arguments_;
  const std::unique_ptr<EventLoop> loop_;
  std::map<std::string, FreePort> ports_;
  std::optional<ProxyProcess> proxy_;
  const std::function<bool()>* done_ = nullptr;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_TESTING_STAGE_H_
