// What a study shows.
#ifndef KEYWAY_SIM_STUDY_STUDY_REPORT_H_
#define KEYWAY_SIM_STUDY_STUDY_REPORT_H_

#include <span>

#include "sim/report/report.h"
#include "sim/study/study.h"

namespace keyway::sim {

// `results` are those of `options`, and at least one.
Report StudyReport(const StudyOptions& options, std::span<const CaseResult> results);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_STUDY_STUDY_REPORT_H_
