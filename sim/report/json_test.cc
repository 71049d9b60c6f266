#include "nlohmann/json.hpp"

#include <cmath>
#include <cstdint>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/report/formats.h"
#include "sim/report/samples.h"

namespace keyway::sim {
namespace {

using Json = nlohmann::ordered_json;

Json Parsed(const Report& report) { return Json::parse(RenderJson(report, {})); }

TEST(JsonTest, HasALineForEachRow) {
  EXPECT_EQ(RenderJson(SmallReport(), {}), R"({
  "schema_version": 1,
  "command": "balance",
  "title": "pool alpha: 3 servers",
  "facts": {
    "hash": "md5",
    "keys": 1000,
    "mean": null,
    "different": 987
  },
  "tables": {
    "servers": [
      {"server":"a","keys":500,"bytes":12300000,"ratio":1.0},
      {"server":"long \\xff name","keys":625,"bytes":999,"ratio":1.25},
      {"server":"c","keys":0,"bytes":null,"ratio":0.0}
    ]
  },
  "verdicts": [
    {"id":"max_moved","figure":"moved 0.00 %, limit 10.00 %","held":true},
    {"id":"max_peak_to_mean","figure":"peak/mean 1.250, limit 1.200","held":false}
  ],
  "warnings": [
    "2 lines of keys.txt are bad"
  ],
  "estimates": [
    "facts.different",
    "tables.servers.bytes"
  ],
  "about": {
    "facts.hash": {"title":"hash","unit":"text"},
    "facts.keys": {"title":"keys","unit":"count"},
    "facts.mean": {"title":"mean size","unit":"bytes"},
    "facts.different": {"title":"different keys","unit":"count",)"
                                           R"("note":"HyperLogLog, standard error 0.8 %"},
    "tables.servers": {"title":"Servers","note":"1 is just right."},
    "tables.servers.server": {"title":"server","unit":"text"},
    "tables.servers.keys": {"title":"keys","unit":"count"},
    "tables.servers.bytes": {"title":"bytes","unit":"bytes"},
    "tables.servers.ratio": {"title":"share/fair","unit":"ratio"}
  }
}
)");
}

TEST(JsonTest, AnEmptyReportHasAllMembers) {
  const Json json = Parsed({.command = "check", .title = ""});
  for (const char* member : {"facts", "tables", "verdicts", "warnings", "estimates", "about"}) {
    EXPECT_TRUE(json.contains(member)) << member;
    EXPECT_TRUE(json[member].empty()) << member;
  }
}

TEST(JsonTest, NumbersComeBackAsTheyWere) {
  Report report{.command = "balance", .title = ""};
  report.facts = {{.id = "most", .title = "", .unit = Unit::kCount, .value = UINT64_MAX},
                  {.id = "third", .title = "", .unit = Unit::kShare, .value = 1.0 / 3},
                  {.id = "tiny", .title = "", .unit = Unit::kProbability, .value = 5e-324},
                  {.id = "nan", .title = "", .unit = Unit::kRatio, .value = std::nan("")}};
  const Json facts = Parsed(report)["facts"];
  EXPECT_EQ(facts["most"].get<uint64_t>(), UINT64_MAX);
  EXPECT_EQ(facts["third"].get<double>(), 1.0 / 3);
  EXPECT_EQ(facts["tiny"].get<double>(), 5e-324);
  EXPECT_TRUE(facts["nan"].is_null());
}

TEST(JsonTest, AnySampleIsOneObject) {
  for (const Sample& sample : Samples()) {
    EXPECT_EQ(Parsed(sample.report)["schema_version"], 1) << sample.name;
    EXPECT_EQ(RenderJson(sample.report, {}), RenderJson(sample.report, {.columns = 20}));
  }
}

}  // namespace
}  // namespace keyway::sim
