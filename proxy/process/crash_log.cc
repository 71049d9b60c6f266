#include "proxy/process/crash_log.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "absl/debugging/symbolize.h"

namespace keyway {
namespace {

constexpr size_t kCrashStackBytes = 64 * 1024;
constexpr int kMostFrames = 64;

// How long last words may take: what crashed may hold a lock that they need.
constexpr unsigned kPatienceSeconds = 3;

struct FatalSignal {
  int number;
  std::string_view name;
};
constexpr FatalSignal kFatalSignals[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},
    {SIGFPE, "SIGFPE"},   {SIGILL, "SIGILL"},
};

// A handler of signals has nothing but globals.
int crash_fd = -1;
std::atomic_flag crashing = ATOMIC_FLAG_INIT;

// One line, without memory from the heap: that may be what is broken.
class Line {
 public:
  Line& operator<<(std::string_view text) {
    const size_t size = std::min(text.size(), bytes_.size() - 1 - size_);
    std::memcpy(bytes_.data() + size_, text.data(), size);
    size_ += size;
    return *this;
  }
  Line& operator<<(int number) { return Append(number, 10); }
  Line& AppendHex(uintptr_t number) { return (*this << "0x").Append(number, 16); }
  ~Line() {
    bytes_[size_++] = '\n';
    // Nobody is left to be told that this failed.
    if (write(crash_fd, bytes_.data(), size_) < 0) return;
  }

 private:
  Line& Append(auto number, int base) {
    char digits[24];
    const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), number, base);
    return *this << std::string_view(digits, static_cast<size_t>(end - digits));
  }

  std::array<char, 512> bytes_;
  size_t size_ = 0;
};

void WriteFrame(void* return_address) {
  // The call is in front of where it returns to; behind may be another function.
  const char* const address = static_cast<const char*>(return_address) - 1;
  char name[256];
  Dl_info file = {};
  Line line;
  line.AppendHex(reinterpret_cast<uintptr_t>(return_address)) << " ";
  line << (absl::Symbolize(address, name, sizeof(name)) ? name : "(unknown)");
  if (dladdr(address, &file) == 0 || file.dli_fname == nullptr) return;
  const std::string_view path = file.dli_fname;
  line << " " << path.substr(path.find_last_of('/') + 1) << "+";
  line.AppendHex(static_cast<uintptr_t>(address - static_cast<const char*>(file.dli_fbase)));
}

std::string_view NameOf(int signal) {
  return std::find_if(std::begin(kFatalSignals), std::end(kFatalSignals),
                      [&](const FatalSignal& row) { return row.number == signal; })
      ->name;
}

void LogAndDie(int signal) {
  // Of several threads that crash, the first speaks.
  if (crashing.test_and_set()) {
    while (true) pause();
  }
  alarm(kPatienceSeconds);
  Line() << "[.......................] signal " << signal << " (" << NameOf(signal)
         << ") received, core dumping";
  void* frames[kMostFrames];
  const int count = backtrace(frames, kMostFrames);
  // The innermost frame is this function's.
  for (int i = 1; i < count; ++i) WriteFrame(frames[i]);
  // Blocked until this returns, and deadly then.
  ::signal(signal, SIG_DFL);
  raise(signal);
}

}  // namespace

void LogCrashes(const Logger& logger) {
  crash_fd = logger.fd();
  // Both load what they need now, and not when it may be too late.
  absl::InitializeSymbolizer("/proc/self/exe");
  void* frame = nullptr;
  backtrace(&frame, 1);

  struct sigaction action = {};
  action.sa_handler = LogAndDie;
  action.sa_flags = SA_ONSTACK;
  for (const FatalSignal& row : kFatalSignals) sigaction(row.number, &action, nullptr);
}

CrashStack::CrashStack() : memory_(std::make_unique<char[]>(kCrashStackBytes)) {
  stack_t stack = {};
  stack.ss_sp = memory_.get();
  stack.ss_size = kCrashStackBytes;
  sigaltstack(&stack, nullptr);
}

CrashStack::~CrashStack() {
  stack_t stack = {};
  stack.ss_flags = SS_DISABLE;
  sigaltstack(&stack, nullptr);
}

}  // namespace keyway
