// A stage in memory: the whole proxy and the parties on one loop, in one thread.
#ifndef KEYWAY_PROXY_TESTING_FAKE_STAGE_H_
#define KEYWAY_PROXY_TESTING_FAKE_STAGE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proxy/base/log.h"
#include "proxy/net/fake_loop.h"
#include "proxy/server.h"
#include "proxy/testing/stage.h"

namespace keyway {

class FakeStage final : public Stage {
 public:
  // The proxy's workers all run on the one loop.
  explicit FakeStage(const FakeLoop::Options& options = {}, size_t workers = 1);
  ~FakeStage() override;

  FakeLoop& loop() override { return loop_; }
  uint16_t PortOf(const std::string& name) override;
  void StartProxy(const std::string& config, const std::vector<uint16_t>& ports) override;
  bool RunUntil(const std::function<bool()>& done) override;
  void Changed() override {}
  void RunQuietly() override { loop_.RunUntilIdle(); }
  void Pass(Duration duration) override { loop_.Advance(duration); }
  std::string Stats() override;

  // The proxy, once it is started.
  Server& server() { return *server_; }
  // Destroys the proxy, whatever it is doing.
  void StopProxy();

 private:
  FakeLoop loop_;
  const size_t workers_;
  const std::unique_ptr<Logger> logger_;
  const std::unique_ptr<Resolver> resolver_;
  std::map<std::string, uint16_t> ports_;
  std::optional<Server> server_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_TESTING_FAKE_STAGE_H_
