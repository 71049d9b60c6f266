// Files to measure with, the same on every run.
#ifndef KEYWAY_SIM_BENCH_INPUTS_H_
#define KEYWAY_SIM_BENCH_INPUTS_H_

#include <cstdint>
#include <string>

namespace keyway::sim {

// Keys of 22 bytes, one to a line. All different.
void WriteKeys(const std::string& path, uint64_t keys);

// As many lines, but of a million keys that come as often as their numbers in a Zipf
// distribution with the exponent 0.99 say.
void WriteRequests(const std::string& path, uint64_t requests);

// What the program makes of a file whose suffix `to` has, at the level that it takes by itself.
void WriteCompressed(const std::string& from, const std::string& to);

// A Redis dump of strings of 100 bytes.
void WriteRdb(const std::string& path, uint64_t keys);

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_BENCH_INPUTS_H_
