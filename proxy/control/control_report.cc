#include "proxy/control/control_report.h"

#include "absl/strings/str_format.h"

namespace keyway {
namespace {

// More would hide the message that they are part of.
constexpr size_t kMostNames = 20;

std::string Listed(const std::vector<std::string>& names) {
  std::string list;
  for (size_t i = 0; i < names.size() && i < kMostNames; ++i) {
    absl::StrAppendFormat(&list, "%s%s", i == 0 ? "" : ", ", names[i]);
  }
  if (names.size() > kMostNames) absl::StrAppendFormat(&list, ", … (%d in all)", names.size());
  return list;
}

}  // namespace

absl::Status NoSuchPool(const std::string& name, const std::vector<std::string>& pools) {
  const std::string there_are = "there are: " + Listed(pools);
  if (name.empty()) return absl::InvalidArgumentError("no pool is named; " + there_are);
  return absl::NotFoundError(absl::StrFormat("there is no pool '%s'; %s", name, there_are));
}

absl::Status NoSuchServer(const ServerName& name, const std::vector<std::string>& servers) {
  const std::string it_has = "it has: " + Listed(servers);
  if (name.server.empty()) {
    return absl::InvalidArgumentError(
        absl::StrFormat("no server of pool '%s' is named; %s", name.pool, it_has));
  }
  return absl::NotFoundError(
      absl::StrFormat("pool '%s' has no server '%s'; %s", name.pool, name.server, it_has));
}

}  // namespace keyway
