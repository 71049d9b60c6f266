#include "proxy/process/crash_log.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <memory>
#include <span>
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

// Text without memory from the heap: that may be what is broken. What does not fit is
// left out.
template <size_t kSize>
class Text {
 public:
  Text& operator<<(std::string_view text) {
    const size_t size = std::min(text.size(), bytes_.size() - size_);
    std::memcpy(bytes_.data() + size_, text.data(), size);
    size_ += size;
    return *this;
  }
  Text& operator<<(int number) { return Append(number, 10); }
  Text& AppendHex(uintptr_t number) { return (*this << "0x").Append(number, 16); }
  // As decimal digits with zeros in front.
  Text& AppendDigits(unsigned number, unsigned power_of_ten) {
    for (; power_of_ten != 0; power_of_ten /= 10) {
      const char digit = static_cast<char>('0' + number / power_of_ten % 10);
      *this << std::string_view(&digit, 1);
    }
    return *this;
  }
  // Within quotes of JSON; our own names have nothing else to escape.
  Text& AppendEscaped(std::string_view text) {
    for (const char c : text) {
      if (c == '"' || c == '\\') *this << "\\";
      *this << (c >= ' ' && c <= '~' ? std::string_view(&c, 1) : "?");
    }
    return *this;
  }
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  Text& Append(auto number, int base) {
    char digits[24];
    const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), number, base);
    return *this << std::string_view(digits, static_cast<size_t>(end - digits));
  }

  std::array<char, kSize> bytes_;
  size_t size_ = 0;
};
using Line = Text<512>;
using Record = Text<size_t{kMostFrames} * 512>;

// How a format of the log puts it.
struct Words {
  std::string_view format;
  void (*say)(std::string_view what);
  void (*show)(std::span<void* const> frames);
};

// A handler of signals has nothing but globals.
int crash_fd = -1;
std::string_view line_begin;
const Words* words = nullptr;
Record record;
std::atomic_flag crashing = ATOMIC_FLAG_INIT;

void Write(std::string_view text) {
  // Nobody is left to be told that this failed.
  if (write(crash_fd, text.data(), text.size()) < 0) return;
}

Line FrameText(void* return_address) {
  // The call is in front of where it returns to; behind may be another function.
  const char* const address = static_cast<const char*>(return_address) - 1;
  char name[256];
  Dl_info file = {};
  Line line;
  line.AppendHex(reinterpret_cast<uintptr_t>(return_address)) << " ";
  line << (absl::Symbolize(address, name, sizeof(name)) ? name : "(unknown)");
  if (dladdr(address, &file) == 0 || file.dli_fname == nullptr) return line;
  const std::string_view path = file.dli_fname;
  line << " " << path.substr(path.find_last_of('/') + 1) << "+";
  line.AppendHex(static_cast<uintptr_t>(address - static_cast<const char*>(file.dli_fbase)));
  return line;
}

void SayText(std::string_view what) {
  Line line;
  Write((line << line_begin << "[.......................] " << what << "\n").view());
}

void ShowText(std::span<void* const> frames) {
  for (void* const frame : frames) {
    Line line;
    Write((line << line_begin << FrameText(frame).view() << "\n").view());
  }
}

// In UTC: the local time cannot be had without a lock.
Line TimeText() {
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  const std::chrono::sys_seconds time{std::chrono::seconds(now.tv_sec)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  Line text;
  text.AppendDigits(static_cast<unsigned>(static_cast<int>(date.year())), 1000) << "-";
  text.AppendDigits(static_cast<unsigned>(date.month()), 10) << "-";
  text.AppendDigits(static_cast<unsigned>(date.day()), 10) << "T";
  text.AppendDigits(static_cast<unsigned>(clock.hours().count()), 10) << ":";
  text.AppendDigits(static_cast<unsigned>(clock.minutes().count()), 10) << ":";
  text.AppendDigits(static_cast<unsigned>(clock.seconds().count()), 10) << ".";
  text.AppendDigits(static_cast<unsigned>(now.tv_nsec / 1'000'000), 100) << "+0000";
  return text;
}

// Up to the text's last quote.
void BeginJson(std::string_view what, int line = __builtin_LINE()) {
  record = Record();
  record << line_begin << "{\"time\":\"" << TimeText().view()
         << "\",\"level\":\"emerg\",\"place\":\"crash_log.cc:" << line << "\",\"text\":\"";
  record.AppendEscaped(what);
}

void SayJson(std::string_view what) {
  BeginJson(what);
  Write((record << "\"}\n").view());
}

// One line, or readers of the log would take it for as many broken records.
void ShowJson(std::span<void* const> frames) {
  BeginJson("where it crashed");
  record << "\",\"stack\":[";
  for (void* const& frame : frames) {
    record << (&frame == frames.data() ? "\"" : ",\"");
    record.AppendEscaped(FrameText(frame).view()) << "\"";
  }
  Write((record << "]}\n").view());
}

constexpr Words kWords[] = {
    {.format = "text", .say = SayText, .show = ShowText},
    {.format = "json", .say = SayJson, .show = ShowJson},
};

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
  Line what;
  what << "signal " << signal << " (" << NameOf(signal) << ") received, core dumping";
  words->say(what.view());
  void* frames[kMostFrames];
  const int count = backtrace(frames, kMostFrames);
  // The innermost frame is this function's.
  words->show(std::span<void* const>(frames, static_cast<size_t>(count)).subspan(1));
  // Blocked until this returns, and deadly then.
  ::signal(signal, SIG_DFL);
  raise(signal);
}

}  // namespace

void LogCrashes(const Logger& logger) {
  crash_fd = logger.fd();
  // The journal's mark of an emergency.
  line_begin = logger.to_journal() ? "<0>" : "";
  words = std::find_if(std::begin(kWords), std::end(kWords),
                       [&](const Words& row) { return row.format == logger.format().name; });
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
