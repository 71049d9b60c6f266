// What nutcracker was recorded to do with each request is done again: by nutcracker,
// which shows that the recording and this test are right, and by the proxy, where what
// it does better is listed with its reason.
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
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

// Bytes that a server sees: those that the client sent.
constexpr std::string_view kAsSent = "=";

// One case that is answered otherwise than by nutcracker, and why.
struct Difference {
  std::string id;
  std::string receives;
  bool closed = false;
  // By the last letter of the server's name; nothing: the servers see what was recorded.
  std::optional<std::map<char, std::string>> servers = {};
};
struct Differences {
  std::string_view reason;
  std::vector<Difference> cases;
};

constexpr std::string_view kRefused = "' is not supported by this proxy\r\n";
constexpr std::string_view kArity = "' command\r\n";
constexpr std::string_view kCrossSlot = "' needs all of them on one server)\r\n";

std::string Refused(std::string_view command) {
  return "-ERR command '" + std::string(command) + std::string(kRefused);
}
std::string WrongArity(std::string_view command) {
  return "-ERR wrong number of arguments for '" + std::string(command) + std::string(kArity);
}
std::string CrossSlot(std::string_view command) {
  return "-CROSSSLOT Keys in request don't hash to the same slot ('" + std::string(command) +
         std::string(kCrossSlot);
}
// What a server that was recorded answers to a command it was not recorded with.
std::string Bulk(const std::string& text) {
  return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}
std::map<char, std::string> Sees(std::string_view servers) {
  std::map<char, std::string> all;
  for (const char server : servers) all[server] = kAsSent;
  return all;
}

