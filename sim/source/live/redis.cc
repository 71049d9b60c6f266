#include "sim/source/live/redis.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "sim/source/live/connection.h"

namespace keyway::sim {
namespace {

// The keys of one SCAN.
class ScanBlock final : public Block {
 public:
  // `sizes` is empty, or has one for each key: kGone if it is no longer there.
  static constexpr int64_t kGone = -1;
  ScanBlock(RedisReply reply, std::vector<int64_t> sizes)
      : reply_(std::move(reply)), sizes_(std::move(sizes)) {}

  uint64_t Parse(RecordSink& sink) override {
    const redisReply& keys = *reply_->element[1];
    uint64_t gone = 0;
    for (size_t i = 0; i < keys.elements; ++i) {
      const std::string_view key = TextOf(*keys.element[i]);
      if (sizes_.empty()) {
        sink.Add(key);
      } else if (sizes_[i] == kGone) {
        ++gone;
      } else {
        sink.Add(key, Weight{.bytes = static_cast<uint64_t>(sizes_[i])});
      }
    }
    if (gone > 0) sink.Skip("gone before its size was known", gone);
    return 0;
  }

 private:
  const RedisReply reply_;
  const std::vector<int64_t> sizes_;
};

class RedisSource final : public Source {
 public:
  RedisSource(LiveServer server, std::unique_ptr<Connection> connection, uint64_t in_all)
      : server_(std::move(server)), connection_(std::move(connection)), in_all_(in_all) {}

  absl::StatusOr<std::unique_ptr<Block>> Next() override;

  const std::string& name() const override { return connection_->name(); }
  std::string_view format() const override { return "redis"; }
  Content content() const override { return Content::kKeys; }
  uint64_t done() const override { return done_; }
  uint64_t in_all() const override { return in_all_; }

 private:
  // Sends the SCAN for what comes after the last.
  absl::Status AskForMore();
  absl::StatusOr<std::vector<int64_t>> Sizes(const redisReply& keys);

  const LiveServer server_;
  const std::unique_ptr<Connection> connection_;
  const uint64_t in_all_;  // at the start
  std::atomic<uint64_t> done_ = 0;
  std::string cursor_ = "0";
  bool asked_ = false;
  bool ended_ = false;
};

absl::Status RedisSource::AskForMore() {
  const std::string count = std::to_string(server_.count);
  std::vector<std::string_view> words = {"SCAN", cursor_, "COUNT", count};
  if (!server_.match.empty()) words.insert(words.end(), {"MATCH", server_.match});
  connection_->Add(words);
  asked_ = true;
  return connection_->Send();
}

bool IsScanReply(const redisReply& reply) {
  return reply.type == REDIS_REPLY_ARRAY && reply.elements == 2 &&
         reply.element[0]->type == REDIS_REPLY_STRING &&
         reply.element[1]->type == REDIS_REPLY_ARRAY;
}

// The server looks for the next keys while these are counted.
absl::StatusOr<std::unique_ptr<Block>> RedisSource::Next() {
  while (!ended_) {
    absl::Status status = asked_ ? absl::OkStatus() : AskForMore();
    if (!status.ok()) return status;
    absl::StatusOr<RedisReply> reply = connection_->ReceiveGood();
    if (!reply.ok()) return reply.status();
    if (!IsScanReply(**reply)) return connection_->Error("is no Redis server: SCAN has no cursor");
    cursor_ = TextOf(*(*reply)->element[0]);
    const redisReply& keys = *(*reply)->element[1];
    absl::StatusOr<std::vector<int64_t>> sizes = Sizes(keys);
    if (!sizes.ok()) return sizes.status();
    ended_ = cursor_ == "0";
    if (!ended_) status = AskForMore();
    if (!status.ok()) return status;
    done_ += keys.elements;
    if (keys.elements > 0) return std::make_unique<ScanBlock>(*std::move(reply), *std::move(sizes));
  }
  return nullptr;
}

absl::StatusOr<std::vector<int64_t>> RedisSource::Sizes(const redisReply& keys) {
  std::vector<int64_t> sizes;
  if (!server_.memory) return sizes;
  for (size_t i = 0; i < keys.elements; ++i) {
    connection_->Add({"MEMORY", "USAGE", TextOf(*keys.element[i])});
  }
  for (size_t i = 0; i < keys.elements; ++i) {
    const absl::StatusOr<RedisReply> reply = connection_->ReceiveGood();
    if (!reply.ok()) return reply.status();
    const bool there = (*reply)->type == REDIS_REPLY_INTEGER;
    sizes.push_back(there ? (*reply)->integer : ScanBlock::kGone);
  }
  return sizes;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Source>> OpenRedis(const LiveServer& server) {
  absl::StatusOr<std::unique_ptr<Connection>> connection = Connection::Open(server);
  if (!connection.ok()) return connection.status();
  (*connection)->Add({"DBSIZE"});
  const absl::StatusOr<RedisReply> size = (*connection)->ReceiveGood();
  if (!size.ok()) return size.status();
  return std::make_unique<RedisSource>(server, *std::move(connection),
                                       static_cast<uint64_t>((*size)->integer));
}

}  // namespace keyway::sim
