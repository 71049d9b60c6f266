#include "proxy/protocol/memcache/merge.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/base/limits.h"
#include "proxy/protocol/memcache/codec.h"

namespace keyway::memcache {
namespace {

struct Answer {
  std::vector<uint32_t> keys;
  std::string server;
  std::string reply;
};

class MergeTest : public testing::Test {
 protected:
  std::string Combine(std::string_view command, const std::vector<std::string_view>& keys,
                      const std::vector<Answer>& answers) {
    const CommandSpec& asked = *MemcacheCodec().FindCommand(command);
    std::vector<std::vector<uint32_t>> ends;
    for (const Answer& answer : answers) {
      ends.push_back(MemcacheCodec().ElementEnds(asked, answer.reply));
      ends.back().resize(std::min(ends.back().size(), answer.keys.size()));
    }
    std::vector<Part> parts;
    for (const Answer& answer : answers) {
      Part& part = parts.emplace_back();
      part.keys = answer.keys;
      part.server = answer.server;
      part.reply.block = pool_.Get(answer.reply.size());
      std::memcpy(part.reply.block->data(), answer.reply.data(), answer.reply.size());
      part.reply.bytes = {part.reply.block->data(), answer.reply.size()};
      part.element_ends = ends[parts.size() - 1];
    }
    OutputBuffer out(pool_);
    MemcacheCodec().Combine(asked, keys, parts, out);
    return std::string(out.Flatten().bytes);
  }

  BlockPool pool_;
};

TEST_F(MergeTest, ValuesStandInTheOrderOfTheKeys) {
  EXPECT_EQ(Combine("get", {"a", "b", "c", "d"},
                    {{{1, 2}, "s1", "VALUE b 0 1\r\n2\r\nVALUE c 0 1\r\n3\r\nEND\r\n"},
                     {{0, 3}, "s2", "VALUE a 5 1\r\n1\r\nVALUE d 0 7\r\nEND\r\n\r\n\r\nEND\r\n"}}),
            "VALUE a 5 1\r\n1\r\nVALUE b 0 1\r\n2\r\nVALUE c 0 1\r\n3\r\n"
            "VALUE d 0 7\r\nEND\r\n\r\n\r\nEND\r\n");
}

TEST_F(MergeTest, MissesDoNotMoveOtherValues) {
  EXPECT_EQ(Combine("gets", {"a", "b", "c", "d"},
                    {{{0, 1, 2}, "s1", "VALUE c 0 1 9\r\n3\r\nEND\r\n"},
                     {{3}, "s2", "VALUE d 0 1 8\r\n4\r\nEND\r\n"}}),
            "VALUE c 0 1 9\r\n3\r\nVALUE d 0 1 8\r\n4\r\nEND\r\n");
  EXPECT_EQ(Combine("get", {"a", "b"}, {{{0}, "s1", "END\r\n"}, {{1}, "s2", "END\r\n"}}),
            "END\r\n");
}

TEST_F(MergeTest, AKeyAskedTwiceIsAnsweredAsOftenAsItsServerDoes) {
  const std::string a = "VALUE a 0 1\r\n1\r\n";
  const std::string b = "VALUE b 0 1\r\n2\r\n";
  EXPECT_EQ(Combine("gat", {"a", "b", "a"},
                    {{{0, 2}, "s1", a + a + "END\r\n"}, {{1}, "s2", b + "END\r\n"}}),
            a + b + a + "END\r\n");
  EXPECT_EQ(
      Combine("get", {"a", "b", "a"}, {{{0, 2}, "s1", a + "END\r\n"}, {{1}, "s2", b + "END\r\n"}}),
      a + b + "END\r\n");
}

TEST_F(MergeTest, AServerMayAnswerInAnotherOrder) {
  EXPECT_EQ(Combine("get", {"a", "b", "c"},
                    {{{0, 1, 2}, "s1", "VALUE c 0 1\r\n3\r\nVALUE a 0 1\r\n1\r\nEND\r\n"}}),
            "VALUE a 0 1\r\n1\r\nVALUE c 0 1\r\n3\r\nEND\r\n");
}

TEST_F(MergeTest, AServerMayAnswerBackwards) {
  std::vector<std::string> texts;
  for (int i = 0; i < 50'000; ++i) texts.push_back("key:" + std::to_string(i % 40'000));
  std::vector<std::string_view> keys(texts.begin(), texts.end());
  Answer answer = {{}, "s1", ""};
  std::string combined;
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto value = [&](size_t at) { return "VALUE " + texts[at] + " 0 1\r\n1\r\n"; };
    answer.keys.push_back(static_cast<uint32_t>(i));
    answer.reply += value(texts.size() - 1 - i);
    combined += value(i);
  }
  answer.reply += "END\r\n";
  EXPECT_TRUE(Combine("get", keys, {answer}) == combined + "END\r\n");
}

TEST_F(MergeTest, KeysOfAnyLengthAreToldApart) {
  for (const size_t size : {1, 7, 8, 9, 16, 23, 250}) {
    const std::string key(size, 'k');
    const std::string value = "VALUE " + key + " 0 1\r\n1\r\n";
    EXPECT_EQ(Combine("get", {key, "b"}, {{{0}, "s1", value + "END\r\n"}, {{1}, "s2", "END\r\n"}}),
              value + "END\r\n");
    for (const size_t at : {size_t{0}, size / 2, size - 1}) {
      std::string other = key;
      other[at] = 'j';
      EXPECT_EQ(
          Combine("get", {other, "b"}, {{{0}, "s1", value + "END\r\n"}, {{1}, "s2", "END\r\n"}}),
          "SERVER_ERROR value for a key that was not asked for (server s1)\r\n");
    }
  }
}

