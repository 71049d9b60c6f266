#include "sim/source/live/connection.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"

namespace keyway::sim {
namespace {

timeval ToTimeval(std::chrono::seconds time) { return {.tv_sec = time.count(), .tv_usec = 0}; }

bool TimedOut(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == ETIMEDOUT; }

std::string WhyNotOpen(const redisContext* context) {
  if (context == nullptr) return "no memory";
  if (context->err == REDIS_ERR_IO && TimedOut(errno)) {
    return absl::StrFormat("no answer within %d s", kConnectTimeout.count());
  }
  return context->errstr;
}

// A server that hangs up is an error to report, not the end of this process.
void IgnoreBrokenPipes() {
  static const bool once = [] {
    struct sigaction now = {};
    sigaction(SIGPIPE, nullptr, &now);
    if (now.sa_handler == SIG_DFL) std::signal(SIGPIPE, SIG_IGN);
    return true;
  }();
  (void)once;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const LiveServer& server) {
  IgnoreBrokenPipes();
  const Endpoint& endpoint = server.endpoint;
  const timeval timeout = ToTimeval(kConnectTimeout);
  std::unique_ptr<Connection> connection(new Connection(
      NameOf(server),
      endpoint.is_unix() ? redisConnectUnixWithTimeout(endpoint.path.c_str(), timeout)
                         : redisConnectWithTimeout(endpoint.host.c_str(), endpoint.port, timeout)));
  redisContext* const context = connection->context_.get();
  if (context == nullptr || context->err != 0) {
    return connection->Error(
        absl::StrFormat("cannot connect: %s; does the server run, and may this machine reach it?",
                        WhyNotOpen(context)));
  }
  redisSetTimeout(context, ToTimeval(kAnswerTimeout));
  const absl::Status status = server.redis ? connection->LogIn(server) : absl::OkStatus();
  if (!status.ok()) return status;
  return connection;
}

absl::Status Connection::LogIn(const LiveServer& server) {
  if (!server.password.empty()) {
    std::vector<std::string_view> words = {"AUTH"};
    if (!server.user.empty()) words.push_back(server.user);
    words.push_back(server.password);
    Add(words);
    const absl::StatusOr<RedisReply> reply = ReceiveGood();
    if (!reply.ok()) return reply.status();
  }
  if (server.database == 0) return absl::OkStatus();
  Add({"SELECT", std::to_string(server.database)});
  return ReceiveGood().status();
}

absl::Status Connection::Error(std::string_view message) const {
  return absl::UnavailableError(absl::StrFormat("%s: %s", name_, message));
}

absl::Status Connection::LastError() const {
  if (context_->err == REDIS_ERR_EOF) return Error("the server has closed the connection");
  if (context_->err == REDIS_ERR_IO && TimedOut(errno)) {
    return Error(absl::StrFormat("no answer within %d s; is the server busy with something long?",
                                 kAnswerTimeout.count()));
  }
  if (context_->err == REDIS_ERR_PROTOCOL) {
    return Error(absl::StrFormat("is this a Redis server? %s", context_->errstr));
  }
  return Error(context_->errstr);
}

void Connection::Add(std::span<const std::string_view> words) {
  std::vector<const char*> texts;
  std::vector<size_t> sizes;
  for (const std::string_view word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()), texts.data(),
                         sizes.data());
}

absl::Status Connection::Send() {
  for (int done = 0; done == 0;) {
    if (redisBufferWrite(context_.get(), &done) != REDIS_OK) return LastError();
  }
  return absl::OkStatus();
}

absl::StatusOr<RedisReply> Connection::Receive() {
  void* reply = nullptr;
  if (redisGetReply(context_.get(), &reply) != REDIS_OK) return LastError();
  return RedisReply(static_cast<redisReply*>(reply));
}

absl::StatusOr<RedisReply> Connection::ReceiveGood() {
  absl::StatusOr<RedisReply> reply = Receive();
  if (!reply.ok() || (*reply)->type != REDIS_REPLY_ERROR) return reply;
  const std::string_view text = TextOf(**reply);
  const bool password = text.starts_with("NOAUTH") || text.starts_with("WRONGPASS");
  return Error(
      absl::StrFormat("%s%s", text, password ? "; give the password (README.md, inputs)" : ""));
}

absl::Status Connection::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = write(context_->fd, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Error(absl::StrFormat("cannot be written to: %s", strerror(errno)));
    bytes.remove_prefix(static_cast<size_t>(size));
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> Connection::Read(std::span<char> space) {
  ssize_t size;
  do {
    size = read(context_->fd, space.data(), space.size());
  } while (size < 0 && errno == EINTR);
  if (size >= 0) return static_cast<size_t>(size);
  if (TimedOut(errno)) {
    return Error(absl::StrFormat("no answer within %d s", kAnswerTimeout.count()));
  }
  return Error(absl::StrFormat("cannot be read: %s", strerror(errno)));
}

}  // namespace keyway::sim
