#include "proxy/stats/process_sample.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

namespace keyway {
namespace {

// Fields of /proc/PID/stat by their number in proc(5).
constexpr int kUserTicks = 14;
constexpr int kSystemTicks = 15;
constexpr int kThreads = 20;
constexpr int kVirtualBytes = 23;
constexpr int kResidentPages = 24;

int64_t CountOpenFds() {
  constexpr char kFolder[] = "/proc/self/fd";
  // Since Linux 6.2 the size of the folder is their number.
  struct stat folder = {};
  if (stat(kFolder, &folder) == 0 && folder.st_size > 0) return folder.st_size;
  std::error_code error;
  int64_t count = 0;
  for (auto it = std::filesystem::directory_iterator(kFolder, error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    ++count;
  }
  return count;
}

}  // namespace

bool ParseProcessStat(std::string_view text, ProcessSample& sample) {
  // The second field is the program's name in parentheses, and may hold any of both.
  const size_t name_end = text.rfind(") ");
  if (name_end == text.npos) return false;
  text.remove_prefix(name_end + 2);
  int64_t ticks = 0;
  int field = 3;
  for (; !text.empty() && field <= kResidentPages; ++field) {
    const std::string_view word = text.substr(0, text.find(' '));
    int64_t value = 0;
    std::from_chars(word.data(), word.data() + word.size(), value);
    if (field == kUserTicks || field == kSystemTicks) ticks += value;
    if (field == kThreads) sample.threads = value;
    if (field == kVirtualBytes) sample.virtual_bytes = value;
    if (field == kResidentPages) sample.resident_bytes = value * sysconf(_SC_PAGESIZE);
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  sample.cpu_seconds = static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
  return field > kResidentPages;
}

ProcessSample SampleProcess() {
  ProcessSample sample;
  std::ifstream file("/proc/self/stat");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  ParseProcessStat(text, sample);
  sample.open_fds = CountOpenFds();
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) sample.max_fds = static_cast<int64_t>(limit.rlim_cur);
  return sample;
}

}  // namespace keyway
