// What the process does on signals.
#ifndef KEYWAY_PROXY_PROCESS_SIGNALS_H_
#define KEYWAY_PROXY_PROCESS_SIGNALS_H_

#include <pthread.h>

#include <string>

#include "proxy/base/log.h"

namespace keyway {

// Signals as events for one thread, instead of handlers that interrupt any thread.
class SignalQueue {
 public:
  // From here on this thread, and threads that it starts, leave the handled signals to
  // Next, which this thread calls. SIGPIPE is ignored.
  SignalQueue();
  SignalQueue(const SignalQueue&) = delete;
  SignalQueue& operator=(const SignalQueue&) = delete;

  // Waits for a signal; 0 after Wake.
  int Next();

  // Any thread. Ends one call of Next, now or later.
  void Wake();

 private:
  const pthread_t waiter_;
};

// "15 (SIGTERM)".
std::string SignalText(int signal);

// Takes signals and logs each in nutcracker's words:
//   HUP         opens the log anew
//   TTIN, TTOU  more or less is logged from now on
//   USR1, USR2  reserved for reload and upgrade: nothing
// until one that ends the process (TERM, INT or QUIT), which is returned for the caller
// to log; 0 after Wake.
int HandleSignals(SignalQueue& signals, Logger& logger);

}  // namespace keyway

#endif  // KEYWAY_PROXY_PROCESS_SIGNALS_H_
