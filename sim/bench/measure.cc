#include "sim/bench/measure.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

namespace keyway::sim {
namespace {

// From /proc/self/status, in bytes.
uint64_t MemoryFigure(const std::string& name) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    uint64_t kilobytes = 0;
    if (word == name + ":" && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

double CoreSeconds() {
  struct rusage used = {};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void Fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::exit(1);
}

Measured InChild(const std::function<uint64_t()>& work) {
  int ends[2];
  if (pipe(ends) != 0) Fail("no pipe");
  std::fflush(stdout);
  const pid_t child = fork();
  if (child < 0) Fail("no process");
  if (child == 0) {
    const auto begin = std::chrono::steady_clock::now();
    Measured measured = {.records = work()};
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    measured.seconds = took.count();
    measured.core_seconds = CoreSeconds();
    measured.peak_bytes = MemoryFigure("VmHWM");
    const bool told = write(ends[1], &measured, sizeof(measured)) == sizeof(measured);
    _exit(told ? 0 : 1);
  }
  close(ends[1]);
  Measured measured;
  const bool told = read(ends[0], &measured, sizeof(measured)) == sizeof(measured);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!told || status != 0) Fail("a measurement failed");
  return measured;
}

}  // namespace

Measured Measure(int times, const std::function<uint64_t()>& work) {
  Measured best = InChild(work);
  for (int time = 1; time < times; ++time) {
    const Measured again = InChild(work);
    best.seconds = std::min(best.seconds, again.seconds);
    best.core_seconds = std::min(best.core_seconds, again.core_seconds);
  }
  return best;
}

}  // namespace keyway::sim
