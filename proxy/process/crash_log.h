// Last words.
#ifndef KEYWAY_PROXY_PROCESS_CRASH_LOG_H_
#define KEYWAY_PROXY_PROCESS_CRASH_LOG_H_

#include <memory>

#include "proxy/base/log.h"

namespace keyway {

// From here on SEGV, ABRT, BUS, FPE and ILL leave lines like these in the log,
//   [.......................] signal 11 (SIGSEGV) received, core dumping
//   0x55d41c2f0b43 keyway::Session::OnData() proxy+0x10b43
// with the innermost call first; in a log of JSON one record for the signal and one whose
// field "stack" is the list of calls. Then the process dies of the signal. The number behind
// the file's name is for addr2line, should the function have none. The logger stays
// valid until the process ends. Once, before there are threads.
void LogCrashes(const Logger& logger);

// While it lives, its thread has a second stack for that, and so last words also when
// its own stack has overflowed.
class CrashStack {
 public:
  CrashStack();
  CrashStack(const CrashStack&) = delete;
  CrashStack& operator=(const CrashStack&) = delete;
  ~CrashStack();

 private:
  const std::unique_ptr<char[]> memory_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_PROCESS_CRASH_LOG_H_
