// Reads Prometheus's text format back, as strictly as its documentation is.
#ifndef KEYWAY_PROXY_STATS_EXPOSITION_CHECKER_H_
#define KEYWAY_PROXY_STATS_EXPOSITION_CHECKER_H_

#include <map>
#include <string>
#include <string_view>

namespace keyway {

// What was read, or the first thing that is wrong. Beyond the format itself it wants
// what our conventions want: HELP and TYPE in front of each family, a family in one
// piece, _total at the end of counters and of nothing else, and whole histograms.
struct Exposition {
  std::string error;                         // "line 3: …"; empty: none
  std::map<std::string, std::string> types;  // by family
  std::map<std::string, double> values;      // by series: name{label="value",…}, unescaped
  std::map<std::string, std::string> helps;  // by family
};

Exposition ReadExposition(std::string_view text);

}  // namespace keyway

#endif  // KEYWAY_PROXY_STATS_EXPOSITION_CHECKER_H_
