#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/report/formats.h"
#include "sim/report/samples.h"
#include "sim/report/text.h"

namespace keyway::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

size_t Widest(const std::string& text) {
  size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, Width(line));
  return widest;
}

TEST(TableTest, IsAligned) {
  EXPECT_EQ(RenderTable(SmallReport(), {}), R"(pool alpha: 3 servers

hash            md5
keys            1,000
mean size       -
different keys  ≈ 987  HyperLogLog, standard error 0.8 %

Servers
server          keys  ≈ bytes  share/fair
a                500  12.3 MB       1.000 ████████████████
long \xff name   625    999 B       1.250 ████████████████████
c                  0        -       0.000
1 is just right.

warning: 2 lines of keys.txt are bad

✓ held    max_moved         moved 0.00 %, limit 10.00 %
✗ BROKEN  max_peak_to_mean  peak/mean 1.250, limit 1.200
)");
}

TEST(TableTest, KeepsToAsciiWhereItMust) {
  Report report = SmallReport();
  report.tables[0].rows[0][0] = std::string(120, 'a');
  const std::string text = RenderTable(report, {.unicode = false});
  EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return static_cast<signed char>(c) >= 0; }));
  EXPECT_THAT(text, HasSubstr("~ 987"));
  EXPECT_THAT(text, HasSubstr("aaa...aaa"));
  EXPECT_THAT(text, HasSubstr("BROKEN  max_peak"));
}

TEST(TableTest, ColoursWhatStandsOut) {
  EXPECT_THAT(RenderTable(SmallReport(), {}), Not(HasSubstr("\x1b")));
  const std::string text = RenderTable(SmallReport(), {.color = true});
  EXPECT_THAT(text, HasSubstr("\x1b[31mlong \\xff name"));
  EXPECT_THAT(text, HasSubstr("\na    "));
  EXPECT_THAT(text, HasSubstr("\x1b[31m✗ BROKEN\x1b[0m"));
  EXPECT_THAT(text, HasSubstr("\x1b[32m✓ held  \x1b[0m"));
}

TEST(TableTest, FitsTheWidth) {
  for (const Sample& sample : Samples()) {
    if (sample.name == "hostile") continue;  // has words that are wider
    for (int columns : {80, 100, 160}) {
      EXPECT_LE(Widest(RenderTable(sample.report, {.columns = columns})),
                static_cast<size_t>(columns))
          << sample.name;
    }
  }
}

TEST(TableTest, BreaksTitlesBeforeItDropsBars) {
  Report report = SmallReport();
  report.tables[0].columns[3].title = "share against fair";
  const std::string text = RenderTable(report, {.columns = 50});
  EXPECT_THAT(text, HasSubstr(R"(
                                 share
                               against
server          keys  ≈ bytes     fair
a                500  12.3 MB    1.000 ████████
)"));
}

TEST(TableTest, FoldsWhatDoesNotFit) {
  EXPECT_THAT(RenderTable(SmallReport(), {.columns = 34}), HasSubstr(R"(
server          keys  ≈ bytes
a                500  12.3 MB
long \xff name   625    999 B
c                  0        -

server          share/fair
a                    1.000 ████████
long \xff name       1.250 ██████████
c                    0.000
)"));
}

TEST(TableTest, AMatrixIsASquareWhereItFits) {
  Report report{.command = "diff", .title = ""};
  report.tables = {{.id = "moves",
                    .title = "Moves",
                    .columns = {{.id = "from", .title = "from"},
                                {.id = "to", .title = "to"},
                                {.id = "keys", .title = "keys", .unit = Unit::kCount}},
                    .rows = {{"a", "b", uint64_t{1}}, {"b", "a", uint64_t{2}}},
                    .note = ""}};
  report.charts = {{.kind = Chart::Kind::kMatrix,
                    .title = "Moves",
                    .table = "moves",
                    .label = "from",
                    .values = {"to", "keys"}}};
  EXPECT_EQ(RenderTable(report, {}), R"(Moves
from \ to  a  b
a          -  1
b          2  -
)");
}

TEST(TableTest, OfALargeMatrixItShowsTheLargestMoves) {
  for (const Sample& sample : Samples()) {
    if (sample.name != "large") continue;
    const std::string text = RenderTable(sample.report, {});
    EXPECT_THAT(text, HasSubstr("The 20 largest of 3,000 by keys"));
    EXPECT_THAT(text, HasSubstr("The 60 largest of 3,000 by share / fair"));
  }
}

TEST(TableTest, NothingThatATerminalObeysGetsThrough) {
  for (const Sample& sample : Samples()) {
    for (char c : RenderTable(sample.report, {})) {
      EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
    }
  }
}

}  // namespace
}  // namespace keyway::sim
