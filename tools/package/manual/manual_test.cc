#include "tools/package/manual/manual.h"

#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proxy/config/nutcracker.h"
#include "proxy/flags/options.h"

namespace keyway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Filled(const std::string& source) {
  const absl::StatusOr<std::string> page = FillPage(source);
  EXPECT_TRUE(page.ok()) << page.status();
  return page.value_or("");
}

TEST(RoffTest, NothingIsACommand) {
  EXPECT_EQ(Roff("plain words"), "plain words");
  EXPECT_EQ(Roff("--conf-file"), "\\-\\-conf\\-file");
  EXPECT_EQ(Roff("a\\b"), "a\\eb");
  EXPECT_EQ(Roff(".so"), "\\&.so");
  EXPECT_EQ(Roff("'- host'"), "\\&\\(aq\\- host\\(aq");
}

TEST(FillPageTest, ReplacesWholeLinesOnly) {
  EXPECT_EQ(Filled(".TH A 8\nme@example.com\n@\n"), ".TH A 8\nme@example.com\n@\n");
  EXPECT_THAT(Filled("above\n@hashes@\nbelow\n"),
              AllOf(HasSubstr("above\nAs nutcracker has them: \\fBone_at_a_time\\fP, \\fBmd5\\fP"),
                    HasSubstr("Beyond it: "), HasSubstr(".\nbelow\n")));
}

TEST(FillPageTest, RefusesUnknownNames) {
  EXPECT_THAT(std::string(FillPage("@optoins@\n").status().message()),
              HasSubstr("nothing is generated as @optoins@"));
}

TEST(FillPageTest, HasEveryOption) {
  const std::string page = Filled("@options@\n");
  for (const OptionRow& row : AllOptions()) {
    EXPECT_THAT(page, HasSubstr("\\fB\\-\\-" + Roff(row.name) + "\\fP"));
    EXPECT_THAT(page, HasSubstr("\n" + Roff(row.help) + "\n"));
  }
  EXPECT_THAT(page, HasSubstr(".TP\n\\fB\\-c\\fP, \\fB\\-\\-conf\\-file\\fP=\\fIFILE\\fP\n"));
}

TEST(FillPageTest, HasEveryKey) {
  const std::string page = Filled("@pool-keys@\n@process-keys@\n");
  for (const Key<PoolConfig>& key : PoolKeys()) {
    EXPECT_THAT(page, HasSubstr(".TP\n\\fB" + Roff(key.name) + "\\fP: "));
  }
  for (const Key<ProcessConfig>& key : ProcessKeys()) {
    EXPECT_THAT(page, HasSubstr(".TP\n\\fB" + Roff(key.name) + "\\fP: "));
  }
}

// A key that is new to the configuration reader fails here until it has a row among the
// defaults, or is known to have none.
TEST(FillPageTest, HasEveryDefault) {
  const std::set<std::string_view> without = {"listen", "servers", "hash_tag", "redis_auth"};
  const std::string page = Filled("@pool-keys@\n");
  for (const Key<PoolConfig>& key : PoolKeys()) {
    const size_t start = page.find("\\fB" + Roff(key.name) + "\\fP: ");
    const std::string entry = page.substr(start, page.find(".TP", start) - start);
    if (without.contains(key.name)) {
      EXPECT_THAT(entry, Not(HasSubstr("Default: ")));
    } else {
      EXPECT_THAT(entry, HasSubstr("Default: "));
    }
  }
  EXPECT_THAT(page, HasSubstr("Default: \\fBfnv1a_64\\fP."));
  EXPECT_THAT(page, HasSubstr("Default: \\fB30000\\fP."));
}

TEST(BashCompletionTest, KnowsTheOptions) {
  const std::string script = BashCompletion("nutcracker");
  EXPECT_THAT(script, HasSubstr("complete -o filenames -F _nutcracker nutcracker\n"));
  for (const OptionRow& row : AllOptions()) {
    EXPECT_THAT(script, HasSubstr("--" + std::string(row.name)));
  }
}

}  // namespace
}  // namespace keyway
