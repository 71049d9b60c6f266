#include "sim/source/open/open.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <tuple>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/source/bytes/compressor.h"
#include "sim/source/rdb/testing.h"
#include "sim/source/testing.h"

namespace keyway::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Write(const std::string& name, const std::string& content) {
  const std::string path = std::string(getenv("TEST_TMPDIR")) + "/" + name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

Collected Read(const std::string& text, const SourceOptions& options = {}) {
  const absl::StatusOr<std::unique_ptr<Source>> source = OpenSource(text, options);
  if (!source.ok()) return {.status = source.status()};
  return Collect(**source);
}

TEST(OpenSourceTest, ReadsAListOfKeys) {
  const std::string path = Write("keys", "user:1\n\nwith\r\nlast");
  const absl::StatusOr<std::unique_ptr<Source>> source = OpenSource(path, {});
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ((*source)->name(), path);
  EXPECT_EQ((*source)->format(), "list");
  EXPECT_EQ((*source)->content(), Content::kKeys);
  const Collected all = Collect(**source);
  EXPECT_THAT(all.keys(), ElementsAre("user:1", "", "with\r", "last"));
  EXPECT_EQ(all.lines, 4u);
  EXPECT_EQ((*source)->done(), (*source)->in_all());
}

TEST(OpenSourceTest, AListFromWindowsIsNotGuessedAt) {
  const std::string path = Write("crlf", "user:1\r\nuser:2\r\n");
  EXPECT_THAT(std::string(Read(path).status.message()), HasSubstr("its lines end in CR LF"));
  EXPECT_THAT(Read(path, {.format = "list"}).keys(), ElementsAre("user:1\r", "user:2\r"));
}

TEST(OpenSourceTest, AnEmptyFileHasNoKeys) {
  const Collected all = Read(Write("empty", ""));
  EXPECT_TRUE(all.status.ok()) << all.status;
  EXPECT_THAT(all.records, IsEmpty());
}

TEST(OpenSourceTest, FindsRelativeNamesInTheDirectory) {
  Write("relative", "a\n");
  EXPECT_THAT(Read("relative", {.directory = getenv("TEST_TMPDIR")}).keys(), ElementsAre("a"));
}

TEST(OpenSourceTest, SaysWhatCannotBeOpened) {
  EXPECT_EQ(Read("/no/such/file").status.message(),
            "/no/such/file: cannot be opened: No such file or directory");
  EXPECT_EQ(Read("/tmp").status.message(), "/tmp: cannot be read: Is a directory");
}

TEST(OpenSourceTest, SaysWhichFormatsThereAre) {
  const Collected all = Read(Write("keys", "a\n"), {.format = "cvs"});
  EXPECT_THAT(std::string(all.status.message()), HasSubstr("there is no format \"cvs\""));
  EXPECT_THAT(std::string(all.status.message()), HasSubstr("list"));
}

TEST(OpenSourceTest, DoesNotTakeWhatIsNoTextForAList) {
  const std::string path = Write("binary", std::string("a\0b\nc", 5));
  EXPECT_THAT(std::string(Read(path).status.message()), HasSubstr("name it with --format"));
  EXPECT_THAT(Read(path, {.format = "list"}).records, SizeIs(2));
}

TEST(OpenSourceTest, AFileMayBeCalledLikeAKind) {
  Write("zipf:keys", "a\n");
  EXPECT_THAT(Read("./zipf:keys", {.directory = getenv("TEST_TMPDIR")}).keys(), ElementsAre("a"));
}

std::string Gzip(const std::string& text) {
  std::string out;
  EXPECT_TRUE(FindCompressor(".gz")->compress(text, 6, out));
  return out;
}

TEST(OpenSourceTest, RecognisesWhatIsCompressed) {
  const std::string dump = Dump(10).Pair("user:1", "v").Pair("user:2", "v").Finish();
  const std::string log = "1.5 [0 127.0.0.1:1] \"get\" \"user:1\"\n";
  for (const auto& [format, content, records] :
       {std::tuple("list", std::string("a\nb\nc\n"), 3), std::tuple("monitor", log, 1),
        std::tuple("rdb", dump, 2)}) {
    const absl::StatusOr<std::unique_ptr<Source>> source =
        OpenSource(Write(format, Gzip(content)), {});
    ASSERT_TRUE(source.ok()) << source.status();
    EXPECT_EQ((*source)->format(), format);
    const Collected all = Collect(**source);
    EXPECT_TRUE(all.status.ok()) << all.status;
    EXPECT_THAT(all.records, SizeIs(records)) << format;
    EXPECT_EQ((*source)->done(), (*source)->in_all()) << format;
  }
}

TEST(OpenSourceTest, ReadsTheStandardInput) {
  const int own = dup(STDIN_FILENO);
  ASSERT_NE(freopen(Write("piped", "a\nb\n").c_str(), "r", stdin), nullptr);
  const absl::StatusOr<std::unique_ptr<Source>> source = OpenSource("-", {});
  dup2(own, STDIN_FILENO);
  close(own);
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ((*source)->name(), "standard input");
  EXPECT_THAT(Collect(**source).keys(), ElementsAre("a", "b"));
}

TEST(OpenSourceTest, EveryFormatHasAHelpLine) {
  EXPECT_FALSE(AllFormats().empty());
  for (const SourceHelp& row : AllFormats()) {
    EXPECT_FALSE(row.name.empty());
    EXPECT_FALSE(row.help.empty()) << row.name;
  }
}

}  // namespace
}  // namespace keyway::sim
