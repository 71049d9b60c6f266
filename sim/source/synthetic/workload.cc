#include "sim/source/synthetic/workload.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "sim/source/synthetic/numbers.h"

namespace keyway::sim {
namespace {

enum Option { kKeys, kStart, kPrefix, kName, kRequests, kExponent, kReads, kSize, kSeed, kPart };
constexpr std::array<std::string_view, 10> kOptionNames = {
    "keys=", "start=", "prefix=", "name=", "requests=", "s=", "reads=", "size=", "seed=", "part="};

constexpr double kDefaultExponent = 0.99;

template <typename... Args>
absl::Status Invalid(const absl::FormatSpec<Args...>& format, const Args&... args) {
  return absl::InvalidArgumentError(absl::StrFormat(format, args...));
}

struct Texts {
  std::string_view before;  // the first option
  std::array<std::optional<std::string_view>, kOptionNames.size()> values;
};

// The option that `text` starts with, or as many as there are.
size_t OptionAt(std::string_view text) {
  const auto found = std::ranges::find_if(
      kOptionNames, [text](std::string_view name) { return text.starts_with(name); });
  return static_cast<size_t>(found - kOptionNames.begin());
}

absl::StatusOr<Texts> Split(std::string_view details) {
  Texts texts;
  size_t option = OptionAt(details);
  size_t begin = 0;
  for (size_t at = 0; at <= details.size(); ++at) {
    const bool at_end = at == details.size();
    if (!at_end && details[at] != ',') continue;
    if (!at_end && OptionAt(details.substr(at + 1)) == kOptionNames.size()) continue;

    const std::string_view piece = details.substr(begin, at - begin);
    if (option == kOptionNames.size()) {
      texts.before = piece;
    } else {
      std::optional<std::string_view>& value = texts.values[option];
      if (value) return Invalid("%s is given twice", kOptionNames[option]);
      value = piece.substr(kOptionNames[option].size());
    }
    if (at_end) break;
    begin = at + 1;
    option = OptionAt(details.substr(begin));
  }
  return texts;
}

// A prefix is taken as it is, braces too.
std::string Escaped(std::string_view prefix) {
  std::string escaped;
  for (const char byte : prefix) {
    escaped += byte;
    if (byte == '{' || byte == '}') escaped += byte;
  }
  return escaped;
}

absl::StatusOr<std::string> TemplateOf(const WorkloadKind& kind, const Texts& texts) {
  const bool own = kind.names.empty();
  if (!own && !texts.before.empty()) {
    return Invalid(
        "%s\"%s\" is no option; there are keys, start, prefix, name, requests, s, reads, "
        "size, seed and part",
        kind.name, texts.before);
  }
  if (own && (texts.before.empty() || texts.values[kName] || texts.values[kPrefix])) {
    return Invalid("%sa template follows: template:user:{id},keys=1000", kind.name);
  }
  if (texts.values[kName] && texts.values[kPrefix]) return Invalid("prefix= has no use with name=");
  if (own) return std::string(texts.before);
  if (texts.values[kName]) return std::string(*texts.values[kName]);
  return Escaped(texts.values[kPrefix].value_or("")) + std::string(kind.names);
}

absl::Status SetCount(const Texts& texts, Option option, uint64_t& count) {
  if (!texts.values[option]) return absl::OkStatus();
  const absl::StatusOr<uint64_t> parsed = ParseCount(kOptionNames[option], *texts.values[option]);
  if (parsed.ok()) count = *parsed;
  return parsed.status();
}

absl::Status SetRequests(const WorkloadKind& kind, const Texts& texts, Workload& workload) {
  workload.requests = kind.zipf ? workload.keys : 0;
  if (absl::Status set = SetCount(texts, kRequests, workload.requests); !set.ok()) return set;
  if (workload.requests == 0 && (kind.zipf || texts.values[kExponent] || texts.values[kReads])) {
    return Invalid("%spopularity and reads are of requests: say how many with requests=",
                   kind.name);
  }
  if (texts.values[kReads]) {
    const absl::StatusOr<double> reads = ParseReal("reads=", *texts.values[kReads]);
    if (!reads.ok()) return reads.status();
    if (*reads < 0 || *reads > 1) return Invalid("reads=%g is not from 0 to 1", *reads);
    workload.reads = *reads;
  }
  if (!kind.zipf && !texts.values[kExponent]) return absl::OkStatus();
  const absl::StatusOr<double> exponent =
      texts.values[kExponent] ? ParseReal("s=", *texts.values[kExponent]) : kDefaultExponent;
  if (!exponent.ok()) return exponent.status();
  if (*exponent < 0 || *exponent > kMaxZipfExponent) {
    return Invalid("s=%g is not from 0 to %g", *exponent, kMaxZipfExponent);
  }
  workload.popular = Zipf(workload.keys, *exponent);
  return absl::OkStatus();
}

// "2/8": the second eighth of the blocks.
absl::Status SetPart(const Texts& texts, Workload& workload) {
  const uint64_t blocks = (workload.records() + kRecordsPerBlock - 1) / kRecordsPerBlock;
  workload.end_block = blocks;
  if (!texts.values[kPart]) return absl::OkStatus();
  const std::string_view text = *texts.values[kPart];
  const size_t slash = std::min(text.find('/'), text.size());
  const absl::StatusOr<uint64_t> part = ParseCount("part=", text.substr(0, slash));
  const absl::StatusOr<uint64_t> parts =
      ParseCount("part=", text.substr(std::min(slash + 1, text.size())));
  constexpr uint64_t kMaxParts = 1'000'000;
  if (!part.ok() || !parts.ok() || *part < 1 || *part > *parts || *parts > kMaxParts) {
    return Invalid("part=\"%s\" is not like 2/8, the second of eight", text);
  }
  __extension__ using Wide = unsigned __int128;
  workload.first_block = static_cast<uint64_t>(Wide{blocks} * (*part - 1) / *parts);
  workload.end_block = static_cast<uint64_t>(Wide{blocks} * *part / *parts);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Workload> ParseWorkload(const WorkloadKind& kind, std::string_view details) {
  const absl::StatusOr<Texts> texts = Split(details);
  if (!texts.ok()) return texts.status();
  const absl::StatusOr<std::string> names = TemplateOf(kind, *texts);
  if (!names.ok()) return names.status();

  Workload workload;
  for (const absl::Status& status :
       {SetCount(*texts, kSeed, workload.seed), SetCount(*texts, kKeys, workload.keys),
        SetCount(*texts, kStart, workload.start)}) {
    if (!status.ok()) return status;
  }
  if (workload.keys == 0) return Invalid("%show many keys? keys=1e6", kind.name);
  absl::StatusOr<KeyTemplate> parsed = KeyTemplate::Parse(*names, workload.seed);
  if (!parsed.ok()) return parsed.status();
  workload.names = *std::move(parsed);
  if (texts->values[kSize]) {
    absl::StatusOr<Sizes> sizes = Sizes::Parse(*texts->values[kSize]);
    if (!sizes.ok()) return sizes.status();
    workload.sizes = *sizes;
  }
  if (absl::Status set = SetRequests(kind, *texts, workload); !set.ok()) return set;
  if (absl::Status set = SetPart(*texts, workload); !set.ok()) return set;
  return workload;
}

}  // namespace keyway::sim
