#include "sim/report/report.h"

#include <cstdlib>
#include <string>

#include "gtest/gtest.h"
#include "sim/report/samples.h"
#include "sim/report/terminal.h"

namespace keyway::sim {
namespace {

TEST(ReportFormatTest, FormatsAreFoundByName) {
  EXPECT_EQ(AllReportFormats().size(), 4u);
  for (const ReportFormat& format : AllReportFormats()) {
    EXPECT_EQ(FindReportFormat(format.name), &format);
    EXPECT_FALSE(format.help.empty());
  }
  EXPECT_EQ(FindReportFormat("xml"), nullptr);
}

TEST(ReportFormatTest, EveryFormatTakesEverySample) {
  for (const ReportFormat& format : AllReportFormats()) {
    for (const Sample& sample : Samples()) {
      const std::string text = format.render(sample.report, {.columns = 1});
      EXPECT_TRUE(!text.empty() || sample.name == "empty") << format.name << " " << sample.name;
    }
  }
}

// A descriptor that is no terminal.
constexpr int kNoTerminal = -1;

TEST(RenderOptionsTest, WhatIsNoTerminalHasNoColours) {
  EXPECT_FALSE(RenderOptionsFor(kNoTerminal).color);
}

TEST(RenderOptionsTest, TheWidthIsThatOfTheEnvironment) {
  setenv("COLUMNS", "132", 1);
  EXPECT_EQ(RenderOptionsFor(kNoTerminal).columns, 132);
  setenv("COLUMNS", "wide", 1);
  EXPECT_EQ(RenderOptionsFor(kNoTerminal).columns, 100);
  unsetenv("COLUMNS");
  EXPECT_EQ(RenderOptionsFor(kNoTerminal).columns, 100);
}

TEST(RenderOptionsTest, TheFirstLocaleThatIsSetCounts) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) unsetenv(name);
  EXPECT_TRUE(RenderOptionsFor(kNoTerminal).unicode);
  setenv("LANG", "C", 1);
  EXPECT_FALSE(RenderOptionsFor(kNoTerminal).unicode);
  setenv("LC_CTYPE", "C.UTF-8", 1);
  EXPECT_TRUE(RenderOptionsFor(kNoTerminal).unicode);
  setenv("LC_ALL", "en_US.ISO-8859-1", 1);
  EXPECT_FALSE(RenderOptionsFor(kNoTerminal).unicode);
}

}  // namespace
}  // namespace keyway::sim