// long: a table
std::vector<Differences> ListDifferences() {
  const std::string got = Bulk("cache-A:GET:1");
  const std::string kBadLine = "CLIENT_ERROR bad command line format\r\n";
  return {
      {"what nutcracker closes on is answered with an error, and the connection stays",
       {{"r.unsupported_select", Refused("select")},
        {"r.unsupported_keys", Refused("keys")},
        {"r.unsupported_info", Refused("info")},
        {"r.unsupported_multi", Refused("multi")},
        {"r.unsupported_scan", Refused("scan")},
        {"r.unsupported_hello", "-ERR unknown command 'HELLO'\r\n"},
        {"r.unsupported_client", Refused("client")},
        {"r.unsupported_time", Refused("time")},
        {"r.unsupported_dbsize", Refused("dbsize")},
        {"r.unsupported_blpop", Refused("blpop")},
        {"r.unsupported_subscribe", Refused("subscribe")},
        {"r.unsupported_publish", Refused("publish")},
        {"r.unsupported_script", Refused("script")},
        {"r.unsupported_reset", Refused("reset")},
        {"r.unsupported_nosuchcmd", "-ERR unknown command 'NOSUCHCMD'\r\n"},
        {"r.get_no_key", WrongArity("get")},
        {"r.get_two_keys", WrongArity("get")},
        {"r.lrange_2", WrongArity("lrange")},
        {"r.mget_none", WrongArity("mget")},
        {"r.mset_odd", WrongArity("mset")},
        {"r.eval_bad_numkeys",
         "-ERR Number of keys for 'eval' is no number, is negative or is greater than number of "
         "args\r\n"},
        {"r_auth.noauth_unsupported", "-NOAUTH Authentication required\r\n"},
        {"m.refused_upper", "ERROR\r\n"},
        {"m.refused_get_no_key", "ERROR\r\n"},
        {"m.refused_get_space", "ERROR\r\n"},
        {"m.refused_bogus", "ERROR\r\n"},
        {"m.refused_empty_line", "ERROR\r\n"},
        {"m.refused_cas_missing", "ERROR\r\n"},
        {"m.refused_incr_missing", "ERROR\r\n"},
        {"m.refused_touch_missing", "ERROR\r\n"},
        {"m.refused_set_neg_flags", kBadLine},
        {"m.refused_set_neg_len", kBadLine + "ERROR\r\n"},
        {"m.refused_set_too_long", "CLIENT_ERROR bad data chunk\r\n"},
        {"m.refused_key_251", kBadLine}}},
      {"replies to earlier requests are not lost with a later mistake",
       {{"r.good_then_unsupported_one_write", got + Refused("keys")},
        {"m.good_then_bogus", "VALUE user:10 5 7\r\ncache-A\r\nEND\r\nERROR\r\n"}}},
      {"a broken stream is closed as in nutcracker, but with the reason",
       {{"r.neg_bulk", "-ERR Protocol error: invalid bulk length\r\n", true},
        {"r.lf_only", "-ERR Protocol error: invalid multibulk length\r\n", true},
        {"r.len_mismatch", "-ERR Protocol error: expected CRLF behind an argument\r\n", true},
        {"m.refused_binary",
         "SERVER_ERROR the binary protocol is not supported, use the text protocol\r\n", true}}},
      {"Redis refuses numbers with leading zeros, so they are not forwarded to it",
       {{"r.leading_zeros", "-ERR Protocol error: invalid multibulk length\r\n", true, Sees("")}}},
      {"as Redis does it",
       {{"r.ping_arg", "$2\r\nhi\r\n"},
        {"r.unsupported_echo", "$2\r\nhi\r\n"},
        {"r.inline_ping", "+PONG\r\n"},
        {"r.crlf", ""},
        {"r.star_zero", ""},
        {"r.star_minus_one", ""},
        {"r.quit", "+OK\r\n", true},
        {"r.get_quit_get", got + "+OK\r\n", true},
        {"r_auth.noauth_quit", "+OK\r\n", true},
        {"r.auth_two_args", "-ERR Client sent AUTH, but no password is set\r\n"},
        {"r_auth.two_args", "+OK\r\n"},
        {"r.zadd_1", WrongArity("zadd"), false, Sees("")}}},
      {"commands that nutcracker does not know are forwarded",
       {{"r.command_count", Bulk("cache-C:COMMAND:1"), false, Sees("C")},
        {"r.unsupported_rename", Bulk("cache-A:RENAME:2"), false, Sees("A")},
        {"r.unsupported_msetnx", Bulk("cache-A:MSETNX:2"), false, Sees("A")},
        {"r.unsupported_xadd", Bulk("cache-A:XADD:4"), false, Sees("A")},
        {"r.unsupported_move", Bulk("cache-A:MOVE:2"), false, Sees("A")},
        {"r.unsupported_bitop", Bulk("cache-A:BITOP:3"), false, Sees("A")},
        {"r.unsupported_object", Bulk("cache-A:OBJECT:2"), false, Sees("A")},
        {"r.eval_0", Bulk("cache-C:EVAL:2"), false, Sees("C")},
        {"r.eval_0_with_arg", Bulk("cache-C:EVAL:3"), false, Sees("C")},
        {"m.refused_gat", "ERROR\r\n", false, Sees("A")},
        {"m.refused_gats", "ERROR\r\n", false, Sees("A")},
        {"m.refused_mg", "ERROR\r\n", false, Sees("A")},
        {"m.refused_mn", "MN\r\n"},
        {"m.refused_flush_all", "SERVER_ERROR ERROR (server cache-A)\r\n", false, Sees("ABC")},
        {"m.refused_stats", "SERVER_ERROR ERROR (server cache-A)\r\n", false, Sees("ABC")},
        {"m.refused_verbosity", "SERVER_ERROR ERROR (server cache-A)\r\n", false, Sees("ABC")}}},
      {"what memcached takes, or refuses by itself, is forwarded",
       {{"m.refused_version_arg", "VERSION cache-C\r\n", false, Sees("C")},
        {"m.refused_delete_time", "DELETED\r\n", false, Sees("A")},
        {"m.refused_set_neg_exptime", "STORED\r\n", false, Sees("A")},
        {"m.refused_set_bad_tail", "STORED\r\n", false, Sees("A")},
        {"m.refused_incr_text", "42\r\n", false, Sees("A")}}},
      {"keys on several servers are no silent mistake",
       {{"r.sinter_cross_server", CrossSlot("sinter"), false, Sees("")},
        {"r.zunion_numkeys", CrossSlot("zunion"), false, Sees("")},
        {"r.eval_2_args", CrossSlot("eval"), false, Sees("")},
        // It is split now, and the recorded servers answer it with no number.
        {"r.exists_multi", "-ERR server cache-C: unexpected reply to 'exists'\r\n", false,
         std::map<char, std::string>{{'A', Resp({"exists", "user:10"})},
                                     {'B', Resp({"exists", "user:0"})},
                                     {'C', Resp({"exists", "user:500"})}}}}},
      {"a failed part leaves the client connected",
       {{"r_down.mget_mixed", "-ERR Connection refused (server cache-B)\r\n"},
        {"m_down.multiget_mixed", "SERVER_ERROR Connection refused (server cache-B)\r\n"}}},
      {"requests whose keys are all on one server are forwarded as they came",
       {{"r.mget_same_server", "*2\r\n" + Bulk("cache-A:user:10") + Bulk("cache-A:user:11"), false,
         Sees("A")},
        {"r.mget_dup",
         "*3\r\n" + Bulk("cache-A:user:10") + Bulk("cache-A:user:10") + Bulk("cache-A:user:10"),
         false, Sees("A")},
        {"m.get_multi_same",
         "VALUE user:10 5 7\r\ncache-A\r\nVALUE user:11 5 7\r\ncache-A\r\nEND\r\n", false,
         Sees("A")},
        {"m.leading_space", "VALUE user:10 5 7\r\ncache-A\r\nEND\r\n", false,
         std::map<char, std::string>{{'A', "get user:10\r\n"}}}}},
  };
}

