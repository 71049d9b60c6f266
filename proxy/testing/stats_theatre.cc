#include "proxy/testing/stats_theatre.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <utility>

#include "absl/strings/str_format.h"
#include "proxy/testing/client.h"
#include "proxy/testing/process.h"

namespace keyway {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// In every act.
constexpr Difference kAlways[] = {
    {"version", "0.5.0", "*", "it is another program"},
    {"uptime", "*", "*", "a clock"},
    {"timestamp", "+", "+", "a clock"},
};

FlatJson Play(const Act& act, const std::string& path, std::vector<std::string> arguments) {
  Theatre theatre(act, path, std::move(arguments));
  act.play(theatre);
  return theatre.Settle();
}

bool Fits(const std::string& value, std::string_view expected) {
  return expected == "*" || (expected == "+" ? std::stoll(value) > 0 : value == expected);
}

}  // namespace

Theatre::Theatre(const Act& act, const std::string& path, std::vector<std::string> arguments)
    : act_(act), stage_(path, std::move(arguments)) {
  std::string config = absl::StrFormat(
      "p:\n  listen: %s\n  redis: %s\n  hash: fnv1a_64\n  distribution: modula\n%s  servers:\n",
      ToString(PoolAddress()), act.protocol == Protocol::kRedis ? "true" : "false", act.settings);
  for (const std::string& name : act.servers) {
    config += LineOf(name);
    if (name.starts_with("dead") || name.starts_with("nameless")) continue;
    servers_[name] = std::make_unique<FakeServer>(
        stage_.loop(), act.protocol, AddressOf(name),
        [this, name](const std::vector<std::string>& words) { return Answer(name, words); });
  }
  if (act.unix_listener) {
    stage_.StartProxy(config, {});
    AwaitUnixListener();
  } else {
    stage_.StartProxy(config, {stage_.PortOf("p")});
  }
}

Theatre::~Theatre() {
  servers_.clear();
  std::filesystem::remove_all(folder_);
}

Party& Theatre::Connect() {
  ++clients_made_;
  ++clients_;
  return *parties_.emplace_back(
      std::make_unique<Party>(stage_.loop(), PoolAddress(), [this](Party&) { stage_.Changed(); }));
}

std::string Theatre::Ask(Party& client, std::string_view requests, size_t replies) {
  client.Send(requests);
  std::string taken;
  for (; replies > 0; --replies) {
    size_t size = 0;
    const bool came = stage_.RunUntil([&] {
      size = ReplySize(act_.protocol, client.received());
      return size != 0 || client.ended();
    });
    EXPECT_TRUE(came && size != 0) << "no reply to " << requests;
    taken += client.received().substr(0, size);
    client.Take(size);
  }
  return taken;
}

void Theatre::AskWrongly(Party& client, std::string_view request) {
  client.Send(request);
  EXPECT_TRUE(stage_.RunUntil([&] { return !client.received().empty() || client.ended(); }));
}

void Theatre::End(Party& client) {
  if (!client.ended()) client.SendEnd();
  EXPECT_TRUE(stage_.RunUntil([&] { return client.ended(); }));
  client.Close();
  --clients_;
}

void Theatre::CloseAtOnce(Party& client) {
  client.Close();
  --clients_;
}

void Theatre::ComeAndReset(const std::string& requests) {
  ++clients_made_;
  Client client(stage_.PortOf("p"));
  client.Send(requests);
  if (!requests.empty()) AwaitRequests("one", requests.size());
  client.Reset();
}

void Theatre::SetAnswer(const std::string& command, std::string answer) {
  answers_[command] = std::move(answer);
}

void Theatre::AwaitRequests(const std::string& server, size_t bytes) {
  EXPECT_TRUE(stage_.RunUntil([&] { return servers_[server]->requests().size() >= bytes; }));
}

Party& Theatre::LastOf(const std::string& server) {
  return *servers_[server]->host().parties().back();
}

FlatJson Theatre::Settle() {
  FlatJson settled = act_.settled;
  settled["p/client_connections"] = std::to_string(clients_);
  return Await(settled);
}

