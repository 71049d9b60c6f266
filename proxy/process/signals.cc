#include "proxy/process/signals.h"

#include <signal.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/str_format.h"

namespace keyway {
namespace {

void Reopen(Logger& logger) {
  const absl::Status reopened = logger.Reopen();
  if (reopened.ok()) {
    logger.Tell(LogLevel::kNotice, "log file reopened");
  } else {
    logger.Tell(LogLevel::kErr, "the old log file stays in use",
                {{"error", std::string(reopened.message())}});
  }
}

void ShiftLevel(Logger& logger, int by, std::string_view direction) {
  const int level =
      std::clamp(static_cast<int>(logger.level()) + by, static_cast<int>(LogLevel::kEmerg),
                 static_cast<int>(LogLevel::kPverb));
  logger.SetLevel(static_cast<LogLevel>(level));
  logger.Tell(LogLevel::kNotice, absl::StrFormat("%s log level to %d", direction, level));
}

struct SignalRow {
  int number;
  std::string_view name;
  std::string_view announcement;  // behind "received"
  void (*act)(Logger& logger);    // null: the signal ends the process
};

void Nothing(Logger&) {}

constexpr SignalRow kSignals[] = {
    {SIGHUP, "SIGHUP", ", reopening log file", Reopen},
    {SIGTTIN, "SIGTTIN", ", up logging level", [](Logger& logger) { ShiftLevel(logger, 1, "up"); }},
    {SIGTTOU, "SIGTTOU", ", down logging level",
     [](Logger& logger) { ShiftLevel(logger, -1, "down"); }},
    {SIGUSR1, "SIGUSR1", ", which is reserved for reload and has no effect", Nothing},
    {SIGUSR2, "SIGUSR2", ", which is reserved for upgrade and has no effect", Nothing},
    {SIGTERM, "SIGTERM", "", nullptr},
    {SIGINT, "SIGINT", "", nullptr},
    {SIGQUIT, "SIGQUIT", "", nullptr},
};

// Of the signals that have no meaning of their own; for Wake.
int WakeSignal() { return SIGRTMIN; }

sigset_t WaitedFor() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const SignalRow& row : kSignals) sigaddset(&signals, row.number);
  sigaddset(&signals, WakeSignal());
  return signals;
}

const SignalRow& RowOf(int signal) {
  return *std::find_if(std::begin(kSignals), std::end(kSignals),
                       [&](const SignalRow& row) { return row.number == signal; });
}

}  // namespace

SignalQueue::SignalQueue() : waiter_(pthread_self()) {
  const sigset_t signals = WaitedFor();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int SignalQueue::Next() {
  const sigset_t signals = WaitedFor();
  int signal = 0;
  sigwait(&signals, &signal);
  return signal == WakeSignal() ? 0 : signal;
}

void SignalQueue::Wake() { pthread_kill(waiter_, WakeSignal()); }

std::string SignalText(int signal) {
  return absl::StrFormat("%d (%s)", signal, RowOf(signal).name);
}

int HandleSignals(SignalQueue& signals, Logger& logger) {
  while (true) {
    const int signal = signals.Next();
    if (signal == 0) return 0;
    const SignalRow& row = RowOf(signal);
    if (row.act == nullptr) return signal;
    logger.Tell(LogLevel::kNotice,
                absl::StrFormat("signal %s received%s", SignalText(signal), row.announcement));
    row.act(logger);
  }
}

}  // namespace keyway
