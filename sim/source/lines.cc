#include "sim/source/lines.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_format.h"
#include "proxy/config/problem.h"

namespace keyway::sim {
namespace {

// One read. Larger ones gained nothing.
constexpr size_t kBlockBytes = 256 * 1024;

// The value of a hexadecimal digit, or -1.
int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LineSource>> LineSource::Open(const std::string& path,
                                                             std::string name, KeyFormat format) {
  const int descriptor = path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return absl::NotFoundError(absl::StrFormat("%s: cannot be opened: %s", name, strerror(errno)));
  }
  return std::unique_ptr<LineSource>(new LineSource(descriptor, std::move(name), format));
}

LineSource::LineSource(int descriptor, std::string name, KeyFormat format)
    : descriptor_(descriptor), name_(std::move(name)), format_(format), block_(kBlockBytes) {
  struct stat file = {};
  if (fstat(descriptor_, &file) == 0 && S_ISREG(file.st_mode)) {
    bytes_in_all_ = static_cast<uint64_t>(file.st_size);
  }
}

LineSource::~LineSource() { close(descriptor_); }

bool LineSource::Next(std::string_view& key) {
  std::string_view line;
  if (!status_.ok() || !NextLine(line)) return false;
  ++line_;
  if (format_ == KeyFormat::kPlain) {
    key = line;
    return true;
  }
  if (!Decode(line)) return Fail(Quoted(line) + " is not hexadecimal");
  key = decoded_;
  return true;
}

// The last line may lack its line feed.
bool LineSource::NextLine(std::string_view& line) {
  size_t searched = 0;
  while (true) {
    const std::string_view ahead(block_.data() + begin_, end_ - begin_);
    const size_t size = ahead.find('\n', searched);
    if (size != std::string_view::npos) {
      line = ahead.substr(0, size);
      begin_ += size + 1;
      return true;
    }
    searched = ahead.size();
    if (at_end_ && !ahead.empty()) {
      line = ahead;
      begin_ = end_;
      return true;
    }
    if (at_end_ || !ReadMore()) {
      if (!status_.ok() || begin_ == end_) return false;
    }
  }
}

// Appends to what is left in the block. False at the end and at an error.
bool LineSource::ReadMore() {
  std::memmove(block_.data(), block_.data() + begin_, end_ - begin_);
  end_ -= std::exchange(begin_, 0);
  if (end_ > kMaxLineBytes) {
    ++line_;
    return Fail(
        absl::StrFormat("a line of more than %d bytes; is this a list of keys?", kMaxLineBytes));
  }
  if (block_.size() - end_ < kBlockBytes) block_.resize(2 * block_.size());
  ssize_t size;
  do {
    size = read(descriptor_, block_.data() + end_, kBlockBytes);
  } while (size < 0 && errno == EINTR);
  if (size < 0) {
    status_ =
        absl::UnavailableError(absl::StrFormat("%s: cannot be read: %s", name_, strerror(errno)));
    return false;
  }
  at_end_ = size == 0;
  end_ += static_cast<size_t>(size);
  bytes_read_ += static_cast<uint64_t>(size);
  return size > 0;
}

bool LineSource::Decode(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() % 2 != 0) return false;
  decoded_.clear();
  for (size_t i = 0; i < line.size(); i += 2) {
    const int high = HexDigit(line[i]), low = HexDigit(line[i + 1]);
    if (high < 0 || low < 0) return false;
    decoded_ += static_cast<char>(high << 4 | low);
  }
  return true;
}

bool LineSource::Fail(const std::string& message) {
  status_ = absl::InvalidArgumentError(absl::StrFormat("%s:%d: %s", name_, line_, message));
  return false;
}

}  // namespace keyway::sim
