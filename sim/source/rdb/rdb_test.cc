#include "sim/source/rdb/rdb.h"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/source/rdb/testing.h"
#include "sim/source/testing.h"

namespace keyway::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::StartsWith;
using std::string_literals::operator""s;

Collected Read(std::string bytes, const RdbOptions& options = {}, size_t piece = 1 << 20) {
  const std::unique_ptr<Source> source =
      MakeRdbSource(MakeStream(std::move(bytes), piece), options);
  return Collect(*source);
}

std::string Message(const Collected& collected) { return std::string(collected.status.message()); }

// "key bytes"
std::vector<std::string> Sizes(const Collected& collected) {
  std::vector<std::string> sizes;
  for (const Collected::Record& record : collected.records) {
    EXPECT_EQ(record.weight.keys, 1u);
    sizes.push_back(absl::StrFormat("%s %d", record.key, record.weight.bytes));
  }
  return sizes;
}

TEST(RdbTest, TheFirstVersionHasNoChecksum) {
  const std::string dump = Dump(1).Byte(254).Length(0).Pair("a", "1").Pair("bc", "22").Finish();
  EXPECT_EQ(dump,
            "REDIS0001\xfe\x00\x00\x01"
            "a\x01"
            "1\x00\x02"
            "bc\x02"
            "22\xff"s);
  const Collected all = Read(dump);
  EXPECT_TRUE(all.status.ok()) << all.status;
  EXPECT_THAT(Sizes(all), ElementsAre("a 1", "bc 2"));
}

TEST(RdbTest, AnEmptyDumpHasNoKeys) {
  for (const int version : {1, 4, 5, 9, 10, 12}) {
    const Collected all = Read(Dump(version).Finish());
    EXPECT_TRUE(all.status.ok()) << all.status;
    EXPECT_THAT(all.records, IsEmpty());
  }
}

// The values of every type, and how many bytes they are counted as.
struct TypeCase {
  std::string name;
  int type;
  size_t bytes;
  std::string value;
};

std::string Value(const Dump& dump) {
  const std::string bytes = dump.Finish();
  return bytes.substr(9, bytes.size() - 9 - 9);
}

// A stream of a listpack, with a group of one consumer who has an entry pending, as it is
// stored since Redis 5, 7.0 (2) and 7.2 (3).
std::string StreamValue(int version) {
  const std::string id(16, 'i'), time(8, 't');
  Dump dump(9);
  dump.Length(1).String(id).String("listpack").Length(3).Length(1).Length(2);
  if (version >= 2) dump.Length(1).Length(1).Length(0).Length(0).Length(3);
  dump.Length(1).String("g").Length(1).Length(2);
  if (version >= 2) dump.Length(1);
  dump.Length(1).Raw(id).Raw(time).Length(1).Length(1).String("c").Raw(time);
  if (version >= 3) dump.Raw(time);
  dump.Length(1).Raw(id);
  return Value(dump);
}

