#include "hashing/ketama.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <utility>

#include "hashing/functions.h"
#include "hashing/kinds.h"

namespace keyway::hashing {
namespace {

constexpr uint32_t kPointsPerMember = 160;
constexpr uint32_t kPointsPerDigest = 4;
constexpr size_t kMaxTextSize = 272;

// More than any ring takes: what a weight is held to if the sum of all has wrapped, maybe
// to 0.
constexpr float kTooManyDigests = 1e9;

// How many digests a member gets. Nutcracker computes in single precision and rounds
// after every step, which is why 25 equal members get 39 digests and not 40; keys have
// been placed by these figures. Each variable is one rounding: do not merge them. (It
// then adds 1e-10, which no value that is near an integer can hold.)
uint32_t DigestCount(uint32_t weight, uint32_t total_weight, size_t members) {
  const float share = static_cast<float>(weight) / static_cast<float>(total_weight);
  const float points = share * static_cast<float>(kPointsPerMember);
  const float digests = points / static_cast<float>(kPointsPerDigest);
  const float scaled = digests * static_cast<float>(members);
  return static_cast<uint32_t>(std::min(std::floor(scaled), kTooManyDigests));
}

// The text "name-number" whose digest is four points. Nutcracker has room for 272 bytes
// and cuts the rest, the number first.
class PointText {
 public:
  explicit PointText(std::string_view name) : name_size_(std::min(name.size(), kMaxTextSize)) {
    std::memcpy(text_.data(), name.data(), name_size_);
    text_[name_size_] = '-';
  }

  std::string_view ForNumber(uint32_t number) {
    char* const digits = text_.data() + name_size_ + 1;
    const char* const end = std::to_chars(digits, text_.data() + text_.size(), number).ptr;
    return {text_.data(), std::min<size_t>(end - text_.data(), kMaxTextSize)};
  }

 private:
  static constexpr size_t kMaxNumberSize = 11;  // "-" and ten digits

  size_t name_size_;
  std::array<char, kMaxTextSize + kMaxNumberSize> text_;
};

class Ketama : public Distribution {
 public:
  explicit Ketama(Ring ring) : ring_(std::move(ring)) {}

  size_t Pick(uint64_t hash) const override { return ring_[PointOf(hash)].member; }

  void PickEach(std::span<const uint64_t> hashes, std::span<uint32_t> members) const override {
    PickEachInline(*this, hashes, members);
  }

  Finding Explain(uint64_t hash) const override { return FindingOf(ring_, PointOf(hash)); }

  bool Shares(std::span<double> shares) const override {
    ring_.Shares(shares);
    return true;
  }

 private:
  size_t PointOf(uint64_t hash) const { return ring_.Next(static_cast<uint32_t>(hash)); }

  const Ring ring_;
};

}  // namespace

uint32_t KetamaPoints(uint32_t weight, uint32_t total_weight, size_t members) {
  return DigestCount(weight, total_weight, members) * kPointsPerDigest;
}

absl::StatusOr<Ring> KetamaRing(Members members) {
  uint32_t total_weight = 0;  // wraps as nutcracker's does
  for (const Member& member : members) total_weight += member.weight;

  const size_t max_points = (members.size() + 10) * kPointsPerMember;
  std::vector<Ring::Point> points;
  points.reserve(max_points);
  for (uint32_t index = 0; index < members.size(); ++index) {
    const Member& member = members[index];
    const uint32_t digests = DigestCount(member.weight, total_weight, members.size());
    if (points.size() + size_t{digests} * kPointsPerDigest > max_points) {
      return absl::InvalidArgumentError("ketama: the weights add up to more than 4294967295");
    }
    PointText text(member.name);
    for (uint32_t number = 0; number < digests; ++number) {
      for (const uint32_t position : Md5Words(text.ForNumber(number))) {
        points.push_back({.position = position, .member = index});
      }
    }
  }
  return Ring(points);
}

DistributionOr MakeKetama(Members members) {
  absl::StatusOr<Ring> ring = KetamaRing(members);
  if (!ring.ok()) return ring.status();
  return std::make_unique<Ketama>(*std::move(ring));
}

}  // namespace keyway::hashing
