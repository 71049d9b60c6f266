// Every way to spread keys that can be studied, with its parameter: the proxy's
// distributions, and others to compare them with.
#ifndef KEYWAY_SIM_STUDY_SCHEME_H_
#define KEYWAY_SIM_STUDY_SCHEME_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "hashing/distribution.h"

namespace keyway::sim {

// Who takes part, and how it came to that. Servers are told apart by their index.
struct Fleet {
  std::vector<hashing::Member> servers = {};  // all that ever take part
  uint32_t at_first = 0;                      // the first so many; the others join later
  std::vector<uint32_t> left = {};            // of the first ones, who left, in this order
  bool joined = false;                        // whether the others did

  // Those who are there, in the order in which they came.
  std::vector<uint32_t> Present() const;
  // By server; 0 for who is not there.
  std::vector<uint32_t> Weights() const;
};

// Places keys on the servers of a fleet. Immutable.
class Scheme {
 public:
  virtual ~Scheme() = default;

  // Sets the server of each hash value. Schemes that look at loads take the keys in their
  // order, beginning with none.
  virtual void Place(std::span<const uint64_t> hashes, std::span<uint32_t> servers) const = 0;

  // Sets the part of all hash values that each server of the fleet has. False, where only
  // trying tells.
  virtual bool Shares(std::span<double> shares) const = 0;
};

struct SchemeKind {
  std::string_view name = {};
  std::string_view help = {};
  std::string_view parameter = {};  // what it is: "points"; empty: there is none
  uint32_t usual = 0;               // its value, unless another one is asked for
  absl::StatusOr<std::unique_ptr<Scheme>> (*make)(std::string_view name, const Fleet& fleet,
                                                  uint32_t parameter) = nullptr;
  // Points of each of so many equal servers on a ring of random points, whose deviation is
  // known. Null: no such ring.
  uint32_t (*points)(uint32_t parameter, uint32_t servers) = nullptr;
  // The hash values below this number stand for all; 0: none do.
  uint32_t (*cells)(uint32_t parameter) = nullptr;
  // The scheme that this one bounds: where keys would be without a bound.
  std::string_view bounds = {};
};

// The kind with that name, or null.
const SchemeKind* FindScheme(std::string_view name);
std::span<const SchemeKind> AllSchemes();

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_STUDY_SCHEME_H_