// long: a row for each type
const std::vector<TypeCase>& TypeCases() {
  static const std::vector<TypeCase> cases = [] {
    const std::string time(8, 't');
    const auto value = [] { return Dump(9); };
    return std::vector<TypeCase>{
        {"String", 0, 5, Value(value().String("value"))},
        {"Int8", 0, 4, "\xc0\x80"s},
        {"Int16", 0, 3, "\xc1\xff\x00"s},
        {"Int32", 0, 11, "\xc2\x00\x00\x00\x80"s},
        {"Lzf", 0, 265,
         "\xc3\x05\x41\x09\x00"
         "a\xe0\xff\x00"s},
        {"MiddleLength", 0, 300, Value(value().String(std::string(300, 'v')))},
        {"LongLength", 0, 20000, Value(value().String(std::string(20000, 'v')))},
        {"EightByteLength", 0, 2, "\x81\0\0\0\0\0\0\0\x02vv"s},
        {"List", 1, 3, Value(value().Length(2).String("a").String("bc"))},
        {"Set", 2, 3,
         "\x02\x01"
         "a\xc0\x0c"s},
        {"SortedSetText", 3, 7,
         "\x04\x01"
         "a\x03"
         "2.5\x01"
         "b\xfd\x01"
         "c\xfe\x01"
         "d\xff"s},
        {"Hash", 4, 4, Value(value().Length(1).String("fi").String("el"))},
        {"SortedSet", 5, 9, Value(value().Length(1).String("m").Raw(time))},
        {"Module", 7, 15,
         Value(value()
                   .Length(UINT64_C(0x123456789abcdef0))
                   .Raw("\x01\x05\x02\x07\x03"s)
                   .Zeros(4)
                   .Byte(4)
                   .Zeros(8)
                   .Byte(5)
                   .String("str")
                   .Byte(0))},
        {"Zipmap", 9, 3, Value(value().String("zip"))},
        {"ListZiplist", 10, 3, Value(value().String("zip"))},
        {"Intset", 11, 3, Value(value().String("int"))},
        {"SortedSetZiplist", 12, 3, Value(value().String("zip"))},
        {"HashZiplist", 13, 3, Value(value().String("zip"))},
        {"Quicklist", 14, 6, Value(value().Length(2).String("zip").String("zip"))},
        {"Stream", 15, 24 + 1 + 24 + 1 + 8 + 16, StreamValue(1)},
        {"HashListpack", 16, 3, Value(value().String("lpk"))},
        {"SortedSetListpack", 17, 3, Value(value().String("lpk"))},
        {"Quicklist2", 18, 8,
         Value(value().Length(2).Length(1).String("plain").Length(2).String("lpk"))},
        {"Stream2", 19, 24 + 1 + 24 + 1 + 8 + 16, StreamValue(2)},
        {"SetListpack", 20, 3, Value(value().String("lpk"))},
        {"Stream3", 21, 24 + 1 + 24 + 1 + 16 + 16, StreamValue(3)},
        {"HashWithTimes", 24, 12,
         Value(value()
                   .Raw(time)
                   .Length(2)
                   .Length(0)
                   .String("a")
                   .String("b")
                   .Length(7)
                   .String("c")
                   .String("d"))},
        {"HashWithTimesListpack", 25, 11, Value(value().Raw(time).String("lpk"))},
    };
  }();
  return cases;
}

class RdbTypeTest : public ::testing::TestWithParam<TypeCase> {
 protected:
  std::string Bytes() const {
    const TypeCase& type = GetParam();
    return Dump(12)
        .Pair("before", "1")
        .Byte(type.type)
        .String("key")
        .Raw(type.value)
        .Pair("after", "22")
        .Finish();
  }
};

TEST_P(RdbTypeTest, IsPassedOverAndCounted) {
  const Collected all = Read(Bytes());
  EXPECT_TRUE(all.status.ok()) << all.status;
  EXPECT_THAT(Sizes(all),
              ElementsAre("before 1", absl::StrFormat("key %d", GetParam().bytes), "after 2"));
}

TEST_P(RdbTypeTest, ComesInPiecesOfAnySize) {
  for (const size_t piece : {1, 2, 3, 7, 64}) {
    const Collected all = Read(Bytes(), {}, piece);
    EXPECT_TRUE(all.status.ok()) << all.status;
    EXPECT_EQ(all.records.size(), 3u);
  }
}

TEST_P(RdbTypeTest, EndsTooEarlyAnywhere) {
  const std::string bytes = Bytes();
  for (size_t size = 0; size < std::min(bytes.size(), size_t{1000}); ++size) {
    EXPECT_EQ(Message(Read(bytes.substr(0, size))),
              absl::StrFormat("test.rdb: byte %d: the file ends too early", size));
  }
}

std::string Name(const ::testing::TestParamInfo<TypeCase>& test) { return test.param.name; }

INSTANTIATE_TEST_SUITE_P(Types, RdbTypeTest, ::testing::ValuesIn(TypeCases()), Name);

