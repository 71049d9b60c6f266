// Asks a running proxy, and gives it orders, over its admin API.
#include <grpc/grpc.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "absl/strings/str_format.h"
#include "tools/keywayctl/arguments.h"
#include "tools/keywayctl/verbs.h"

namespace keyway {
namespace {

enum ExitCode { kDone = 0, kRefused = 1, kWrongUse = 2, kNobodyThere = 3 };

std::string SynopsisOf(const Verb& verb) {
  return absl::StrFormat("%s%s%s", verb.name, verb.words.empty() ? "" : " ", verb.words);
}

std::string UsageText() {
  std::string text =
      "Usage: keywayctl [option]... VERB\n\n"
      "Asks a running Keyway proxy, and gives it orders.\n\nVerbs:\n";
  for (const Verb& verb : AllVerbs()) {
    absl::StrAppendFormat(&text, "  %-22s %s\n", SynopsisOf(verb), verb.help);
  }
  text += "\nOptions:\n" + OptionsText();
  absl::StrAppendFormat(&text,
                        "\nExit codes: %d done, %d the proxy refused, %d wrong use, "
                        "%d no proxy there.\n",
                        kDone, kRefused, kWrongUse, kNobodyThere);
  return text;
}

ExitCode Complain(const std::string& message) {
  fprintf(stderr, "keywayctl: %s\nkeywayctl --help shows what there is.\n", message.c_str());
  return kWrongUse;
}

// gRPC tells of all addresses and attempts; what went wrong comes last.
std::string Reason(const std::string& message) {
  const size_t colon = message.rfind(": ");
  return colon == std::string::npos ? message : message.substr(colon + 2);
}

ExitCode TellNobodyThere(const grpc::Status& status, const std::string& address) {
  fprintf(stderr,
          "keywayctl: no proxy answers at %s: %s\n"
          "Start the proxy with --admin=%s, or say with --address where it was started.\n",
          address.c_str(), Reason(status.error_message()).c_str(), address.c_str());
  return kNobodyThere;
}

ExitCode TellRefused(const grpc::Status& status) {
  fprintf(stderr, "keywayctl: %s\n", status.error_message().c_str());
  if (status.error_code() == grpc::StatusCode::FAILED_PRECONDITION) {
    fprintf(stderr, "--force does it all the same.\n");
  }
  return kRefused;
}

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments options;
  // What is meant for the web is not on the way to this machine.
  options.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  options.SetMaxReceiveMessageSize(-1);  // thousands of servers
  const bool is_path = address.starts_with('/');
  return grpc::CreateCustomChannel(is_path ? "unix:" + address : address,
                                   grpc::InsecureChannelCredentials(), options);
}

int Main(int argc, char* argv[]) {
  const absl::StatusOr<Arguments> arguments = ParseArguments(argc, argv);
  if (!arguments.ok()) return Complain(std::string(arguments.status().message()));
  if (arguments->help) {
    fputs(UsageText().c_str(), stdout);
    return kDone;
  }
  if (arguments->words.empty()) return Complain("what is to be done?");
  const std::string& name = arguments->words[0];
  const auto verbs = AllVerbs();
  const auto verb =
      std::find_if(verbs.begin(), verbs.end(), [&](const Verb& each) { return each.name == name; });
  if (verb == verbs.end()) return Complain(absl::StrFormat("there is no verb '%s'", name));
  const size_t words = arguments->words.size() - 1;
  if (words < verb->least_words || words > verb->most_words) {
    return Complain("it is: " + SynopsisOf(*verb));
  }

  grpc_init();  // and never undone, which can take seconds
  const auto proxy = admin::v1::Admin::NewStub(Connect(arguments->address));
  std::string text;
  const grpc::Status status = verb->run(*proxy, *arguments, text);
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    return TellNobodyThere(status, arguments->address);
  }
  if (!status.ok()) return TellRefused(status);
  fputs(text.c_str(), stdout);
  return fflush(stdout) == 0 ? kDone : kRefused;
}

}  // namespace
}  // namespace keyway

int main(int argc, char* argv[]) { return keyway::Main(argc, argv); }
