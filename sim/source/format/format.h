// The formats of files of records: key lists, logs, traces.
#ifndef KEYWAY_SIM_SOURCE_FORMAT_FORMAT_H_
#define KEYWAY_SIM_SOURCE_FORMAT_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "sim/source/bytes/byte_stream.h"
#include "sim/source/source.h"

namespace keyway::sim {

// A longer line or record is no list of keys, and is not gathered in memory.
inline constexpr size_t kMaxLineBytes = 16 * 1024 * 1024;

// So much of a file is looked at to recognise its format.
inline constexpr size_t kHeadBytes = 16 * 1024;

// How bytes become records. Without state, and used by many threads at a time.
class Format {
 public:
  virtual ~Format() = default;

  // How many of the first bytes are whole records, whatever follows; 0 if none is. Lines,
  // unless a format says otherwise.
  virtual size_t Cut(std::string_view bytes) const;

  // Gives the records of what Cut found, or of all that is left at the end of the file.
  // Returns how many lines that was.
  virtual uint64_t Parse(std::string_view bytes, RecordSink& sink) const = 0;
};

// A row of the table.
struct FormatSpec {
  std::string_view name;
  std::string_view help;
  Content content = Content::kKeys;
  // Whether the first bytes of a file (up to kHeadBytes) show the format. Null: it has to
  // be named.
  bool (*recognise)(std::string_view head) = nullptr;
  // `head` as above; `details` is what the user wrote behind NAME and a colon.
  absl::StatusOr<std::unique_ptr<Format>> (*make)(std::string_view head,
                                                  std::string_view details) = nullptr;
  // In place of `make`, for a format in which only what comes before says where a record
  // ends.
  absl::StatusOr<std::unique_ptr<Source>> (*open)(std::string_view details,
                                                  std::unique_ptr<PeekStream> stream) = nullptr;
};

// Most telling first: of several that recognise a file the first is right.
std::span<const FormatSpec> AllFormatSpecs();

// Reads a file of that format in blocks. Fails where the details are wrong.
absl::StatusOr<std::unique_ptr<Source>> OpenFormat(const FormatSpec& spec, std::string_view details,
                                                   std::unique_ptr<PeekStream> stream);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_FORMAT_FORMAT_H_
