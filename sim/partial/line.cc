#include "sim/partial/line.h"

#include <zstd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"

namespace keyway::sim {
namespace {

constexpr std::string_view kWord = "keyway-partial:";
constexpr std::string_view kVersion = "1";
constexpr int kLevel = 3;

absl::Status Damaged(std::string_view how) {
  return absl::InvalidArgumentError(absl::StrFormat("a damaged partial result: %s", how));
}

// What stands behind the magic word.
absl::StatusOr<std::string_view> PayloadOf(std::string_view line) {
  const absl::Status none = absl::InvalidArgumentError("is no partial result of sim map");
  const size_t end = line.find_last_not_of(" \t\r\n");
  if (end == std::string_view::npos) return none;
  line = line.substr(0, end + 1);
  const size_t tab = line.rfind('\t');
  if (tab != std::string_view::npos) line.remove_prefix(tab + 1);
  if (!line.starts_with(kWord)) return none;
  line.remove_prefix(kWord.size());

  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return Damaged("it is cut off");
  if (line.substr(0, colon) != kVersion) {
    return absl::InvalidArgumentError(
        absl::StrFormat("a partial result of version %s; this program reads version %s",
                        line.substr(0, std::min<size_t>(colon, 20)), kVersion));
  }
  return line.substr(colon + 1);
}

// One frame and nothing else.
absl::StatusOr<std::string> Decompress(std::string_view frame) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     ZSTD_freeDCtx);
  std::vector<char> piece(ZSTD_DStreamOutSize());
  std::string bytes;
  ZSTD_inBuffer in = {frame.data(), frame.size(), 0};
  size_t left = 1;
  while (left != 0) {
    ZSTD_outBuffer out = {piece.data(), piece.size(), 0};
    left = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(left) != 0) return Damaged(ZSTD_getErrorName(left));
    bytes.append(piece.data(), out.pos);
    if (bytes.size() > kMaxPackedBytes) return Damaged("it is too large");
    if (left != 0 && in.pos == in.size && out.pos < out.size) return Damaged("it is cut off");
  }
  if (in.pos != in.size) return Damaged("something stands behind it");
  return bytes;
}

}  // namespace

absl::StatusOr<std::string> PackLine(std::string_view bytes) {
  if (bytes.size() > kMaxPackedBytes) {
    return absl::ResourceExhaustedError("the partial result is too large");
  }
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                     ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::string frame(ZSTD_compressBound(bytes.size()), '\0');
  const size_t size =
      ZSTD_compress2(context.get(), frame.data(), frame.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(size) != 0) return absl::InternalError(ZSTD_getErrorName(size));
  frame.resize(size);
  return absl::StrFormat("%s%s:%s", kWord, kVersion, absl::Base64Escape(frame));
}

absl::StatusOr<std::string> UnpackLine(std::string_view line) {
  const absl::StatusOr<std::string_view> payload = PayloadOf(line);
  if (!payload.ok()) return payload.status();
  std::string frame;
  if (!absl::Base64Unescape(std::string(*payload), &frame)) {
    return Damaged("it is cut off, or no base64");
  }
  return Decompress(frame);
}

}  // namespace keyway::sim
