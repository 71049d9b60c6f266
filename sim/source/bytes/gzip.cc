// gzip, RFC 1952, through zlib.
#include <zlib.h>

#include <algorithm>

#include "sim/source/bytes/decoder.h"

namespace keyway::sim {
namespace {

constexpr int kGzipOnly = 16;  // zlib's sign for that, added to the size of the window

class GzipDecoder final : public Decoder {
 public:
  GzipDecoder() { ready_ = inflateInit2(&stream_, MAX_WBITS + kGzipOnly) == Z_OK; }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;
  ~GzipDecoder() override { inflateEnd(&stream_); }

  Step Decode(std::string_view in, std::span<char> out) override {
    if (!ready_) return {.error = "zlib has no memory"};
    // Zeros between and behind members are padding, as gzip takes it.
    if (between_ && !in.empty() && in[0] == '\0') {
      const size_t padding = std::min(in.find_first_not_of('\0'), in.size());
      return {.taken = padding, .complete = true};
    }
    between_ = false;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    const int result = inflate(&stream_, Z_NO_FLUSH);
    Step step = {.taken = in.size() - stream_.avail_in, .given = out.size() - stream_.avail_out};
    if (result == Z_STREAM_END) {
      between_ = step.complete = true;
      inflateReset(&stream_);
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      step.error = stream_.msg != nullptr ? std::string("gzip: ") + stream_.msg : "gzip: broken";
    }
    return step;
  }

 private:
  z_stream stream_ = {};
  bool ready_;
  bool between_ = false;  // members
};

}  // namespace

std::unique_ptr<Decoder> MakeGzipDecoder() { return std::make_unique<GzipDecoder>(); }

}  // namespace keyway::sim
