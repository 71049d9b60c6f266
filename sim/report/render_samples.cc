// Writes every sample in every format, as FOLDER/NAME.FORMAT: for tests of what a browser
// or a library for the format makes of them, and for the eye.
#include <fstream>
#include <iostream>
#include <string>

#include "sim/report/report.h"
#include "sim/report/samples.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: render_samples FOLDER\n";
    return 2;
  }
  for (const keyway::sim::Sample& sample : keyway::sim::Samples()) {
    for (const keyway::sim::ReportFormat& format : keyway::sim::AllReportFormats()) {
      const std::string path =
          std::string(argv[1]) + "/" + sample.name + "." + std::string(format.name);
      std::ofstream file(path, std::ios::binary);
      file << format.render(sample.report, {});
      if (!file.flush()) {
        std::cerr << path << " cannot be written\n";
        return 1;
      }
    }
  }
  return 0;
}
