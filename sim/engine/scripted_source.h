// A source of records that a test wrote down.
#ifndef KEYWAY_SIM_ENGINE_SCRIPTED_SOURCE_H_
#define KEYWAY_SIM_ENGINE_SCRIPTED_SOURCE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/source/source.h"

namespace keyway::sim {

class ScriptedSource final : public Source {
 public:
  // What a block does with the sink; returns its lines.
  using Script = std::function<uint64_t(RecordSink& sink)>;

  ScriptedSource(std::string name, Content content, std::vector<Script> blocks)
      : name_(std::move(name)), content_(content), blocks_(std::move(blocks)) {}

  // After its blocks the source fails so.
  ScriptedSource& FailingWith(absl::Status error) {
    error_ = std::move(error);
    return *this;
  }

  absl::StatusOr<std::unique_ptr<Block>> Next() override {
    if (done_ < blocks_.size()) return std::make_unique<ScriptedBlock>(blocks_[done_++]);
    if (!error_.ok()) return error_;
    return nullptr;
  }

  const std::string& name() const override { return name_; }
  std::string_view format() const override { return "scripted"; }
  Content content() const override { return content_; }
  uint64_t done() const override { return done_; }
  uint64_t in_all() const override { return blocks_.size(); }

 private:
  class ScriptedBlock final : public Block {
   public:
    explicit ScriptedBlock(const Script& script) : script_(script) {}
    uint64_t Parse(RecordSink& sink) override { return script_(sink); }

   private:
    const Script& script_;
  };

  const std::string name_;
  const Content content_;
  const std::vector<Script> blocks_;
  std::atomic<size_t> done_ = 0;
  absl::Status error_;
};

}  // namespace keyway::sim

#endif  // KEYWAY_SIM_ENGINE_SCRIPTED_SOURCE_H_
