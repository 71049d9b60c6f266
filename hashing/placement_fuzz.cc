// Placements of any options, members and key. The input is
//
//     hash, distribution: a byte each, counted round the tables
//     weight: a byte, by which the weights of the members are made
//     tag: a line, members: a line each, then an empty line; the rest is the key

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "hashing/placement.h"
#include "hashing/slots.h"

namespace {

using keyway::hashing::AllDistributions;
using keyway::hashing::AllHashes;
using keyway::hashing::Member;
using keyway::hashing::Placement;
using keyway::hashing::PlacementOptions;

// More members only make a case slower.
constexpr size_t kMaxMembers = 32;

void Require(bool condition) {
  if (!condition) std::abort();
}

uint8_t TakeByte(std::string_view& input) {
  if (input.empty()) return 0;
  const auto byte = static_cast<uint8_t>(input[0]);
  input.remove_prefix(1);
  return byte;
}

std::string TakeLine(std::string_view& input) {
  const size_t end = input.find('\n');
  const std::string line(input.substr(0, end));
  input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
  return line;
}

bool Within(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

// The key and what is left of it without its first bytes, side by side.
void CheckManyAtOnce(const Placement& placement, std::string_view key) {
  std::vector<std::string_view> keys;
  for (size_t skipped = 0; skipped <= key.size() && keys.size() < 20; ++skipped) {
    keys.push_back(key.substr(skipped));
  }
  std::vector<uint32_t> members(keys.size());
  placement.MembersFor(keys, members);
  for (size_t i = 0; i < keys.size(); ++i) Require(members[i] == placement.MemberFor(keys[i]));
}

// The hashed part is a part of the key, and is what counts; the member is one of those
// there are, and does not depend on the order in which they are given.
void Check(const PlacementOptions& options, const std::vector<Member>& members,
           std::string_view key) {
  const auto placement = Placement::Make(options, members);
  if (!placement.ok()) return;
  const std::string_view part = placement->HashedPart(key);
  Require(Within(part, key));
  Require(part.empty() == key.empty());
  const size_t member = placement->MemberFor(key);
  Require(member < members.size());
  if (options.distribution == "random") return;
  Require(placement->MemberFor(key) == member);
  CheckManyAtOnce(*placement, key);

  const std::vector<Member> reversed(members.rbegin(), members.rend());
  const auto other = Placement::Make(options, reversed);
  Require(other.ok());
  Require(reversed[other->MemberFor(key)].name == members[member].name);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  PlacementOptions options;
  options.hash = AllHashes()[TakeByte(input) % AllHashes().size()].name;
  options.distribution = AllDistributions()[TakeByte(input) % AllDistributions().size()].name;
  const uint32_t weight = TakeByte(input);
  options.hash_tag = TakeLine(input);

  std::vector<Member> members;
  while (members.size() < kMaxMembers) {
    std::string name = TakeLine(input);
    if (name.empty()) break;
    const auto power = static_cast<uint32_t>(members.size()) * weight % 32;
    members.push_back({.name = std::move(name), .weight = uint32_t{1} << power});
  }
  Check(options, members, input);
  Require(keyway::hashing::SlotOf(input) < keyway::hashing::kSlotCount);
  return 0;
}
