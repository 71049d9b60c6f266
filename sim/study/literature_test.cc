// The figures that papers and others' measurements have, out of the study: each test is a
// row of the table "The literature" in the README, at a size of seconds.
#include <gtest/gtest.h>

#include <boost/math/distributions/beta.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "sim/figures/moves.h"
#include "sim/source/synthetic/zipf.h"
#include "sim/study/study.h"

namespace keyway::sim {
namespace {

std::vector<CaseResult> Studied(const StudyOptions& options) {
  absl::StatusOr<std::vector<CaseResult>> results = RunStudy(options);
  EXPECT_TRUE(results.ok()) << results.status();
  return *std::move(results);
}

// Lamping and Veach's table on Karger's ring. Their number of buckets is not in the text;
// 1000 fits. The ends of the interval are also compared with the quantiles of the share's
// distribution, Beta(k, 999 k): for one point 5.29, where the paper's run came to 5.25.
TEST(LiteratureTest, KargersRing) {
  struct Row {
    uint32_t points, repetitions;
    double deviation, tolerance, low, high, high_tolerance;
  };
  for (const Row& row :
       {Row{1, 200, 0.9979, 0.02, 0.005, 5.25, 0.1}, Row{10, 40, 0.3152, 0.02, 0.37, 1.98, 0.03},
        Row{100, 5, 0.0997, 0.05, 0.76, 1.28, 0.02}}) {
    SCOPED_TRACE(row.points);
    const CaseResult result = Studied({.schemes = {"ring"},
                                       .servers = {1000},
                                       .parameters = {row.points},
                                       .repetitions = row.repetitions})
                                  .front();
    EXPECT_TRUE(result.exact);
    EXPECT_NEAR(result.deviation / *result.expected_deviation, 1, row.tolerance);
    EXPECT_NEAR(result.deviation / row.deviation, 1, row.tolerance);
    const boost::math::beta_distribution<> share(row.points, 999.0 * row.points);
    EXPECT_NEAR(result.low, 1000 * boost::math::quantile(share, 0.005), 0.02);
    EXPECT_NEAR(result.high, 1000 * boost::math::quantile(share, 0.995), row.high_tolerance);
    EXPECT_NEAR(result.low, row.low, 0.02);
    EXPECT_NEAR(result.high, row.high, 0.02 + row.high_tolerance);
  }
}

// A measured table of others has 1.321 for the 95th percentile of the peak of 100 servers;
// chance has 1.281 (the union bound of the Beta distribution), and so have we.
TEST(LiteratureTest, KetamaOf160Points) {
  struct Row {
    uint32_t servers, repetitions;
    double deviation, peak, peak_p95, trough;
  };
  for (const Row& row :
       {Row{3, 400, 0.0645, 1.060, 1.141, 0.942}, Row{5, 300, 0.0707, 1.088, 1.169, 0.915},
        Row{10, 200, 0.0750, 1.119, 1.197, 0.886}, Row{20, 100, 0.0770, 1.144, 1.237, 0.863},
        Row{50, 60, 0.0783, 1.183, 1.257, 0.829}, Row{100, 40, 0.0787, 1.203, 1.281, 0.817}}) {
    SCOPED_TRACE(row.servers);
    const CaseResult result =
        Studied({.schemes = {"ring"}, .servers = {row.servers}, .repetitions = row.repetitions})
            .front();
    EXPECT_NEAR(*result.expected_deviation, row.deviation, 0.0001);
    EXPECT_NEAR(result.deviation / row.deviation, 1, 0.05);
    EXPECT_NEAR(result.peak.median, row.peak, 0.02);
    EXPECT_NEAR(result.peak.p95, row.peak_p95, 0.03);
    EXPECT_NEAR(result.trough.median, row.trough, 0.02);
  }
}

// Exact shares of the rings with these labels; what moves is sampled with 200,000 keys.
TEST(LiteratureTest, KetamaOfKnownLabels) {
  struct Row {
    uint32_t servers;
    double peak, trough, moved;
  };
  for (const Row& row : {Row{4, 1.0512, 0.9585, 0.1799}, Row{10, 1.1140, 0.8687, 0.0864},
                         Row{16, 1.1044, 0.9311, 0.0547}}) {
    SCOPED_TRACE(row.servers);
    const CaseResult result =
        Studied({.servers = {row.servers}, .keys = 200'000, .add = 1}).front();
    EXPECT_NEAR(result.peak.mean, row.peak, 0.00005);
    EXPECT_NEAR(result.trough.mean, row.trough, 0.00005);
    EXPECT_NEAR(result.added->moved, row.moved, 0.003);
    EXPECT_EQ(result.added->between_staying, 0);
  }
}

TEST(LiteratureTest, Jump) {
  struct Row {
    uint32_t before, after;
  };
  for (const auto& [before, after] : {Row{10, 11}, Row{10, 12}, Row{16, 17}, Row{100, 110}}) {
    const CaseResult result =
        Studied({.schemes = {"jump"}, .servers = {before}, .keys = 200'000, .add = after - before})
            .front();
    const double needed = 1 - double(before) / after;
    EXPECT_NEAR(result.added->needed, needed, 1e-12);
    EXPECT_NEAR(result.added->moved, needed, 4 * std::sqrt(needed / 200'000));
    EXPECT_EQ(result.added->between_staying, 0);
  }
  const CaseResult result = Studied({.schemes = {"jump"}, .keys = 1'000'000}).front();
  EXPECT_GT(*result.chance, 0.001);
  EXPECT_LT(*result.chance, 0.999);
}

TEST(LiteratureTest, ModuloMovesNearlyEverything) {
  const std::pair<uint32_t, uint32_t> changes[] = {{10, 1}, {10, 2}, {16, 16}};
  const double expected[] = {10.0 / 11, 5.0 / 6, 0.5};
  for (size_t i = 0; i < std::size(changes); ++i) {
    const CaseResult result = Studied({.schemes = {"modula"},
                                       .servers = {changes[i].first},
                                       .keys = 200'000,
                                       .add = changes[i].second})
                                  .front();
    EXPECT_NEAR(result.added->moved, expected[i], 0.005);
  }
}

// 1000 servers. Karger's ring of 1000 points comes to the paper's 10.3 %, whatever the
// table; rendezvous to its 12.3 % with as many keys as the larger table has entries, and
// to 40 to 50 % with the smaller one, where one draw of a thousand decides (49.5 % there).
// The paper's 29.7 % for Karger with the smaller table is not explained by its text: arcs
// give 10 %, and draws for entries 40 %.
TEST(LiteratureTest, MaglevNeedsNoSpareServers) {
  for (const uint32_t entries : {65537u, 655373u}) {
    const CaseResult maglev =
        Studied({.schemes = {"maglev"}, .servers = {1000}, .parameters = {entries}}).front();
    EXPECT_TRUE(maglev.exact);
    EXPECT_LT(maglev.peak.mean, 1 + 1000.0 / entries);
    if (entries > 100 * 1000) {
      EXPECT_LT(maglev.peak.mean - maglev.trough.mean, 0.01);
    }
  }
  const CaseResult ring =
      Studied({.schemes = {"ring"}, .servers = {1000}, .parameters = {1000}, .repetitions = 2})
          .front();
  EXPECT_NEAR(ring.peak.mean, 1.103, 0.012);
  const CaseResult rendezvous =
      Studied({.schemes = {"rendezvous"}, .servers = {1000}, .keys = 65'537, .repetitions = 2})
          .front();
  EXPECT_NEAR(rendezvous.peak.mean, 1.44, 0.08);
}

// A table of a hundred times the servers: none has one percent more than another.
TEST(LiteratureTest, MaglevsTableOfAHundredTimesTheServers) {
  for (const auto& [servers, entries] : {std::pair(10u, 1009u), {100u, 10007u}, {650u, 65537u}}) {
    const CaseResult result =
        Studied({.schemes = {"maglev"}, .servers = {servers}, .parameters = {entries}}).front();
    EXPECT_LE(result.peak.mean - result.trough.mean, 0.0101) << servers;
  }
}

// Exact, of many rings. For ten servers the mean of 20,000 rings is 1.050; others have 1.062,
// of 30 rings that scatter by 0.057 each.
TEST(LiteratureTest, MultiProbe) {
  struct Row {
    uint32_t servers, probes, repetitions;
    double peak, tolerance;
  };
  for (const Row& row : {Row{10, 21, 1500, 1.050, 0.005}, Row{100, 21, 100, 1.0493, 0.005},
                         Row{1000, 21, 20, 1.0489, 0.003}, Row{1000, 11, 20, 1.098, 0.005},
                         Row{1000, 5, 20, 1.250, 0.012}, Row{1000, 3, 20, 1.500, 0.025},
                         Row{1000, 2, 40, 2.03, 0.07}}) {
    SCOPED_TRACE(row.probes);
    const CaseResult result = Studied({.schemes = {"multi_probe"},
                                       .servers = {row.servers},
                                       .parameters = {row.probes},
                                       .repetitions = row.repetitions})
                                  .front();
    EXPECT_TRUE(result.exact);
    EXPECT_NEAR(result.peak.mean, row.peak, row.tolerance);
    const double limit = double(row.probes) / (row.probes - 1);
    if (row.servers == 1000) {
      EXPECT_NEAR(result.peak.mean / limit, 1, 0.03);
    }
  }
}

// What a ring takes for the same: some 700 ln n points.
TEST(LiteratureTest, ARingAsEvenAsTwentyOneProbes) {
  const CaseResult result =
      Studied({.schemes = {"ring"}, .servers = {100}, .parameters = {3223}, .repetitions = 4})
          .front();
  EXPECT_NEAR(result.peak.mean, 1.048, 0.012);
}

// Never above the bound, rounded up; and what spills is about what the ring has above it.
TEST(LiteratureTest, BoundedLoads) {
  constexpr uint64_t kKeys = 30'000;
  for (const uint32_t servers : {10u, 100u}) {
    for (const uint32_t percent : {105u, 110u, 125u}) {
      const CaseResult result = Studied({.schemes = {"bounded_loads"},
                                         .servers = {servers},
                                         .parameters = {percent},
                                         .keys = kKeys,
                                         .repetitions = 4})
                                    .front();
      const double bound = std::ceil(percent / 100.0 * kKeys / servers);
      EXPECT_LE(result.peak.p95, bound * servers / kKeys + 1e-9) << servers << " " << percent;
      EXPECT_LT(*result.spilled, percent == 125 ? 0.01 : 0.1);
      if (percent == 105) {
        EXPECT_GT(*result.spilled, 0.005);
      }
    }
  }
}

TEST(LiteratureTest, RendezvousMovesAServersKeysEvenly) {
  const CaseResult result = Studied({.schemes = {"rendezvous"},
                                     .servers = {10},
                                     .keys = 50'000,
                                     .remove = 1,
                                     .repetitions = 5})
                                .front();
  EXPECT_EQ(result.removed->between_staying, 0);
  EXPECT_NEAR(result.removed->moved, 0.1, 0.003);
  for (const double probability : {*result.chance, *result.removed->evenness}) {
    EXPECT_GT(probability, 0.001);
    EXPECT_LT(probability, 0.999);
  }
}

TEST(LiteratureTest, RedisSlots) {
  struct Row {
    uint32_t servers;
    double peak, moved_slots;
  };
  for (const Row& row : {Row{3, 1.000122, 4096}, Row{5, 1.000061, 2730}, Row{10, 1.000366, 1489}}) {
    const CaseResult result =
        Studied({.schemes = {"slots"}, .servers = {row.servers}, .add = 1}).front();
    EXPECT_NEAR(result.peak.mean, row.peak, 1e-6);
    EXPECT_NEAR(result.added->moved * 16384, row.moved_slots, 1e-6);
    EXPECT_EQ(result.added->between_staying, 0);
  }
  const CaseResult codis =
      Studied({.schemes = {"slots"}, .servers = {7}, .parameters = {1024}}).front();
  EXPECT_NEAR(codis.peak.mean, 147.0 * 7 / 1024, 1e-9);
  EXPECT_NEAR(codis.trough.mean, 146.0 * 7 / 1024, 1e-9);
}

TEST(LiteratureTest, Popularity) {
  struct Row {
    double exponent;
    uint64_t keys;
    double top1, top10, top100;
  };
  for (const Row& row :
       {Row{0.99, 1'000'000, 0.0650, 0.1921, 0.3440}, Row{0.99, 100'000, 0.0783, 0.2313, 0.4143},
        Row{1.2, 1'000'000, 0.1895, 0.4677, 0.6829}, Row{0.9, 1'000'000, 0.0329, 0.1060, 0.2115}}) {
    EXPECT_NEAR(ZipfTopShare(1, row.keys, row.exponent), row.top1, 0.00005);
    EXPECT_NEAR(ZipfTopShare(10, row.keys, row.exponent), row.top10, 0.00005);
    EXPECT_NEAR(ZipfTopShare(100, row.keys, row.exponent), row.top100, 0.00005);

    constexpr int kDraws = 200'000;
    const Zipf zipf(row.keys, row.exponent);
    Random random(1, 0, 0);
    int top1 = 0, top100 = 0;
    for (int draw = 0; draw < kDraws; ++draw) {
      const uint64_t rank = zipf.Draw(random);
      top1 += rank == 1;
      top100 += rank <= 100;
    }
    EXPECT_NEAR(double(top1) / kDraws, row.top1, 0.0035);
    EXPECT_NEAR(double(top100) / kDraws, row.top100, 0.005);
  }
}

// 6.5 % and the fair part of the rest is 2.2 times the mean of 20, with any distribution.
TEST(LiteratureTest, TheHottestKeyDecides) {
  const double floor = HotKeyFloor(ZipfTopShare(1, 1'000'000, 0.99), 1.0 / 20);
  EXPECT_NEAR(floor, 2.235, 0.002);
  for (const CaseResult& result : Studied({.schemes = {"rendezvous", "maglev"},
                                  .servers = {20},
                                  .keys = 100'000,
                                  .zipf = 0.99,
                                  .repetitions = 5})) {
    EXPECT_FALSE(result.chance);
    EXPECT_GT(result.peak.median, 2.2);
    EXPECT_LT(result.peak.median, 3.2);
  }
}

}  // namespace
}  // namespace keyway::sim
