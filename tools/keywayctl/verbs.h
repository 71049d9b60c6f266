// What keywayctl can do: a row for each verb.
#ifndef KEYWAY_TOOLS_KEYWAYCTL_VERBS_H_
#define KEYWAY_TOOLS_KEYWAYCTL_VERBS_H_

#include <grpcpp/grpcpp.h>

#include <span>
#include <string>
#include <string_view>

#include "proxy/admin/admin.grpc.pb.h"
#include "tools/keywayctl/arguments.h"

namespace keyway {

struct Verb {
  std::string_view name;
  std::string_view words;  // that follow it, for people; those in brackets may be left out
  std::string_view help;
  size_t least_words;
  size_t most_words;
  // Does it; `text` is what to print.
  grpc::Status (*run)(admin::v1::Admin::Stub& proxy, const Arguments& arguments, std::string& text);
};

std::span<const Verb> AllVerbs();

}  // namespace keyway

#endif  // KEYWAY_TOOLS_KEYWAYCTL_VERBS_H_
