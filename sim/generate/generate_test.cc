#include "sim/generate/generate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "sim/source/open/open.h"
#include "sim/source/testing.h"

namespace keyway::sim {
namespace {

using testing::AnyOf;
using testing::ElementsAre;

std::unique_ptr<Source> Opened(const std::string& text, const std::string& format = "") {
  auto source = OpenSource(text, {.format = format, .directory = testing::TempDir()});
  EXPECT_TRUE(source.ok()) << source.status();
  return *std::move(source);
}

struct Written {
  Generated generated;
  std::string text;
};

Written Write(const std::vector<std::string>& sources, std::string_view format, int threads = 0,
              const Compressor* compressor = nullptr) {
  std::vector<std::unique_ptr<Source>> opened;
  for (const std::string& source : sources) opened.push_back(Opened(source));
  std::ostringstream out;
  const absl::StatusOr<Generated> generated = Generate(std::move(opened),
                                                       {.format = FindOutputFormat(format),
                                                        .compressor = compressor,
                                                        .rate = 10,
                                                        .threads = threads},
                                                       out);
  EXPECT_TRUE(generated.ok()) << generated.status();
  return {.generated = *generated, .text = out.str()};
}

// The name of a file with that text, which goes with the test.
std::string FileOf(const std::string& name, const std::string& text) {
  std::ofstream(testing::TempDir() + "/" + name) << text;
  return name;
}

// What the simulator reads from what it wrote.
Collected ReadAgain(std::string_view format, const std::string& text) {
  std::string options(format);
  if (format == "libcachesim") options += ":time-col=1,obj-id-col=2,obj-size-col=3,op-col=4";
  return Collect(*Opened(FileOf("again." + std::string(format), text), options));
}

constexpr char kCensus[] = "template:user:{id}:{hex:4},keys=17000,size=uniform:0-50";
constexpr char kRequests[] = "zipf:keys=1000,requests=17000,reads=0.7,size=lognormal:30,1";

TEST(GenerateTest, WhatIsWrittenIsReadAgain) {
  for (const char* format : {"rdb-csv", "metadump"}) {
    EXPECT_EQ(ReadAgain(format, Write({kCensus}, format).text).weighted(),
              Collect(*Opened(kCensus)).weighted())
        << format;
  }
  for (const char* format : {"twitter", "cachelib", "libcachesim"}) {
    EXPECT_EQ(ReadAgain(format, Write({kRequests}, format).text).weighted(),
              Collect(*Opened(kRequests)).weighted())
        << format;
  }
  for (const char* format : {"list", "hex", "nul", "monitor"}) {
    EXPECT_EQ(ReadAgain(format, Write({kRequests}, format).text).keys(),
              Collect(*Opened(kRequests)).keys())
        << format;
  }
}

// Of bytes that mean something somewhere. A format holds a key or leaves it out.
TEST(GenerateTest, KeysOfAnyBytes) {
  constexpr char kBytes[] = "template:{bytes:3},keys=10000";
  const std::vector<std::string> keys = Collect(*Opened(kBytes)).keys();
  for (const char* format :
       {"list", "hex", "nul", "rdb-csv", "metadump", "twitter", "cachelib", "monitor"}) {
    const Written written = Write({kBytes}, format);
    const Collected again = ReadAgain(format, written.text);
    EXPECT_TRUE(again.bad.empty()) << format << " " << again.bad.front();
    EXPECT_EQ(again.records.size(), written.generated.items) << format;
    EXPECT_EQ(written.generated.items + written.generated.left_out, keys.size()) << format;
    EXPECT_LT(written.generated.left_out, keys.size() / 10) << format;
    const std::vector<std::string> read = again.keys();
    size_t at = 0;
    for (const std::string& key : keys) at += at < read.size() && read[at] == key;
    EXPECT_EQ(at, read.size()) << format << ": a key came back as another";
  }
}

TEST(GenerateTest, Lines) {
  const std::pair<const char*, const char*> cases[] = {
      {"list", "1\n2\n"},
      {"hex", "31\n32\n"},
      {"twitter", "0,1,1,3,1,set,0\n0,2,1,3,1,set,0\n"},
      {"cachelib", "key,op,size,op_count,key_size,ttl\n1,SET,3,1,1,0\n2,SET,3,1,1,0\n"},
      {"libcachesim", "0,1,3,set\n0,2,3,set\n"},
      {"monitor",
       "OK\n1704067200.000000 [0 127.0.0.1:50000] \"SET\" \"1\" \"xxx\"\n"
       "1704067200.100000 [0 127.0.0.1:50000] \"SET\" \"2\" \"xxx\"\n"},
      {"redis",
       "*3\r\n$3\r\nSET\r\n$1\r\n1\r\n$3\r\nxxx\r\n*3\r\n$3\r\nSET\r\n$1\r\n2\r\n$3\r\nxxx\r\n"},
      {"memcached", "set 1 0 0 3\r\nxxx\r\nset 2 0 0 3\r\nxxx\r\n"},
  };
  for (const auto& [format, text] : cases) {
    EXPECT_EQ(Write({"sequence:keys=2,size=3"}, format).text, text) << format;
  }
  EXPECT_EQ(Write({"sequence:keys=1,requests=1"}, "redis").text, "*2\r\n$3\r\nGET\r\n$1\r\n1\r\n");
  EXPECT_EQ(Write({"sequence:keys=1,requests=1"}, "memcached").text, "get 1\r\n");
}

// Ten items a second, over the blocks.
TEST(GenerateTest, TimesGoOn) {
  const std::string text = Write({"sequence:keys=40000"}, "libcachesim").text;
  EXPECT_NE(text.find("\n3999,40000,0,set\n"), std::string::npos);
  EXPECT_NE(text.find("\n2000,20001,0,set\n"), std::string::npos);
}

TEST(GenerateTest, ThreadsChangeNothing) {
  const std::string one = Write({kRequests, kCensus}, "monitor", 1).text;
  EXPECT_EQ(Write({kRequests, kCensus}, "monitor", 4).text, one);
  EXPECT_GT(one.size(), size_t{5} << 19) << "more than a piece for each block";
}

TEST(GenerateTest, Compressed) {
  const Written plain = Write({kRequests}, "twitter");
  for (const char* name : {"trace.gz", "trace.zst", "trace.lz4"}) {
    const Written packed = Write({kRequests}, "twitter", 2, FindCompressor(name));
    EXPECT_LT(packed.text.size(), plain.text.size() / 2);
    EXPECT_EQ(Collect(*Opened(FileOf(name, packed.text))).weighted(),
              Collect(*Opened(kRequests)).weighted())
        << name;
  }
  EXPECT_EQ(FindCompressor("trace.csv"), nullptr);
  const Written header = Write({"sequence:keys=1"}, "cachelib", 1, FindCompressor("a.gz"));
  EXPECT_EQ(Collect(*Opened(FileOf("header.gz", header.text))).keys(),
            std::vector{std::string("1")});
}

// A record that stands for several requests becomes as many.
TEST(GenerateTest, RequestsThatWereCountedTogether) {
  const std::string file =
      FileOf("counted.csv", "key,op,size,op_count,key_size,ttl\na,GET,5,3,1,0\nb,SET,7,2,1,0\n");
  EXPECT_EQ(Write({file}, "memcached").text,
            "get a\r\nget a\r\nget a\r\nset b 0 0 7\r\nxxxxxxx\r\nset b 0 0 7\r\nxxxxxxx\r\n");
}

TEST(GenerateTest, WhatCannotBeWritten) {
  const Written written = Write({"template:{one:a b|c},keys=100"}, "memcached");
  EXPECT_GT(written.generated.left_out, 20u);
  EXPECT_EQ(written.generated.items + written.generated.left_out, 100u);

  std::ofstream closed;
  closed.setstate(std::ios::badbit);
  std::vector<std::unique_ptr<Source>> sources;
  sources.push_back(Opened("sequence:keys=1e6"));
  const auto generated =
      Generate(std::move(sources), {.format = FindOutputFormat("list"), .threads = 3}, closed);
  EXPECT_THAT(generated.status().message(), AnyOf("the output cannot be written"));
}

TEST(GenerateTest, ASourceThatFails) {
  class Failing : public Source {
   public:
    absl::StatusOr<std::unique_ptr<Block>> Next() override {
      return absl::InvalidArgumentError("line 7 is odd");
    }
    const std::string& name() const override { return name_; }
    std::string_view format() const override { return "none"; }
    Content content() const override { return Content::kKeys; }
    uint64_t done() const override { return 0; }
    uint64_t in_all() const override { return 0; }

   private:
    const std::string name_ = "failing";
  };
  std::vector<std::unique_ptr<Source>> sources;
  sources.push_back(Opened("sequence:keys=1e5"));
  sources.push_back(std::make_unique<Failing>());
  std::ostringstream out;
  const auto generated =
      Generate(std::move(sources), {.format = FindOutputFormat("list"), .threads = 3}, out);
  EXPECT_EQ(generated.status().message(), "line 7 is odd");
}

}  // namespace
}  // namespace keyway::sim
