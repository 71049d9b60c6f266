#include "proxy/testing/fake_server.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_format.h"

namespace keyway {
namespace {

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string Upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string Bulk(const std::string& text) {
  return absl::StrFormat("$%d\r\n%s\r\n", text.size(), text);
}

bool Missing(const std::string& key) { return key.ends_with('!'); }

std::string RecordedRedis(const std::string& id, const std::vector<std::string>& words) {
  static const std::set<std::string> kCounts = {"del", "unlink", "touch"};
  static const std::set<std::string> kOk = {"set", "mset", "auth", "select", "setex", "hmset"};
  const std::string command = Lower(words[0]);
  const size_t arguments = words.size() - 1;
  if (kOk.contains(command)) return "+OK\r\n";
  if (kCounts.contains(command)) return absl::StrFormat(":%d\r\n", arguments);
  if (command != "mget") return Bulk(absl::StrFormat("%s:%s:%d", id, Upper(command), arguments));
  std::string reply = absl::StrFormat("*%d\r\n", arguments);
  for (size_t i = 1; i < words.size(); ++i) {
    reply += Missing(words[i]) ? "$-1\r\n" : Bulk(id + ":" + words[i]);
  }
  return reply;
}

std::string RecordedMemcache(const std::string& id, const std::vector<std::string>& words) {
  static const std::map<std::string, std::string> kReplies = {
      {"set", "STORED\r\n"},    {"add", "STORED\r\n"},     {"replace", "STORED\r\n"},
      {"append", "STORED\r\n"}, {"prepend", "STORED\r\n"}, {"cas", "STORED\r\n"},
      {"incr", "42\r\n"},       {"decr", "42\r\n"},        {"touch", "TOUCHED\r\n"},
  };
  const std::string& command = words[0];
  if (std::find(words.begin(), words.end(), "noreply") != words.end()) return "";
  if (const auto reply = kReplies.find(command); reply != kReplies.end()) return reply->second;
  if (command == "version") return "VERSION " + id + "\r\n";
  if (command == "delete") return Missing(words[1]) ? "NOT_FOUND\r\n" : "DELETED\r\n";
  if (command != "get" && command != "gets") return "ERROR\r\n";
  std::string reply;
  for (size_t i = 1; i < words.size(); ++i) {
    if (Missing(words[i])) continue;
    reply += absl::StrFormat("VALUE %s 5 %d%s\r\n%s\r\n", words[i], id.size(),
                             command == "gets" ? " 7" : "", id);
  }
  return reply + "END\r\n";
}

}  // namespace

FakeServer::FakeServer(EventLoop& loop, Protocol protocol, const Address& address, Answer answer)
    : protocol_(protocol),
      answer_(std::move(answer)),
      host_(loop, address, [this](Party& client) { Serve(client); }) {}

void FakeServer::Serve(Party& client) {
  while (const size_t size = RequestSize(protocol_, client.received())) {
    const std::string request = client.received().substr(0, size);
    client.Take(size);
    requests_ += request;
    client.Send(answer_(RequestWords(protocol_, request)));
  }
  if (client.ended()) client.Close();
}

std::string RecordedAnswer(Protocol protocol, std::string_view id,
                           const std::vector<std::string>& words) {
  const std::string name(id);
  return protocol == Protocol::kRedis ? RecordedRedis(name, words) : RecordedMemcache(name, words);
}

}  // namespace keyway
