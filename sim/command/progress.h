// A line on a terminal that tells how far a long experiment has come.
#ifndef KEYWAY_SIM_COMMAND_PROGRESS_H_
#define KEYWAY_SIM_COMMAND_PROGRESS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>

namespace keyway::sim {

// Writes over its own line, at most some times a second, and leaves the line empty when it
// is destroyed. Short experiments write nothing.
class Progress {
 public:
  explicit Progress(std::ostream& terminal);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  // In the units of the sources. `in_all` is 0 if nobody knows.
  void Update(uint64_t done, uint64_t in_all);

 private:
  using Clock = std::chrono::steady_clock;

  std::ostream& terminal_;
  const Clock::time_point start_;
  Clock::time_point written_;
  size_t width_ = 0;  // of the line on the terminal
};

// "45% of 12.3 G, 6.2 M/s, 15 s left", or "5.5 G, 6.2 M/s".
std::string ProgressLine(uint64_t done, uint64_t in_all, std::chrono::duration<double> time);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_PROGRESS_H_
