#include <cstdint>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/report/formats.h"
#include "sim/report/samples.h"

namespace keyway::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(CsvTest, EachLineBeginsWithItsTable) {
  EXPECT_EQ(RenderCsv(SmallReport(), {}),
            "facts,id,value,title,estimate,note\r\n"
            "facts,hash,md5,hash,false,\r\n"
            "facts,keys,1000,keys,false,\r\n"
            "facts,mean,,mean size,false,\r\n"
            "facts,different,987,different keys,true,\"HyperLogLog, standard error 0.8 %\"\r\n"
            "\r\n"
            "servers,server,keys,bytes,ratio\r\n"
            "servers,a,500,12300000,1\r\n"
            "servers,long \\xff name,625,999,1.25\r\n"
            "servers,c,0,,0\r\n"
            "\r\n"
            "verdicts,id,held,figure\r\n"
            "verdicts,max_moved,true,\"moved 0.00 %, limit 10.00 %\"\r\n"
            "verdicts,max_peak_to_mean,false,\"peak/mean 1.250, limit 1.200\"\r\n"
            "\r\n"
            "warnings,warning\r\n"
            "warnings,2 lines of keys.txt are bad\r\n"
            "\r\n"
            "about,place,title,unit,estimate,note\r\n"
            "about,servers,Servers,,false,1 is just right.\r\n"
            "about,servers.server,server,text,false,\r\n"
            "about,servers.keys,keys,count,false,\r\n"
            "about,servers.bytes,bytes,bytes,true,\r\n"
            "about,servers.ratio,share/fair,ratio,false,\r\n");
}

std::string OfOneFact(const std::string& value) {
  Report report{.command = "balance", .title = ""};
  report.facts = {{.id = "key", .title = "", .value = value}};
  return RenderCsv(report, {});
}

TEST(CsvTest, QuotesWhatWouldSeparate) {
  EXPECT_THAT(OfOneFact("a,\"b\""), HasSubstr("\nfacts,key,\"a,\"\"b\"\"\","));
  EXPECT_THAT(OfOneFact("a\r\nb"), HasSubstr("\nfacts,key,a\\x0d\\x0ab,"));
}

TEST(CsvTest, GivesSpreadsheetsNothingToCompute) {
  for (const std::string key : {"=1+1", "+1", "-1+cmd", "@sum"}) {
    EXPECT_THAT(OfOneFact(key), Not(HasSubstr("key," + key))) << key;
  }
  EXPECT_THAT(OfOneFact("=1"), HasSubstr("key,\\x3d1,"));
  EXPECT_THAT(OfOneFact("-"), HasSubstr("key,-,"));
}

TEST(CsvTest, AnEmptyReportIsEmpty) {
  EXPECT_EQ(RenderCsv({.command = "balance", .title = "nothing"}, {}), "");
}

}  // namespace
}  // namespace keyway::sim
