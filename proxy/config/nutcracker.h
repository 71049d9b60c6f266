// The meaning of nutcracker.yml: from sections with settings to pools.
#ifndef KEYWAY_PROXY_CONFIG_NUTCRACKER_H_
#define KEYWAY_PROXY_CONFIG_NUTCRACKER_H_

#include <span>
#include <string>
#include <string_view>

#include "proxy/config/config.h"
#include "proxy/config/outline.h"
#include "proxy/config/problem.h"

namespace keyway {

// One key that a section may hold.
template <class Settings>
struct Key {
  std::string_view name;
  std::string_view form;  // what its value looks like: "true or false", …
  std::string_view help;  // one sentence, for people
  bool repeats = false;   // may stand more than once

  // Takes a value over into the settings. Returns what is wrong with it and what would
  // be right, or nothing.
  std::string (*set)(const Scalar& value, Settings& settings);
};

// Every key, in the order of the documentation.
std::span<const Key<PoolConfig>> PoolKeys();
std::span<const Key<ProcessConfig>> ProcessKeys();

// The section that holds the settings of the process instead of a pool.
inline constexpr std::string_view kProcessSection = "keyway";

// Takes all sections over. Each value and each pool is checked by itself; what several
// of them together do wrong is left to check.h.
Config ReadSections(std::span<const Section> sections, Problems& problems);

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONFIG_NUTCRACKER_H_
