// The charts of a report as what the page's script draws.
#ifndef KEYWAY_SIM_REPORT_PICTURE_H_
#define KEYWAY_SIM_REPORT_PICTURE_H_

#include <string>
#include <vector>

#include "sim/report/report.h"

namespace keyway::sim {

// One canvas.
struct Picture {
  std::string caption;
  std::string json;  // one object; page.js says what it takes of it
};

// The pictures of a chart: one for each unit among its values, since these cannot share an
// axis. So many bars that their names could not be read become a curve of the values in
// descending order, or of a ranked table the first bars; a matrix becomes bars of its
// largest values. None if the table lacks a column.
std::vector<Picture> PicturesOf(const Chart& chart, const Table& table);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_REPORT_PICTURE_H_
