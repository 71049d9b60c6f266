// What tests measure of distributions.
#ifndef KEYWAY_HASHING_MEASURE_H_
#define KEYWAY_HASHING_MEASURE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "hashing/distribution.h"
#include "hashing/ring.h"

namespace keyway::hashing {

// Members "server1", "server2", …
std::vector<Member> Servers(size_t count);

// The distribution of that name over `members`; ends the test if there is an error.
std::unique_ptr<Distribution> MakeOrDie(std::string_view kind, std::span<const Member> members);

// The same values of 32 random bits on every run.
std::vector<uint32_t> RandomHashes(size_t count, uint32_t seed = 1);

// How many of `hashes` each of `members` members gets.
std::vector<size_t> Count(const Distribution& distribution, size_t members,
                          std::span<const uint32_t> hashes);

// The greatest and the smallest value, relative to the mean; and the standard deviation,
// relative to it too.
double Peak(std::span<const double> values);
double Trough(std::span<const double> values);
double Deviation(std::span<const double> values);

// What each member owns of the ring, exactly.
std::vector<double> Shares(const Ring& ring, size_t members);

// How many standard deviations the chi-square statistic of `counts` is from what chance
// would give if the parts are as `weights`; beyond 4 either way is one case in 15,000.
// After Wilson and Hilferty, good from some five counts on.
double ChiSquareScore(std::span<const size_t> counts, std::span<const double> weights);
double ChiSquareScore(std::span<const size_t> counts);

// The parts of `hashes` that change their member, by name, from one set to the other.
struct Movement {
  double total = 0;
  double between_survivors = 0;  // from a member in both sets to a member in both sets
};
Movement Move(std::string_view kind, std::span<const Member> before, std::span<const Member> after,
              std::span<const uint32_t> hashes);

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_MEASURE_H_