TEST(RdbTest, KeysMayBeIntegersOrCompressedOrEmptyOrAnyBytes) {
  const std::string dump = Dump(9)
                               .Byte(0)
                               .Raw("\xc1\x39\x30"s)
                               .String("v")
                               .Byte(0)
                               .Raw(
                                   "\xc3\x05\x41\x09\x00"
                                   "k\xe0\xff\x00"s)
                               .String("v")
                               .Pair("", "v")
                               .Pair("\0\n\xff"s, "v")
                               .Finish();
  EXPECT_THAT(Read(dump).keys(), ElementsAre("12345", std::string(265, 'k'), "", "\0\n\xff"s));
}

TEST(RdbTest, WhatIsNotAboutKeysIsPassedOver) {
  const std::string dump = Dump(12)
                               .Auxiliary("redis-ver", "7.0.15")
                               .Byte(250)
                               .String("redis-bits")
                               .Raw("\xc0\x40"s)
                               .Byte(247)
                               .Length(1234567890123)
                               .Raw(
                                   "\x02\x02\x05\x03"
                                   "abc\x00"s)
                               .Byte(245)
                               .String("#!lua name=lib")
                               .Byte(254)
                               .Length(0)
                               .Byte(251)
                               .Length(1)
                               .Length(0)
                               .Byte(244)
                               .Length(866)
                               .Length(1)
                               .Length(0)
                               .Byte(248)
                               .Length(100)
                               .Pair("idle", "v")
                               .Byte(249)
                               .Byte(255)
                               .Pair("often", "v")
                               .Finish();
  const Collected all = Read(dump);
  EXPECT_TRUE(all.status.ok()) << all.status;
  EXPECT_THAT(all.keys(), ElementsAre("idle", "often"));
}

