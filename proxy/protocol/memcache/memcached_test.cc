// The same requests to a real memcached, once as the client wrote them and once as a
// proxy of one server forwards them: what the client sees must be the same, and
// every forwarded request must get exactly one reply.
#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/protocol/memcache/codec.h"
#include "proxy/testing/client.h"
#include "proxy/testing/process.h"

namespace keyway::memcache {
namespace {

using std::string_literals::operator""s;

// One connection to a memcached of its own.
class Connection {
 public:
  // Sends `bytes` and a request with a number in its reply, and returns what comes
  // before that reply.
  std::string Ask(std::string_view bytes) {
    const std::string number = std::to_string(++echoes_);
    const std::string last = "EN O" + number + "\r\n";
    client_.Send(std::string(bytes) + "mg echo O" + number + "\r\n");
    std::string reply;
    while (!reply.ends_with(last)) {
      const std::string next = client_.ReadBytes(1);
      if (next.empty()) return reply + "(closed)";
      reply += next;
    }
    reply.resize(reply.size() - last.size());
    return reply;
  }

 private:
  Memcached memcached_;
  Client client_{memcached_.port()};
  int echoes_ = 0;
};

// What a proxy with one server does with a client's stream.
class Proxied {
 public:
  // What the client sees. `all_forwarded` becomes false if a request was refused.
  std::string Ask(std::string_view stream, bool& all_forwarded) {
    const std::unique_ptr<RequestParser> parser = codec_.MakeRequestParser();
    Request request;
    std::string seen;
    while (!stream.empty()) {
      const Parsed parsed = parser->Next(stream, nullptr, request);
      EXPECT_EQ(parsed, Parsed::kDone) << "in " << stream;
      if (parsed != Parsed::kDone) break;
      if (!request.refusal.empty() || request.command == nullptr) all_forwarded = false;
      const std::string reply = Reply(request);
      const bool hidden =
          request.quiet == Quiet::kHideAll ||
          (request.quiet == Quiet::kHideOrdinary && codec_.Hides(*request.command, reply));
      if (!hidden) seen += reply;
      stream.remove_prefix(request.size);
    }
    return seen;
  }

 private:
  std::string Reply(const Request& request) {
    if (!request.refusal.empty()) return request.refusal;
    if (request.command == nullptr) return codec_.Error(ErrorKind::kUnknownCommand, "");
    if (request.command->name == "mn") return "MN\r\n";
    std::string forwarded(request.bytes);
    forwarded.erase(request.cut_offset, request.cut_size);
    const std::string reply = server_.Ask(forwarded);
    const std::unique_ptr<ReplyParser> parser = codec_.MakeReplyParser();
    size_t taken = 0;
    EXPECT_EQ(parser->Next(*request.command, reply, taken), Parsed::kDone)
        << forwarded << " was answered with " << reply;
    EXPECT_EQ(taken, reply.size()) << forwarded << " was answered with " << reply;
    return reply;
  }

  const Codec& codec_ = MemcacheCodec();
  Connection server_;
};

class MemcachedTest : public testing::Test {
 protected:
  // So that the two servers stay in step whatever a case has left behind.
  void Reset() {
    const std::string start = "flush_all\r\nset k 5 0 3\r\n100\r\nset text 0 0 2\r\nhi\r\n";
    bool all_forwarded = true;
    EXPECT_EQ(direct_.Ask(start), "OK\r\nSTORED\r\nSTORED\r\n");
    EXPECT_EQ(proxied_.Ask(start, all_forwarded), "OK\r\nSTORED\r\nSTORED\r\n");
  }

