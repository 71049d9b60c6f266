// Names made from numbers: "user:{id}:profile".
#ifndef KEYWAY_SIM_SOURCE_SYNTHETIC_KEY_TEMPLATE_H_
#define KEYWAY_SIM_SOURCE_SYNTHETIC_KEY_TEMPLATE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sim/source/synthetic/zipf.h"

namespace keyway::sim {

// A text with placeholders. Everything but the id itself is drawn by seed and id, so that
// one id always has the same name. Braces are doubled where they are meant: {{user{id}}}.
//
//   {id} {id:08} {id:x} {id:08x}  the id; with leading zeros; in hexadecimal
//   {id/1000} {id%16}             its quotient and its remainder, with the same endings
//   {hex} {hex:32}                hexadecimal digits, 16 or as many as said
//   {alnum} {alnum:10}            letters and digits, 16 or as many as said
//   {bytes} {bytes:12}            bytes of any value, 16 or as many as said
//   {uuid}                        as of RFC 4122, version 4
//   {random:500}                  a number below 500, each as likely
//   {zipf:500} {zipf:500:1.2}     a number from 1 to 500, 1 most often; the exponent is
//                                 0.99 or what is said
//   {one:eu|us|asia}              one of these words
//
// Immutable.
class KeyTemplate {
 public:
  // Errors are lines for the user.
  static absl::StatusOr<KeyTemplate> Parse(std::string_view text, uint64_t seed);

  // As many bytes are enough for any name.
  size_t max_size() const { return max_size_; }

  // Writes the name of `id` and returns its end.
  char* Write(uint64_t id, char* out) const;
  std::string NameOf(uint64_t id) const;

 private:
  enum class Kind { kText, kId, kHex, kAlnum, kBytes, kUuid, kRandom, kZipf, kOne };

  struct Piece {
    Kind kind = Kind::kText;
    std::string text = {};     // of kText
    uint64_t size = 0;         // how many digits, bytes, numbers; of kId how many digits at least
    uint64_t divisor = 1;      // of kId, and it is applied before `modulus`
    uint64_t modulus = 0;      // of kId; 0: none
    bool hexadecimal = false;  // of kId
    Zipf zipf = Zipf(1, 1);
    std::vector<std::string> words = {};
  };

  static absl::StatusOr<Piece> ParsePlaceholder(std::string_view text);
  static absl::Status ParseId(std::string_view operations, std::string_view ending, Piece& piece);
  static absl::Status ParseDrawn(std::string_view name, std::string_view argument, Piece& piece);
  static size_t MaxSize(const Piece& piece);
  static char* WriteId(const Piece& piece, uint64_t id, char* out);
  static char* WriteDrawn(const Piece& piece, Random& random, char* out);

  void Append(Piece piece);

  uint64_t seed_ = 0;
  size_t max_size_ = 0;
  std::vector<Piece> pieces_;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_SYNTHETIC_KEY_TEMPLATE_H_
