// The texts of the files that a plan reads.
#ifndef KEYWAY_SIM_COMMAND_FILES_H_
#define KEYWAY_SIM_COMMAND_FILES_H_

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace keyway::sim {

// `name` where it is, if relative names start at `directory`; an empty one is the working
// directory, and "-" is no name.
std::string PathOf(const std::string& name, const std::string& directory);

// Writes a whole file. Errors are lines for the user and call the file `name`.
absl::Status WriteFile(const std::string& name, const std::string& directory,
                       std::string_view text);

// From the disk, remembered; or remembered ones only, so that a plan comes out the same
// where the files are not.
class Files {
 public:
  explicit Files(std::string directory) : directory_(std::move(directory)), from_disk_(true) {}
  explicit Files(std::map<std::string, std::string> texts) : texts_(std::move(texts)) {}

  // The text of the file that the user calls `name`. Errors are lines for the user.
  absl::StatusOr<std::string> Read(const std::string& name);

  // All that was read, by name.
  const std::map<std::string, std::string>& texts() const { return texts_; }

 private:
  const std::string directory_;
  const bool from_disk_ = false;
  std::map<std::string, std::string> texts_;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_COMMAND_FILES_H_
