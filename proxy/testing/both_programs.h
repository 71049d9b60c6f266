// Tests that run once with nutcracker and once with the proxy.
#ifndef KEYWAY_PROXY_TESTING_BOTH_PROGRAMS_H_
#define KEYWAY_PROXY_TESTING_BOTH_PROGRAMS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/testing/process.h"

namespace keyway {

enum class Program { kNutcracker, kOurs };

class BothProgramsTest : public ::testing::TestWithParam<Program> {
 protected:
  bool ours() const { return GetParam() == Program::kOurs; }
  // What is expected, where the two differ.
  std::string Either(const std::string& nutcrackers, const std::string& our) const {
    return ours() ? our : nutcrackers;
  }

  // Like nutcracker the proxy has one thread for clients.
  std::unique_ptr<ProxyProcess> Start(const std::string& config, std::vector<uint16_t> ports,
                                      std::vector<std::string> arguments = {}) const {
    if (ours()) arguments.push_back("--workers=1");
    return std::make_unique<ProxyProcess>(ours() ? ProxyPath() : NutcrackerPath(), config,
                                          std::move(ports), std::move(arguments));
  }
};

inline auto BothPrograms() { return ::testing::Values(Program::kNutcracker, Program::kOurs); }

inline std::string ProgramName(const ::testing::TestParamInfo<Program>& test) {
  return test.param == Program::kOurs ? "Ours" : "Nutcracker";
}

}  // namespace keyway

#endif  // KEYWAY_PROXY_TESTING_BOTH_PROGRAMS_H_
