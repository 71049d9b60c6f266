#include "proxy/base/log_line.h"

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/base/limits.h"

namespace keyway {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class LogLineTest : public ::testing::Test {
 protected:
  LogLineTest() {
    ::setenv("TZ", "UTC-2", 1);  // POSIX counts to the west: this is +0200
    ::tzset();
  }

  static std::string Write(const std::string& format, std::string_view text,
                           LogFields fields = {}) {
    using std::chrono::sys_days;
    using std::chrono::year;
    const auto time = sys_days(year(2024) / 5 / 1) + std::chrono::hours(10) +
                      std::chrono::minutes(34) + std::chrono::milliseconds(56'007);
    return FindLogFormat(format)->write(
        {.time = time,
         .level = LogLevel::kWarn,
         .text = text,
         .fields = fields,
         .place = {.file = "proxy/control/control.cc", .line = 71}});
  }
};

TEST_F(LogLineTest, LevelNamesAreThoseOfNutcracker) {
  EXPECT_EQ(LevelName(LogLevel::kEmerg), "emerg");
  EXPECT_EQ(LevelName(static_cast<LogLevel>(5)), "notice");
  EXPECT_EQ(LevelName(static_cast<LogLevel>(11)), "pverb");
}

TEST_F(LogLineTest, FormatsAreFoundByName) {
  EXPECT_EQ(LogFormats().front().name, "text");
  EXPECT_EQ(FindLogFormat("json")->name, "json");
  EXPECT_EQ(FindLogFormat("xml"), nullptr);
}

TEST_F(LogLineTest, TextHasTimeLevelPlaceTextAndFields) {
  EXPECT_EQ(Write("text", "server ejected", {{"pool", "alpha"}, {"failures", -2}}),
            "[2024-05-01 12:34:56.007] warn control.cc:71 server ejected pool=alpha failures=-2\n");
}

TEST_F(LogLineTest, TextQuotesValuesThatAreNoPlainWord) {
  EXPECT_THAT(Write("text", "x",
                    {{"empty", ""}, {"space", "a b"}, {"quote", R"(a"b\c)"}, {"equals", "a=b"}}),
              EndsWith("x empty=\"\" space=\"a b\" quote=\"a\\\"b\\\\c\" equals=\"a=b\"\n"));
}

TEST_F(LogLineTest, PeersCannotForgeALineOfText) {
  EXPECT_THAT(Write("text", "text\n[2024] emerg", {{"reply", "-ERR\r\nx"}, {"esc", "\x1b[m"}}),
              EndsWith("text\\x0a[2024] emerg reply=-ERR\\x0d\\x0ax esc=\\x1b[m\n"));
}

TEST_F(LogLineTest, JsonHasTheSame) {
  EXPECT_EQ(Write("json", "server ejected", {{"pool", "alpha"}, {"failures", -2}}),
            R"({"time":"2024-05-01T12:34:56.007+0200","level":"warn","place":"control.cc:71",)"
            R"("text":"server ejected","pool":"alpha","failures":-2})"
            "\n");
}

TEST_F(LogLineTest, PeersCannotForgeALineOfJson) {
  EXPECT_THAT(Write("json", "a\n\"b\"", {{"reply", "-ERR \\\r\n\x7f"}}),
              EndsWith(R"("text":"a\u000a\"b\"","reply":"-ERR \\\u000d\u000a\u007f"})"
                       "\n"));
}

TEST_F(LogLineTest, JsonIsUtf8) {
  for (const std::string good : {"é", "€", "😀", "\u07ff", "\ud7ff", "\U0010ffff"}) {
    EXPECT_THAT(Write("json", good), HasSubstr("\"" + good + "\"}"));
  }
  // A lone continuation, an overlong form, a surrogate, beyond Unicode, cut off.
  EXPECT_THAT(Write("json", "\x80|"), HasSubstr(R"("\\x80|")"));
  EXPECT_THAT(Write("json", "\xc0\xaf"), HasSubstr(R"("\\xc0\\xaf")"));
  EXPECT_THAT(Write("json", "\xe0\x9f\x80"), HasSubstr(R"("\\xe0\\x9f\\x80")"));
  EXPECT_THAT(Write("json", "\xed\xa0\x80"), HasSubstr(R"("\\xed\\xa0\\x80")"));
  EXPECT_THAT(Write("json", "\xf4\x90\x80\x80"), HasSubstr(R"("\\xf4\\x90\\x80\\x80")"));
  EXPECT_THAT(Write("json", "\xe2\x82"), HasSubstr(R"("\\xe2\\x82")"));
}

TEST_F(LogLineTest, ALineHasALimit) {
  const std::string long_text(10 * kMaxLogLineBytes, '\x01');
  for (const LogFormat& format : LogFormats()) {
    const std::string line = Write(std::string(format.name), long_text, {{"n", 1}});
    EXPECT_LE(line.size(), kMaxLogLineBytes);
    EXPECT_GT(line.size(), kMaxLogLineBytes - 20);
    EXPECT_THAT(line, EndsWith("\n"));
  }
}

// A cut line is still an object, and has no field by halves.
TEST_F(LogLineTest, ALongLineOfJsonEndsWell) {
  for (size_t size = kMaxLogLineBytes - 300; size < kMaxLogLineBytes + 10; ++size) {
    const std::string line =
        Write("json", "x", {{"long", std::string(size, 'y')}, {"number", 1234}, {"end", "z\\"}});
    EXPECT_LE(line.size(), kMaxLogLineBytes);
    const std::string tail = line.substr(line.rfind('y') + 1);
    EXPECT_TRUE(tail == "\"}\n" || tail == "\",\"number\":1234}\n" ||
                tail == "\",\"number\":1234,\"end\":\"z\\\\\"}\n" ||
                tail == "\",\"number\":1234,\"end\":\"z\"}\n")
        << tail;
  }
}

}  // namespace
}  // namespace keyway
