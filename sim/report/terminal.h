// What the place that a report is written to can show.
#ifndef KEYWAY_SIM_REPORT_TERMINAL_H_
#define KEYWAY_SIM_REPORT_TERMINAL_H_

#include "sim/report/report.h"

namespace keyway::sim {

// Looks at the descriptor and the environment: colours on a terminal unless NO_COLOR is
// set (no-color.org) or TERM is dumb; the width of the terminal, or COLUMNS, or 100;
// characters beyond ASCII unless LC_ALL, LC_CTYPE or LANG, the first that is set, names
// another encoding than UTF-8.
RenderOptions RenderOptionsFor(int descriptor);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_REPORT_TERMINAL_H_
