#include "sim/command/progress.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"

namespace keyway::sim {
namespace {

constexpr std::chrono::milliseconds kBetweenLines(250);

std::string Short(double number) {
  constexpr const char* kUnits[] = {"", " k", " M", " G", " T"};
  size_t unit = 0;
  while (number >= 1000 && unit + 1 < std::size(kUnits)) {
    number /= 1000;
    ++unit;
  }
  return absl::StrFormat("%.*f%s", unit == 0 ? 0 : 1, number, kUnits[unit]);
}

std::string TimeLeft(double seconds) {
  if (seconds < 90) return absl::StrFormat("%.0f s left", std::ceil(seconds));
  if (seconds < 5400) return absl::StrFormat("%.0f min left", std::ceil(seconds / 60));
  return absl::StrFormat("%.1f h left", seconds / 3600);
}

}  // namespace

Progress::Progress(std::ostream& terminal)
    : terminal_(terminal), start_(Clock::now()), written_(start_) {}

Progress::~Progress() {
  if (width_ > 0) terminal_ << '\r' << std::string(width_, ' ') << '\r' << std::flush;
}

void Progress::Update(uint64_t done, uint64_t in_all) {
  const Clock::time_point now = Clock::now();
  if (now - written_ < kBetweenLines) return;
  written_ = now;
  const std::string line = ProgressLine(done, in_all, now - start_);
  terminal_ << '\r' << line << std::string(width_ - std::min(width_, line.size()), ' ')
            << std::flush;
  width_ = std::max(width_, line.size());
}

std::string ProgressLine(uint64_t done, uint64_t in_all, std::chrono::duration<double> time) {
  const double have = static_cast<double>(done), all = static_cast<double>(in_all);
  std::string line;
  if (in_all > 0) {
    line = absl::StrFormat("%.0f%% of %s", std::min(100 * have / all, 100.0), Short(all));
  } else {
    line = Short(have);
  }
  if (done == 0 || time.count() <= 0) return line;
  const double rate = have / time.count();
  line += absl::StrFormat(", %s/s", Short(rate));
  if (in_all > done) line += ", " + TimeLeft((all - have) / rate);
  return line;
}

}  // namespace keyway::sim
