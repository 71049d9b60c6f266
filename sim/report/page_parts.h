// The parts of a page that are the same for every report, from files of this folder and
// from Chart.js; embed.py makes their source. Private to this folder.
#ifndef KEYWAY_SIM_REPORT_PAGE_PARTS_H_
#define KEYWAY_SIM_REPORT_PAGE_PARTS_H_

#include <string_view>

namespace keyway::sim {

struct PagePart {
  std::string_view text;
  std::string_view sha256;  // of the text, in base64, as Content-Security-Policy names it
};

extern const PagePart kPageStyle;
extern const PagePart kPageScript;
extern const PagePart kChartLibrary;

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_REPORT_PAGE_PARTS_H_
