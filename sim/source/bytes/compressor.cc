#include "sim/source/bytes/compressor.h"

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>

namespace keyway::sim {
namespace {

bool Gzip(std::string_view text, int level, std::string& out) {
  constexpr int kGzipFormat = 16;  // beside the size of the window
  z_stream stream = {};
  if (deflateInit2(&stream, level, Z_DEFLATED, MAX_WBITS + kGzipFormat, MAX_MEM_LEVEL,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return false;
  }
  out.resize(deflateBound(&stream, text.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool complete = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return complete;
}

bool Zstd(std::string_view text, int level, std::string& out) {
  out.resize(ZSTD_compressBound(text.size()));
  const size_t size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), level);
  if (ZSTD_isError(size)) return false;
  out.resize(size);
  return true;
}

bool Lz4(std::string_view text, int level, std::string& out) {
  LZ4F_preferences_t preferences = {};
  preferences.compressionLevel = level;
  out.resize(LZ4F_compressFrameBound(text.size(), &preferences));
  const size_t size =
      LZ4F_compressFrame(out.data(), out.size(), text.data(), text.size(), &preferences);
  if (LZ4F_isError(size)) return false;
  out.resize(size);
  return true;
}

constexpr Compressor kCompressors[] = {
    {".gz", Gzip, 1, 6},
    {".zst", Zstd, 1, 3},
    {".lz4", Lz4, 0, 0},
};

}  // namespace

const Compressor* FindCompressor(std::string_view file) {
  const auto found = std::ranges::find_if(
      kCompressors, [file](const Compressor& row) { return file.ends_with(row.suffix); });
  return found == std::end(kCompressors) ? nullptr : found;
}

}  // namespace keyway::sim
