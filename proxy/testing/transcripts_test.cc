// What nutcracker was recorded to do with each request is done again: by nutcracker,
// which shows that the recording and this test are right, and by the proxy, where what
// it does better is listed with its reason.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/testing/fake_server.h"
#include "proxy/testing/stage.h"

namespace keyway {
namespace {

constexpr const char* kConfig = "testdata/vectors/transcripts.yml";
constexpr const char* kTranscripts = "testdata/vectors/transcripts.tsv";

struct Transcript {
  std::string name;
  std::string pool;
  std::string sends;
  std::string receives;
  bool closed = false;
  std::map<std::string, std::string> servers;  // what each of them saw

  std::string id() const { return pool + "." + name; }
};

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

std::vector<Transcript> ReadTranscripts() {
  std::vector<Transcript> transcripts;
  std::ifstream file(kTranscripts);
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> fields = Split(line, '\t');
    if (line.starts_with('#')) continue;
    fields.resize(6);
    Transcript transcript{.name = fields[0],
                          .pool = fields[1],
                          .sends = FromHex(fields[2]),
                          .receives = FromHex(fields[3]),
                          .closed = fields[4] == "closed",
                          .servers = {}};
    for (const std::string& server : Split(fields[5], ';')) {
      const size_t equals = server.find('=');
      transcript.servers[server.substr(0, equals)] = FromHex(server.substr(equals + 1));
    }
    transcripts.push_back(std::move(transcript));
  }
  return transcripts;
}

// A request that shows that the connection is open and that no other reply was under
// way, and what may be answered to it.
struct Question {
  std::string request;
  std::vector<std::string> replies;
};

// The recorded pools and servers around one proxy. Ports are replaced by free ones;
// servers have names, so that routing does not depend on ports.
class Theatre {
 public:
  explicit Theatre(std::string path, std::vector<std::string> arguments = {})
      : stage_(std::move(path), std::move(arguments)) {
    for (const std::string which : {"A", "B", "C"}) {
      const std::string digit(1, static_cast<char>('0' + (which[0] - 'A')));
      AddServer(Protocol::kRedis, "cache-" + which, "2260" + digit);
      AddServer(Protocol::kMemcache, "cache-" + which, "2261" + digit);
    }
    std::ifstream file(kConfig);
    std::string config(std::istreambuf_iterator<char>(file), {});
    std::vector<uint16_t> listens;
    for (size_t at = 0; (at = config.find("127.0.0.1:", at)) != config.npos;) {
      at += 10;
      const std::string port = config.substr(at, 5);
      config.replace(at, 5, std::to_string(stage_.PortOf(port)));
      if (port.starts_with("227")) listens.push_back(stage_.PortOf(port));
    }
    stage_.StartProxy(config, listens);
  }

  // Sends what was sent then, and sees what comes of it. What is expected says for how
  // long to wait.
  Transcript Play(const Transcript& expected) {
    for (auto& [protocol, servers] : servers_) {
      for (auto& [name, server] : servers) server->ForgetRequests();
    }
    Party client(stage_.loop(), stage_.AddressOf(ListenPort(expected.pool)),
                 [this](Party&) { stage_.Changed(); });
    client.Send(expected.sends);
    stage_.RunUntil([&] {
      const bool enough = client.received().size() >= expected.receives.size();
      return client.ended() || (enough && !expected.closed);
    });
    Transcript seen = expected;
    Question question;
    if (!client.ended()) {
      if (expected.name == "half_frame") {
        stage_.RunQuietly();  // no question can be asked within a request
      } else {
        question = QuestionFor(expected.pool);
      }
    }
    seen.receives = Ask(client, question);
    seen.closed = client.ended();
    const auto look_at_servers = [&] {
      seen.servers = RequestsOf(expected.pool, question.request);
      return seen.servers == expected.servers;
    };
    stage_.RunUntil(look_at_servers);
    return seen;
  }

 private:
  static Protocol ProtocolOf(const std::string& pool) {
    return pool.starts_with('r') ? Protocol::kRedis : Protocol::kMemcache;
  }

