#include "sim/source/synthetic/synthetic.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>

#include "sim/source/synthetic/purpose.h"
#include "sim/source/synthetic/workload.h"

namespace keyway::sim {
namespace {

class SyntheticBlock : public Block {
 public:
  SyntheticBlock(std::shared_ptr<const Workload> workload, uint64_t number)
      : workload_(std::move(workload)),
        number_(number),
        begin_(number * kRecordsPerBlock),
        end_(std::min(begin_ + kRecordsPerBlock, workload_->records())) {}

  uint64_t Parse(RecordSink& sink) override {
    if (workload_->requests > 0) {
      MakeRequests(sink);
    } else {
      for (uint64_t record = begin_; record < end_; ++record) MakeKey(record, sink);
    }
    return 0;
  }

  uint64_t records() const { return end_ - begin_; }

 private:
  void MakeKey(uint64_t index, RecordSink& sink) const {
    const uint64_t id = workload_->start + index;
    if (workload_->sizes) {
      sink.Add(NameOf(id, sink), {.keys = 1, .bytes = SizeOf(id)});
    } else {
      sink.Add(NameOf(id, sink));
    }
  }

  void MakeRequests(RecordSink& sink) const {
    Random random(workload_->seed, kForRequests, number_);
    for (uint64_t record = begin_; record < end_; ++record) {
      const uint64_t index = workload_->popular ? workload_->popular->Draw(random) - 1
                                                : random.NextBelow(workload_->keys);
      const uint64_t read = random.NextFraction() < workload_->reads;
      const uint64_t id = workload_->start + index;
      sink.Add(NameOf(id, sink),
               {.keys = 0, .bytes = SizeOf(id), .reads = read, .writes = 1 - read});
    }
  }

  std::string_view NameOf(uint64_t id, RecordSink& sink) const {
    char* const begin = sink.Room(workload_->names.max_size()).data();
    return {begin, static_cast<size_t>(workload_->names.Write(id, begin) - begin)};
  }

  // A key's value is as large each time it is asked for.
  uint64_t SizeOf(uint64_t id) const {
    if (!workload_->sizes) return 0;
    Random random(workload_->seed, kForSizes, id);
    return workload_->sizes->Draw(random);
  }

  const std::shared_ptr<const Workload> workload_;
  const uint64_t number_;
  const uint64_t begin_;
  const uint64_t end_;
};

class SyntheticSource : public Source {
 public:
  SyntheticSource(const WorkloadKind& kind, std::string_view details, Workload workload)
      : name_(std::string(kind.name) + std::string(details)),
        format_(kind.name.substr(0, kind.name.size() - 1)),
        workload_(std::make_shared<const Workload>(std::move(workload))),
        block_(workload_->first_block) {}

  absl::StatusOr<std::unique_ptr<Block>> Next() override {
    if (block_ == workload_->end_block) return nullptr;
    auto block = std::make_unique<SyntheticBlock>(workload_, block_++);
    done_.fetch_add(block->records(), std::memory_order_relaxed);
    return block;
  }

  const std::string& name() const override { return name_; }
  std::string_view format() const override { return format_; }
  Content content() const override {
    return workload_->requests > 0 ? Content::kRequests : Content::kKeys;
  }
  uint64_t done() const override { return done_.load(std::memory_order_relaxed); }
  uint64_t in_all() const override {
    const auto begin_of = [this](uint64_t block) {
      return std::min(block * kRecordsPerBlock, workload_->records());
    };
    return begin_of(workload_->end_block) - begin_of(workload_->first_block);
  }

 private:
  const std::string name_;
  const std::string_view format_;
  const std::shared_ptr<const Workload> workload_;
  uint64_t block_;  // the next one
  std::atomic<uint64_t> done_ = 0;
};

constexpr WorkloadKind kUniform = {.name = "uniform:", .names = "{hex}"};
constexpr WorkloadKind kSequence = {.name = "sequence:", .names = "{id}"};
constexpr WorkloadKind kTemplate = {.name = "template:", .names = ""};
constexpr WorkloadKind kZipf = {.name = "zipf:", .names = "{id}", .zipf = true};

absl::StatusOr<std::unique_ptr<Source>> Open(const WorkloadKind& kind, std::string_view details) {
  absl::StatusOr<Workload> workload = ParseWorkload(kind, details);
  if (!workload.ok()) return workload.status();
  return std::make_unique<SyntheticSource>(kind, details, *std::move(workload));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Source>> OpenUniform(std::string_view details) {
  return Open(kUniform, details);
}

absl::StatusOr<std::unique_ptr<Source>> OpenSequence(std::string_view details) {
  return Open(kSequence, details);
}

absl::StatusOr<std::unique_ptr<Source>> OpenTemplate(std::string_view details) {
  return Open(kTemplate, details);
}

absl::StatusOr<std::unique_ptr<Source>> OpenZipf(std::string_view details) {
  return Open(kZipf, details);
}

}  // namespace keyway::sim
