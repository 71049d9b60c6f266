#include "sim/source/synthetic/sizes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace keyway::sim {
namespace {

// 9,999 sizes in their order.
std::vector<uint64_t> Drawn(std::string_view text) {
  const absl::StatusOr<Sizes> sizes = Sizes::Parse(text);
  EXPECT_TRUE(sizes.ok()) << sizes.status();
  Random random(1, 2, 3);
  std::vector<uint64_t> drawn(9'999);
  std::ranges::generate(drawn, [&] { return sizes->Draw(random); });
  std::ranges::sort(drawn);
  return drawn;
}

TEST(SizesTest, Fixed) {
  EXPECT_EQ(Drawn("100").front(), 100u);
  EXPECT_EQ(Drawn("fixed:100").back(), 100u);
}

TEST(SizesTest, UniformHasBothEnds) {
  const std::vector<uint64_t> drawn = Drawn("uniform:10-20");
  EXPECT_EQ(drawn.front(), 10u);
  EXPECT_EQ(drawn.back(), 20u);
  EXPECT_EQ(std::ranges::count(drawn, 20u) / 300, 909 / 300);
  EXPECT_EQ(Drawn("uniform:7-7").back(), 7u);
}

// A deviation above the median lies exp(sigma) times as much; 0.84 of all are below.
TEST(SizesTest, LogNormal) {
  const std::vector<uint64_t> drawn = Drawn("lognormal:1000,0.5");
  EXPECT_NEAR(double(drawn[4'999]), 1000, 25);
  EXPECT_NEAR(double(drawn[8'412]), 1648, 60);
}

// The median of a shape of 1 is twice the least.
TEST(SizesTest, Pareto) {
  const std::vector<uint64_t> drawn = Drawn("pareto:100,1");
  EXPECT_EQ(drawn.front(), 100u);
  EXPECT_NEAR(double(drawn[4'999]), 200, 8);
  EXPECT_GT(drawn.back(), 100'000u);
  EXPECT_EQ(Drawn("pareto:100,1,5000").back(), 5000u);
  EXPECT_EQ(Drawn("pareto:100,0.01").back(), kMaxValueBytes);
}

TEST(SizesTest, Errors) {
  for (const char* text :
       {"", "x", "fixed:", "fixed:1,2", "uniform:5", "uniform:9-5", "uniform:1-2-3", "-5",
        "lognormal:5", "lognormal:5,-1", "pareto:5", "pareto:5,0", "pareto:1,2,3,4", "1e300"}) {
    EXPECT_FALSE(Sizes::Parse(text).ok()) << text;
  }
}

}  // namespace
}  // namespace keyway::sim