  static std::string ListenPort(const std::string& pool) {
    static const std::map<std::string, std::string> kPorts = {{"r", "22700"},
                                                              {"r_down", "22701"},
                                                              {"r_auth", "22702"},
                                                              {"m", "22703"},
                                                              {"m_down", "22704"}};
    return kPorts.at(pool);
  }

  static Question QuestionFor(const std::string& pool) {
    if (ProtocolOf(pool) == Protocol::kMemcache) return {"version\r\n", {"VERSION cache-C\r\n"}};
    return {Resp({"PING"}), {"+PONG\r\n", "-NOAUTH Authentication required\r\n"}};
  }

  void AddServer(Protocol protocol, const std::string& name, const std::string& port) {
    servers_[protocol][name] =
        std::make_unique<FakeServer>(stage_.loop(), protocol, stage_.AddressOf(port),
                                     [protocol, name](const std::vector<std::string>& words) {
                                       return RecordedAnswer(protocol, name, words);
                                     });
  }

  // Asks, and returns all that was received besides the answer.
  std::string Ask(Party& client, const Question& question) {
    const size_t before = client.received().size();
    if (question.request.empty()) return client.received();
    client.Send(question.request);
    std::string rest;
    stage_.RunUntil([&] {
      for (const std::string& reply : question.replies) {
        rest = client.received();
        if (rest.size() < before + reply.size() || !rest.ends_with(reply)) continue;
        rest.resize(rest.size() - reply.size());
        return true;
      }
      return client.ended();
    });
    return rest;
  }

  // What the servers saw besides the question.
  std::map<std::string, std::string> RequestsOf(const std::string& pool,
                                                const std::string& question) {
    std::map<std::string, std::string> requests;
    for (const auto& [name, server] : servers_[ProtocolOf(pool)]) {
      std::string bytes = server->requests();
      if (!question.empty() && bytes.ends_with(question)) {
        bytes.resize(bytes.size() - question.size());
      }
      if (!bytes.empty()) requests[name] = bytes;
    }
    return requests;
  }

  KernelStage stage_;
  std::map<Protocol, std::map<std::string, std::unique_ptr<FakeServer>>> servers_;
};

// Cut to what a person can read.
std::string Printable(const std::string& bytes) {
  std::string text = ::testing::PrintToString(bytes.substr(0, 300));
  if (bytes.size() > 300) text += " and so on, " + std::to_string(bytes.size()) + " bytes";
  return text;
}

void ExpectSame(const Transcript& expected, const Transcript& seen) {
  SCOPED_TRACE(expected.pool + " " + expected.name + ": " + Printable(expected.sends));
  EXPECT_TRUE(expected.receives == seen.receives)
      << "expected " << Printable(expected.receives) << "\nreceived " << Printable(seen.receives);
  EXPECT_EQ(expected.closed, seen.closed);
  for (const std::string name : {"cache-A", "cache-B", "cache-C"}) {
    const auto was = expected.servers.find(name), is = seen.servers.find(name);
    const std::string was_bytes = was == expected.servers.end() ? "" : was->second;
    const std::string is_bytes = is == seen.servers.end() ? "" : is->second;
    EXPECT_TRUE(was_bytes == is_bytes)
        << name << " expected " << Printable(was_bytes) << "\nreceived " << Printable(is_bytes);
  }
}

TEST(TranscriptsTest, NutcrackerDoesWhatWasRecorded) {
  Theatre theatre(NutcrackerPath());
  const std::vector<Transcript> transcripts = ReadTranscripts();
  EXPECT_EQ(169u, transcripts.size());
  for (const Transcript& expected : transcripts) ExpectSame(expected, theatre.Play(expected));
}

TEST(TranscriptsTest, TheProxyDoesTheSameOrBetter) {
  Theatre theatre(ProxyPath(), {"--workers=1"});
  for (const Transcript& expected : ReadTranscripts()) {
    ExpectSame(expected, theatre.Play(expected));
  }
}

}  // namespace
}  // namespace keyway
