// Whatever bytes a key has, what is shown of it is UTF-8 without control characters, fits
// where it has to, and gives the bytes back.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "nlohmann/json.hpp"
#include "sim/report/text.h"

namespace {

// nlohmann writes nothing but UTF-8, and says so.
void CheckIsText(const std::string& text) {
  for (char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) std::abort();
  }
  nlohmann::json(text).dump();
}

void CheckComesBack(std::string_view text, std::string_view bytes) {
  std::string back;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      back += text[i];
    } else if (text.at(i + 1) == '\\') {
      back += text[++i];
    } else {
      back += static_cast<char>(std::stoi(std::string(text.substr(i + 2, 2)), nullptr, 16));
      i += 3;
    }
  }
  if (back != bytes) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string escaped = keyway::sim::Escape(bytes);
  CheckIsText(escaped);
  CheckComesBack(escaped, bytes);
  if (keyway::sim::Clean(escaped) != escaped) std::abort();

  const size_t width = size == 0 ? 1 : 1 + data[0] % 40;
  const std::string cut = keyway::sim::CutMiddle(escaped, width, "…");
  CheckIsText(cut);
  if (keyway::sim::Width(cut) > width) std::abort();

  std::string words = keyway::sim::Wrapped(escaped, width, "");
  for (char& c : words) {
    if (c == '\n') c = ' ';
  }
  CheckIsText(words);
  return 0;
}
