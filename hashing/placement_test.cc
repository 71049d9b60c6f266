#include "hashing/placement.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>

#include "hashing/measure.h"

namespace {
thread_local size_t allocations = 0;
}  // namespace

// The forms that are used here; the sanitizers' own would not match the others.
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
void* operator new(size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace keyway::hashing {
namespace {

Placement PlacementOf(const PlacementOptions& options, const std::vector<Member>& members) {
  absl::StatusOr<Placement> placement = Placement::Make(options, members);
  EXPECT_TRUE(placement.ok()) << placement.status();
  return *std::move(placement);
}

std::string ErrorOf(const PlacementOptions& options, const std::vector<Member>& members) {
  return std::string(Placement::Make(options, members).status().message());
}

TEST(TwemproxyOrderTest, ByLengthThenByBytes) {
  const std::vector<Member> members = {{"server10"}, {"b"}, {"server9"}, {"\xc3\xa9"}, {"a"}, {""}};
  EXPECT_EQ(TwemproxyOrder(members), (std::vector<size_t>{5, 4, 1, 3, 2, 0}));
  EXPECT_TRUE(TwemproxyOrder({}).empty());
}

TEST(TwemproxyOrderTest, BytesAreUnsigned) {
  EXPECT_EQ(TwemproxyOrder(std::vector<Member>{{"\x80"}, {"z"}}), (std::vector<size_t>{1, 0}));
}

TEST(PlacementTest, ReturnsTheIndexThatTheCallerKnows) {
  const std::vector<Member> members = {{"server10"}, {"server9"}, {"b"}, {"a"}};
  const std::vector<Member> reversed(members.rbegin(), members.rend());
  for (const DistributionKind& kind : AllDistributions()) {
    const PlacementOptions options = {.distribution = std::string(kind.name)};
    const Placement one = PlacementOf(options, members);
    const Placement other = PlacementOf(options, reversed);
    for (int i = 0; i < 100; ++i) {
      const std::string key = "key" + std::to_string(i);
      EXPECT_EQ(members[one.MemberFor(key)].name, reversed[other.MemberFor(key)].name) << key;
    }
  }
}

// Random ones of all sizes, with and without tags, and the empty one among them.
std::vector<std::string> RandomKeys(size_t count) {
  std::vector<std::string> keys;
  for (const uint32_t number : RandomHashes(count)) {
    std::string key(number % 32, static_cast<char>(number >> 16));
    if (number % 3 == 0) key += "{" + std::to_string(number) + "}";
    if (number % 7 == 0) key += "{}";
    keys.push_back(std::move(key));
  }
  keys.emplace_back();
  return keys;
}

TEST(PlacementTest, ManyKeysGoWhereEachGoes) {
  const std::vector<std::string> keys = RandomKeys(300);
  const std::vector<std::string_view> views(keys.begin(), keys.end());
  for (const HashFunction& function : AllHashes()) {
    for (const DistributionKind& kind : AllDistributions()) {
      if (kind.name == "random") continue;
      for (const std::string tag : {"", "{}"}) {
        const Placement placement = PlacementOf({.hash = std::string(function.name),
                                                 .hash_tag = tag,
                                                 .distribution = std::string(kind.name)},
                                                {{"server10"}, {"server9"}, {"b"}, {"a"}});
        std::vector<uint64_t> hashes(keys.size());
        std::vector<uint32_t> members(keys.size()), from_hashes(keys.size());
        placement.HashesOf(views, hashes);
        placement.MembersFor(views, members);
        placement.MembersFor(hashes, from_hashes);
        for (size_t i = 0; i < keys.size(); ++i) {
          ASSERT_EQ(hashes[i], placement.HashOf(keys[i])) << function.name << " " << keys[i];
          ASSERT_EQ(members[i], placement.MemberFor(keys[i])) << kind.name << " " << keys[i];
        }
        EXPECT_EQ(from_hashes, members);
      }
    }
  }
}

// Modula takes twemproxy's order, which is a, b, c and not the file's: 0 to a, 1 to b.
TEST(PlacementTest, TheEmptyKeyIsZeroForEveryHash) {
  for (const HashFunction& function : AllHashes()) {
    const PlacementOptions options = {.hash = std::string(function.name), .distribution = "modula"};
    const Placement placement = PlacementOf(options, {{"c"}, {"b"}, {"a"}});
    EXPECT_EQ(placement.HashOf(""), 0u) << function.name;
    EXPECT_EQ(placement.MemberFor(""), 2u) << function.name;
  }
}

TEST(PlacementTest, TagsDecide) {
  const PlacementOptions options = {.hash_tag = "{}"};
  const Placement placement = PlacementOf(options, Servers(20));
  EXPECT_EQ(placement.HashedPart("a{tag}b"), "tag");
  EXPECT_EQ(placement.HashOf("a{tag}b"), placement.HashOf("tag"));
  EXPECT_EQ(placement.MemberFor("a{tag}b"), placement.MemberFor("{tag}c"));
  EXPECT_EQ(placement.HashedPart("{}"), "{}");
  EXPECT_NE(placement.HashOf("{}"), 0u);
  EXPECT_EQ(PlacementOf({}, Servers(20)).HashedPart("a{tag}b"), "a{tag}b");
}

TEST(PlacementTest, ExplainsWhereAKeyGoes) {
  const std::vector<Member> members = {{"server10"}, {"server9"}, {"b"}, {"a"}};
  for (const DistributionKind& kind : AllDistributions()) {
    const PlacementOptions options = {.hash_tag = "{}", .distribution = std::string(kind.name)};
    const Placement placement = PlacementOf(options, members);
    for (int i = 0; i < 200; ++i) {
      const std::string key = "user:{" + std::to_string(i) + "}:name";
      const Explanation why = placement.Explain(key);
      EXPECT_EQ(why.hashed_part, std::to_string(i));
      EXPECT_EQ(why.hash, placement.HashOf(key));
      if (kind.name == "random") continue;
      EXPECT_EQ(why.finding.member, placement.MemberFor(key)) << kind.name;
    }
  }
}

// The first one at or after the hash value.
TEST(PlacementTest, NamesThePointOfTheRing) {
  const Placement placement = PlacementOf({.hash = "md5"}, Servers(2));
  for (const std::string key : {"a", "b", "c", "d", "e"}) {
    const Explanation why = placement.Explain(key);
    EXPECT_EQ(why.finding.place, "ring point");
    EXPECT_EQ(why.finding.count, 320u);
    ASSERT_TRUE(why.finding.position);
    EXPECT_GE(*why.finding.position, why.hash);
    EXPECT_LT(*why.finding.position - why.hash, uint64_t{1} << 28);
  }
}

TEST(PlacementTest, NamesTheEntryOfTheList) {
  const Placement placement =
      PlacementOf({.hash = "crc16", .distribution = "modula"}, {{"b", 3}, {"a", 2}});
  const Explanation why = placement.Explain("apple");
  EXPECT_EQ(why.hash, 3662830516u);
  EXPECT_EQ(why.finding.place, "list entry");
  EXPECT_EQ(why.finding.index, 3662830516u % 5);
  EXPECT_EQ(why.finding.count, 5u);
  EXPECT_EQ(why.finding.position, std::nullopt);
  EXPECT_EQ(why.finding.member, 1u);
}

// The pool that the README's first command starts.
// Those of the lighter one are a quarter, wherever it stands in the list.
TEST(PlacementTest, SharesAreInTheCallersOrder) {
  const std::vector<Member> members = {{"longer", 3}, {"short", 1}};
  const absl::StatusOr<Placement> placement = Placement::Make({.distribution = "modula"}, members);
  ASSERT_TRUE(placement.ok());
  std::vector<double> shares(2);
  ASSERT_TRUE(placement->Shares(shares));
  EXPECT_NEAR(shares[0], 0.75, 1e-9);
  EXPECT_NEAR(shares[1], 0.25, 1e-9);
  EXPECT_FALSE(Placement::Make({.distribution = "jump"}, {{{"a"}, {"b"}}})->Shares(shares));
}

TEST(PlacementTest, AlphaPool) {
  const std::vector<Member> members = {{"127.0.0.1:6386"}, {"127.0.0.1:6387"}};
  const Placement placement = PlacementOf({}, members);
  EXPECT_EQ(placement.HashOf("1"), (0x84222325u ^ 0x31u) * 0x1b3u);
}

TEST(PlacementTest, Errors) {
  EXPECT_EQ(ErrorOf({.hash = "sha1"}, Servers(2)), "unknown hash \"sha1\"");
  EXPECT_EQ(ErrorOf({.distribution = "ring"}, Servers(2)), "unknown distribution \"ring\"");
  EXPECT_EQ(ErrorOf({.hash_tag = "{"}, Servers(2)), "hash tag \"{\" is not two bytes");
  EXPECT_EQ(ErrorOf({}, {}), "no members");
  EXPECT_EQ(ErrorOf({}, {{"a"}, {"b"}, {"a"}}), "two members are called \"a\"");
  EXPECT_EQ(ErrorOf({}, {{"a", 0}}), "member \"a\" has weight 0");
  EXPECT_EQ(ErrorOf({.distribution = "jump"}, {{"a", 1}, {"b", 2}}),
            "jump: the weights differ, but all members get the same share");
}

TEST(PlacementTest, AllocatesNothingForAKey) {
  const std::string key = "user:{1000}:" + std::string(100, 'x');
  for (const HashFunction& function : AllHashes()) {
    for (const DistributionKind& kind : AllDistributions()) {
      const PlacementOptions options = {.hash = std::string(function.name),
                                        .hash_tag = "{}",
                                        .distribution = std::string(kind.name)};
      const Placement placement = PlacementOf(options, Servers(3));
      const size_t before = allocations;
      placement.MemberFor(key);
      placement.MemberFor("key");
      EXPECT_EQ(allocations, before) << function.name << " " << kind.name;
    }
  }
}

}  // namespace
}  // namespace keyway::hashing
