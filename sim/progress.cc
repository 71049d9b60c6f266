#include "sim/progress.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_format.h"

namespace keyway::sim {
namespace {

constexpr std::chrono::milliseconds kBetweenLines(250);

}  // namespace

Progress::Progress(std::ostream& terminal)
    : terminal_(terminal), start_(Clock::now()), written_(start_) {}

Progress::~Progress() {
  if (width_ > 0) terminal_ << '\r' << std::string(width_, ' ') << '\r' << std::flush;
}

void Progress::Update(uint64_t keys, uint64_t bytes, uint64_t bytes_in_all) {
  const Clock::time_point now = Clock::now();
  if (now - written_ < kBetweenLines) return;
  written_ = now;
  const std::string line = ProgressLine(keys, now - start_, bytes, bytes_in_all);
  terminal_ << '\r' << line << std::string(width_ - std::min(width_, line.size()), ' ')
            << std::flush;
  width_ = std::max(width_, line.size());
}

std::string ProgressLine(uint64_t keys, std::chrono::duration<double> time, uint64_t bytes,
                         uint64_t bytes_in_all) {
  const double millions = static_cast<double>(keys) / 1e6;
  std::string line = absl::StrFormat("%.1f M keys", millions);
  if (time.count() > 0) absl::StrAppendFormat(&line, ", %.1f M/s", millions / time.count());
  if (bytes_in_all > 0) {
    const double percent = 100 * static_cast<double>(bytes) / static_cast<double>(bytes_in_all);
    absl::StrAppendFormat(&line, ", %.0f%%", std::min(percent, 100.0));
  }
  return line;
}

}  // namespace keyway::sim
