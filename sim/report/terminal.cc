#include "sim/report/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <initializer_list>
#include <string_view>

namespace keyway::sim {
namespace {

// Empty if it is not set, which comes to the same in all cases here.
std::string_view Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool IsUtf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view locale = Variable(name);
    if (locale.empty()) continue;
    return locale.ends_with("UTF-8") || locale.ends_with("utf8") || locale.ends_with("utf-8") ||
           locale.find("UTF-8@") != std::string_view::npos;
  }
  return true;
}

int ColumnsOf(int descriptor, int otherwise) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const std::string_view text = Variable("COLUMNS");
  int columns = 0;
  std::from_chars(text.data(), text.data() + text.size(), columns);
  return columns > 0 ? columns : otherwise;
}

}  // namespace

RenderOptions RenderOptionsFor(int descriptor) {
  RenderOptions options;
  options.color =
      isatty(descriptor) == 1 && Variable("NO_COLOR").empty() && Variable("TERM") != "dumb";
  options.columns = ColumnsOf(descriptor, options.columns);
  options.unicode = IsUtf8();
  return options;
}

}  // namespace keyway::sim
