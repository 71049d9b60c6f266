#include "sim/partial/partial.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "sim/partial/input_message.h"
#include "sim/partial/line.h"
#include "sim/partial/partial.pb.h"
#include "sim/partial/tally_message.h"

namespace keyway::sim {
namespace {

void PutPlan(const PartialPlan& plan, v1::Plan& message) {
  message.set_command(plan.command);
  for (const std::string& argument : plan.arguments) message.add_arguments(argument);
  for (const auto& [name, text] : plan.files) {
    v1::Plan::File& file = *message.add_files();
    file.set_name(name);
    file.set_text(text);
  }
  message.set_max_bad(plan.max_bad);
}

PartialPlan PlanOf(const v1::Plan& message) {
  PartialPlan plan = {.command = message.command(),
                      .arguments = {message.arguments().begin(), message.arguments().end()},
                      .max_bad = message.max_bad()};
  for (const v1::Plan::File& file : message.files()) plan.files[file.name()] = file.text();
  return plan;
}

std::string Quoted(const std::vector<std::string>& arguments) {
  return arguments.empty() ? "no options" : absl::StrJoin(arguments, " ");
}

// Of the texts of files: the name of the first that is not the same in both.
std::string FirstOther(const std::map<std::string, std::string>& some,
                       const std::map<std::string, std::string>& others) {
  for (const auto& [name, text] : some) {
    const auto other = others.find(name);
    if (other == others.end() || other->second != text) return name;
  }
  return "";
}

}  // namespace

std::string DifferenceOf(const PartialPlan& plan, const PartialPlan& other) {
  if (plan.command != other.command) {
    return absl::StrFormat("is of %s, not of %s", other.command, plan.command);
  }
  if (plan.arguments != other.arguments) {
    return absl::StrFormat("was made with %s, not with %s", Quoted(other.arguments),
                           Quoted(plan.arguments));
  }
  std::string file = FirstOther(plan.files, other.files);
  if (file.empty()) file = FirstOther(other.files, plan.files);
  if (!file.empty()) return absl::StrFormat("was made with another text of %s", file);
  if (plan.max_bad != other.max_bad) {
    return absl::StrFormat("was made with --max-bad %g%%, not with %g%%", 100 * other.max_bad,
                           100 * plan.max_bad);
  }
  return "";
}

absl::StatusOr<std::string> WritePartial(const PartialPlan& plan, const Tally& tally,
                                         const InputReport& input) {
  v1::PartialResult message;
  PutPlan(plan, *message.mutable_plan());
  PutTally(tally, *message.mutable_tally());
  PutInput(input, *message.mutable_input());
  return PackLine(message.SerializeAsString());
}

struct Partial::Message {
  v1::PartialResult result;
};

Partial::Partial(std::unique_ptr<Message> message)
    : message_(std::move(message)), plan_(PlanOf(message_->result.plan())) {}
Partial::Partial(Partial&& other) noexcept = default;
Partial& Partial::operator=(Partial&& other) noexcept = default;
Partial::~Partial() = default;

absl::StatusOr<Partial> Partial::Read(std::string_view line) {
  const absl::StatusOr<std::string> bytes = UnpackLine(line);
  if (!bytes.ok()) return bytes.status();
  auto message = std::make_unique<Message>();
  if (!message->result.ParseFromString(*bytes)) {
    return absl::InvalidArgumentError("a damaged partial result: no such message");
  }
  return Partial(std::move(message));
}

absl::Status Partial::AddTo(Tally& tally, InputReport& input) const {
  AddInput(message_->result.input(), input);
  return AddTally(message_->result.tally(), tally);
}

}  // namespace keyway::sim
