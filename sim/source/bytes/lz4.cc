// LZ4 frames, through liblz4.
#include <lz4frame.h>

#include "sim/source/bytes/decoder.h"

namespace keyway::sim {
namespace {

class Lz4Decoder final : public Decoder {
 public:
  Lz4Decoder() { ready_ = LZ4F_createDecompressionContext(&context_, LZ4F_VERSION) == 0; }
  Lz4Decoder(const Lz4Decoder&) = delete;
  Lz4Decoder& operator=(const Lz4Decoder&) = delete;
  ~Lz4Decoder() override { LZ4F_freeDecompressionContext(context_); }

  Step Decode(std::string_view in, std::span<char> out) override {
    if (!ready_) return {.error = "lz4 has no memory"};
    size_t taken = in.size();
    size_t given = out.size();
    const size_t result = LZ4F_decompress(context_, out.data(), &given, in.data(), &taken, nullptr);
    if (LZ4F_isError(result) != 0) {
      return {.error = std::string("lz4: ") + LZ4F_getErrorName(result)};
    }
    return {.taken = taken, .given = given, .complete = result == 0};
  }

 private:
  LZ4F_dctx* context_ = nullptr;
  bool ready_;
};

}  // namespace

std::unique_ptr<Decoder> MakeLz4Decoder() { return std::make_unique<Lz4Decoder>(); }

}  // namespace keyway::sim