// Nutcracker's transcript as it is to be with this proxy.
class Improvements {
 public:
  Improvements() {
    for (Differences& group : ListDifferences()) {
      for (Difference& difference : group.cases) {
        const std::string id = difference.id;
        differences_[id] = std::move(difference);
      }
    }
  }

  Transcript Improve(Transcript transcript) {
    const auto found = differences_.find(transcript.id());
    if (found != differences_.end()) {
      transcript.receives = found->second.receives;
      transcript.closed = found->second.closed;
      if (found->second.servers) {
        transcript.servers.clear();
        for (const auto& [letter, bytes] : *found->second.servers) {
          transcript.servers[std::string("cache-") + letter] =
              bytes == kAsSent ? transcript.sends : bytes;
        }
      }
      differences_.erase(found);
    }
    // Errors name their server.
    Replace(transcript.receives, "Connection refused\r\n",
            "Connection refused (server cache-B)\r\n");
    for (auto& [name, bytes] : transcript.servers) {
      // No space behind the last key of a part.
      if (transcript.pool.starts_with('m')) Replace(bytes, " \r\n", "\r\n");
      // noreply is settled with the client; the server's reply shows that it is alive.
      Replace(bytes, " noreply\r\n", "\r\n");
    }
    return transcript;
  }

  // Those not asked for yet.
  const std::map<std::string, Difference>& left() const { return differences_; }

 private:
  static void Replace(std::string& text, std::string_view from, std::string_view to) {
    for (size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size()) {
      text.replace(at, from.size(), to);
    }
  }

  std::map<std::string, Difference> differences_;
};

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
                                     [this, protocol, name](const std::vector<std::string>& words) {
                                       stage_.Changed();
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
  Improvements improvements;
  for (const Transcript& recorded : ReadTranscripts()) {
    const Transcript expected = improvements.Improve(recorded);
    ExpectSame(expected, theatre.Play(expected));
  }
  for (const auto& [id, difference] : improvements.left()) {
    ADD_FAILURE() << id << " is no recorded case";
  }
}

}  // namespace
}  // namespace keyway