TEST_F(MergeTest, LargeValuesAreLinked) {
  const std::string value(10 * kLinkBytes, 'v');
  const std::string block = "VALUE a 0 " + std::to_string(value.size()) + "\r\n" + value + "\r\n";
  const size_t before = pool_.bytes_in_use();
  EXPECT_EQ(Combine("get", {"a"}, {{{0}, "s1", block + "END\r\n"}}), block + "END\r\n");
  EXPECT_EQ(pool_.bytes_in_use(), before);
}

TEST_F(MergeTest, AnErrorOfOnePartIsTheWholeReply) {
  const std::string a = "VALUE a 0 1\r\n1\r\nEND\r\n";
  struct {
    std::string reply;
    std::string combined;
  } const cases[] = {
      {"SERVER_ERROR out of memory\r\n", "SERVER_ERROR out of memory (server s2)\r\n"},
      {"CLIENT_ERROR bad\r\n", "CLIENT_ERROR bad (server s2)\r\n"},
      {"ERROR\r\n", "SERVER_ERROR ERROR (server s2)\r\n"},
      {"SERVER_ERROR s2: Connection refused\r\n", "SERVER_ERROR s2: Connection refused\r\n"},
      {"VALUE b 0 1\r\n2\r\nSERVER_ERROR late\r\n", "SERVER_ERROR late (server s2)\r\n"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Combine("get", {"a", "b"}, {{{0}, "s1", a}, {{1}, "s2", c.reply}}), c.combined);
  }
}

TEST_F(MergeTest, AReplyThatDoesNotFitIsAnError) {
  for (const std::string reply :
       {"", "END", "VALUE b 0 1\r\n2\r\n", "VALUE b 0 9\r\n2\r\nEND\r\n", "STORED\r\n",
        "END\r\nEND\r\n", "VALUE b 0 1\r\n2\r\nSTORED\r\n", "BOGUS\r\n", "VA 1\r\n2\r\nEND\r\n"}) {
    EXPECT_EQ(Combine("get", {"a", "b"}, {{{0}, "s1", "END\r\n"}, {{1}, "s2", reply}}),
              "SERVER_ERROR unexpected reply (server s2)\r\n")
        << reply;
  }
  for (const std::string reply :
       {"VALUE a 0 1\r\n2\r\nEND\r\n", "VALUE b 0 1\r\n2\r\nVALUE b 0 1\r\n2\r\nEND\r\n"}) {
    EXPECT_EQ(Combine("get", {"a", "b"}, {{{0}, "s1", "END\r\n"}, {{1}, "s2", reply}}),
              "SERVER_ERROR value for a key that was not asked for (server s2)\r\n")
        << reply;
  }
}

TEST_F(MergeTest, StatisticsNameTheirServers) {
  EXPECT_EQ(Combine("stats", {},
                    {{{}, "10.0.0.1:11211", "STAT pid 7\r\nSTAT version 1.6.18\r\nEND\r\n"},
                     {{}, "b", "STAT 1:chunk_size 96\r\nPREFIX a get 1\r\nEND\r\n"}}),
            "STAT 10.0.0.1:11211:pid 7\r\nSTAT 10.0.0.1:11211:version 1.6.18\r\n"
            "STAT b:1:chunk_size 96\r\nPREFIX b:a get 1\r\nEND\r\n");
  EXPECT_EQ(Combine("stats", {}, {{{}, "a", "ITEM k [5 b; 0 s]\r\nEND\r\n"}, {{}, "b", "END\r\n"}}),
            "ITEM k [5 b; 0 s]\r\nEND\r\n");
  EXPECT_EQ(Combine("stats", {}, {{{}, "a", "RESET\r\n"}, {{}, "b", "RESET\r\n"}}), "RESET\r\n");
}

TEST_F(MergeTest, StatisticsOfAllServersOrAnError) {
  const Answer good = {{}, "a", "STAT pid 7\r\nEND\r\n"};
  EXPECT_EQ(Combine("stats", {}, {good, {{}, "b", "SERVER_ERROR b is down\r\n"}}),
            "SERVER_ERROR b is down\r\n");
  EXPECT_EQ(Combine("stats", {}, {good, {{}, "b", "ERROR\r\n"}}),
            "SERVER_ERROR ERROR (server b)\r\n");
  EXPECT_EQ(Combine("stats", {}, {good, {{}, "b", "PREFIX\r\nEND\r\n"}}),
            "SERVER_ERROR unexpected reply (server b)\r\n");
  EXPECT_EQ(Combine("stats", {}, {good, {{}, "b", "RESET\r\n"}}),
            "SERVER_ERROR replies differ (server b)\r\n");
  EXPECT_EQ(Combine("stats", {}, {good, {{}, "b", "STAT pid 7\r\n"}}),
            "SERVER_ERROR unexpected reply (server b)\r\n");
}

TEST_F(MergeTest, OkIfAllServersSaySo) {
  EXPECT_EQ(Combine("flush_all", {}, {{{}, "a", "OK\r\n"}, {{}, "b", "OK\r\n"}}), "OK\r\n");
  EXPECT_EQ(Combine("flush_all", {}, {{{}, "a", "OK\r\n"}, {{}, "b", "SERVER_ERROR no\r\n"}}),
            "SERVER_ERROR no (server b)\r\n");
  EXPECT_EQ(Combine("verbosity", {}, {{{}, "a", "OK\r\nOK\r\n"}, {{}, "b", "OK\r\n"}}),
            "SERVER_ERROR unexpected reply (server a)\r\n");
}

}  // namespace
}  // namespace keyway::memcache
