// Keys from a text file or a pipe, one to a line.
#ifndef KEYWAY_SIM_SOURCE_LINES_H_
#define KEYWAY_SIM_SOURCE_LINES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace keyway::sim {

// How a line holds its key.
enum class KeyFormat {
  kPlain,  // any bytes but the line feed; an empty line is the empty key
  kHex,    // two hexadecimal digits for each byte
};

// A line longer than this is no list of keys, and is not gathered in memory.
inline constexpr size_t kMaxLineBytes = 16 * 1024 * 1024;

// Reads once, from the start to the end, and holds a block and the longest line.
class LineSource {
 public:
  // Opens a file; "-" is the standard input. `name` is what messages call it.
  static absl::StatusOr<std::unique_ptr<LineSource>> Open(const std::string& path, std::string name,
                                                          KeyFormat format);

  LineSource(const LineSource&) = delete;
  LineSource& operator=(const LineSource&) = delete;
  ~LineSource();

  // Sets `key`, which is valid until the next call. False at the end and at an error;
  // status() tells them apart.
  bool Next(std::string_view& key);

  // What went wrong, with the file and the line.
  const absl::Status& status() const { return status_; }

  uint64_t bytes_read() const { return bytes_read_; }
  // Of a file; 0 for what has no size in advance.
  uint64_t bytes_in_all() const { return bytes_in_all_; }

 private:
  LineSource(int descriptor, std::string name, KeyFormat format);

  bool NextLine(std::string_view& line);
  bool ReadMore();
  bool Decode(std::string_view line);
  bool Fail(const std::string& message);

  const int descriptor_;
  const std::string name_;
  const KeyFormat format_;
  uint64_t bytes_in_all_ = 0;
  uint64_t bytes_read_ = 0;
  uint64_t line_ = 0;
  bool at_end_ = false;
  absl::Status status_;
  std::vector<char> block_;
  size_t begin_ = 0;  // of what has been read and not been given out
  size_t end_ = 0;
  std::string decoded_;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_LINES_H_
