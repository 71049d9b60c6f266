#include "sim/verify/presence.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/str_format.h"
#include "proxy/config/problem.h"

namespace keyway::sim {
namespace {

// So many requests are under way at a time. Those of memcached fit into the buffers of any
// socket: nobody waits for the other to read.
constexpr size_t kAtATime = 100;

class RedisPresence final : public Presence {
 public:
  explicit RedisPresence(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  absl::StatusOr<std::vector<Answer>> Ask(std::span<const std::string_view> keys) override {
    std::vector<Answer> answers;
    while (!keys.empty()) {
      const auto some = keys.first(std::min(keys.size(), kAtATime));
      keys = keys.subspan(some.size());
      for (const std::string_view key : some) connection_->Add({"EXISTS", key});
      for (size_t i = 0; i < some.size(); ++i) {
        const absl::StatusOr<RedisReply> reply = connection_->Receive();
        if (!reply.ok()) return reply.status();
        answers.push_back(Meaning(**reply));
      }
    }
    return answers;
  }

 private:
  static Answer Meaning(const redisReply& reply) {
    if (reply.type == REDIS_REPLY_INTEGER) return {.there = reply.integer != 0};
    return {.error = reply.type == REDIS_REPLY_ERROR ? std::string(TextOf(reply))
                                                     : "no number in answer to EXISTS"};
  }

  const std::unique_ptr<Connection> connection_;
};

class MemcachedPresence final : public Presence {
 public:
  MemcachedPresence(std::unique_ptr<Connection> connection, Asked asked)
      : connection_(std::move(connection)), asked_(asked) {}

  absl::StatusOr<std::vector<Answer>> Ask(std::span<const std::string_view> keys) override {
    std::vector<Answer> answers;
    while (!keys.empty()) {
      const auto some = keys.first(std::min(keys.size(), kAtATime));
      keys = keys.subspan(some.size());
      std::string requests;
      for (const std::string_view key : some) {
        if (asked_ == Asked::kProxy) {
          absl::StrAppendFormat(&requests, "get %s\r\n", key);
        } else {
          absl::StrAppendFormat(&requests, "mg %s u\r\n", key);
        }
      }
      const absl::Status sent = connection_->Write(requests);
      if (!sent.ok()) return sent;
      for (size_t i = 0; i < some.size(); ++i) {
        absl::StatusOr<Answer> answer = ReadAnswer();
        if (!answer.ok()) return answer.status();
        answers.push_back(*std::move(answer));
      }
    }
    return answers;
  }

 private:
  absl::StatusOr<Answer> ReadAnswer() {
    absl::StatusOr<std::string> line = ReadLine();
    if (!line.ok()) return line.status();
    if (*line == "HD") return Answer{.there = true};
    if (*line == "EN" || *line == "END") return Answer{.there = false};
    if (!line->starts_with("VALUE ")) return Answer{.error = *std::move(line)};
    // VALUE key flags bytes [cas]
    const std::string_view after = std::string_view(*line).substr(line->find(' ', 6) + 1);
    const std::string_view bytes = after.substr(after.find(' ') + 1);
    uint64_t size = 0;
    if (std::from_chars(bytes.data(), bytes.data() + bytes.size(), size).ec != std::errc()) {
      return connection_->Error(absl::StrFormat("answers %s to get", Quoted(*line)));
    }
    const absl::Status status = Skip(size + 2);
    if (!status.ok()) return status;
    line = ReadLine();
    if (!line.ok()) return line.status();
    if (*line == "END") return Answer{.there = true};
    return Answer{.error = *std::move(line)};
  }

  // Without its end.
  absl::StatusOr<std::string> ReadLine() {
    constexpr size_t kMostBytes = 64 * 1024;
    size_t end;
    while ((end = received_.find('\n', at_)) == std::string::npos) {
      if (received_.size() - at_ > kMostBytes) return connection_->Error("is no memcached");
      const absl::Status status = ReadMore();
      if (!status.ok()) return status;
    }
    std::string line = received_.substr(at_, end - at_);
    at_ = end + 1;
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }

  absl::Status Skip(uint64_t bytes) {
    while (received_.size() - at_ < bytes) {
      bytes -= received_.size() - at_;
      at_ = received_.size();
      const absl::Status status = ReadMore();
      if (!status.ok()) return status;
    }
    at_ += static_cast<size_t>(bytes);
    return absl::OkStatus();
  }

  absl::Status ReadMore() {
    char space[16 * 1024];
    const absl::StatusOr<size_t> size = connection_->Read(space);
    if (!size.ok()) return size.status();
    if (*size == 0) return connection_->Error("has closed the connection");
    received_.erase(0, at_);
    at_ = 0;
    received_.append(space, *size);
    return absl::OkStatus();
  }

  const std::unique_ptr<Connection> connection_;
  const Asked asked_;
  std::string received_;
  size_t at_ = 0;  // in received_
};

}  // namespace

absl::StatusOr<std::unique_ptr<Presence>> OpenPresence(const LiveServer& server, Asked asked) {
  absl::StatusOr<std::unique_ptr<Connection>> connection = Connection::Open(server);
  if (!connection.ok()) return connection.status();
  if (server.redis) return std::make_unique<RedisPresence>(*std::move(connection));
  return std::make_unique<MemcachedPresence>(*std::move(connection), asked);
}

bool CanAsk(const LiveServer& server, std::string_view key) {
  constexpr size_t kMostKeyBytes = 250;
  const auto breaks = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; };
  return server.redis ||
         (!key.empty() && key.size() <= kMostKeyBytes && std::ranges::none_of(key, breaks));
}

}  // namespace keyway::sim
