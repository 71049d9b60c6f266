// Play: the scenario's actors on a stage.
#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "proxy/testing/party.h"
#include "proxy/testing/scenario.h"

namespace keyway {
namespace {

// Looks at a party, one after the other, that find nothing more was sent.
constexpr int kSameForStuck = 3;

std::string Printable(std::string_view bytes) {
  std::string text = ::testing::PrintToString(std::string(bytes.substr(0, 500)));
  if (bytes.size() > 500) absl::StrAppendFormat(&text, " and so on, %d bytes", bytes.size());
  return text;
}

// The number behind "name": in JSON; from the object `server`, if one is named.
std::optional<int64_t> FindCounter(std::string_view json, const std::string& name,
                                   const std::string& server) {
  if (!server.empty()) {
    const size_t at = json.find("\"" + server + "\":");
    if (at == json.npos) return std::nullopt;
    json.remove_prefix(at);
  }
  const std::string key = "\"" + name + "\":";
  const size_t at = json.find(key);
  if (at == json.npos) return std::nullopt;
  json.remove_prefix(at + key.size());
  json.remove_prefix(std::min(json.find_first_not_of(' '), json.size()));
  int64_t value = 0;
  std::from_chars(json.data(), json.data() + json.size(), value);
  return value;
}

class Player {
 public:
  Player(const Scenario& scenario, Stage& stage) : scenario_(scenario), stage_(stage) {}

  void Play();

 private:
  using Verb = bool (Player::*)(const ScenarioStep& step);
  struct VerbRow {
    std::string_view name;
    Verb run;
  };
  static const VerbRow kVerbs[];

  std::string Config();
  bool Run(const ScenarioStep& step);
  bool Check(bool holds, const ScenarioStep& step, const std::string& instead);

  // Null, with a test failure: there is none (yet).
  Party* PartyOf(const ScenarioStep& step);
  Party* FindParty(const std::string& actor);
  Party& Connect(const std::string& client);
  Party::Changed Notice() {
    return [this](Party&) { stage_.Changed(); };
  }

  bool Send(const ScenarioStep& step);
  bool Receive(const ScenarioStep& step);
  bool ReceiveNothing(const ScenarioStep& step);
  bool Close(const ScenarioStep& step);
  bool End(const ScenarioStep& step);
  bool Stall(const ScenarioStep& step);
  bool Read(const ScenarioStep& step);
  bool Closed(const ScenarioStep& step);
  bool ConnectOnly(const ScenarioStep& step);
  bool Stuck(const ScenarioStep& step);
  bool Sent(const ScenarioStep& step);
  bool Refuse(const ScenarioStep& step);
  bool Listen(const ScenarioStep& step);
  bool Accepted(const ScenarioStep& step);
  bool Time(const ScenarioStep& step);
  bool Counters(const ScenarioStep& step);
  bool NothingLeft();

