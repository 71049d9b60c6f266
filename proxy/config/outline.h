// The shape of a configuration file, before any word in it has a meaning: sections
// (the pools) with settings, each with its values and the places where they stand.
#ifndef KEYWAY_PROXY_CONFIG_OUTLINE_H_
#define KEYWAY_PROXY_CONFIG_OUTLINE_H_

#include <string>
#include <string_view>
#include <vector>

#include "proxy/config/config.h"
#include "proxy/config/problem.h"

namespace keyway {

struct Scalar {
  std::string text = {};  // never empty, unless the file is refused
  Location location = {};
};

// "key: value", or "key:" and a sequence of "- value".
struct Setting {
  Scalar key = {};
  bool sequence = false;
  std::vector<Scalar> values = {};
};

struct Section {
  Scalar name = {};
  std::vector<Setting> settings = {};  // in the order of the file, repeated keys included
};

// Reads YAML as far as nutcracker allows it: one document of block mappings two levels
// deep, a block sequence as value, scalars of any style; no markers, directives, flow
// style, anchors, aliases or tags. Appends what is refused to `problems`; the outline
// then holds what could be read.
std::vector<Section> ReadOutline(std::string_view text, Problems& problems);

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONFIG_OUTLINE_H_
