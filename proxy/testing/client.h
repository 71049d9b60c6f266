// A plain blocking client for end-to-end tests.
#ifndef KEYWAY_PROXY_TESTING_CLIENT_H_
#define KEYWAY_PROXY_TESTING_CLIENT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/net/address.h"
#include "proxy/testing/wire.h"

namespace keyway {

// Every wait ends at a deadline, which is a test failure; what came until then is
// returned.
class Client {
 public:
  explicit Client(uint16_t port);            // on 127.0.0.1
  explicit Client(const std::string& path);  // of a unix socket
  explicit Client(const Address& address);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { Close(); }

  void Send(std::string_view bytes);
  void SendEnd();
  void Close();
  // Breaks the connection: the peer gets a reset.
  void Reset();

  std::string ReadBytes(size_t count);
  std::string ReadUntilClosed();
  std::vector<std::string> ReadReplies(Protocol protocol, size_t count);

  // One Redis request and its reply.
  std::string Ask(std::initializer_list<std::string> words);

 private:
  // Reads until `done` or the peer closes.
  void ReadUntil(const std::function<bool()>& done, std::string_view what);
  std::string Take(size_t count);

  int socket_;
  bool closed_ = false;  // by the peer
  std::string received_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_TESTING_CLIENT_H_
