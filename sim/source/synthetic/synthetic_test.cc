#include "sim/source/synthetic/synthetic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "sim/source/synthetic/workload.h"
#include "sim/source/synthetic/zipf.h"
#include "sim/source/testing.h"

namespace keyway::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

absl::StatusOr<std::unique_ptr<Source>> Opened(const std::string& text) {
  const size_t colon = text.find(':') + 1;
  const std::string kind = text.substr(0, colon);
  const std::string_view details = std::string_view(text).substr(colon);
  if (kind == "uniform:") return OpenUniform(details);
  if (kind == "sequence:") return OpenSequence(details);
  return kind == "zipf:" ? OpenZipf(details) : OpenTemplate(details);
}

Collected Made(const std::string& text) {
  auto source = Opened(text);
  EXPECT_TRUE(source.ok()) << source.status();
  EXPECT_EQ((*source)->name(), text);
  Collected collected = Collect(**source);
  EXPECT_EQ((*source)->done(), collected.records.size());
  EXPECT_EQ((*source)->in_all(), collected.records.size());
  return collected;
}

TEST(SyntheticTest, Keys) {
  EXPECT_THAT(Made("sequence:keys=3").keys(), ElementsAre("1", "2", "3"));
  EXPECT_THAT(Made("sequence:keys=2,prefix={u}:,start=10").keys(), ElementsAre("{u}:10", "{u}:11"));
  EXPECT_THAT(Made("template:a,b={id},keys=2").keys(), ElementsAre("a,b=1", "a,b=2"));
  EXPECT_THAT(Made("sequence:keys=1,name=n{id:03}").keys(), ElementsAre("n001"));
  EXPECT_THAT(Made("sequence:keys=2,size=uniform:5-5").weighted(),
              ElementsAre("1 1/5/0/0", "2 1/5/0/0"));
  const std::vector<std::string> uniform = Made("uniform:keys=2e4").keys();
  EXPECT_EQ(std::set<std::string>(uniform.begin(), uniform.end()).size(), 20'000u);
}

// Each key of ten 2,000 times, give or take; nine of ten are read.
TEST(SyntheticTest, RequestsOfKeysThatAreAlike) {
  const Collected made = Made("sequence:keys=10,requests=20000,reads=0.9,size=lognormal:50,1");
  std::map<std::string, uint64_t> keys;
  std::set<std::string> sizes;
  uint64_t reads = 0;
  for (const auto& [key, weight] : made.records) {
    EXPECT_EQ(weight.keys, 0u);
    EXPECT_EQ(weight.reads + weight.writes, 1u);
    reads += weight.reads;
    ++keys[key];
    sizes.insert(absl::StrFormat("%s=%d", key, weight.bytes));
  }
  ASSERT_EQ(keys.size(), 10u);
  for (const auto& [key, count] : keys) EXPECT_NEAR(double(count), 2000, 180) << key;
  EXPECT_NEAR(double(reads), 18'000, 170);
  EXPECT_EQ(sizes.size(), 10u) << "a key's value is always as large";
}

TEST(SyntheticTest, ZipfMakesTheFirstKeysPopular) {
  const Collected made = Made("zipf:keys=1e5,s=0.99,requests=1e5,prefix=k");
  const auto top = std::ranges::count(made.keys(), "k1");
  EXPECT_NEAR(double(top) / 1e5, ZipfTopShare(1, 100'000, 0.99), 0.004);
  EXPECT_EQ(made.records.front().weight.reads, 1u);
  EXPECT_EQ(Made("zipf:keys=100").records.size(), 100u);
}

TEST(SyntheticTest, PartsAddUpToTheWhole) {
  const std::string text = "zipf:keys=1e6,requests=1e5,size=100";
  ASSERT_GT(1e5, 5 * kRecordsPerBlock);
  const std::vector<std::string> whole = Made(text).weighted();
  for (const int parts : {2, 3, 20}) {
    std::vector<std::string> all;
    for (int part = 1; part <= parts; ++part) {
      const std::vector<std::string> some =
          Made(text + absl::StrFormat(",part=%d/%d", part, parts)).weighted();
      all.insert(all.end(), some.begin(), some.end());
    }
    EXPECT_EQ(all, whole) << parts;
  }
}

// As if each were made by another thread, the last one first.
TEST(SyntheticTest, BlocksKnowNothingOfEachOther) {
  class Reversed : public Source {
   public:
    explicit Reversed(std::unique_ptr<Source> source) : source_(std::move(source)) {
      while (auto block = *source_->Next()) blocks_.push_back(std::move(block));
    }
    absl::StatusOr<std::unique_ptr<Block>> Next() override {
      if (blocks_.empty()) return nullptr;
      auto block = std::move(blocks_.back());
      blocks_.pop_back();
      return block;
    }
    const std::string& name() const override { return source_->name(); }
    std::string_view format() const override { return source_->format(); }
    Content content() const override { return source_->content(); }
    uint64_t done() const override { return source_->done(); }
    uint64_t in_all() const override { return source_->in_all(); }

   private:
    std::unique_ptr<Source> source_;
    std::vector<std::unique_ptr<Block>> blocks_;
  };
  const std::string text = "template:{uuid},keys=1e4,requests=5e4,reads=0.5,s=1.1";
  Reversed reversed(*Opened(text));
  std::vector<std::string> backward = Collect(reversed).weighted();
  std::vector<std::string> forward = Made(text).weighted();
  EXPECT_NE(backward, forward);
  std::ranges::sort(backward);
  std::ranges::sort(forward);
  EXPECT_EQ(backward, forward);
}

TEST(SyntheticTest, TheSeedDecides) {
  const std::string text = "zipf:keys=1000,requests=100,size=lognormal:100,1";
  EXPECT_EQ(Made(text).weighted(), Made(text + ",seed=1").weighted());
  EXPECT_NE(Made(text).weighted(), Made(text + ",seed=2").weighted());
}

TEST(SyntheticTest, Content) {
  EXPECT_EQ((*Opened("uniform:keys=1"))->content(), Content::kKeys);
  EXPECT_EQ((*Opened("uniform:keys=1,requests=5"))->content(), Content::kRequests);
  EXPECT_EQ((*Opened("zipf:keys=1"))->content(), Content::kRequests);
  EXPECT_EQ((*Opened("zipf:keys=1"))->format(), "zipf");
}

TEST(SyntheticTest, Errors) {
  const std::pair<const char*, const char*> cases[] = {
      {"uniform:", "how many keys"},
      {"uniform:keys=0", "how many keys"},
      {"uniform:keys=many", "\"many\" is no number"},
      {"uniform:keys=1.5", "no whole number"},
      {"uniform:kes=5", "\"kes=5\" is no option"},
      {"uniform:keys=5,keys=6", "keys= is given twice"},
      {"uniform:keys=5,size=-1", "size:"},
      {"uniform:keys=5,reads=0.5", "requests="},
      {"uniform:keys=5,s=1", "requests="},
      {"uniform:keys=5,requests=5,reads=2", "reads=2"},
      {"uniform:keys=5,part=3/2", "part="},
      {"uniform:keys=5,part=1", "part="},
      {"uniform:keys=5,prefix=a,name=b", "prefix="},
      {"zipf:keys=5,s=-1", "s=-1"},
      {"zipf:keys=5,requests=0", "requests="},
      {"template:keys=5", "a template follows"},
      {"template:{ip},keys=5", "{ip} is no placeholder"},
  };
  for (const auto& [text, message] : cases) {
    const auto source = Opened(text);
    ASSERT_FALSE(source.ok()) << text;
    EXPECT_THAT(std::string(source.status().message()), HasSubstr(message)) << text;
  }
}

// What a seed gave once, it gives always.
TEST(SyntheticTest, RecordsStay) {
  const std::vector<std::string> made =
      Made("zipf:keys=1e6,requests=4,reads=0.5,size=lognormal:300,1.5,prefix=user:").weighted();
  EXPECT_THAT(made, ElementsAre("user:162379 0/204/1/0", "user:46 0/37/1/0", "user:4 0/3417/0/1",
                                "user:6 0/598/0/1"));
  EXPECT_THAT(Made("uniform:keys=2").keys(), ElementsAre("9e1f2e5587bc96ac", "5f602fd2b70c8d85"));
}

}  // namespace
}  // namespace keyway::sim
