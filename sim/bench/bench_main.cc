// How fast the simulator counts, relative to what could not be faster:
//
//     bazel run --config=opt //sim/bench
//     bazel run --config=opt //sim/bench -- 100000000    (so many keys; 10,000,000 otherwise)
//
// Its inputs are made anew in $TMPDIR, or /tmp, and removed.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "sim/bench/inputs.h"
#include "sim/bench/measure.h"
#include "sim/engine/experiment.h"
#include "sim/source/bytes/byte_stream.h"
#include "sim/source/open/open.h"

namespace keyway::sim {
namespace {

constexpr int kTimes = 3;

// A temporary folder, gone at the end.
class Folder {
 public:
  Folder() {
    std::string path = std::filesystem::temp_directory_path() / "keyway-bench.XXXXXX";
    if (mkdtemp(path.data()) == nullptr) {
      std::perror("no folder for the inputs");
      std::exit(1);
    }
    path_ = path;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  std::string operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

std::string_view Mapped(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const size_t size = std::filesystem::file_size(path);
  void* const bytes = mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  return {static_cast<const char*>(bytes), size};
}

// The yardstick: line ends and fnv1a_64 over a mapped file, byte by byte, on one core. The
// sum keeps the compiler from leaving it out.
uint64_t ScalarLoop(const std::string& path, uint64_t& sum) {
  constexpr uint32_t kBasis = 0x84222325, kPrime = 0x1b3;
  uint64_t keys = 0;
  uint32_t value = kBasis;
  for (const char byte : Mapped(path)) {
    if (byte == '\n') {
      sum += value;
      ++keys;
      value = kBasis;
    } else {
      value = (value ^ static_cast<uint32_t>(static_cast<int8_t>(byte))) * kPrime;
    }
  }
  return keys;
}

// The same with memchr for the line ends.
uint64_t ScalarLines(const std::string& path, uint64_t& sum) {
  uint64_t keys = 0;
  std::string_view rest = Mapped(path);
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    uint32_t value = 0x84222325;
    for (const char byte : rest.substr(0, end)) {
      value = (value ^ static_cast<uint32_t>(static_cast<int8_t>(byte))) * 0x1b3;
    }
    sum += value;
    ++keys;
    rest.remove_prefix(end + 1);
  }
  return keys;
}

Experiment TenServers(bool hot_keys) {
  Experiment experiment;
  Scenario& scenario = experiment.scenarios.emplace_back();
  scenario.id = "now";
  for (size_t server = 0; server < 10; ++server) {
    const std::string address = absl::StrFormat("10.0.0.%d:11211", server + 1);
    experiment.servers.push_back({.address = address, .name = address});
    scenario.members.push_back({.name = address});
    scenario.servers.push_back(server);
  }
  experiment.hot_keys = hot_keys;
  return experiment;
}

uint64_t Balance(const std::string& path, int threads, bool hot_keys) {
  absl::StatusOr<std::unique_ptr<Source>> source = OpenSource(path, {});
  if (!source.ok()) std::exit(1);
  std::vector<std::unique_ptr<Source>> sources;
  sources.push_back(*std::move(source));
  const auto outcome = Run(TenServers(hot_keys), std::move(sources), {.threads = threads});
  return outcome.ok() ? outcome->input.records() : 0;
}

// Per record; and how much faster than `yardstick`, for each core at work and by the clock.
void Show(const std::string& what, const Measured& measured, const Measured& yardstick) {
  const double each = 1e9 / static_cast<double>(measured.records);
  absl::PrintF("%-44s %8.2f %8.2f %10.2f %8.2f %8.0f\n", what, measured.core_seconds * each,
               measured.seconds * each, yardstick.core_seconds / measured.core_seconds,
               yardstick.seconds / measured.seconds,
               static_cast<double>(measured.peak_bytes) / 1e6);
}

void PrintHeader(const std::string& name) {
  absl::PrintF("\n%-44s %8s %8s %10s %8s %8s\n", name, "core ns", "ns", "per core", "speed",
               "peak MB");
}

void ShowBalance(const std::string& what, const std::string& path, int threads, bool hot_keys,
                 const Measured& yardstick) {
  Show(absl::StrFormat("%s, %d thread%s", what, threads, threads == 1 ? "" : "s"),
       Measure(kTimes, [&] { return Balance(path, threads, hot_keys); }), yardstick);
}

void CompareLists(const std::string& name, const std::string& path) {
  PrintHeader(name);
  static uint64_t sum = 0;
  const Measured yardstick = Measure(kTimes, [&] { return ScalarLoop(path, sum); });
  Show("yardstick: scalar loop", yardstick, yardstick);
  Show("scalar loop with memchr", Measure(kTimes, [&] { return ScalarLines(path, sum); }),
       yardstick);
  for (const bool hot_keys : {true, false}) {
    for (const int threads : {1, 2}) {
      ShowBalance(hot_keys ? "balance" : "without hot keys", path, threads, hot_keys, yardstick);
    }
  }
}

// Reads a file, decompressed, and looks at every byte.
uint64_t Scan(const std::string& path, uint64_t records) {
  absl::StatusOr<OpenedBytes> bytes = OpenBytes(path, path);
  if (!bytes.ok()) std::exit(1);
  std::vector<char> space(256 * 1024);
  uint64_t lines = 0;
  while (true) {
    const absl::StatusOr<size_t> size = bytes->stream->Read(space);
    if (!size.ok()) std::exit(1);
    if (*size == 0) break;
    lines += std::count(space.begin(), space.begin() + *size, '\n');
  }
  return lines > records ? 0 : records;
}

void CompareFile(const std::string& name, const std::string& path, uint64_t records) {
  const Measured scan = Measure(kTimes, [&] { return Scan(path, records); });
  Show(name + ": merely read", scan, scan);
  for (const int threads : {1, 2}) ShowBalance(name + ": balance", path, threads, true, scan);
}

// Inputs are made in children too: those that measure begin with as little memory as this.
void Make(const std::function<void()>& write) {
  Measure(1, [&] {
    write();
    return uint64_t{1};
  });
}

// What else there is to do for the records of a file than to read it.
void CompareFiles(const Folder& folder, uint64_t keys) {
  struct Row {
    const char* name;
    const char* file;
  };
  PrintHeader("files that are not plain");
  for (const Row& row : {Row{"gzip", "keys.gz"}, Row{"zstd", "keys.zst"}, Row{"lz4", "keys.lz4"}}) {
    Make([&] { WriteCompressed(folder / "keys", folder / row.file); });
    CompareFile(row.name, folder / row.file, keys);
  }
  const uint64_t dump_keys = std::min<uint64_t>(keys, 1'000'000);
  Make([&] { WriteRdb(folder / "dump.rdb", dump_keys); });
  CompareFile("rdb", folder / "dump.rdb", dump_keys);
}

void CompareAll(uint64_t keys) {
  const Folder folder;
  Make([&] { WriteKeys(folder / "keys", keys); });
  CompareLists("different keys", folder / "keys");
  CompareFiles(folder, keys);
  Make([&] { WriteRequests(folder / "requests", keys); });
  CompareLists("Zipf requests", folder / "requests");
}

}  // namespace
}  // namespace keyway::sim

int main(int argc, char** argv) {
  keyway::sim::CompareAll(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000'000);
  return 0;
}
