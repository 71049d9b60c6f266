// What the system says about this process.
#ifndef KEYWAY_PROXY_STATS_PROCESS_SAMPLE_H_
#define KEYWAY_PROXY_STATS_PROCESS_SAMPLE_H_

#include <cstdint>
#include <string_view>

namespace keyway {

struct ProcessSample {
  double cpu_seconds = 0;  // of all threads, user and system
  int64_t threads = 0;
  int64_t resident_bytes = 0;
  int64_t virtual_bytes = 0;
  int64_t open_fds = 0;
  int64_t max_fds = 0;  // the limit
};

// Reads /proc and so may take some milliseconds where many files are open. What
// cannot be read is 0.
ProcessSample SampleProcess();

// The fields that /proc/PID/stat has (proc(5)), added to `sample`. False if the text
// is of another form.
bool ParseProcessStat(std::string_view text, ProcessSample& sample);

}  // namespace keyway

#endif  // KEYWAY_PROXY_STATS_PROCESS_SAMPLE_H_
