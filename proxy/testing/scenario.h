// Scenarios: dialogues between clients, a proxy and servers, written as text files.
//
//   pool redis s1 s2           the protocol, and the servers by name
//   with timeout: 400          a further setting of the pool
//
//   c1 >>> GET d1 | GET d2     a client sends; it connects first if it has not yet
//   s1 <<< GET d1              a server receives exactly that
//   s2 <<< GET d2
//   s2 >>> $1 B
//   c1 ---                     nothing has come
//   s1 >>> $1 A
//   c1 <<< $1 A | $1 B
//   +++ client_connections +1, requests{s1} +1
//   time +400ms
//
// A line `memory` keeps a scenario that takes long out of the runs in real time.
//
// Keys. Pools are fnv1a_32 and modula unless told otherwise, and for keys of the forms
// d1 h1 go1 ii1 my1 np1 os1 sk1 the digit says the server, if there are two or three.
//
// Messages are separated by " | ". In Redis pools a message that begins with + - : $ or
// * is a reply, where `$5 hello` is a bulk string, `$-1` nil, `*2 $1 A :7` an array, and
// any other is a request of words, which may stand in double quotes. In memcached pools
// a message is what it says and a line end. Whatever begins with a double quote is the
// bytes between the quotes and nothing else. \r \n \t \\ \" and \xNN are escapes, and
// {1000 ab} is `ab` a thousand times. Comments begin with # at the start of a line or
// after two spaces.
//
// Counters after +++ are those of the statistics; with {s1} they are that server's. The
// change is counted from the last +++ or the start.
//
// Further verbs, for clients and servers:
//   close, end       closes the connection, or its own direction of it
//   stall, read      reads no more, reads again
//   closed           expects that the proxy has closed the connection, or its direction
//   stuck, sent      expects that the proxy takes no more bytes, or that it took all
// for clients:
//   connect          without sending anything
// for servers, whose connection is the one accepted last, or with s1/2 the second one:
//   refuse, listen   closes all connections and accepts none, accepts again
//   accepted N       expects that so many connections have come since the start
#ifndef KEYWAY_PROXY_TESTING_SCENARIO_H_
#define KEYWAY_PROXY_TESTING_SCENARIO_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/testing/stage.h"
#include "proxy/testing/wire.h"

namespace keyway {

struct ScenarioStep {
  int line = 0;
  std::string actor;  // "c1", "s1"; "+++" or "time"
  std::string verb;   // of an actor
  std::string text;   // the rest of the line
};

struct Scenario {
  std::string file;
  bool memory_only = false;
  Protocol protocol = Protocol::kRedis;
  std::vector<std::string> servers;
  std::vector<std::string> settings;  // lines of the pool's configuration
  std::vector<ScenarioStep> steps;
};

// A file that cannot be understood is a test failure.
Scenario ReadScenario(const std::string& file);

// The bytes of the messages in `text`.
std::string ComposeMessages(Protocol protocol, std::string_view text);

// Plays it up to the first step that does not come out, which is a test failure. The
// stage is new.
void Play(const Scenario& scenario, Stage& stage);

// All files of testdata/scenarios, in order.
std::vector<std::string> ScenarioFiles();

}  // namespace keyway

#endif  // KEYWAY_PROXY_TESTING_SCENARIO_H_
