// Zstandard, RFC 8878, through libzstd.
#include <zstd.h>
#include <zstd_errors.h>

#include "sim/source/bytes/decoder.h"

namespace keyway::sim {
namespace {

// 128 MB, of which zstd --long makes use; a larger window is refused as zstd itself does
// without being told otherwise.
constexpr int kMaxWindowLog = 27;

class ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : stream_(ZSTD_createDStream()) {
    if (stream_ != nullptr) {
      ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kMaxWindowLog);
    }
  }
  ZstdDecoder(const ZstdDecoder&) = delete;
  ZstdDecoder& operator=(const ZstdDecoder&) = delete;
  ~ZstdDecoder() override { ZSTD_freeDStream(stream_); }

  Step Decode(std::string_view in, std::span<char> out) override {
    if (stream_ == nullptr) return {.error = "zstd has no memory"};
    ZSTD_inBuffer input = {in.data(), in.size(), 0};
    ZSTD_outBuffer output = {out.data(), out.size(), 0};
    const size_t result = ZSTD_decompressStream(stream_, &output, &input);
    Step step = {.taken = input.pos, .given = output.pos, .complete = result == 0};
    if (ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge) {
      step.error = "zstd: needs a window of more than 128 MB (made with --long=28 or more)";
    } else if (ZSTD_isError(result) != 0) {
      step.error = std::string("zstd: ") + ZSTD_getErrorName(result);
    }
    return step;
  }

 private:
  ZSTD_DStream* const stream_;
};

}  // namespace

std::unique_ptr<Decoder> MakeZstdDecoder() { return std::make_unique<ZstdDecoder>(); }

}  // namespace keyway::sim
