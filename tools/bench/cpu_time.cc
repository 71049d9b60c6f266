#include "tools/bench/cpu_time.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_format.h"

namespace keyway::bench {

std::chrono::nanoseconds CpuTimeOf(int pid) {
  int64_t sum = 0;
  std::error_code ignored;
  const std::filesystem::path tasks = absl::StrFormat("/proc/%d/task", pid);
  for (const auto& task : std::filesystem::directory_iterator(tasks, ignored)) {
    int64_t ns = 0;
    if (std::ifstream(task.path() / "schedstat") >> ns) sum += ns;
  }
  return std::chrono::nanoseconds(sum);
}

}  // namespace keyway::bench
