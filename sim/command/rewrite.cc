#include "sim/command/rewrite.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "proxy/config/outline.h"
#include "proxy/config/parse.h"

namespace keyway::sim {
namespace {

// A piece of the text that is replaced.
struct Edit {
  size_t begin = 0;
  size_t size = 0;
  std::string text = {};
};

class Editor {
 public:
  explicit Editor(std::string_view text)
      : text_(text), lines_(1, text.starts_with("\xef\xbb\xbf") ? 3 : 0) {
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') lines_.push_back(i + 1);
    }
  }

  // False where the scalar is not written as it reads.
  bool Replace(const Scalar& scalar, std::string text) {
    std::optional<size_t> begin = OffsetOf(scalar.location);
    if (!begin) return false;
    if (*begin < text_.size() && (text_[*begin] == '"' || text_[*begin] == '\'')) ++*begin;
    if (!text_.substr(*begin).starts_with(scalar.text)) return false;
    edits_.push_back({.begin = *begin, .size = scalar.text.size(), .text = std::move(text)});
    return true;
  }

  // Adds a line before the one where `setting` stands, indented like it.
  bool InsertBefore(const Setting& setting, const std::string& line) {
    const Location location = setting.key.location;
    const std::optional<size_t> key = OffsetOf(location);
    if (!key) return false;
    const size_t begin = *key - static_cast<size_t>(location.column - 1);
    const std::string indent(text_.substr(begin, *key - begin));
    if (indent.find_first_not_of(' ') != std::string::npos) return false;
    edits_.push_back({.begin = begin, .text = indent + line + EndOfLine()});
    return true;
  }

  std::string Result() {
    std::ranges::stable_sort(edits_, {}, &Edit::begin);
    std::string result;
    size_t done = 0;
    for (const Edit& edit : edits_) {
      result += text_.substr(done, edit.begin - done);
      result += edit.text;
      done = edit.begin + edit.size;
    }
    return result + std::string(text_.substr(done));
  }

 private:
  std::optional<size_t> OffsetOf(Location location) const {
    const size_t line = static_cast<size_t>(location.line);
    if (line < 1 || line > lines_.size() || location.column < 1) return std::nullopt;
    const size_t offset = lines_[line - 1] + static_cast<size_t>(location.column) - 1;
    return offset <= text_.size() ? std::optional(offset) : std::nullopt;
  }

  std::string EndOfLine() const {
    return text_.find("\r\n") == std::string_view::npos ? "\n" : "\r\n";
  }

  const std::string_view text_;
  std::vector<size_t> lines_;  // where each begins
  std::vector<Edit> edits_;
};

const Setting* FindSetting(const Section& section, std::string_view key) {
  const auto found = std::ranges::find_if(
      section.settings, [key](const Setting& setting) { return setting.key.text == key; });
  return found == section.settings.end() ? nullptr : &*found;
}

bool SetValue(const Section& section, std::string_view key, const std::string& value,
              Editor& editor) {
  const Setting* const setting = FindSetting(section, key);
  if (setting == nullptr) {
    return editor.InsertBefore(section.settings.front(), absl::StrFormat("%s: %s", key, value));
  }
  return editor.Replace(setting->values.front(), value);
}

// "host:port:weight name" with another weight.
std::string WithWeight(const std::string& line, uint32_t weight) {
  const size_t end = std::min(line.find(' '), line.size());
  const size_t colon = line.rfind(':', end);
  return line.substr(0, colon + 1) + std::to_string(weight) + line.substr(end);
}

bool Edited(const Section& section, const PoolConfig& pool, const NewPlacement& placement,
            Editor& editor) {
  if (pool.hash != placement.hash && !SetValue(section, "hash", placement.hash, editor)) {
    return false;
  }
  if (pool.distribution != placement.distribution &&
      !SetValue(section, "distribution", placement.distribution, editor)) {
    return false;
  }
  const Setting* const servers = FindSetting(section, "servers");
  if (servers == nullptr || servers->values.size() != pool.servers.size()) return false;
  for (size_t i = 0; i < pool.servers.size(); ++i) {
    const Scalar& line = servers->values[i];
    if (pool.servers[i].weight != placement.weights[i] &&
        !editor.Replace(line, WithWeight(line.text, placement.weights[i]))) {
      return false;
    }
  }
  return true;
}

const PoolConfig* FindPool(const Config& config, const std::string& name) {
  const auto found = std::ranges::find(config.pools, name, &PoolConfig::name);
  return found == config.pools.end() ? nullptr : &*found;
}

// Whether two texts mean the same but for the placement.
bool SameServers(const PoolConfig& before, const PoolConfig& after, const NewPlacement& placement) {
  if (before.servers.size() != after.servers.size() || after.hash != placement.hash ||
      after.distribution != placement.distribution || before.hash_tag != after.hash_tag ||
      before.key_locations.size() > after.key_locations.size()) {
    return false;
  }
  for (size_t i = 0; i < before.servers.size(); ++i) {
    const ServerConfig& server = after.servers[i];
    if (server.name != before.servers[i].name || server.weight != placement.weights[i] ||
        !(server.endpoint == before.servers[i].endpoint)) {
      return false;
    }
  }
  return true;
}

}  // namespace

absl::StatusOr<std::string> Rewrite(std::string_view text, const std::string& file,
                                    const std::string& pool_name, const NewPlacement& placement) {
  const absl::Status impossible = absl::InvalidArgumentError(absl::StrFormat(
      "%s: cannot be changed by a program; write hash: %s, distribution: %s into pool %s, and "
      "the recommended weights",
      file, placement.hash, placement.distribution, pool_name));
  const ParsedConfig before = ParseConfig(text, file);
  const PoolConfig* const pool = FindPool(before.config, pool_name);
  Problems problems;
  const std::vector<Section> sections = ReadOutline(text, problems);
  const auto section = std::ranges::find_if(
      sections, [&](const Section& candidate) { return candidate.name.text == pool_name; });
  if (!before.ok() || pool == nullptr || section == sections.end()) return impossible;

  Editor editor(text);
  if (!Edited(*section, *pool, placement, editor)) return impossible;
  std::string result = editor.Result();
  const ParsedConfig after = ParseConfig(result, file);
  const PoolConfig* const changed = FindPool(after.config, pool_name);
  if (!after.ok() || changed == nullptr || !SameServers(*pool, *changed, placement)) {
    return impossible;
  }
  return result;
}

}  // namespace keyway::sim
