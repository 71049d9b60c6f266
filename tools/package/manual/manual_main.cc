// Writes a manual page or a completion script to standard output:
//   manual page SOURCE
//   manual completion PROGRAM

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tools/package/manual/manual.h"

namespace keyway {
namespace {

int WritePage(const char* file) {
  std::stringstream source;
  source << std::ifstream(file).rdbuf();
  const absl::StatusOr<std::string> page = FillPage(source.str());
  if (!page.ok()) {
    std::cerr << file << ": " << page.status().message() << "\n";
    return 1;
  }
  std::cout << *page;
  return 0;
}

int Main(std::string_view what, const char* argument) {
  if (what == "page") return WritePage(argument);
  if (what == "completion") {
    std::cout << BashCompletion(argument);
    return 0;
  }
  std::cerr << "manual writes a page or a completion\n";
  return 2;
}

}  // namespace
}  // namespace keyway

int main(int argc, char** argv) { return argc == 3 ? keyway::Main(argv[1], argv[2]) : 2; }
