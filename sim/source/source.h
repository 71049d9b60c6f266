// Where keys come from: one thread reads a source in blocks, many threads make records
// of the blocks. So the slow part of any format runs on all cores, and a source of any
// size takes the memory of the few blocks under way.
#ifndef KEYWAY_SIM_SOURCE_SOURCE_H_
#define KEYWAY_SIM_SOURCE_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "sim/source/record.h"

namespace keyway::sim {

// Takes the records of a block. Of one thread.
class RecordSink {
 public:
  virtual ~RecordSink() = default;

  // One key that nothing else is known about. The bytes are valid until the block is
  // gone, or were made by Room().
  void Add(std::string_view key) {
    batch_.keys[batch_.size] = key;
    if (batch_.weighted) batch_.weights[batch_.size] = Weight{};
    if (++batch_.size == RecordBatch::kCapacity) Flush();
  }
  void Add(std::string_view key, const Weight& weight);
  // Many keys as in the first form, in less time each.
  void AddEach(std::span<const std::string_view> keys);

  // Room for a key that has to be decoded; stays valid as long as that key is needed.
  virtual std::span<char> Room(size_t bytes) = 0;

  // A line (from 0, within the block) that is no record of its format, and why. Lines of
  // a header or comment are not bad.
  virtual void Bad(uint64_t line, std::string_view text, std::string_view reason) = 0;

  // How many records were read but count for nothing, by reason (a literal): expired
  // keys, commands without a key.
  virtual void Skip(std::string_view reason, uint64_t records) = 0;

 protected:
  // Uses up the batch and empties it.
  virtual void Flush() = 0;

  RecordBatch batch_;
};

// A stretch of the input that consists of whole records.
class Block {
 public:
  virtual ~Block() = default;

  // On any thread, once. Returns how many lines the block has; 0 where the input has none.
  virtual uint64_t Parse(RecordSink& sink) = 0;
};

// Whether each key comes once, or each request.
enum class Content { kKeys, kRequests };

// Of one thread at a time.
class Source {
 public:
  virtual ~Source() = default;

  // The next block; null at the end. An error names the source and the place in it.
  virtual absl::StatusOr<std::unique_ptr<Block>> Next() = 0;

  // What messages and reports call it.
  virtual const std::string& name() const = 0;
  // The name of the format, as --format takes it.
  virtual std::string_view format() const = 0;
  virtual Content content() const = 0;

  // How far it is, in units of its own (bytes, keys); in_all is 0 where unknown. Callable
  // from any thread.
  virtual uint64_t done() const = 0;
  virtual uint64_t in_all() const = 0;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_SOURCE_SOURCE_H_
