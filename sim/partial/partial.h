// The result of a part of the input, as a line of text: whatever hands lines from program
// to program (a pipe, Spark, Hadoop Streaming) can carry it, and its parts add up.
#ifndef KEYWAY_SIM_PARTIAL_PARTIAL_H_
#define KEYWAY_SIM_PARTIAL_PARTIAL_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sim/engine/input.h"
#include "sim/engine/tally.h"

namespace keyway::sim {

// What was asked: enough to come to the report where neither the command line nor the
// files are known.
struct PartialPlan {
  std::string command = {};                       // balance
  std::vector<std::string> arguments = {};        // --pool=NAME; not where keys come from
  std::map<std::string, std::string> files = {};  // the texts that they name, by name
  double max_bad = 0;                             // of the lines of all parts, as a share
};

// How `other` differs from `plan`, as the end of a sentence for people; empty where they
// are the same. Only counts under the same plan can be added.
std::string DifferenceOf(const PartialPlan& plan, const PartialPlan& other);

// A line, without its line feed. Fails only for counts that are far too large.
absl::StatusOr<std::string> WritePartial(const PartialPlan& plan, const Tally& tally,
                                         const InputReport& input);

class Partial {
 public:
  // From a line, perhaps with a key and a tab before it. Errors are the end of a message:
  // the caller says which line it was.
  static absl::StatusOr<Partial> Read(std::string_view line);

  Partial(Partial&& other) noexcept;
  Partial& operator=(Partial&& other) noexcept;
  ~Partial();

  const PartialPlan& plan() const { return plan_; }

  // Adds the counts to `tally`, which has the places of the plan's experiment
  // (EmptyTally), and the input's sums to `input`: one source for each format and, so
  // that messages can name them, one of nothing for each bad line that is an example. Fails
  // if the counts are not of such an experiment; some of them may then have been added.
  absl::Status AddTo(Tally& tally, InputReport& input) const;

 private:
  struct Message;

  explicit Partial(std::unique_ptr<Message> message);

  std::unique_ptr<Message> message_;
  PartialPlan plan_;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_PARTIAL_PARTIAL_H_
