#include "sim/bench/inputs.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "sim/source/bytes/compressor.h"
#include "sim/source/rdb/testing.h"

namespace keyway::sim {
namespace {

constexpr size_t kPiece = 1 << 20;

void Fail() {
  std::perror("the inputs cannot be written");
  std::exit(1);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteFile(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes << std::flush;
  if (!file.good()) Fail();
}

// Ids that look like some: spread, and each once.
std::string KeyOf(uint64_t number) {
  // Without a factor in common, and so one to one; no product of 10^9 numbers overflows.
  constexpr uint64_t kRange = 100'000'000'000'000, kFactor = 6'180'339'887;
  uint64_t id = number * kFactor % kRange;
  std::string key = "session:00000000000000";
  for (size_t digit = key.size(); id != 0; id /= 10) {
    key[--digit] = static_cast<char>('0' + id % 10);
  }
  return key;
}

class LineWriter {
 public:
  explicit LineWriter(const std::string& path) : file_(std::fopen(path.c_str(), "wb")) {
    if (file_ == nullptr) Fail();
    text_.reserve(kPiece + 64);
  }
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;
  ~LineWriter() {
    Write();
    if (std::fclose(file_) != 0) Fail();
  }

  void Add(uint64_t number) {
    text_ += KeyOf(number);
    text_ += '\n';
    if (text_.size() >= kPiece) Write();
  }

 private:
  void Write() {
    if (std::fwrite(text_.data(), 1, text_.size(), file_) != text_.size()) Fail();
    text_.clear();
  }

  std::FILE* const file_;
  std::string text_;
};

}  // namespace

void WriteKeys(const std::string& path, uint64_t keys) {
  LineWriter lines(path);
  for (uint64_t number = 0; number < keys; ++number) lines.Add(number);
}

void WriteRequests(const std::string& path, uint64_t requests) {
  constexpr size_t kKeys = 1'000'000;
  constexpr double kExponent = 0.99;
  std::vector<double> weights(kKeys);
  for (size_t key = 0; key < kKeys; ++key) {
    weights[key] = std::pow(static_cast<double>(key + 1), -kExponent);
  }
  std::discrete_distribution<uint64_t> keys(weights.begin(), weights.end());
  std::mt19937_64 random(1);
  LineWriter lines(path);
  for (uint64_t i = 0; i < requests; ++i) lines.Add(keys(random));
}

void WriteCompressed(const std::string& from, const std::string& to) {
  const Compressor& compressor = *FindCompressor(to);
  std::string packed;
  if (!compressor.compress(ReadFile(from), compressor.usual_level, packed)) Fail();
  WriteFile(to, packed);
}

void WriteRdb(const std::string& path, uint64_t keys) {
  constexpr int kVersion = 10;
  const std::string value(100, 'v');
  Dump dump(kVersion);
  for (uint64_t number = 0; number < keys; ++number) dump.Pair(KeyOf(number), value);
  WriteFile(path, dump.Finish());
}

}  // namespace keyway::sim
