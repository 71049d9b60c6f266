#include "sim/source/synthetic/key_template.h"

#include <gtest/gtest.h>

#include <memory>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace keyway::sim {
namespace {

KeyTemplate Parsed(std::string_view text, uint64_t seed = 1) {
  absl::StatusOr<KeyTemplate> parsed = KeyTemplate::Parse(text, seed);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return *std::move(parsed);
}

std::string Name(std::string_view text, uint64_t id) { return Parsed(text).NameOf(id); }

TEST(KeyTemplateTest, Ids) {
  EXPECT_EQ(Name("user:{id}:profile", 17), "user:17:profile");
  EXPECT_EQ(Name("{id:08}", 17), "00000017");
  EXPECT_EQ(Name("{id:x} {id:04x}", 255), "ff 00ff");
  EXPECT_EQ(Name("{id:2}", 12345), "12345");
  EXPECT_EQ(Name("{id}", UINT64_MAX), "18446744073709551615");
  EXPECT_EQ(Name("tenant:{id/1000}:{id%1000:03}", 12034), "tenant:12:034");
  EXPECT_EQ(Name("{id/10%4}", 125), "0");
}

TEST(KeyTemplateTest, BracesAreDoubled) {
  EXPECT_EQ(Name("{{user{id}}}:cart", 3), "{user3}:cart");
  EXPECT_EQ(Name("{{}}", 3), "{}");
  EXPECT_EQ(Name("", 3), "");
}

TEST(KeyTemplateTest, WhatIsDrawn) {
  const std::pair<const char*, const char*> cases[] = {
      {"{hex}", "[0-9a-f]{16}"},
      {"{hex:33}", "[0-9a-f]{33}"},
      {"{alnum}", "[0-9A-Za-z]{16}"},
      {"{alnum:3}", "[0-9A-Za-z]{3}"},
      {"{bytes:5}", "[^]{5}"},
      {"{uuid}", "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"},
      {"{random:500}", "[0-4]?[0-9]?[0-9]"},
      {"{zipf:9:0.5}", "[1-9]"},
      {"{zipf:1e3}", "[1-9][0-9]{0,3}"},
      {"{one:eu|us|asia}", "eu|us|asia"},
  };
  for (const auto& [text, pattern] : cases) {
    const KeyTemplate names = Parsed(text);
    std::set<std::string> different;
    for (uint64_t id = 0; id < 100; ++id) {
      const std::string name = names.NameOf(id);
      EXPECT_TRUE(std::regex_match(name, std::regex(pattern))) << text << " " << name;
      EXPECT_EQ(name, names.NameOf(id));
      different.insert(name);
    }
    EXPECT_GT(different.size(), 2u) << text;
  }
}

TEST(KeyTemplateTest, PlaceholdersDrawForThemselves) {
  const std::string twice = Name("{hex}{hex}", 5);
  EXPECT_NE(twice.substr(0, 16), twice.substr(16));
  EXPECT_NE(Parsed("{hex}", 1).NameOf(5), Parsed("{hex}", 2).NameOf(5));
}

// In a block of exactly the size that is said to be enough.
TEST(KeyTemplateTest, FitsWhereItSaysItFits) {
  for (const char* text : {"a{id:30}b", "{id}", "{uuid}", "{hex:7}", "{one:a|bcd}{random:1e15}"}) {
    const KeyTemplate names = Parsed(text);
    for (const uint64_t id : {uint64_t{0}, uint64_t{7}, UINT64_MAX}) {
      const auto block = std::make_unique<char[]>(names.max_size());
      EXPECT_LE(names.Write(id, block.get()), block.get() + names.max_size()) << text;
    }
  }
}

TEST(KeyTemplateTest, Errors) {
  for (const char* text : {"{",           "}",          "a{id",        "{}",       "{name}",
                           "{id:y}",      "{id/0}",     "{id/}",       "{id%3/2}", "{id/2x}",
                           "{hex:0}",     "{hex:5000}", "{hex:a}",     "{hex/2}",  "{hex:3:4}",
                           "{uuid:3}",    "{random}",   "{random:-1}", "{zipf}",   "{zipf:10:-1}",
                           "{zipf:10:x}", "{one:}",     "{id:99999}"}) {
    const absl::StatusOr<KeyTemplate> parsed = KeyTemplate::Parse(text, 1);
    EXPECT_FALSE(parsed.ok()) << text;
    EXPECT_FALSE(parsed.status().message().empty()) << text;
  }
}

// What a seed gave once, it gives always.
TEST(KeyTemplateTest, NamesStay) {
  EXPECT_EQ(Name("{hex} {alnum} {uuid} {random:1000} {zipf:1000:1.1} {one:a|b|c}", 12345),
            "d202e311cebad6b7 0WXhdF3RL5Fke65x ed56ec51-7a27-4720-bea6-43c9bff52748 178 57 c");
}

}  // namespace
}  // namespace keyway::sim
