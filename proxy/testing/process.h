// Real programs for end-to-end tests: servers, nutcracker and the proxy itself.
#ifndef KEYWAY_PROXY_TESTING_PROCESS_H_
#define KEYWAY_PROXY_TESTING_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace keyway {

// How long tests wait for what should happen at once. Only failing tests wait so long.
inline constexpr std::chrono::seconds kTestDeadline{20};

// A TCP port of 127.0.0.1 that is ours while this object lives. Nobody listens on it,
// so connects are refused, until a program that sets SO_REUSEADDR does.
class FreePort {
 public:
  FreePort();
  FreePort(const FreePort&) = delete;
  FreePort& operator=(const FreePort&) = delete;
  ~FreePort();

  uint16_t number() const { return number_; }

 private:
  int socket_;
  uint16_t number_;
};

// A running program. It ends with this object, or with the thread that made it. What
// it prints is shown when the test has failed by then.
class Process {
 public:
  // `name` is for messages; arguments[0] is the program's path.
  Process(std::string name, std::vector<std::string> arguments);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  // Waits until somebody listens on the port; a test failure if the program ends before
  // that or the deadline passes.
  bool AwaitPort(uint16_t port);

  pid_t pid() const { return pid_; }
  void Signal(int signal);
  // kill -9, and waits until it is gone.
  void Kill();
  // What waitpid says; nothing if it still runs after kTestDeadline.
  std::optional<int> AwaitExit();
  // Everything printed so far.
  std::string Log() const;

 private:
  bool EndsWithin(std::chrono::milliseconds time);

  const std::string name_;
  const int log_;
  pid_t pid_;
  int end_;  // readable once the process has ended
  std::optional<int> status_;
};

// Paths of the programs, from the variables that the test's BUILD rule sets.
std::string RedisServerPath();
std::string MemcachedPath();
std::string NutcrackerPath();
std::string ProxyPath();

// Each is ready for connections once made, on a port of its own.
class RedisServer {
 public:
  explicit RedisServer(std::vector<std::string> more_arguments = {});
  uint16_t port() const { return port_.number(); }
  Process& process() { return *process_; }
  // kill -9, and a new, empty one on the same port.
  void Kill() { process_->Kill(); }
  void Restart();

 private:
  FreePort port_;
  std::vector<std::string> arguments_;
  std::optional<Process> process_;
};

class Memcached {
 public:
  Memcached();
  uint16_t port() const { return port_.number(); }

 private:
  FreePort port_;
  std::optional<Process> process_;
};

// A proxy that takes nutcracker's options: nutcracker or ours.
class ProxyProcess {
 public:
  // `config` is the text of a configuration file; it names `ports`, which are waited for.
  ProxyProcess(const std::string& path, const std::string& config, std::vector<uint16_t> ports,
               std::vector<std::string> more_arguments = {});
  ~ProxyProcess();

  Process& process() { return *process_; }
  uint16_t stats_port() const { return stats_port_.number(); }
  // The current statistics, as JSON.
  std::string Stats() const;

 private:
  FreePort stats_port_;
  std::string config_file_;
  std::optional<Process> process_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_TESTING_PROCESS_H_