  Connection direct_;
  Proxied proxied_;
  bool all_forwarded_ = true;
};

// long: a list of requests
TEST_F(MemcachedTest, TheClientSeesWhatMemcachedAnswers) {
  const std::string cases[] = {
      "get k\r\n",
      "get nokey\r\n",
      "get k nokey text k\r\n",
      "gets  k  text \r\n",
      "  get k\r\n",
      "gat 0 k text\r\n",
      "gats -1 k\r\nget k\r\n",
      "gat x k\r\n",
      "gat 0 noreply\r\n",
      "get\r\n",
      "gets\r\n",
      "GET k\r\n",
      "bogus\r\n",
      "\r\n",
      "  \r\n",
      "get k noreply\r\n",
      "get " + std::string(250, 'k') + "\r\n",
      "get k " + std::string(251, 'k') + "\r\n",
      // Storing.
      "set k 7 0 5\r\nhello\r\nget k\r\n",
      "set k 0 0 0\r\n\r\nget k\r\n",
      "set k 0 0 6\r\n\r\nEND\r\r\nget k\r\n",
      "set k 4294967295 -1 1\r\nx\r\nget k\r\n",
      "set k 0 -1 1\r\nx\r\nget k\r\n",
      "set k 0 99999999999 1\r\nx\r\n",
      "set k 0 0 01\r\nx\r\nget k\r\n",
      "set k 0 0 1 junk\r\nx\r\nget k\r\n",
      "add k 0 0 1\r\nx\r\n",
      "add new 0 0 1\r\nx\r\nget new\r\n",
      "replace k 0 0 1\r\nx\r\n",
      "replace no 0 0 1\r\nx\r\n",
      "append k 0 0 1\r\nx\r\nget k\r\n",
      "prepend k 0 0 1\r\nx\r\nget k\r\n",
      "prepend no 0 0 1\r\nx\r\n",
      "cas k 0 0 1 1\r\nx\r\n",
      "cas no 0 0 1 1\r\nx\r\n",
      "set noreply 0 0 1\r\nx\r\nget noreply\r\n",
      "set k 0 0 2000000\r\n" + std::string(2'000'000, 'x') + "\r\nget k\r\n",
      // Sizes that cannot be read: the next line is the next request.
      "set k 0 0 x\r\nget k\r\n",
      "set k 0 0 -1\r\nget k\r\n",
      "set k 0 0\r\nget k\r\n",
      "set k\r\n",
      "set\r\n",
      "ms k S1\r\nget k\r\n",
      "ms k -1\r\nget k\r\n",
      // Without a reply.
      "set k 0 0 1 noreply\r\nx\r\nget k\r\n",
      "cas k 0 0 1 1 noreply\r\nx\r\nget k\r\n",
      "delete k noreply\r\nget k\r\n",
      "delete k 0 noreply\r\nget k\r\n",
      "delete k 1 noreply\r\nget k\r\n",
      "delete noreply\r\n",
      "delete k noreply noreply\r\nget k\r\n",
      "incr k 1 noreply\r\nget k\r\n",
      "incr k noreply\r\nget k\r\n",
      "touch k -1 noreply\r\nget k\r\n",
      "touch k noreply\r\nget k\r\n",
      "flush_all noreply\r\nget k\r\n",
      "flush_all 0 noreply\r\nget k\r\n",
      "flush_all x noreply\r\nget k\r\n",
      "flush_all noreply noreply\r\nget k\r\n",
      "verbosity noreply\r\nget k\r\n",
      "verbosity 1 noreply\r\nget k\r\n",
      "verbosity noreply noreply\r\nget k\r\n",
      "set k 0 0 2000000 noreply\r\n" + std::string(2'000'000, 'x') + "\r\nget k\r\n",
      // The others.
      "delete k\r\nget k\r\n",
      "delete no\r\n",
      "delete k 0\r\n",
      "delete k 1\r\n",
      "delete k x y z\r\n",
      "incr k 5\r\n",
      "decr k 500\r\n",
      "incr no 1\r\n",
      "incr text 1\r\n",
      "incr k x\r\n",
      "incr k -1\r\n",
      "incr k 18446744073709551616\r\n",
      "incr k 1 junk\r\n",
      "incr k\r\n",
      "incr k 1 x y\r\n",
      "touch k 0\r\n",
      "touch no 0\r\n",
      "touch k x\r\n",
      "touch k -1\r\nget k\r\n",
      "touch k\r\n",
      "version\r\n",
      "version x\r\n",
      "version noreply\r\n",
      "verbosity 1\r\n",
      "verbosity x\r\n",
      "verbosity\r\n",
      "verbosity 1 2\r\n",
      "verbosity 1 2 3\r\n",
      "flush_all\r\n",
      "flush_all -1\r\n",
      "flush_all x\r\n",
      "flush_all 0 x\r\n",
      "flush_all 1 2 3\r\n",
      "stats reset\r\n",
      "stats noreply\r\n",
      "stats bogus\r\n",
      "stats detail\r\n",
      "stats detail on\r\n",
      "stats detail dump\r\n",
      "stats detail off\r\n",

      "stats sizes\r\n",
      "stats cachedump\r\n",
      // Meta commands.
      "mg k\r\n",
      "mg k v\r\n",
      "mg k  v  q\r\n",
      "mg no v\r\n",
      "mg no v q\r\nmn\r\n",
      "mg no q v\r\nmn\r\n",
      "mg no qx\r\nmn\r\n",
      "mg k s v t f c k O123 q\r\n",
      "mg no k O1\r\n",
      "mg k q q\r\n",
      "mg k v v\r\n",
      "mg k Z\r\n",
      "mg k !\r\n",
      "mg k \xc3\xa9\r\n",
      "mg k O\r\n",
      "mg k N0\r\n",
      "mg no N30 v\r\n",
      "mg no N30 v q\r\n",
      "mg no Nx\r\n",
      "mg k T30\r\n",
      "mg aw== b k v\r\n",
      "mg aw== b v q\r\n",
      "mg !!!! b\r\n",
      "mg k noreply\r\n",
      "mg\r\n",
      "mg k" + std::string(4, ' ') + "O" + std::string(40, 'x') + "\r\n",
      "mg k I" + " I I I I I I I I I I I I I I I I I I I I I I I"s + "\r\n",
      "ms k 2\r\nhi\r\nget k\r\n",
      "ms k 2 q\r\nhi\r\nget k\r\n",
      "ms k 2 T90 F1\r\nhi\r\nmg k v f\r\n",
      "ms k 2 x\r\nhi\r\nget k\r\n",
      "ms k 2 MX\r\nhi\r\n",
      "ms k 2 ME q\r\nhi\r\n",
      "ms no 2 MR q\r\nhi\r\n",
      "ms no 2 MA\r\nhi\r\n",
      "ms k 2 C5 q k\r\nhi\r\n",
      "ms no 2 C5 q\r\nhi\r\n",
      "ms k 2 Cx\r\nhi\r\n",
      "ms k 2 Fx\r\nhi\r\n",
      "ms k 2 F-1\r\nhi\r\n",
      "ms k 2 q q\r\nhi\r\nget k\r\n",
      "ms k 2 \xc3\xa9\r\nhi\r\n",
      "ms aw== 2 b k\r\nhi\r\nget k\r\n",
      "ms k 2 k O1 q\r\nhi\r\n",
      "ms\r\n",
      "ms k 2 I I I I I I I I I I I I I I I I\r\nhi\r\nget k\r\n",
      "ms ! 2 b\r\nhi\r\n",
      "ms k 2000000 q\r\n" + std::string(2'000'000, 'x') + "\r\nget k\r\n",
      "md k\r\n",
      "md k q\r\nget k\r\n",
      "md no\r\n",
      "md no q\r\n",
      "md k C5 q\r\n",
      "md k I T30 q\r\n",
      "md k k O9\r\n",
      "md k x q\r\n",
      "md q q\r\n",
      "ma k\r\n",
      "ma k q\r\nget k\r\n",
      "ma k v\r\n",
      "ma k v q\r\nget k\r\n",
      "ma no\r\n",
      "ma no q\r\n",
      "ma no N0 J13 v\r\n",
      "ma k MD D5 v\r\n",
      "ma k Dx q\r\n",
      "ma text q\r\n",
      "ma k C5 q\r\n",
      "me no\r\n",
      "me aw== b\r\n",
      "mn\r\n",
      "mn q\r\n",
  };
  for (const std::string& stream : cases) {
    SCOPED_TRACE(stream.substr(0, 80));
    Reset();
    EXPECT_EQ(proxied_.Ask(stream, all_forwarded_), direct_.Ask(stream));
  }
}

TEST_F(MemcachedTest, WhereTheAnswersDiffer) {
  const std::string long_key(251, 'k');
  struct {
    std::string stream;
    std::string seen;
    std::string direct;
  } const cases[] = {
      // The data of a storage command that is refused is not taken for requests.
      {"set k x 0 5\r\nget k\r\nmn\r\n", "CLIENT_ERROR bad command line format\r\nMN\r\n",
       "CLIENT_ERROR bad command line format\r\nVALUE k 5 3\r\n100\r\nEND\r\nMN\r\n"},
      {"set " + long_key + " 0 0 2\r\nmn\r\n", "CLIENT_ERROR bad command line format\r\n",
       "CLIENT_ERROR bad command line format\r\nMN\r\n"},
      {"cas k 0 0 2\r\nmn\r\n", "ERROR\r\n", "ERROR\r\nMN\r\n"},
      {"ms k 2 I I I I I I I I I I I I I I I I I\r\nmn\r\n",
       "CLIENT_ERROR options flags too long\r\n", "CLIENT_ERROR options flags too long\r\nMN\r\n"},
      // Neither is what stands between the data and the end of its line.
      {"set k 0 0 1\r\nx mn\r\n", "CLIENT_ERROR bad data chunk\r\n",
       "CLIENT_ERROR bad data chunk\r\nERROR\r\n"},
      {"ms k 1\r\nxx\r\n", "CLIENT_ERROR bad data chunk\r\n",
       "CLIENT_ERROR bad data chunk\r\nERROR\r\n"},
      // Flags have 32 bits; memcached stores the lower ones.
      {"set k 4294967297 0 1\r\nx\r\nget k\r\n",
       "CLIENT_ERROR bad command line format\r\nVALUE k 5 3\r\n100\r\nEND\r\n",
       "STORED\r\nVALUE k 1 1\r\nx\r\nEND\r\n"},
      // Control bytes are no part of a key.
      {"get a\tb\r\n", "CLIENT_ERROR bad command line format\r\n", "END\r\n"},
      {"get k\0b\r\n"s, "CLIENT_ERROR bad command line format\r\n",
       "VALUE k 5 3\r\n100\r\nEND\r\n"},
      {"get k\r\r\n", "CLIENT_ERROR bad command line format\r\n", "END\r\n"},
      // Numbers have no plus sign.
      {"set k 0 0 +1\r\nmn\r\n", "CLIENT_ERROR bad command line format\r\nMN\r\n",
       "CLIENT_ERROR bad data chunk\r\nERROR\r\n"},
      // An expiry time without a key, and the key or size of a meta command, are words too few.
      {"gat 0\r\n", "ERROR\r\n", "END\r\n"},
      {"me\r\n", "ERROR\r\n", "CLIENT_ERROR bad command line format\r\n"},
      {"ms k\r\n", "ERROR\r\n", "CLIENT_ERROR bad command line format\r\n"},
      // The reply does not tell that the item is new, so q hides it.
      {"ma no N0 J13 v q\r\n", "", "VA 2\r\n13\r\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.stream.substr(0, 80));
    Reset();
    EXPECT_EQ(direct_.Ask(c.stream), c.direct);
    EXPECT_EQ(proxied_.Ask(c.stream, all_forwarded_), c.seen);
  }
}

class RandomRequests {
 public:
  explicit RandomRequests(unsigned seed) : random_(seed) {}

  // A request that is often right, often nearly so, and sometimes anything.
  std::string Next() {
    const CommandSpec& command = MemcacheCodec().commands()[Below(20)];
    std::string line(command.name);
    if (Below(4) != 0) line.append(FittingWords(command.name));
    for (size_t i = Below(3); i != 0; --i) line.append(" ").append(OneOf(kAny));
    line += "\r\n";
    const std::unique_ptr<RequestParser> parser = MemcacheCodec().MakeRequestParser();
    Request request;
    if (parser->Next(line, nullptr, request) == Parsed::kNeedMore && request.wanted < 1000) {
      line.append(request.wanted - line.size() - 2, '1').append("\r\n");
    }
    return line;
  }

 private:
  static constexpr std::string_view kAny =
      "k text 0 1 2 3 -1 noreply noreply q q v b N0 O1 C5 c t MA MR ME T30 J7 D2 I x aw== +1 "
      "99999999999 4294967296 18446744073709551615 18446744073709551616 noreplyx qq \t \x7f \r";

  std::string FittingWords(std::string_view name) {
    std::string words;
    if (name.starts_with("gat")) words.append(" ").append(OneOf("0 -1 60 x"));
    words.append(" ").append(OneOf("k text no aw== noreply q"));
    if (name == "ms") return words.append(" ").append(OneOf("0 1 2 3 4294967296"));
    const bool arithmetic = name == "incr" || name == "decr" || name == "touch";
    if (arithmetic) return words.append(" ").append(OneOf("0 1 -1 x"));
    if (!std::ranges::count(kStoring, name)) return words;
    words.append(" ").append(OneOf("0 7 4294967295 4294967296"));
    words.append(" ").append(OneOf("0 -1 60 9223372036854775807 9223372036854775808"));
    words.append(" ").append(OneOf("0 1 2 3 2 3 18446744073709551616"));
    return name == "cas" ? words.append(" ").append(OneOf("0 5 18446744073709551615")) : words;
  }
  static constexpr std::string_view kStoring[] = {"set",    "add",     "replace",
                                                  "append", "prepend", "cas"};

  size_t Below(size_t limit) { return random_() % limit; }
  // One of the words in a list with spaces between them.
  std::string_view OneOf(std::string_view words) {
    const auto count = static_cast<size_t>(std::ranges::count(words, ' ')) + 1;
    for (size_t i = Below(count); i != 0; --i) words.remove_prefix(words.find(' ') + 1);
    return words.substr(0, words.find(' '));
  }

  std::mt19937 random_;
};

TEST_F(MemcachedTest, EveryForwardedRequestHasOneReply) {
  RandomRequests requests(1);
  Reset();
  int forwarded = 0;
  for (int i = 0; i < 20'000 && !HasFailure(); ++i) {
    const std::string stream = requests.Next();
    SCOPED_TRACE(stream);
    const std::unique_ptr<RequestParser> parser = MemcacheCodec().MakeRequestParser();
    Request request;
    // Larger data than this test sends belongs to a request that is not sent at all.
    if (parser->Next(stream, nullptr, request) != Parsed::kDone) continue;
    all_forwarded_ = true;
    proxied_.Ask(stream, all_forwarded_);
    forwarded += all_forwarded_;
  }
  EXPECT_GT(forwarded, 5'000);
}

}  // namespace
}  // namespace keyway::memcache
