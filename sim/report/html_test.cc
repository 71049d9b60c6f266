#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/report/formats.h"
#include "sim/report/markup.h"
#include "sim/report/page_parts.h"
#include "sim/report/samples.h"

namespace keyway::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

size_t Count(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t i = 0; (i = text.find(part, i)) != std::string_view::npos; i += part.size()) ++count;
  return count;
}

std::string PageOf(std::string_view name) {
  for (const Sample& sample : Samples()) {
    if (sample.name == name) return RenderHtml(sample.report, {});
  }
  return "";
}

TEST(HtmlTest, ShowsFactsTablesVerdictsAndWarnings) {
  const std::string page = RenderHtml(SmallReport(), {});
  EXPECT_THAT(page, HasSubstr("<h1>pool alpha: 3 servers</h1>"));
  EXPECT_THAT(page, HasSubstr("<dt>hash</dt><dd>md5</dd>"));
  EXPECT_THAT(page, HasSubstr("<dt>mean size</dt><dd>–</dd>"));
  EXPECT_THAT(page, HasSubstr("<abbr title=\"estimate\">≈</abbr> 987</dd>"));
  EXPECT_THAT(page, HasSubstr("<tr class=\"too-high\"><td>long \\xff name</td>"));
  EXPECT_THAT(page, HasSubstr("<td class=\"n\" data-v=\"12300000\">12.3 MB</td>"));
  EXPECT_THAT(page, HasSubstr("style=\"--s:0.8000\">1.000</td>"));
  EXPECT_THAT(page, HasSubstr("1 of 2 limits broken"));
  EXPECT_THAT(page, HasSubstr("<li>2 lines of keys.txt are bad</li>"));
}

TEST(HtmlTest, ChartsAreData) {
  const std::string page = RenderHtml(SmallReport(), {});
  EXPECT_THAT(page, HasSubstr(R"({"labels":["a","long \\xff name","c"],)"
                              R"("series":[{"title":"keys","values":[500.0,625.0,0.0]}],)"
                              R"("loads":[0,2,0],"kind":"bars","unit":"count",)"
                              R"("mark":{"value":500.0,"title":"fair"}})"));
}

TEST(HtmlTest, AMatrixIsATableWithColouredCells) {
  const std::string page = PageOf("diff");
  EXPECT_THAT(page, HasSubstr("<table class=\"matrix\">"));
  EXPECT_THAT(page, HasSubstr("<td class=\"n stays\">210,000</td>"));
  EXPECT_THAT(page, HasSubstr("style=\"--h:1.000\">75,826</td>"));
}

TEST(HtmlTest, ManyBarsBecomeACurve) {
  const std::string page = PageOf("large");
  EXPECT_THAT(page, HasSubstr("(3,000 rows, largest first)"));
  EXPECT_THAT(page, HasSubstr(R"("kind":"curve")"));
  EXPECT_THAT(page, HasSubstr("The 500 largest of 3,000"));
  EXPECT_LT(page.size(), 500'000u);
}

TEST(HtmlTest, OfManyRankedBarsItShowsTheFirst) {
  Report report = SmallReport();
  report.tables[0].ranked = true;
  report.tables[0].rows.resize(60, report.tables[0].rows[2]);
  const std::string page = RenderHtml(report, {});
  EXPECT_THAT(page, HasSubstr("Keys (the first 24)"));
  EXPECT_THAT(page, HasSubstr("[500.0,625.0,0.0,"));
}

TEST(HtmlTest, FiguresOfDifferentUnitsGetPicturesOfTheirOwn) {
  Report report = SmallReport();
  report.charts[0].values = {"keys", "ratio"};
  const std::string page = RenderHtml(report, {});
  EXPECT_EQ(Count(page, "<canvas role"), 2u);
  EXPECT_THAT(page, HasSubstr("<figcaption>Keys: share/fair</figcaption>"));
}

TEST(HtmlTest, AChartOfWhatIsNotThereIsLeftOut) {
  Report report = SmallReport();
  report.charts[0].values = {"bytes_of_another"};
  report.charts.push_back({.kind = Chart::Kind::kLines, .title = "", .table = "no_such_table"});
  EXPECT_EQ(Count(RenderHtml(report, {}), "<canvas role"), 0u);
}

TEST(HtmlTest, NothingBreaksOut) {
  const std::string page = PageOf("hostile");
  EXPECT_EQ(Count(page, "<script"), 3u);
  EXPECT_EQ(Count(page, "</script"), 3u);
  EXPECT_THAT(page, Not(HasSubstr("<script>document")));
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, Not(HasSubstr("<b>bold")));
  EXPECT_THAT(page, HasSubstr("&lt;/script&gt;&lt;script&gt;document.title=&#39;broken&#39;"));
}

TEST(HtmlTest, OnlyItsOwnScriptsMayRunAndNothingIsLoaded) {
  const std::string page = PageOf("small");
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, HasSubstr("'sha256-" + std::string(kPageScript.sha256) + "'"));
  EXPECT_THAT(page, HasSubstr("'sha256-" + std::string(kChartLibrary.sha256) + "'"));
  for (const char* loader : {"src=", "<link rel=\"stylesheet\"", "@import", "url("}) {
    EXPECT_THAT(page.substr(0, page.find("<script>")), Not(HasSubstr(loader)));
  }
}

TEST(HtmlTest, KeepsTheLicenceOfTheChartLibrary) {
  EXPECT_THAT(PageOf("small"), HasSubstr("Released under the MIT License"));
}

TEST(EscapeHtmlTest, EscapesForContentAndAttributes) {
  EXPECT_EQ(EscapeHtml("<a href='x'>\"&\"</a>"),
            "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;");
}

TEST(JsonMarkupTest, EndsNoScript) {
  EXPECT_EQ(JsonMarkup(R"(["</script><!--"])"), R"(["\u003c/script>\u003c!--"])");
}

}  // namespace
}  // namespace keyway::sim
