// A fuzz target with a fault, for fuzz_main_test.

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.find("$-1") != std::string_view::npos) std::abort();
  return 0;
}