FlatJson Theatre::Await(const FlatJson& settled) {
  const auto deadline = steady_clock::now() + kTestDeadline;
  bool reached = false;
  while (true) {
    const std::string json = stage_.Stats();
    const auto fields = ReadFlatJson(json);
    if (!fields) {
      ADD_FAILURE() << "no JSON: " << json;
      return {};
    }
    // Fields are read one after another while the proxy works, so what stands in front of
    // those that tell the end may be older than they are.
    if (reached) return *fields;
    reached = Reached(*fields, settled);
    if (steady_clock::now() > deadline) {
      ADD_FAILURE() << "not all was counted: " << json;
      return *fields;
    }
    stage_.Pass(milliseconds(5));
  }
}

std::string Theatre::Answer(const std::string& server, const std::vector<std::string>& words) {
  stage_.Changed();
  const auto found = answers_.find(words[0]);
  return found != answers_.end() ? found->second : RecordedAnswer(act_.protocol, server, words);
}

bool Theatre::Reached(const FlatJson& fields, const FlatJson& settled) const {
  for (const auto& [field, value] : settled) {
    const auto found = fields.find(field);
    if (found == fields.end() || !Fits(found->second, value)) return false;
  }
  const int closed = std::stoi(fields.at("p/client_eof")) + std::stoi(fields.at("p/client_err"));
  return closed == clients_made_ - clients_;
}

std::string Theatre::LineOf(const std::string& server) {
  const std::string address =
      server.starts_with("nameless") ? "nosuch.invalid:1" : ToString(AddressOf(server));
  return absl::StrFormat("   - %s:1 %s\n", address, server);
}

Address Theatre::AddressOf(const std::string& name) {
  if (!name.starts_with("unix")) return stage_.AddressOf(name);
  if (folder_.empty()) {
    char folder[] = "/tmp/k.XXXXXX";  // a path for a socket must be short
    folder_ = ::mkdtemp(folder);
  }
  return *Resolve({.host = "", .port = 0, .path = folder_ + "/" + name});
}

void Theatre::AwaitUnixListener() {
  const Address address = PoolAddress();
  const auto deadline = steady_clock::now() + kTestDeadline;
  bool listens = false;
  while (!listens && steady_clock::now() < deadline) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    listens = ::connect(fd, address.get(), address.size) == 0;
    ::close(fd);
    if (!listens) stage_.Pass(milliseconds(2));
  }
  EXPECT_TRUE(listens);
}

std::string Get(const std::string& key) { return Resp({"get", key}); }

std::string Gets(int count) {
  std::string requests;
  for (int i = 0; i < count; ++i) requests += Get("key" + std::to_string(i));
  return requests;
}

void ExpectSameStats(const Act& act) {
  const FlatJson theirs = Play(act, NutcrackerPath(), {});
  const FlatJson ours = Play(act, ProxyPath(), {"--workers=1"});
  std::map<std::string_view, Difference> differences;
  for (const Difference& each : kAlways) differences[each.field] = each;
  for (const Difference& each : act.differences) differences[each.field] = each;
  for (const auto& [field, their_value] : theirs) {
    const auto our_field = ours.find(field);
    ASSERT_NE(our_field, ours.end()) << field << " is missing";
    const std::string& our_value = our_field->second;
    const auto found = differences.find(field);
    if (found == differences.end()) {
      EXPECT_EQ(their_value, our_value) << field;
      continue;
    }
    const Difference& difference = found->second;
    EXPECT_TRUE(Fits(their_value, difference.nutcracker))
        << field << " of nutcracker is " << their_value << ", ours " << our_value;
    EXPECT_TRUE(Fits(our_value, difference.ours))
        << field << " is " << our_value << ", nutcracker's " << their_value;
    differences.erase(found);
  }
  for (const auto& [field, difference] : differences) ADD_FAILURE() << field << " is unknown";
}

std::string ActName(const ::testing::TestParamInfo<const Act*>& test) { return test.param->name; }

}  // namespace keyway
