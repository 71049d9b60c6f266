#include "sim/command/limits.h"

#include <string>

#include "gtest/gtest.h"

namespace keyway::sim {
namespace {

std::string Error(const std::string& text) {
  return std::string(ParseLimits(text, "l.yml").status().message());
}

TEST(LimitsTest, TheTableIsConsistent) {
  for (const Limit& limit : AllLimits()) {
    EXPECT_EQ(FindLimit(limit.id), &limit);
    EXPECT_EQ(limit.id.substr(0, 4), limit.upper ? "max_" : "min_");
    EXPECT_EQ(OptionOf(limit).find('_'), std::string::npos);
  }
}

TEST(LimitsTest, AFile) {
  const auto values = ParseLimits("limits:\n  max_moved: 10%  # a tenth\n  max_cv: 0.1\n", "");
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_EQ(*values, (LimitValues{{"max_moved", 0.1}, {"max_cv", 0.1}}));
}

TEST(LimitsTest, ErrorsHaveTheirPlaces) {
  EXPECT_EQ(Error("limit:\n  max_cv: 1\n"), "l.yml:1:1: error: 'limit' is not 'limits'");
  EXPECT_EQ(Error("limits:\n  max_cw: 1\n"), "l.yml:2:3: error: 'max_cw' is no limit");
  EXPECT_EQ(Error("limits:\n  max_cv: 10%\n"), "l.yml:2:11: error: '10%' is no number");
  EXPECT_EQ(Error("limits:\n  max_cv: 1\n  max_cv: 2\n"), "l.yml:3:3: error: is here twice");
  EXPECT_EQ(Error("limits:\n  max_cv:\n   - 1\n"), "l.yml:2:3: error: needs one value");
}

}  // namespace
}  // namespace keyway::sim
