// The table, and what the proxy says itself, beside a real server.

#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/protocol/redis/codec.h"
#include "proxy/protocol/redis/commands.h"
#include "proxy/protocol/request.h"
#include "proxy/testing/client.h"
#include "proxy/testing/process.h"
#include "proxy/testing/wire.h"

namespace keyway::redis {
namespace {

using Words = std::vector<std::string>;

struct Value {
  std::string text;  // of everything but arrays
  std::vector<Value> items;
};

// Reads one RESP2 value, and moves `at` behind it.
Value Read(std::string_view reply, size_t& at) {
  const char type = reply[at];
  const size_t end = reply.find("\r\n", at);
  Value value{.text = std::string(reply.substr(at + 1, end - at - 1)), .items = {}};
  at = end + 2;
  if (type == '$' && value.text != "-1") {
    const size_t size = std::stoul(value.text);
    value.text = reply.substr(at, size);
    at += size + 2;
  } else if (type == '*' && value.text != "-1") {
    for (size_t left = std::stoul(value.text); left != 0; --left) {
      value.items.push_back(Read(reply, at));
    }
  }
  return value;
}

class RealServerTest : public ::testing::Test {
 protected:
  Value Ask(const Words& words) {
    client_.Send(Resp(words));
    const Words replies = client_.ReadReplies(Protocol::kRedis, 1);
    if (replies.empty()) return {};
    size_t at = 0;
    return Read(replies[0], at);
  }

  // The keys of a request as the server finds them; empty for an error too.
  Words ServerKeys(const Words& request) {
    Words words = {"COMMAND", "GETKEYS"};
    words.insert(words.end(), request.begin(), request.end());
    Words keys;
    for (const Value& key : Ask(words).items) keys.push_back(key.text);
    return keys;
  }

