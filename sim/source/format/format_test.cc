#include "sim/source/format/format.h"

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hashing/slots.h"
#include "sim/source/bytes/memory_stream.h"
#include "sim/source/format/testing.h"
#include "sim/source/testing.h"

namespace keyway::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

std::string Recognised(std::string_view head) {
  for (const FormatSpec& row : AllFormatSpecs()) {
    if (row.recognise != nullptr && row.recognise(head)) return std::string(row.name);
  }
  return "none";
}

// "NAME" or "NAME:DETAILS", as --format takes it.
Collected Read(const std::string& format, const std::string& content, size_t piece = 1 << 20) {
  const size_t colon = format.find(':');
  const FormatSpec* const spec = FindFormatSpec(format.substr(0, colon));
  if (spec == nullptr) return {.status = absl::NotFoundError(format)};
  const absl::StatusOr<std::unique_ptr<Source>> source = OpenFormat(
      *spec, colon == std::string::npos ? "" : std::string_view(format).substr(colon + 1),
      std::make_unique<PeekStream>(MakeMemoryStream(content, "data", piece)));
  if (!source.ok()) return {.status = source.status()};
  return Collect(**source);
}

// A file of testdata/corpus/sim_formats, which real programs printed where there are any.
std::string Sample(const std::string& name) {
  std::ifstream file("testdata/corpus/sim_formats/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

struct SampleCase {
  const char* file;
  const char* recognised;
  const char* format;  // where it has to be named
  size_t records;
  size_t bad = 0;
};

constexpr SampleCase kSamples[] = {
    {"monitor", "monitor", "monitor", 41},
    {"redis_cli_bigkeys", "redis-cli", "redis-cli", 6},
    {"redis_cli_memkeys", "redis-cli", "redis-cli", 7},
    {"redis_cli_hotkeys", "redis-cli", "redis-cli", 25},
    {"rdb_csv", "rdb-csv", "rdb-csv", 5},
    {"rdb_csv_old", "rdb-csv", "rdb-csv", 2},
    {"slot_stats_raw", "slot-stats", "slot-stats", 2},
    {"slot_stats_text", "slot-stats", "slot-stats", 2},
    {"slot_stats_resp3", "slot-stats", "slot-stats", 2},
    {"slot_stats_csv", "slot-stats", "slot-stats", 2},
    {"slot_stats_json", "slot-stats", "slot-stats", 2},
    {"metadump", "metadump", "metadump", 4},
    {"mgdump", "mgdump", "mgdump", 3},
    {"twitter", "twitter", "twitter", 5},
    {"cachelib", "cachelib", "cachelib", 4},
    {"cachelib_old", "cachelib", "cachelib", 2},
    {"libcachesim", "list", "libcachesim:obj-id-col=2,obj-size-col=3,op-col=4", 2},
    {"oracle_general", "none", "oracle-general", 3},
    {"hex", "list", "hex", 3, 1},
    {"nul", "none", "nul", 4},
    {"list", "list", "list", 5},
};

class SampleTest : public ::testing::TestWithParam<SampleCase> {};

TEST_P(SampleTest, IsRecognised) {
  EXPECT_EQ(Recognised(Sample(GetParam().file)), GetParam().recognised);
}

TEST(RecogniseTest, OneLineWithoutItsEndIsEnough) {
  EXPECT_EQ(Recognised("1.5 [0 127.0.0.1:1] \"get\" \"a\""), "monitor");
  EXPECT_EQ(Recognised("0,a,1,1,1,get,0"), "twitter");
  EXPECT_EQ(Recognised("OK"), "list");
  EXPECT_EQ(Recognised(""), "list");
}

TEST_P(SampleTest, IsReadWhole) {
  const Collected all = Read(GetParam().format, Sample(GetParam().file));
  EXPECT_TRUE(all.status.ok()) << all.status;
  EXPECT_THAT(all.records, SizeIs(GetParam().records));
  EXPECT_THAT(all.bad, SizeIs(GetParam().bad));
}

TEST_P(SampleTest, IsTheSameInPieces) {
  const std::string sample = Sample(GetParam().file);
  const Collected all = Read(GetParam().format, sample);
  const Collected pieces = Read(GetParam().format, sample, 1);
  EXPECT_EQ(pieces.weighted(), all.weighted());
  EXPECT_EQ(pieces.bad, all.bad);
}

// What Cut leaves for the next block is not lost, and nothing is read that goes on there.
TEST_P(SampleTest, MayBeCutAnywhere) {
  const std::string sample = Sample(GetParam().file);
  const std::string name = GetParam().format;
  const size_t colon = std::min(name.find(':'), name.size());
  const auto format =
      FindFormatSpec(name.substr(0, colon))
          ->make(sample, std::string_view(name).substr(std::min(colon + 1, name.size())));
  ASSERT_TRUE(format.ok()) << format.status();
  const Collected whole = Read(name, sample);
  const size_t step = 1 + sample.size() / 1000;
  for (size_t size = 0; size < sample.size(); size += step) {
    const Collected parts = CollectCut(**format, sample, size);
    ASSERT_EQ(parts.weighted(), whole.weighted()) << "cut at " << size;
    ASSERT_EQ(parts.bad, whole.bad) << "cut at " << size;
    ASSERT_EQ(parts.lines, whole.lines) << "cut at " << size;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, SampleTest, ::testing::ValuesIn(kSamples),
                         [](const auto& test) { return test.param.file; });

TEST(MonitorTest, CountsKeysAsTheCommandsUseThem) {
  const Collected all = Read("monitor", Sample("monitor"));
  std::vector<std::string> first = all.weighted();
  first.resize(26);  // then comes redis-benchmark
  // keys/bytes/reads/writes: what a write carries behind a key are its bytes.
  EXPECT_THAT(
      first,
      ElementsAre("plain 0/1/0/1", "with space 0/14/0/1",
                  std::string("bin\0\1\r\n\xffz", 9) + " 0/3/0/1", "a\tb\a\b\"\\ 0/1/0/1",
                  "a 0/1/0/1", "b 0/2/0/1",                               // mset
                  "k1 0/0/0/1", "k2 0/3/0/1",                             // eval
                  "za 0/2/0/1",                                           // zadd
                  "dst 0/1/0/1", "za 0/0/0/1", "zb 0/9/0/1",              // zunionstore
                  "counter 0/0/0/1",                                      // incr, in multi
                  "stream 0/3/0/1",                                       // xadd
                  "stream 0/0/1/0", "s2 0/0/1/0",                         // xread
                  "mylist 0/13/0/1", "sorted 0/0/0/1",                    // sort … store
                  "h 0/6/0/1", "a 0/0/1/0", "b 0/0/1/0", "none 0/0/1/0",  // hset, mget
                  "plain 0/0/1/0", "mylist 0/2/0/1", "mylist 0/0/1/0", "by unix socket 0/0/1/0"));
  EXPECT_THAT(all.skipped,
              ElementsAre(Pair("commands of scripts", 2), Pair("commands without a key", 6)));
}

TEST(MonitorTest, SaysWhatIsWrongWithALine) {
  const std::string head = "1.000001 [0 127.0.0.1:1] ";
  const Collected all =
      Read("monitor", "user:1\n" + head + "\"get\" \"a\n" + head + "\"get\" \"\\q\"\n" + head +
                          "\"nosuch\" \"a\"\n" + head + "\"get\"\n\r\n" + head + "\"get\" \"a\"");
  EXPECT_THAT(all.keys(), ElementsAre("a"));
  EXPECT_THAT(all.bad, ElementsAre(HasSubstr("line 0: user:1: no time"),
                                   HasSubstr("a command that is not quoted"),
                                   HasSubstr("a key with an unknown escape")));
  EXPECT_THAT(all.skipped, ElementsAre(Pair("commands with a wrong number of arguments", 1),
                                       Pair("unknown commands", 1)));
}

TEST(RedisCliTest, TakesTheSizesThatAreBytes) {
  EXPECT_THAT(Read("redis-cli", Sample("redis_cli_bigkeys")).weighted(),
              ElementsAre("b 1/1/0/0", "key:000000000032 1/3/0/0", "h 1/0/0/0", "s 1/0/0/0",
                          "stream 1/0/0/0", "z 1/0/0/0"));
  EXPECT_THAT(Read("redis-cli", Sample("redis_cli_memkeys")).weighted().back(), "z 1/80/0/0");
  EXPECT_THAT(Read("redis-cli", Sample("redis_cli_hotkeys")).weighted().front(), "b 1/0/0/0");
}

TEST(RedisCliTest, KeysMayHoldQuotes) {
  const Collected all =
      Read("redis-cli", R"([00.00%] Biggest string found so far '"it's \"x\" \xff"' with 3 bytes)"
                        "\n[01.00%] Biggest list   found so far 'old' with 7 items\nwhat\n");
  EXPECT_THAT(all.keys(), ElementsAre("it's \"x\" \xff", "old"));
  EXPECT_THAT(all.bad, SizeIs(1));
}

TEST(RdbCsvTest, FindsKeysBetweenCommas) {
  EXPECT_THAT(Read("rdb-csv", Sample("rdb_csv")).weighted(),
              ElementsAre("user:1 1/72/0/0", "cart:{7} 1/241/0/0", "a,b,c 1/180/0/0",
                          std::string("bin\0\xff\\x41", 9) + " 1/96/0/0", "events 1/4728/0/0"));
  EXPECT_THAT(Read("rdb-csv", Sample("rdb_csv_old")).weighted(),
              ElementsAre("quo\"te 1/96/0/0", "\xffz 1/180/0/0"));
}

TEST(RdbCsvTest, SaysWhatIsWrongWithALine) {
  const Collected all =
      Read("rdb-csv", Sample("rdb_csv") + "0,text,a,1,raw,1,1,\n0,string,a,x,raw,1,1,\n\n");
  EXPECT_THAT(all.bad, ElementsAre(HasSubstr("line 6: 0,text,a,1,raw,1,1,: its second field"),
                                   HasSubstr("has no size in bytes")));
}

TEST(SlotStatsTest, AllFormsSayTheSame) {
  for (const char* const file : {"raw", "text", "resp3", "csv", "json"}) {
    const Collected all = Read("slot-stats", Sample(std::string("slot_stats_") + file));
    ASSERT_THAT(all.records, SizeIs(2)) << file;
    EXPECT_EQ(hashing::SlotOf(all.records[0].key), 0) << file;
    EXPECT_EQ(hashing::SlotOf(all.records[1].key), 16383) << file;
    EXPECT_EQ(all.records[0].weight.keys, 12u) << file;
    EXPECT_EQ(all.records[1].weight.keys, 3u) << file;
    EXPECT_EQ(all.records[1].weight.bytes, 3000u) << file;
    EXPECT_EQ(all.records[1].weight.reads, 123u) << file;
  }
}

TEST(SlotStatsTest, MemoryIsBetterThanTraffic) {
  const Collected all =
      Read("slot-stats", R"([[5,{"key-count":1,"network-bytes-in":7,"memory-bytes":4}]])");
  ASSERT_THAT(all.records, SizeIs(1));
  EXPECT_EQ(all.records[0].weight.bytes, 4u);
}

TEST(SlotStatsTest, SaysWhatIsWrong) {
  EXPECT_THAT(Read("slot-stats", "(error) ERR unknown command").bad,
              ElementsAre(HasSubstr("a word that is no figure")));
  EXPECT_THAT(Read("slot-stats", "16384\nkey-count\n1\n").bad,
              ElementsAre(HasSubstr("slots are 0 to 16383"), HasSubstr("before the number")));
}

TEST(SlotStatsTest, EverySlotHasAKey) {
  std::string all_slots;
  for (int slot = 0; slot < hashing::kSlotCount; ++slot) {
    all_slots += std::to_string(slot) + "\nkey-count\n1\n";
  }
  const Collected all = Read("slot-stats", all_slots);
  ASSERT_THAT(all.records, SizeIs(hashing::kSlotCount));
  for (uint16_t slot = 0; slot < hashing::kSlotCount; ++slot) {
    ASSERT_EQ(hashing::SlotOf(all.records[slot].key), slot);
  }
}

TEST(MemcachedTest, KeysAreDecoded) {
  EXPECT_THAT(Read("metadump", Sample("metadump")).weighted(),
              ElementsAre("plain 1/69/0/0", "pct%key&=+ 1/72/0/0", "u\xc3\xa9 1/64/0/0",
                          std::string("\0\1\xff"
                                      "e",
                                      4) +
                              " 1/65/0/0"));
  EXPECT_THAT(Read("mgdump", Sample("mgdump")).keys(), ElementsAre("plain", "pct%key&=+",
                                                                   std::string("\0\1\xff"
                                                                               "e",
                                                                               4)));
}

TEST(MemcachedTest, SaysWhatIsWrongWithALine) {
  EXPECT_THAT(Read("metadump", "key=%4 size=1\nkey=a exp=1\nBUSY\n").bad,
              ElementsAre(HasSubstr("no two hexadecimal"), HasSubstr("has no size="),
                          HasSubstr("does not begin with key=")));
  EXPECT_THAT(Read("mgdump", "mg a*== b\nmg\nmg a k\nBUSY\n").bad,
              ElementsAre(HasSubstr("not in base 64"), HasSubstr("has no key"),
                          HasSubstr("a flag other than b"), HasSubstr("does not begin with mg")));
}

TEST(TwitterTest, CountsRequests) {
  EXPECT_THAT(Read("twitter", Sample("twitter")).weighted(),
              ElementsAre("nz:u:eeW511W3dcH3de3d15ec 0/304/1/0", "q:q:1:8WTfjZU14ee 0/213/1/0",
                          "yDqF:3q:1AJrrJ1nnCJKKrnGx1A 0/27/0/1", "with,comma 0/0/0/1",
                          "q:q:1:8WTfjZU14ee 0/213/1/0"));
  EXPECT_THAT(Read("twitter", "x,a,1,1,1,get,0\n0,a,1,1,1,got,0\n0,a,1,x,1,get,0\n").bad,
              ElementsAre(HasSubstr("no time"), HasSubstr("no operation"),
                          HasSubstr("no size of the value")));
}

TEST(CacheLibTest, ColumnsAreNamedInTheHeader) {
  EXPECT_THAT(Read("cachelib", Sample("cachelib")).weighted(),
              ElementsAre("1668505117 0/8/1/0", "1668505118 0/120/0/1", "1668505117 0/56/7/0",
                          "1668505119 0/0/0/2"));
  EXPECT_THAT(Read("cachelib", Sample("cachelib_old")).weighted(),
              ElementsAre("8e1 0/300/1/0", "8e2 0/60/0/3"));
  EXPECT_THAT(Read("cachelib", "8e1,GET,300,2,38\n").weighted(), ElementsAre("8e1 0/600/2/0"));
}

TEST(CacheLibTest, FilesMayBeJoined) {
  const Collected all = Read("cachelib", Sample("cachelib") + Sample("cachelib"));
  EXPECT_THAT(all.records, SizeIs(8));
  EXPECT_THAT(all.bad, IsEmpty());
}

TEST(LibCacheSimTest, ColumnsAreGiven) {
  EXPECT_THAT(Read("libcachesim:time-col=1, obj-id-col=2, obj-size-col=3", Sample("libcachesim"))
                  .weighted(),
              ElementsAre("2345 0/512/1/0", "2346 0/4096/1/0"));
  EXPECT_THAT(
      Read("libcachesim:obj-id-col=2,obj-size-col=3,delimiter=,,op-col=4", Sample("libcachesim"))
          .weighted(),
      ElementsAre("2345 0/512/1/0", "2346 0/4096/0/1"));
  EXPECT_THAT(
      Read("libcachesim:delimiter=\\t,obj-id-col=1,has-header=true", "id\tx\na\t1\n").keys(),
      ElementsAre("a"));
}

TEST(LibCacheSimTest, SaysWhatIsWrong) {
  const auto message = [](const std::string& details) {
    return std::string(Read("libcachesim" + details, "a,1\n").status.message());
  };
  EXPECT_THAT(message(""), HasSubstr("which column has the key?"));
  EXPECT_THAT(message(":obj-id-col=0"), HasSubstr("columns are 1 to 64"));
  EXPECT_THAT(message(":key=1"), HasSubstr("no option \"key\""));
  EXPECT_THAT(Read("libcachesim:obj-id-col=1,obj-size-col=2", "#,1\na\nb,x\nc,1\n").bad,
              ElementsAre(HasSubstr("too few columns"), HasSubstr("no number where the size")));
}

TEST(OracleGeneralTest, ObjectsAreNumbers) {
  EXPECT_THAT(Read("oracle-general", Sample("oracle_general")).weighted(),
              ElementsAre("42 0/512/1/0", "18446744073709551615 0/4096/1/0", "42 0/512/1/0"));
  EXPECT_THAT(Read("oracle-general", Sample("oracle_general") + "x").bad,
              ElementsAre(HasSubstr("less than 24 bytes")));
}

TEST(ListsTest, KeysMayHoldAnyByte) {
  EXPECT_THAT(Read("hex", Sample("hex")).keys(),
              ElementsAre("user:1", std::string("\0\xff\xa0", 3), ""));
  EXPECT_THAT(Read("hex", Sample("hex")).bad, ElementsAre(HasSubstr("line 3: zz: not two")));
  EXPECT_THAT(Read("nul", Sample("nul")).keys(), ElementsAre("user:1", "with\nfeed", "", "last"));
  EXPECT_THAT(Read("list", Sample("list")).keys(),
              ElementsAre("user:1", "", "with\r", "\xff\xfe", "last"));
}

TEST(FormatSourceTest, GivesBlocksOfWholeLines) {
  std::string text;
  std::vector<std::string> keys;
  for (int i = 0; i < 150'000; ++i) {
    keys.push_back("key:" + std::to_string(i));
    text += keys.back() + "\n";
  }
  const Collected all = Read("list", text, 10'000);
  EXPECT_EQ(all.keys(), keys);
  EXPECT_EQ(all.lines, keys.size());
  EXPECT_GT(all.blocks, 1u);
  EXPECT_LT(all.blocks, 8u);
}

TEST(FormatSourceTest, LongLinesAreReadAndTooLongOnesRefused) {
  const std::string longest(kMaxLineBytes, 'x');
  EXPECT_THAT(Read("list", "a\n" + longest + "\nb\n").keys(), ElementsAre("a", longest, "b"));
  const Collected all = Read("list", "a\n" + longest + longest);
  EXPECT_THAT(all.keys(), ElementsAre("a"));
  EXPECT_THAT(Read("list", "a\n" + longest + "x").records, SizeIs(1));
  EXPECT_THAT(Read("list", "a\n" + longest + "x\nb\n").records, SizeIs(1));
  EXPECT_EQ(all.status.message(),
            "data: the line at byte 2 is longer than 16777216 bytes; is this the format list?");
}

}  // namespace
}  // namespace keyway::sim