  const Scenario& scenario_;
  Stage& stage_;
  std::map<std::string, std::unique_ptr<Host>> servers_;
  std::map<std::string, std::unique_ptr<Party>> clients_;
  std::string counters_;  // at the last +++
};

constexpr Player::VerbRow Player::kVerbs[] = {
    {">>>", &Player::Send},      {"<<<", &Player::Receive},       {"---", &Player::ReceiveNothing},
    {"close", &Player::Close},   {"end", &Player::End},           {"stall", &Player::Stall},
    {"read", &Player::Read},     {"closed", &Player::Closed},     {"connect", &Player::ConnectOnly},
    {"stuck", &Player::Stuck},   {"sent", &Player::Sent},         {"refuse", &Player::Refuse},
    {"listen", &Player::Listen}, {"accepted", &Player::Accepted},
};

std::string Player::Config() {
  std::string config =
      absl::StrFormat("scenario:\n  listen: 127.0.0.1:%d\n  redis: %s\n", stage_.PortOf("pool"),
                      scenario_.protocol == Protocol::kRedis ? "true" : "false");
  std::string placement = "  hash: fnv1a_32\n  distribution: modula\n";
  for (const std::string& setting : scenario_.settings) {
    config += "  " + setting + "\n";
    if (setting.starts_with("hash:") || setting.starts_with("distribution:")) placement.clear();
  }
  config += placement + "  servers:\n";
  for (const std::string& server : scenario_.servers) {
    absl::StrAppendFormat(&config, "   - 127.0.0.1:%d:1 %s\n", stage_.PortOf(server), server);
  }
  return config;
}

void Player::Play() {
  for (const std::string& name : scenario_.servers) {
    servers_[name] = std::make_unique<Host>(stage_.loop(), stage_.AddressOf(name), Notice());
  }
  stage_.StartProxy(Config(), {stage_.PortOf("pool")});
  if (::testing::Test::HasFatalFailure()) return;
  // Whoever looked whether the proxy listens was a client as well.
  const auto nobody_is_there = [this] {
    counters_ = stage_.Stats();
    return FindCounter(counters_, "client_connections", "") == 0;
  };
  for (int i = 0; i < kSameForStuck && !nobody_is_there(); ++i) stage_.RunQuietly();
  for (const ScenarioStep& step : scenario_.steps) {
    if (!Run(step)) return;
  }
  NothingLeft();
}

bool Player::Run(const ScenarioStep& step) {
  if (step.actor == "time") return Time(step);
  if (step.actor == "+++") return Counters(step);
  for (const VerbRow& row : kVerbs) {
    if (row.name == step.verb) return (this->*row.run)(step);
  }
  return Check(false, step, "no such verb");
}

bool Player::Check(bool holds, const ScenarioStep& step, const std::string& instead) {
  if (!holds) {
    ADD_FAILURE() << scenario_.file << ":" << step.line << ": " << step.actor << " " << step.verb
                  << " " << step.text.substr(0, 200) << "\n  " << instead;
  }
  return holds;
}

Party* Player::FindParty(const std::string& actor) {
  if (const auto client = clients_.find(actor); client != clients_.end()) {
    return client->second.get();
  }
  const size_t slash = actor.find('/');
  const auto server = servers_.find(actor.substr(0, slash));
  if (server == servers_.end()) return nullptr;
  const auto& parties = server->second->parties();
  const size_t count = slash == actor.npos ? parties.size() : std::stoul(actor.substr(slash + 1));
  return count == 0 || count > parties.size() ? nullptr : parties[count - 1].get();
}

Party* Player::PartyOf(const ScenarioStep& step) {
  Party* party = FindParty(step.actor);
  Check(party != nullptr, step, "it has no connection");
  return party;
}

Party& Player::Connect(const std::string& client) {
  clients_[client] = std::make_unique<Party>(stage_.loop(), stage_.AddressOf("pool"), Notice());
  return *clients_[client];
}

bool Player::Send(const ScenarioStep& step) {
  Party* party = FindParty(step.actor);
  if (party == nullptr && step.actor[0] == 'c') party = &Connect(step.actor);
  if (!Check(party != nullptr, step, "it has no connection")) return false;
  party->Send(ComposeMessages(scenario_.protocol, step.text));
  return true;
}

bool Player::Receive(const ScenarioStep& step) {
  const std::string expected = ComposeMessages(scenario_.protocol, step.text);
  const Party* party = nullptr;
  size_t same = 0;  // bytes that are as expected so far
  stage_.RunUntil([&] {
    const Party* now = FindParty(step.actor);
    if (now != std::exchange(party, now)) same = 0;
    if (party == nullptr) return false;
    const std::string& bytes = party->received();
    const size_t end = std::min(bytes.size(), expected.size());
    if (bytes.compare(same, end - same, expected, same, end - same) != 0) return true;
    same = end;
    // A server may get another connection.
    return same == expected.size() || (step.actor[0] == 'c' && party->ended());
  });
  const std::string received = party == nullptr ? std::string() : party->received();
  if (!Check(received.starts_with(expected), step,
             "expected " + Printable(expected) + "\n  received " + Printable(received))) {
    return false;
  }
  FindParty(step.actor)->Take(expected.size());
  return true;
}

bool Player::ReceiveNothing(const ScenarioStep& step) {
  stage_.RunQuietly();
  const Party* party = FindParty(step.actor);
  if (party == nullptr) return true;
  return Check(party->received().empty(), step, "received " + Printable(party->received())) &&
         Check(!party->ended(), step, "the proxy closed the connection");
}

bool Player::Close(const ScenarioStep& step) {
  Party* party = PartyOf(step);
  if (party == nullptr) return false;
  if (party->unsent() != 0) stage_.RunQuietly();
  party->Close();
  if (step.actor[0] == 'c') clients_.erase(step.actor);
  return true;
}

bool Player::End(const ScenarioStep& step) {
  Party* party = PartyOf(step);
  if (party != nullptr) party->SendEnd();
  return party != nullptr;
}

bool Player::Stall(const ScenarioStep& step) {
  Party* party = PartyOf(step);
  if (party != nullptr) party->SetReading(false);
  return party != nullptr;
}

bool Player::Read(const ScenarioStep& step) {
  Party* party = PartyOf(step);
  if (party != nullptr) party->SetReading(true);
  return party != nullptr;
}

bool Player::Closed(const ScenarioStep& step) {
  const bool closed = stage_.RunUntil([&] {
    const Party* party = FindParty(step.actor);
    return party != nullptr && party->ended();
  });
  return Check(closed, step, "the connection is open");
}

bool Player::ConnectOnly(const ScenarioStep& step) {
  Connect(step.actor);
  stage_.RunQuietly();
  return true;
}

bool Player::Stuck(const ScenarioStep& step) {
  Party* party = PartyOf(step);
  if (party == nullptr) return false;
  size_t before = 0;
  for (int same = 0; same < kSameForStuck; ++same) {
    if (party->unsent() != before) same = 0;
    before = party->unsent();
    stage_.RunQuietly();
  }
  return Check(party->unsent() != 0, step, "the proxy took all of it");
}

bool Player::Sent(const ScenarioStep& step) {
  Party* party = PartyOf(step);
  if (party == nullptr) return false;
  stage_.RunUntil([&] { return party->unsent() == 0; });
  return Check(party->unsent() == 0, step, std::to_string(party->unsent()) + " bytes are not");
}

bool Player::Refuse(const ScenarioStep& step) {
  servers_.at(step.actor)->Refuse();
  stage_.RunQuietly();
  return true;
}

bool Player::Listen(const ScenarioStep& step) {
  servers_.at(step.actor)->Listen();
  return true;
}

bool Player::Accepted(const ScenarioStep& step) {
  const Host& host = *servers_.at(step.actor);
  const auto expected = static_cast<size_t>(std::stoul(step.text));
  stage_.RunUntil([&] { return host.parties().size() >= expected; });
  return Check(host.parties().size() == expected, step,
               std::to_string(host.parties().size()) + " have come");
}

bool Player::Time(const ScenarioStep& step) {
  stage_.RunQuietly();
  stage_.Pass(std::chrono::milliseconds(std::stoul(step.text.substr(1))));
  return true;
}

bool Player::Counters(const ScenarioStep& step) {
  stage_.RunQuietly();
  const std::string now = stage_.Stats();
  for (std::string_view rest = step.text; !rest.empty();) {
    const std::string_view row = rest.substr(0, rest.find(", "));
    rest.remove_prefix(std::min(row.size() + 2, rest.size()));
    const size_t space = row.find(' ');
    std::string name(row.substr(0, space)), server;
    if (const size_t brace = name.find('{'); brace != name.npos) {
      server = name.substr(brace + 1, name.size() - brace - 2);
      name.resize(brace);
    }
    const std::optional<int64_t> before = FindCounter(counters_, name, server);
    const std::optional<int64_t> after = FindCounter(now, name, server);
    if (!Check(before && after, step, name + " is not counted: " + now)) return false;
    const int64_t expected = std::stol(std::string(row.substr(space + 1)));
    if (!Check(*after - *before == expected, step,
               absl::StrFormat("%s: %+d", row, *after - *before))) {
      return false;
    }
  }
  counters_ = now;
  return true;
}

bool Player::NothingLeft() {
  stage_.RunQuietly();
  const ScenarioStep end = {.line = 0, .actor = "at the end", .verb = "", .text = ""};
  std::string left;
  for (const auto& [name, client] : clients_) {
    if (!client->received().empty()) left += name + " has " + Printable(client->received()) + "\n";
  }
  for (const auto& [name, host] : servers_) {
    for (const auto& party : host->parties()) {
      if (!party->received().empty()) left += name + " has " + Printable(party->received()) + "\n";
    }
  }
  return Check(left.empty(), end, left);
}

}  // namespace

void Play(const Scenario& scenario, Stage& stage) { Player(scenario, stage).Play(); }

}  // namespace keyway
