#include "sim/report/report.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/statistics.h"

namespace keyway::sim {
namespace {

using ::testing::HasSubstr;

Report Example() {
  return {.pool = "alpha",
          .hash = "md5",
          .hash_tag = "{}",
          .distribution = "ketama",
          .keys_from = "keys.txt",
          .figures = {
              .servers = {{"a", 1, 250, 0.25, 0.2, 1.25}, {"long name", 4, 750, 0.75, 0.8, 0.9375}},
              .keys = 1000,
              .max_to_mean = 1.25,
              .min_to_mean = 0.9375,
              .variation = 0.125}};
}

std::string Render(const char* format, const Report& report) {
  return FindReportFormat(format)->render(report);
}

TEST(ReportTest, ATableIsAligned) {
  EXPECT_EQ(Render("table", Example()),
            "pool alpha: 2 servers, ketama, md5, hash tag {}\n"
            "1000 keys from keys.txt\n"
            "\n"
            "server     weight  keys   share    fair  share/fair\n"
            "a               1   250  25.00%  20.00%       1.250\n"
            "long name       4   750  75.00%  80.00%       0.938\n"
            "\n"
            "max/mean 1.250, min/mean 0.938, coefficient of variation 0.1250\n");
}

TEST(ReportTest, CharactersAndNotBytesAreAligned) {
  Report report = Example();
  report.figures.servers[0].name = "é";
  report.figures.servers[1].name = "\x1b[1m";
  EXPECT_THAT(Render("table", report), HasSubstr("\né        "));
  EXPECT_THAT(Render("table", report), HasSubstr("\n\\033[1m  "));
}

TEST(ReportTest, CsvHasALineForEachServer) {
  EXPECT_EQ(Render("csv", Example()),
            "server,weight,keys,share,fair_share,share_to_fair\n"
            "a,1,250,0.25,0.2,1.25\n"
            "long name,4,750,0.75,0.8,0.9375\n");
}

TEST(ReportTest, CsvQuotesWhatWouldSeparate) {
  Report report = Example();
  report.figures.servers[0].name = "a,\"b\"";
  EXPECT_THAT(Render("csv", report), HasSubstr("\n\"a,\"\"b\"\"\",1,250,"));
}

TEST(ReportTest, JsonIsOneObject) {
  EXPECT_EQ(Render("json", Example()),
            R"({
  "pool": "alpha",
  "hash": "md5",
  "hash_tag": "{}",
  "distribution": "ketama",
  "keys_from": "keys.txt",
  "keys": 1000,
  "max_to_mean": 1.25,
  "min_to_mean": 0.9375,
  "coefficient_of_variation": 0.125,
  "servers": [
    {"server": "a", "weight": 1, "keys": 250, "share": 0.25, "fair_share": 0.2, )"
            R"("share_to_fair": 1.25},
    {"server": "long name", "weight": 4, "keys": 750, "share": 0.75, "fair_share": 0.8, )"
            R"("share_to_fair": 0.9375}
  ]
}
)");
}

TEST(ReportTest, JsonEscapesWhatItMust) {
  Report report = Example();
  report.pool = "a\"b\\c\n";
  EXPECT_THAT(Render("json", report), HasSubstr(R"("pool": "a\"b\\c\u000a")"));
}

TEST(ReportTest, FormatsAreFoundByName) {
  for (const ReportFormat& format : AllReportFormats()) {
    EXPECT_EQ(FindReportFormat(format.name), &format);
    EXPECT_FALSE(format.help.empty());
  }
  EXPECT_EQ(FindReportFormat("xml"), nullptr);
}

}  // namespace
}  // namespace keyway::sim
