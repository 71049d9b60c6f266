#include "proxy/stats/exposition_checker.h"

#include <cmath>
#include <cstdlib>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"

namespace keyway {
namespace {

bool IsName(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  for (const char c : text) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == ':';
    if (!fits) return false;
  }
  return true;
}

// Takes what is in front of `mark` and the mark from `text`.
std::optional<std::string_view> Take(std::string_view& text, std::string_view mark) {
  const size_t at = text.find(mark);
  if (at == text.npos) return std::nullopt;
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + mark.size());
  return taken;
}

struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;

  std::string Series() const {
    std::string series = name;
    for (const auto& [label, content] : labels) {
      absl::StrAppendFormat(&series, "%c%s=\"%s\"", series == name ? '{' : ',', label, content);
    }
    if (!labels.empty()) series += '}';
    return series;
  }
};

class Reader {
 public:
  Exposition Read(std::string_view text) {
    if (!text.empty() && text.back() != '\n') Fail("no line end at the end");
    while (!text.empty() && read_.error.empty()) {
      ++line_;
      const std::string_view line = *Take(text, "\n");
      line.starts_with('#') ? ReadComment(line) : ReadSample(line);
    }
    if (read_.error.empty()) EndFamily();
    return std::move(read_);
  }

 private:
  void Fail(std::string_view why) {
    if (read_.error.empty()) read_.error = absl::StrFormat("line %d: %s", line_, why);
  }

  void ReadComment(std::string_view line) {
    const std::string_view kind = line.substr(0, 7);
    line.remove_prefix(std::min<size_t>(7, line.size()));
    const auto name = Take(line, " ");
    if (!name || !IsName(*name)) return Fail("no name in the comment");
    if (kind == "# HELP ") {
      EndFamily();
      family_ = *name;
      if (line.empty()) Fail("an empty help");
      if (!read_.helps.emplace(family_, line).second)
        Fail("a second HELP: the family is in pieces");
    } else if (kind == "# TYPE ") {
      if (*name != family_ || !of_family_.empty()) return Fail("TYPE is not right behind HELP");
      if (line != "counter" && line != "gauge" && line != "histogram") Fail("unknown type");
      if (family_.ends_with("_total") != (line == "counter")) Fail("_total is for counters");
      if (!read_.types.emplace(family_, line).second) Fail("a second TYPE");
    } else {
      Fail("neither HELP nor TYPE");
    }
  }

  void ReadSample(std::string_view line) {
    Sample sample;
    const size_t name_end = line.find_first_of("{ ");
    if (name_end == line.npos) return Fail("no value");
    sample.name = line.substr(0, name_end);
    if (!IsName(sample.name)) return Fail("a bad name");
    line.remove_prefix(name_end);
    if (line.front() == '{' && !ReadLabels(line, sample)) return Fail("bad labels");
    if (!line.starts_with(' ')) return Fail("no space before the value");
    const std::string value(line.substr(1));
    char* end = nullptr;
    sample.value = std::strtod(value.c_str(), &end);
    if (value.empty() || *end != '\0' || value[0] == ' ') return Fail("a bad value");
    if (!read_.types.contains(family_)) return Fail("a sample without a type");
    if (!BelongsToFamily(sample.name)) return Fail("a sample of another family");
    if (!read_.values.emplace(sample.Series(), sample.value).second) return Fail("a series twice");
    if (read_.types[family_] == "counter" && sample.value < 0) Fail("a negative counter");
    of_family_.push_back(std::move(sample));
  }

  bool BelongsToFamily(const std::string& name) const {
    if (read_.types.at(family_) != "histogram") return name == family_;
    return name == family_ + "_bucket" || name == family_ + "_sum" || name == family_ + "_count";
  }

  static bool ReadLabels(std::string_view& line, Sample& sample) {
    line.remove_prefix(1);
    while (true) {
      const auto name = Take(line, "=\"");
      if (!name || !IsName(*name) || name->find(':') != name->npos) return false;
      std::string value;
      while (!line.empty() && line.front() != '"') {
        if (line.front() == '\\') {
          line.remove_prefix(1);
          if (line.empty() || std::string_view("\\\"n").find(line.front()) == line.npos)
            return false;
          value += line.front() == 'n' ? '\n' : line.front();
        } else {
          value += line.front();
        }
        line.remove_prefix(1);
      }
      if (line.size() < 2 || !sample.labels.emplace(*name, value).second) return false;
      const char next = line[1];
      line.remove_prefix(2);
      if (next == '}') return true;
      if (next != ',') return false;
    }
  }

  void EndFamily() {
    if (!family_.empty() && of_family_.empty()) Fail("a family without samples");
    if (!family_.empty() && read_.types[family_] == "histogram") CheckHistograms();
    of_family_.clear();
  }

  void CheckHistograms() {
    struct Histogram {
      double bound = -1;
      double count = 0;
      std::set<std::string> parts;
    };
    std::map<std::map<std::string, std::string>, Histogram> histograms;
    for (const Sample& sample : of_family_) {
      std::map<std::string, std::string> labels = sample.labels;
      const std::string bound = std::exchange(labels["le"], "");
      Histogram& histogram = histograms[labels];
      histogram.parts.insert(sample.name.substr(family_.size()));
      if (sample.name.ends_with("_bucket")) {
        const double number = std::strtod(bound.c_str(), nullptr);
        if (number <= histogram.bound) Fail("bounds do not rise");
        if (sample.value < histogram.count) Fail("buckets are not cumulative");
        histogram.bound = number;
        histogram.count = sample.value;
      } else if (sample.name.ends_with("_count") && sample.value != histogram.count) {
        Fail("_count is not the last bucket");
      }
    }
    for (const auto& [labels, histogram] : histograms) {
      if (!std::isinf(histogram.bound)) Fail("no bucket for all");
      if (histogram.parts.size() != 3) Fail("a histogram in parts");
    }
  }

  Exposition read_;
  int line_ = 0;
  std::string family_;
  std::vector<Sample> of_family_;
};

}  // namespace

Exposition ReadExposition(std::string_view text) { return Reader().Read(text); }

}  // namespace keyway
