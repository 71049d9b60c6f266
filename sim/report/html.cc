#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_format.h"
#include "sim/report/formats.h"
#include "sim/report/markup.h"
#include "sim/report/page_parts.h"
#include "sim/report/picture.h"
#include "sim/report/shape.h"
#include "sim/report/text.h"

namespace keyway::sim {
namespace {

constexpr size_t kMostRows = 500;     // of a table in the page
constexpr size_t kMostInMatrix = 40;  // servers on a side
constexpr size_t kMostMoves = 100;    // in the table below a matrix

// The parts of the page that charts add to.
struct Body {
  std::string markup;
  std::string pictures;  // the elements of a JSON array
};

std::string Sentence(std::string_view text) { return EscapeHtml(Clean(text)); }

// Nothing is loaded from anywhere, and no script runs but the two of this page.
std::string Head(const Report& report) {
  return absl::StrFormat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "script-src 'sha256-%s' 'sha256-%s'; style-src 'unsafe-inline'; img-src data:; "
      "base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n"
      "<title>%s: %s</title>\n<style>\n%s</style>\n</head>\n",
      kChartLibrary.sha256, kPageScript.sha256, Sentence(report.command), Sentence(report.title),
      kPageStyle.text);
}

std::string Header(const Report& report) {
  return absl::StrFormat(
      "<header>\n<p class=\"command\">keyway sim <b>%s</b></p>\n<h1>%s</h1>\n</header>\n",
      Sentence(report.command), Sentence(report.title));
}

std::string Verdicts(const Report& report) {
  if (report.verdicts.empty()) return "";
  const auto broken = std::ranges::count(report.verdicts, false, &Verdict::held);
  std::string markup = absl::StrFormat(
      "<section class=\"verdicts %s\" aria-label=\"Limits\">\n<h2>%s</h2>\n<ul>\n",
      broken == 0 ? "held" : "broken",
      broken == 0 ? "All limits are held"
                  : absl::StrFormat("%d of %d limits broken", broken, report.verdicts.size()));
  for (const Verdict& verdict : report.verdicts) {
    absl::StrAppendFormat(&markup,
                          "<li class=\"%s\"><b>%s</b> <code>%s</code> <span>%s</span></li>\n",
                          verdict.held ? "held" : "broken", verdict.held ? "✓ held" : "✗ broken",
                          Sentence(verdict.id), Sentence(verdict.figure));
  }
  return markup + "</ul>\n</section>\n";
}

std::string Warnings(const Report& report) {
  if (report.warnings.empty()) return "";
  std::string markup = "<section class=\"warnings\">\n<h2>Warnings</h2>\n<ul>\n";
  for (const std::string& warning : report.warnings) {
    markup += "<li>" + Sentence(warning) + "</li>\n";
  }
  return markup + "</ul>\n</section>\n";
}

std::string Note(std::string_view note) {
  return note.empty() ? "" : "<dd class=\"note\">" + Sentence(note) + "</dd>";
}

// Names and settings in lines, figures as cards.
std::string Facts(const Report& report) {
  std::string settings;
  std::string cards;
  for (const Fact& fact : report.facts) {
    const bool is_text = std::holds_alternative<std::string>(fact.value);
    absl::StrAppendFormat(is_text ? &settings : &cards, "<div><dt>%s</dt><dd>%s</dd>%s</div>\n",
                          Sentence(fact.title), FigureMarkup(fact.value, fact.unit, fact.estimate),
                          Note(fact.note));
  }
  if (!settings.empty()) settings = "<dl class=\"settings\">\n" + settings + "</dl>\n";
  if (!cards.empty()) cards = "<dl class=\"cards\">\n" + cards + "</dl>\n";
  if (settings.empty() && cards.empty()) return "";
  return "<section aria-label=\"Figures\">\n" + settings + cards + "</section>\n";
}

void AddPicture(const Picture& picture, const Table& table, Body& body) {
  absl::StrAppendFormat(
      &body.markup,
      "<figure class=\"chart\"><figcaption>%s</figcaption>\n<div class=\"canvas\">"
      "<canvas role=\"img\" aria-label=\"%s. The table %s has its numbers.\"></canvas>"
      "</div></figure>\n",
      EscapeHtml(picture.caption), EscapeHtml(picture.caption), Sentence(table.title));
  if (!body.pictures.empty()) body.pictures += ",\n";
  body.pictures += picture.json;
}

void AddMatrix(const Chart& chart, const Table& table, Body& body) {
  const std::optional<Table> square = AsMatrix(table, chart, kMostInMatrix);
  if (!square) {
    for (const Picture& picture : PicturesOf(chart, table)) AddPicture(picture, table, body);
    return;
  }
  absl::StrAppendFormat(&body.markup,
                        "<figure class=\"wide\"><figcaption>%s</figcaption>\n"
                        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                        "aria-label=\"%s\">\n%s</div></figure>\n",
                        Sentence(chart.title), Sentence(chart.title), MatrixMarkup(*square));
}

void AddCharts(const Report& report, const Table& table, Body& body) {
  Body charts;
  for (const Chart& chart : report.charts) {
    if (chart.table != table.id) continue;
    if (chart.kind == Chart::Kind::kMatrix) {
      AddMatrix(chart, table, charts);
      continue;
    }
    for (const Picture& picture : PicturesOf(chart, table)) AddPicture(picture, table, charts);
  }
  if (charts.markup.empty()) return;
  body.markup += "<div class=\"figures\">\n" + charts.markup + "</div>\n";
  if (charts.pictures.empty()) return;
  if (!body.pictures.empty()) body.pictures += ",\n";
  body.pictures += charts.pictures;
}

void AddTable(const Report& report, const Table& table, Body& body) {
  const std::string id = EscapeHtml(table.id);
  absl::StrAppendFormat(&body.markup,
                        "<section id=\"%s\">\n<h2 id=\"%s-title\">%s</h2>\n<div class=\"shown\">\n",
                        id, id, Sentence(table.title));
  AddCharts(report, table, body);
  const bool is_matrix = FindChart(report, table, Chart::Kind::kMatrix) != nullptr;
  const std::optional<size_t> main = MainColumn(table);
  const Table shown = main ? Largest(table, *main, is_matrix ? kMostMoves : kMostRows) : table;
  absl::StrAppendFormat(&body.markup,
                        "<div class=\"data\">\n<div class=\"scroll\" tabindex=\"0\" "
                        "role=\"region\" aria-labelledby=\"%s-title\">\n%s</div>\n",
                        id, TableMarkup(WithoutEmptyColumns(shown)));
  if (!shown.note.empty()) body.markup += "<p class=\"note\">" + Sentence(shown.note) + "</p>\n";
  body.markup += "</div>\n</div>\n</section>\n";
}

// What the signs and units of the page mean, as far as it has them.
std::string Footer(const Body& body) {
  std::string footer = "<footer><p>";
  if (body.markup.find(kEstimate) != std::string::npos) footer += "≈ marks an estimate. ";
  if (body.markup.find("B</") != std::string::npos) footer += "A MB is 1,000,000 bytes. ";
  return footer +
         "<span class=\"screen\">A click on the title of a column sorts its table.</span></p>"
         "</footer>\n";
}

std::string Scripts(const Body& body) {
  return "<script type=\"application/json\" id=\"pictures\">[" + JsonMarkup(body.pictures) +
         "]</script>\n<script>" + std::string(kChartLibrary.text) + "</script>\n<script>" +
         std::string(kPageScript.text) + "</script>\n";
}

}  // namespace

std::string RenderHtml(const Report& report, const RenderOptions&) {
  Body body;
  body.markup = "<main>\n" + Verdicts(report) + Warnings(report) + Facts(report);
  for (const Table& table : report.tables) AddTable(report, table, body);
  body.markup += "</main>\n";
  return Head(report) + "<body>\n" + Header(report) + body.markup + Footer(body) + Scripts(body) +
         "</body>\n</html>\n";
}

}  // namespace keyway::sim