  RedisServer server_;
  Client client_{server_.port()};
};

// The keys of a request as FindKeys finds them; nothing if it finds fault.
Words OurKeys(const Words& words, KeysFound& found) {
  const std::string bytes = Resp(words);
  const std::unique_ptr<RequestParser> parser = RedisCodec().MakeRequestParser();
  Request request;
  EXPECT_EQ(parser->Next(bytes, nullptr, request), Parsed::kDone);
  KeyPositions positions;
  Words keys;
  found = FindKeys(request, positions);
  if (found != KeysFound::kOk) return keys;
  for (const uint32_t position : positions) keys.emplace_back(request.Text(position));
  return keys;
}

TEST_F(RealServerTest, NamesAndAritiesAreTheServers) {
  // Why HELLO has no row is said in commands.h, why MEMORY wants an argument more in
  // the table.
  const std::set<std::string> no_row = {"hello"};
  const std::map<std::string, int> arities = {{"memory", -3}};

  std::set<std::string> names;
  for (const Value& command : Ask({"COMMAND"}).items) {
    const std::string name = command.items[0].text;
    names.insert(name);
    const CommandSpec* row = FindCommand(name);
    EXPECT_EQ(row == nullptr, no_row.contains(name)) << name;
    if (row == nullptr) continue;
    const auto other = arities.find(name);
    EXPECT_EQ(row->arity, other != arities.end() ? other->second : std::stoi(command.items[1].text))
        << name;
  }
  EXPECT_GT(names.size(), 200u);
  for (const CommandSpec& row : Commands()) {
    EXPECT_TRUE(names.contains(std::string(row.name))) << row.name;
  }
}

// A request with `count` words, each of its own, but a 1 where keys are counted.
Words MakeRequest(const CommandSpec& row, size_t count) {
  Words words = {std::string(row.name)};
  for (size_t i = 1; i < count; ++i) words.push_back("word" + std::to_string(i));
  for (const KeySpec& spec : {row.keys, row.more_keys}) {
    if (spec.count_at != 0) words[static_cast<size_t>(spec.count_at)] = "1";
  }
  return words;
}

TEST_F(RealServerTest, KeysAreWhereTheServerFindsThem) {
  // What GETKEYS does not answer: channels, which it does not take for keys though the
  // server's table does; subcommands, which have tables of their own (some are in the
  // next test); and PFMERGE without a source, which the server nevertheless carries out.
  const std::set<std::string_view> not_answered = {
      "spublish", "ssubscribe", "sunsubscribe", "memory", "object", "xgroup", "xinfo", "pfmerge"};
  int with_keys = 0;
  for (const CommandSpec& row : Commands()) {
    if (not_answered.contains(row.name)) continue;
    const size_t least = static_cast<size_t>(std::abs(row.arity));
    for (size_t count = least; count <= (row.arity < 0 ? least + 3 : least); ++count) {
      const Words words = MakeRequest(row, count);
      KeysFound found;
      const Words keys = OurKeys(words, found);
      if (found == KeysFound::kMalformed) continue;  // the server looks at that later
      EXPECT_EQ(keys, ServerKeys(words)) << ::testing::PrintToString(words);
      if (!keys.empty()) ++with_keys;
    }
  }
  EXPECT_GT(with_keys, 300);
}

TEST_F(RealServerTest, KeysThatHaveToBeSearched) {
  for (const Words& words : std::initializer_list<Words>{
           {"sort", "k", "by", "w_*", "limit", "0", "5", "get", "#", "store", "d"},
           {"sort", "k", "STORE", "d", "alpha"},
           {"georadius", "k", "15", "37", "200", "km", "STORE", "d"},
           {"georadius", "k", "15", "37", "200", "km", "count", "3", "storedist", "d"},
           {"georadiusbymember", "k", "m", "200", "km", "store", "d"},
           {"georadius_ro", "k", "15", "37", "200", "km", "asc"},
           {"xread", "streams", "a", "0"},
           {"XREAD", "COUNT", "5", "STREAMS", "a", "b", "c", "0", "0", "$"},
           {"xreadgroup", "group", "g", "c", "noack", "streams", "a", "b", ">", ">"},
           {"xreadgroup", "group", "streams", "c", "streams", "a", "0"},
           {"eval", "return 1", "2", "a", "b", "v"},
           {"fcall", "f", "3", "a", "b", "c"},
           {"evalsha_ro", "0123", "1", "a", "b"},
           {"zunionstore", "d", "2", "a", "b", "weights", "1", "2"},
           {"zinter", "3", "a", "b", "c", "withscores"},
           {"lmpop", "2", "a", "b", "left", "count", "2"},
           {"sintercard", "2", "a", "b", "limit", "1"},
           {"bitop", "and", "d", "a", "b", "c"},
           {"lcs", "a", "b", "len"},
           {"pfmerge", "d", "a", "b"},
           {"copy", "a", "b", "db", "1", "replace"},
           {"zrangestore", "d", "s", "0", "-1"},
           {"object", "freq", "k"},
           {"memory", "usage", "k", "samples", "5"},
           {"xgroup", "create", "k", "g", "$", "mkstream"},
           {"xinfo", "stream", "k", "full"},
       }) {
    KeysFound found;
    const Words keys = OurKeys(words, found);
    EXPECT_EQ(found, KeysFound::kOk) << ::testing::PrintToString(words);
    EXPECT_FALSE(keys.empty()) << ::testing::PrintToString(words);
    EXPECT_EQ(keys, ServerKeys(words)) << ::testing::PrintToString(words);
  }
}

// What the server calls wrong reaches it, or is called wrong here; it is never routed
// by something that is no key.
TEST_F(RealServerTest, RequestsWithoutKeys) {
  for (const Words& words : std::initializer_list<Words>{
           {"xread", "count", "1", "a"},
           {"eval", "return 1", "2", "a"},
           {"eval", "return 1", "-1"},
           {"eval", "return 1", "x"},
           {"object", "help"},
           {"xinfo", "help"},
           {"lolwut", "version", "5"},
           {"command", "docs", "get"},
       }) {
    KeysFound found;
    EXPECT_EQ(OurKeys(words, found), Words()) << ::testing::PrintToString(words);
    EXPECT_EQ(ServerKeys(words), Words()) << ::testing::PrintToString(words);
  }
}

TEST_F(RealServerTest, ErrorsAreTheServersWords) {
  EXPECT_EQ(client_.Ask({"GET"}), RedisCodec().Error(ErrorKind::kWrongArity, "get"));
  EXPECT_EQ(client_.Ask({"mset", "a", "1", "b"}),
            RedisCodec().Error(ErrorKind::kWrongArity, "mset"));
  for (const char* stream :
       {"*x\r\n", "*01\r\n", "*+1\r\n", "*2147483648\r\n", "*1\r\n$x\r\n", "*1\r\n$-1\r\n",
        "*1\r\n$536870913\r\n", "*1\r\n:1\r\n", "get \"k\r\n", "get 'k'x\r\n"}) {
    Client client(server_.port());
    client.Send(stream);
    const std::unique_ptr<RequestParser> parser = RedisCodec().MakeRequestParser();
    Request request;
    EXPECT_EQ(parser->Next(stream, nullptr, request), Parsed::kBad) << stream;
    EXPECT_EQ(client.ReadUntilClosed(), request.refusal) << stream;
  }
}

TEST_F(RealServerTest, InlineCommandsAreSplitAsByTheServer) {
  for (const char* text :
       {R"(echo "a\x41\n\q\"")", R"(echo 'it\'s \n')", R"(echo a"b c")", "\techo  \x0b x \r"}) {
    const std::string line = std::string(text) + "\n";
    const std::unique_ptr<RequestParser> parser = RedisCodec().MakeRequestParser();
    Request request;
    ASSERT_EQ(parser->Next(line, nullptr, request), Parsed::kDone) << line;
    client_.Send(line);
    client_.Send(request.bytes);
    const Words replies = client_.ReadReplies(Protocol::kRedis, 2);
    ASSERT_EQ(replies.size(), 2u);
    EXPECT_EQ(replies[0], replies[1]) << line;
    EXPECT_TRUE(replies[0].starts_with('$')) << replies[0];
  }
}

}  // namespace
}  // namespace keyway::redis
