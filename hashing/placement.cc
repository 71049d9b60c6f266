#include "hashing/placement.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_format.h"
#include "hashing/hash_tag.h"

namespace keyway::hashing {
namespace {

template <typename... Args>
absl::Status Invalid(const absl::FormatSpec<Args...>& format, const Args&... args) {
  return absl::InvalidArgumentError(absl::StrFormat(format, args...));
}

// Of many keys, so many share what is kept of them on the stack.
constexpr size_t kAtATime = 64;

std::span<const std::string_view> Next(std::span<const std::string_view> keys, size_t done) {
  return keys.subspan(done, std::min(kAtATime, keys.size() - done));
}

}  // namespace

std::vector<size_t> TwemproxyOrder(std::span<const Member> members) {
  std::vector<size_t> order(members.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [members](size_t index) {
    const std::string_view name = members[index].name;
    return std::pair(name.size(), name);
  });
  return order;
}

absl::StatusOr<Placement> Placement::Make(const PlacementOptions& options,
                                          std::span<const Member> members) {
  Placement placement;
  placement.hash_ = FindHash(options.hash);
  if (placement.hash_ == nullptr) return Invalid("unknown hash \"%s\"", options.hash);
  const DistributionKind* kind = FindDistribution(options.distribution);
  if (kind == nullptr) return Invalid("unknown distribution \"%s\"", options.distribution);
  if (!options.hash_tag.empty() && options.hash_tag.size() != 2) {
    return Invalid("hash tag \"%s\" is not two bytes", options.hash_tag);
  }
  placement.tag_ = options.hash_tag;
  if (members.empty()) return Invalid("no members");

  const std::vector<size_t> order = TwemproxyOrder(members);
  placement.order_.assign(order.begin(), order.end());
  std::vector<Member> ordered;
  ordered.reserve(members.size());
  for (const size_t index : order) {
    const Member& member = members[index];
    if (member.weight == 0) return Invalid("member \"%s\" has weight 0", member.name);
    if (!ordered.empty() && ordered.back().name == member.name) {
      return Invalid("two members are called \"%s\"", member.name);
    }
    ordered.push_back(member);
  }

  auto distribution = kind->make(ordered);
  if (!distribution.ok()) return distribution.status();
  placement.distribution_ = *std::move(distribution);
  return placement;
}

std::string_view Placement::HashedPart(std::string_view key) const {
  return tag_.empty() ? key : TaggedPart(key, tag_);
}

// Nutcracker calls no hash function for an empty key.
uint64_t Placement::HashOf(std::string_view key) const {
  return key.empty() ? 0 : hash_->hash(HashedPart(key));
}

size_t Placement::MemberFor(std::string_view key) const {
  return order_[distribution_->Pick(HashOf(key))];
}

void Placement::HashesOf(std::span<const std::string_view> keys, std::span<uint64_t> hashes) const {
  if (tag_.empty()) {
    hash_->hash_each(keys, hashes);
  } else {
    std::array<std::string_view, kAtATime> parts;
    for (size_t done = 0; done < keys.size(); done += kAtATime) {
      const std::span<const std::string_view> some = Next(keys, done);
      std::ranges::transform(some, parts.begin(),
                             [this](std::string_view key) { return TaggedPart(key, tag_); });
      hash_->hash_each(std::span(parts).first(some.size()), hashes.subspan(done));
    }
  }
  // Hardly ever, and so not one by one.
  bool some_empty = false;
  for (const std::string_view key : keys) some_empty |= key.empty();
  for (size_t i = 0; some_empty && i < keys.size(); ++i) {
    if (keys[i].empty()) hashes[i] = 0;
  }
}

void Placement::MembersFor(std::span<const uint64_t> hashes, std::span<uint32_t> members) const {
  distribution_->PickEach(hashes, members);
  for (uint32_t& member : members.first(hashes.size())) member = order_[member];
}

void Placement::MembersFor(std::span<const std::string_view> keys,
                           std::span<uint32_t> members) const {
  std::array<uint64_t, kAtATime> hashes;
  for (size_t done = 0; done < keys.size(); done += kAtATime) {
    const std::span<const std::string_view> some = Next(keys, done);
    HashesOf(some, hashes);
    MembersFor(std::span<const uint64_t>(hashes).first(some.size()), members.subspan(done));
  }
}

Explanation Placement::Explain(std::string_view key) const {
  const uint64_t hash = HashOf(key);
  Explanation explanation = {
      .hashed_part = HashedPart(key), .hash = hash, .finding = distribution_->Explain(hash)};
  std::optional<size_t>& member = explanation.finding.member;
  if (member) member = order_[*member];
  return explanation;
}

bool Placement::Shares(std::span<double> shares) const {
  std::vector<double> ordered(order_.size());
  if (!distribution_->Shares(ordered)) return false;
  for (size_t index = 0; index < order_.size(); ++index) shares[order_[index]] = ordered[index];
  return true;
}

}  // namespace keyway::hashing
