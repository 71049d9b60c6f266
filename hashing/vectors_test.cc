// Replays what was measured from nutcracker: see testdata/vectors/README.md.

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "hashing/hash.h"
#include "hashing/placement.h"

namespace keyway::hashing {
namespace {

const std::filesystem::path kVectors = "testdata/vectors";

struct Table {
  std::vector<std::string> notes;
  std::vector<std::vector<std::string>> rows;
};

Table ReadTable(const std::filesystem::path& path) {
  Table table;
  std::ifstream in(path);
  EXPECT_TRUE(in) << path;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) {
      table.notes.push_back(line);
      continue;
    }
    std::vector<std::string>& row = table.rows.emplace_back();
    for (size_t begin = 0; begin <= line.size();) {
      const size_t end = std::min(line.find('\t', begin), line.size());
      row.push_back(line.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  return table;
}

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (; hex.size() >= 2; hex.remove_prefix(2)) {
    uint8_t byte = 0;
    std::from_chars(hex.data(), hex.data() + 2, byte, 16);
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

// A line of `servers`: "host:port:weight [name]". Without a name the host and port are
// the name, but for memcached's own port the host alone.
Member ParseServer(const std::string& line) {
  const size_t space = line.rfind(' ');
  const std::string address = line.substr(0, space);
  const size_t colon = address.rfind(':');
  Member member{.name = address.substr(0, colon)};
  std::from_chars(&address[colon + 1], address.data() + address.size(), member.weight);
  if (member.name.ends_with(":11211")) member.name.resize(member.name.size() - 6);
  if (space != std::string::npos) member.name = line.substr(space + 1);
  return member;
}

struct Pool {
  PlacementOptions options;
  std::vector<Member> members;
};

Pool ReadPool(const std::filesystem::path& path) {
  const YAML::Node document = YAML::LoadFile(path.string());
  const YAML::Node node = document.begin()->second;
  Pool pool;
  pool.options.hash = node["hash"].as<std::string>(pool.options.hash);
  pool.options.hash_tag = node["hash_tag"].as<std::string>(pool.options.hash_tag);
  pool.options.distribution = node["distribution"].as<std::string>(pool.options.distribution);
  for (const YAML::Node& server : node["servers"]) {
    pool.members.push_back(ParseServer(server.as<std::string>()));
  }
  return pool;
}

std::vector<std::filesystem::path> Pools(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(kVectors / folder)) {
    if (entry.path().extension() == ".yml") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

// Compares where each key of `table` goes with where it went. Returns how many did not
// agree, and shows the first.
size_t Mismatches(const Pool& pool, const Table& table) {
  const absl::StatusOr<Placement> placement = Placement::Make(pool.options, pool.members);
  EXPECT_TRUE(placement.ok()) << placement.status();
  if (!placement.ok()) return table.rows.size();

  size_t mismatches = 0;
  for (const std::vector<std::string>& row : table.rows) {
    const std::string& name = pool.members[placement->MemberFor(FromHex(row[0]))].name;
    if (name == row[1] || mismatches++ > 0) continue;
    ADD_FAILURE() << "key " << row[0] << " goes to " << name << " and not to " << row[1];
  }
  return mismatches;
}

TEST(VectorsTest, HashFunctions) {
  const Table table = ReadTable(kVectors / "hash_vectors.tsv");
  std::map<std::string_view, size_t> values;
  for (const HashFunction& function : AllHashes()) {
    if (function.twemproxy) values[function.name] = 0;
  }
  ASSERT_EQ(values.size(), 12u);

  for (const std::vector<std::string>& row : table.rows) {
    const std::string key = FromHex(row[1]);
    if (key.empty()) continue;  // Placement's business
    ASSERT_NE(FindHash(row[0]), nullptr) << row[0];
    ASSERT_EQ(FindHash(row[0])->hash(key), std::stoull(row[2])) << row[0] << " of " << row[1];
    ++values[FindHash(row[0])->name];
  }
  for (const auto& [name, count] : values) EXPECT_GE(count, 400u) << name;
}

TEST(VectorsTest, EmptyKeyIsZero) {
  for (const HashFunction& function : AllHashes()) {
    const absl::StatusOr<Placement> placement =
        Placement::Make({.hash = std::string(function.name)}, std::vector<Member>{{"a"}, {"b"}});
    ASSERT_TRUE(placement.ok()) << placement.status();
    EXPECT_EQ(placement->HashOf(""), 0u) << function.name;
  }
}

TEST(VectorsTest, Routing) {
  size_t keys = 0;
  for (const std::filesystem::path& path : Pools("routing")) {
    SCOPED_TRACE(path.filename());
    const Table table = ReadTable(std::filesystem::path(path).replace_extension(".tsv"));
    EXPECT_EQ(Mismatches(ReadPool(path), table), 0u);
    keys += table.rows.size();
  }
  EXPECT_GE(keys, 19'000u);
}

TEST(VectorsTest, RoutingAfterEjection) {
  size_t keys = 0;
  for (const std::filesystem::path& path : Pools("ejected")) {
    SCOPED_TRACE(path.filename());
    const Table table = ReadTable(std::filesystem::path(path).replace_extension(".tsv"));
    constexpr std::string_view kLabel = "#ejected: ";
    ASSERT_TRUE(table.notes[0].starts_with(kLabel));
    std::istringstream ejected(table.notes[0].substr(kLabel.size()));

    Pool pool = ReadPool(path);
    for (std::string name; std::getline(ejected, name, ',');) {
      ASSERT_EQ(std::erase_if(pool.members, [&](const Member& m) { return m.name == name; }), 1u)
          << name;
    }
    EXPECT_EQ(Mismatches(pool, table), 0u);
    keys += table.rows.size();
  }
  EXPECT_GE(keys, 3'000u);
}

}  // namespace
}  // namespace keyway::hashing
