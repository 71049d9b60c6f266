#include "sim/study/study_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace keyway::sim {
namespace {

using testing::ElementsAre;

Report Reported(const StudyOptions& options) {
  const absl::StatusOr<std::vector<CaseResult>> results = RunStudy(options);
  EXPECT_TRUE(results.ok()) << results.status();
  return StudyReport(options, *results);
}

std::vector<std::string> Tables(const Report& report) {
  std::vector<std::string> ids;
  for (const Table& table : report.tables) {
    ids.push_back(table.id);
    for (const std::vector<Value>& row : table.rows) {
      EXPECT_EQ(row.size(), table.columns.size()) << table.id;
    }
  }
  return ids;
}

TEST(StudyReportTest, OneFleetShowsItsServers) {
  const Report report = Reported({.servers = {3}});
  EXPECT_THAT(Tables(report), ElementsAre("loads", "servers"));
  EXPECT_EQ(report.tables[1].rows[2][0], Value("server3"));
  ASSERT_EQ(report.charts.size(), 1u);
  EXPECT_EQ(report.charts[0].table, "servers");
}

TEST(StudyReportTest, WhatWasAskedFor) {
  const Report report = Reported({.schemes = {"ketama", "jump"},
                                  .keys = 1000,
                                  .zipf = 1,
                                  .add = 1,
                                  .remove = 1,
                                  .repetitions = 2});
  EXPECT_THAT(Tables(report), ElementsAre("loads", "changes", "hot_key"));
  EXPECT_EQ(report.tables[1].rows.size(), 4u);
  EXPECT_THAT(Tables(Reported({.schemes = {"ketama", "bounded", "jump"}, .keys = 1000})),
              ElementsAre("loads", "trials"));
}

TEST(StudyReportTest, AChartAlongWhatVaries) {
  const auto label = [](const StudyOptions& options) {
    const Report report = Reported(options);
    return report.charts.empty() ? "" : report.charts[0].label;
  };
  EXPECT_EQ(label({.schemes = {"ketama", "modula"}}), "distribution");
  EXPECT_EQ(label({.servers = {3, 5, 9}}), "servers");
  EXPECT_EQ(label({.schemes = {"ring"}, .parameters = {1, 10}}), "parameter");
  EXPECT_EQ(label({.schemes = {"ring"}, .servers = {3, 5}, .parameters = {1, 10}}), "");
}

}  // namespace
}  // namespace keyway::sim
