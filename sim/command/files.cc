#include "sim/command/files.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "absl/strings/str_format.h"

namespace keyway::sim {
namespace {

// Far more than any file that is no key list needs.
constexpr size_t kMaxFileBytes = 64 * 1024 * 1024;

absl::Status Failed(const std::string& name, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrFormat("%s: %s: %s", name, what, strerror(errno)));
}

}  // namespace

std::string PathOf(const std::string& name, const std::string& directory) {
  const bool as_it_is = name == "-" || name.starts_with('/') || directory.empty();
  return as_it_is ? name : directory + "/" + name;
}

absl::Status WriteFile(const std::string& name, const std::string& directory,
                       std::string_view text) {
  std::ofstream stream(PathOf(name, directory), std::ios::binary);
  if (!stream) return Failed(name, "cannot be written");
  stream << text << std::flush;
  return stream ? absl::OkStatus() : Failed(name, "cannot be written");
}

absl::StatusOr<std::string> Files::Read(const std::string& name) {
  const auto known = texts_.find(name);
  if (known != texts_.end()) return known->second;
  if (!from_disk_) {
    return absl::InvalidArgumentError(absl::StrFormat("%s: was not read by map", name));
  }
  errno = 0;
  std::ifstream stream(PathOf(name, directory_), std::ios::binary);
  if (!stream) return Failed(name, "cannot be opened");
  std::string text;
  char block[16 * 1024];
  while (stream.read(block, sizeof(block)) || stream.gcount() > 0) {
    text.append(block, static_cast<size_t>(stream.gcount()));
    if (text.size() > kMaxFileBytes) {
      return absl::InvalidArgumentError(absl::StrFormat("%s: is too large", name));
    }
  }
  if (stream.bad()) return Failed(name, "cannot be read");
  return texts_[name] = text;
}

}  // namespace keyway::sim
