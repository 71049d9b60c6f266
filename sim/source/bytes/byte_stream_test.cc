#include "sim/source/bytes/byte_stream.h"

#include <lz4frame.h>
#include <unistd.h>
#include <zstd.h>

#include <cstdlib>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/source/bytes/compressor.h"

namespace keyway::sim {
namespace {

using ::testing::HasSubstr;

std::string Gzip(const std::string& text) {
  std::string out;
  EXPECT_TRUE(FindCompressor(".gz")->compress(text, 6, out));
  return out;
}

std::string ZstdWith(const std::string& text, int window_log) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  if (window_log != 0) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  std::string out(ZSTD_compressBound(text.size()) + 100, '\0');
  // In two steps, so that the frame does not say its size and the window counts.
  ZSTD_inBuffer in = {text.data(), text.size(), 0};
  ZSTD_outBuffer space = {out.data(), out.size(), 0};
  ZSTD_compressStream2(context, &space, &in, ZSTD_e_flush);
  ZSTD_compressStream2(context, &space, &in, ZSTD_e_end);
  out.resize(space.pos);
  ZSTD_freeCCtx(context);
  return out;
}

std::string Zstd(const std::string& text) { return ZstdWith(text, 0); }

std::string Lz4(const std::string& text) {
  LZ4F_preferences_t preferences = {};
  preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  std::string out(LZ4F_compressFrameBound(text.size(), &preferences), '\0');
  out.resize(LZ4F_compressFrame(out.data(), out.size(), text.data(), text.size(), &preferences));
  return out;
}

struct Method {
  const char* name;
  std::string (*compress)(const std::string& text);
};

std::string Write(const std::string& content) {
  std::string path = std::string(getenv("TEST_TMPDIR")) + "/bytes.XXXXXX";
  close(mkstemp(path.data()));
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

struct Read {
  std::string bytes;
  std::string_view compression;
  absl::Status status;
};

Read ReadAll(const std::string& content, size_t piece = 1000) {
  absl::StatusOr<OpenedBytes> opened = OpenBytes(Write(content), "data");
  if (!opened.ok()) return {{}, {}, opened.status()};
  Read all = {{}, opened->compression, {}};
  std::string space(piece, '\0');
  while (true) {
    const absl::StatusOr<size_t> size = opened->stream->Read(space);
    all.status = size.status();
    if (!size.ok() || *size == 0) return all;
    all.bytes.append(space, 0, *size);
  }
}

// Of several blocks in all methods, and not too regular.
std::string Sample() {
  std::string text;
  for (uint64_t i = 0; i < 60'000; ++i) text += "user:" + std::to_string(i * i % 1'000'003) + "\n";
  return text;
}

TEST(ByteStreamTest, PassesOnWhatIsNotCompressed) {
  for (const std::string text : {"", "a", "user:1\nuser:2\n", "\x1f", "\x1f\x8c..."}) {
    const Read all = ReadAll(text, 3);
    EXPECT_EQ(all.bytes, text);
    EXPECT_EQ(all.compression, "");
    EXPECT_TRUE(all.status.ok()) << all.status;
  }
}

class CompressedTest : public ::testing::TestWithParam<Method> {};

TEST_P(CompressedTest, IsRecognisedAndDecompressed) {
  const std::string text = Sample();
  const std::string compressed = GetParam().compress(text);
  EXPECT_LT(compressed.size(), text.size());
  for (const size_t piece : {size_t{7}, size_t{1000}, size_t{1} << 20}) {
    const Read all = ReadAll(compressed, piece);
    EXPECT_EQ(all.compression, GetParam().name);
    EXPECT_TRUE(all.status.ok()) << all.status;
    EXPECT_EQ(all.bytes, text);
  }
}

TEST_P(CompressedTest, MayHaveSeveralPartsAndEmptyOnes) {
  const std::string empty = GetParam().compress("");
  const std::string parts = empty + GetParam().compress("a\n") + empty + GetParam().compress("b\n");
  for (const size_t piece : {1, 1000}) {
    const Read all = ReadAll(parts, piece);
    EXPECT_TRUE(all.status.ok()) << all.status;
    EXPECT_EQ(all.bytes, "a\nb\n");
  }
}

TEST_P(CompressedTest, IsNotReadPastWhereItIsCut) {
  const std::string compressed = GetParam().compress("user:1\nuser:2\n");
  for (size_t size = 4; size < compressed.size(); ++size) {
    const Read all = ReadAll(compressed.substr(0, size));
    EXPECT_EQ(all.status.code(), absl::StatusCode::kDataLoss) << size;
    EXPECT_EQ(all.status.message(),
              "data: at byte " + std::to_string(size) + ": the compressed data end too early");
  }
}

TEST_P(CompressedTest, IsNotReadWhereItIsDamaged) {
  const std::string text = Sample();
  std::string compressed = GetParam().compress(text);
  for (const size_t part : {3, 2}) {
    std::string damaged = compressed;
    damaged[damaged.size() / part] ^= 0x55;
    const Read all = ReadAll(damaged);
    EXPECT_EQ(all.status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(all.status.message()), HasSubstr("data: at byte "));
    EXPECT_NE(all.bytes, text);
  }
}

TEST_P(CompressedTest, IsNotFollowedByAnythingElse) {
  const Read all = ReadAll(GetParam().compress("a\n") + "garbage");
  EXPECT_EQ(all.bytes, "a\n");
  EXPECT_EQ(all.status.code(), absl::StatusCode::kDataLoss);
}

INSTANTIATE_TEST_SUITE_P(Methods, CompressedTest,
                         ::testing::Values(Method{"gzip", Gzip}, Method{"zstd", Zstd},
                                           Method{"lz4", Lz4}),
                         [](const auto& test) { return test.param.name; });

TEST(ByteStreamTest, GzipMayBePadded) {
  const Read all = ReadAll(Gzip("a\n") + std::string(1000, '\0') + Gzip("b\n") + '\0');
  EXPECT_TRUE(all.status.ok()) << all.status;
  EXPECT_EQ(all.bytes, "a\nb\n");
}

TEST(ByteStreamTest, ZstdMayBeginWithASkippableFrame) {
  const Read all = ReadAll(std::string("\x50\x2a\x4d\x18\x02\0\0\0xx", 10) + Zstd("a\n"));
  EXPECT_EQ(all.compression, "zstd");
  EXPECT_EQ(all.bytes, "a\n");
}

TEST(ByteStreamTest, ZstdWithALargeWindowIsRefused) {
  const Read all = ReadAll(ZstdWith("a\n", 28));
  EXPECT_THAT(std::string(all.status.message()), HasSubstr("more than 128 MB"));
}

TEST(PeekStreamTest, ShowsTheBeginningAndStillGivesIt) {
  absl::StatusOr<std::unique_ptr<ByteStream>> file = OpenFile(Write("abcdef"), "data");
  ASSERT_TRUE(file.ok());
  PeekStream stream(*std::move(file));
  EXPECT_EQ(*stream.Peek(2), "ab");
  EXPECT_EQ(*stream.Peek(4), "abcd");
  EXPECT_EQ(*stream.Peek(100), "abcdef");
  char space[4];
  EXPECT_EQ(*stream.Read(space), 4u);
  EXPECT_EQ(*stream.Peek(100), "ef");
  EXPECT_EQ(*stream.Read(space), 2u);
  EXPECT_EQ(*stream.Read(space), 0u);
}

}  // namespace
}  // namespace keyway::sim
