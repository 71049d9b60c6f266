#include "sim/engine/feed.h"

#include <algorithm>

namespace keyway::sim {

Feed::Feed(std::vector<std::unique_ptr<Source>> sources) : channels_(sources.size()) {
  for (size_t i = 0; i < sources.size(); ++i) {
    InputReport::SourceReport& report = channels_[i].report;
    report.name = sources[i]->name();
    report.format = sources[i]->format();
    report.content = sources[i]->content();
    channels_[i].source = std::move(sources[i]);
  }
}

bool Feed::Next(Job& job) {
  job.block = nullptr;
  std::unique_lock lock(mutex_);
  while (status_.ok()) {
    const auto channel = std::ranges::find_if(
        channels_, [](const Channel& some) { return !some.reading && !some.at_end; });
    if (channel == channels_.end()) {
      if (std::ranges::all_of(channels_, &Channel::at_end)) return false;
      changed_.wait(lock);
      continue;
    }

    channel->reading = true;
    lock.unlock();
    absl::StatusOr<std::unique_ptr<Block>> block = channel->source->Next();
    lock.lock();
    channel->reading = false;
    changed_.notify_all();
    if (!block.ok()) {
      if (status_.ok()) status_ = block.status();
    } else if (*block == nullptr) {
      channel->at_end = true;
    } else {
      job.block = *std::move(block);
      job.source = static_cast<size_t>(channel - channels_.begin());
      job.ordinal = channel->given_out++;
      return true;
    }
  }
  return false;
}

void Feed::Finish(const Job& job, BlockReport report) {
  const std::lock_guard lock(mutex_);
  Channel& channel = channels_[job.source];
  InputReport::SourceReport& sum = channel.report;
  sum.records += report.records;
  sum.bad_lines += report.bad_lines;
  for (const auto& [reason, records] : report.skipped) sum.skipped[reason] += records;
  channel.unnumbered.emplace(job.ordinal, std::move(report));
  Number(job.source);
}

// As far as the blocks are finished without a gap. Those behind one are as many as there
// are threads at most.
void Feed::Number(size_t source) {
  Channel& channel = channels_[source];
  while (!channel.unnumbered.empty() && channel.unnumbered.begin()->first == channel.numbered) {
    BlockReport& block = channel.unnumbered.begin()->second;
    for (BlockReport::Example& example : block.examples) {
      if (channel.examples.size() == InputReport::kExamples) break;
      channel.examples.push_back({.source = source,
                                  .line = channel.report.lines + example.line + 1,
                                  .text = std::move(example.text),
                                  .reason = std::move(example.reason)});
    }
    channel.report.lines += block.lines;
    channel.unnumbered.erase(channel.unnumbered.begin());
    ++channel.numbered;
  }
}

std::pair<uint64_t, uint64_t> Feed::Progress() const {
  uint64_t done = 0, in_all = 0;
  bool known = true;
  for (const Channel& channel : channels_) {
    done += channel.source->done();
    in_all += channel.source->in_all();
    known = known && channel.source->in_all() != 0;
  }
  return {done, known ? in_all : 0};
}

InputReport Feed::Report() const {
  InputReport report;
  for (const Channel& channel : channels_) {
    report.sources.push_back(channel.report);
    for (const BadLine& example : channel.examples) {
      if (report.examples.size() < InputReport::kExamples) report.examples.push_back(example);
    }
  }
  return report;
}

}  // namespace keyway::sim