TEST(RdbTest, WhatHadExpiredWhenTheDumpWasMadeIsSkipped) {
  const auto in_ms = [](uint64_t ms) {
    std::string bytes = "\xfc";
    for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(ms >> shift & 0xff);
    return bytes;
  };
  const std::string dump = Dump(9)
                               .Auxiliary("ctime", "1000")
                               .Raw(in_ms(999'999))
                               .Pair("expired", "v")
                               .Raw(in_ms(1'000'000))
                               .Pair("just not", "v")
                               .Raw("\xfd\xe7\x03\x00\x00"s)
                               .Pair("expired by seconds", "v")
                               .Raw("\xfd\xe9\x03\x00\x00"s)
                               .Pair("later", "v")
                               .Pair("never", "v")
                               .Finish();
  const Collected all = Read(dump);
  EXPECT_TRUE(all.status.ok()) << all.status;
  EXPECT_THAT(all.keys(), ElementsAre("just not", "later", "never"));
  EXPECT_THAT(all.skipped, ElementsAre(Pair("expired", 2)));
}

TEST(RdbTest, WithoutATimeNothingHasExpired) {
  const std::string dump = Dump(3).Raw("\xfd\x01\x00\x00\x00"s).Pair("old", "v").Finish();
  EXPECT_THAT(Read(dump).keys(), ElementsAre("old"));
}

TEST(RdbTest, OneDatabaseOrAll) {
  const std::string dump = Dump(9)
                               .Byte(254)
                               .Length(0)
                               .Pair("a", "v")
                               .Byte(254)
                               .Length(3)
                               .Pair("b", "v")
                               .Pair("c", "v")
                               .Byte(254)
                               .Length(300)
                               .Pair("d", "v")
                               .Finish();
  EXPECT_THAT(Read(dump).keys(), ElementsAre("a", "b", "c", "d"));
  const Collected three = Read(dump, {.database = 3});
  EXPECT_THAT(three.keys(), ElementsAre("b", "c"));
  EXPECT_THAT(three.skipped, ElementsAre(Pair("other database", 2)));
}

TEST(RdbTest, OptionsNameADatabase) {
  EXPECT_EQ(ParseRdbOptions("db=12")->database, 12u);
  EXPECT_EQ(ParseRdbOptions("")->database, std::nullopt);
  for (const std::string_view wrong : {"db=", "db=x", "db=1x", "database=1", "db=-1"}) {
    EXPECT_FALSE(ParseRdbOptions(wrong).ok()) << wrong;
  }
}

TEST(RdbTest, ADamagedByteIsFound) {
  const std::string dump = Dump(9).Pair("key", "value").Finish();
  std::string damaged = dump;
  damaged[damaged.find("value")] ^= 1;
  EXPECT_THAT(Message(Read(damaged)),
              StartsWith("test.rdb: byte 21: the file is damaged: its checksum is "));
  // As servers write it with "rdbchecksum no".
  std::string unchecked = damaged;
  std::fill(unchecked.end() - 8, unchecked.end(), '\0');
  EXPECT_TRUE(Read(unchecked).status.ok());
}

TEST(RdbTest, ErrorsNameThePlace) {
  const auto message = [](const Dump& dump) { return Message(Read(dump.Finish())); };
  const std::string start = "test.rdb: byte 9: ";
  EXPECT_EQ(message(Dump(9).Byte(100)), start + "unknown type 100 of a value");
  EXPECT_EQ(message(Dump(9).Byte(6)), start + "unknown type 6 of a value");
  EXPECT_EQ(message(Dump(9).Byte(246)), start + "unknown opcode 246");
  EXPECT_EQ(message(Dump(9).Byte(0).Raw("\x01k\xc7"s)),
            "test.rdb: byte 12: unknown encoding 7 of a string");
  EXPECT_EQ(message(Dump(9).Byte(1).Raw("\x01k\xc0\x01"s)),
            "test.rdb: byte 12: a string where a length should be");
  EXPECT_EQ(message(Dump(9).Byte(0).Raw("\x85"s)), "test.rdb: byte 10: no length begins with 0x85");
  EXPECT_EQ(message(Dump(9).Byte(0).Raw("\xc3\x02\x03\x00\x00"s)),
            "test.rdb: byte 11: a compressed string is damaged");
  EXPECT_EQ(message(Dump(9).Byte(0).Raw("\xc3\x02\x81\x00\x00\x00\x00\x10\x00\x00\x00"s)),
            "test.rdb: byte 11: 268435456 bytes cannot be 2 compressed ones");
  EXPECT_EQ(message(Dump(9).Byte(0).Length(1'000'000'000)),
            "test.rdb: byte 10: a key of 1000000000 bytes; none has more than 536870912");
  EXPECT_THAT(Message(Read(Dump(9).Finish() + "*1\r\n")),
              StartsWith("test.rdb: byte 18: the dump ends here, and the file does not"));
  EXPECT_EQ(Message(Read("REDIS0080")), "test.rdb: byte 5: RDB version 80; up to 12 are read");
  EXPECT_EQ(Message(Read("REDIS000x")), "test.rdb: byte 0: no Redis dump begins with 'REDIS000x'");
  EXPECT_EQ(Message(Read("something")), "test.rdb: byte 0: no Redis dump begins with 'something'");
}

TEST(RdbTest, IsRecognised) {
  EXPECT_TRUE(LooksLikeRdb("REDIS0011\xfa"));
  EXPECT_TRUE(LooksLikeRdb("REDIS0001"));
  EXPECT_FALSE(LooksLikeRdb("REDIS001"));
  EXPECT_FALSE(LooksLikeRdb("REDIS:cache:1\n"));
}

// Far more than a window, of keys and of values.
TEST(RdbTest, LargeKeysAndValuesAndManyKeys) {
  Dump dump(9);
  dump.Pair(std::string(1'000'000, 'k'), std::string(3'000'000, 'v'));
  for (int i = 0; i < 20'000; ++i) dump.Pair(absl::StrFormat("key:%d", i), std::string(20, 'v'));
  dump.Pair("list", "v").Byte(1).String("x").Length(100'000);
  for (int i = 0; i < 100'000; ++i) dump.String("element");
  const Collected all = Read(dump.Finish());
  EXPECT_TRUE(all.status.ok()) << all.status;
  ASSERT_EQ(all.records.size(), 20'003u);
  EXPECT_EQ(all.records[0].key, std::string(1'000'000, 'k'));
  EXPECT_EQ(all.records[0].weight.bytes, 3'000'000u);
  EXPECT_EQ(all.records[20'000].key, "key:19999");
  EXPECT_EQ(all.records[20'002].weight.bytes, 700'000u);
  EXPECT_GT(all.blocks, 4u);
}

}  // namespace
}  // namespace keyway::sim
