// The tests' own ends of connections, on any event loop.
#ifndef KEYWAY_PROXY_TESTING_PARTY_H_
#define KEYWAY_PROXY_TESTING_PARTY_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/net/event_loop.h"

namespace keyway {

// One end of a connection: keeps what comes until the test takes it.
class Party : private StreamHandler {
 public:
  // Called after each event; may close the party, and must not destroy it.
  using Changed = std::function<void(Party&)>;

  // Connects to `address`.
  Party(EventLoop& loop, const Address& address, Changed changed);
  // The other end of a client.
  Party(EventLoop& loop, Incoming& incoming, Changed changed);

  void Send(std::string_view bytes);
  // Half close: no more comes from here.
  void SendEnd();
  void Close() { stream_.reset(); }
  void SetReading(bool reading) { stream_->SetReading(reading); }

  // Received and not taken.
  const std::string& received() const { return received_; }
  void Take(size_t count) { received_.erase(0, count); }

  bool open() const { return stream_ != nullptr && !ended(); }
  // Neither closed nor half closed by this end.
  bool sending() const { return stream_ != nullptr && !end_sent_; }
  // The other end sends no more, or the connection broke.
  bool ended() const { return ended_ || error_ != 0; }
  // An errno value; 0: it did not break.
  int error() const { return error_; }
  // Sent into the void so far.
  size_t unsent() const { return stream_ == nullptr ? 0 : stream_->output().size(); }

 private:
  void OnConnected() override { changed_(*this); }
  void OnData(InputBuffer& input) override;
  void OnEnd() override;
  void OnFailed(int error) override;

  const Changed changed_;
  std::string received_;
  bool end_sent_ = false;
  bool ended_ = false;
  int error_ = 0;
  std::unique_ptr<Stream> stream_;
};

// A place where tests accept connections. Parties are kept until the host goes.
class Host : private AcceptHandler {
 public:
  Host(EventLoop& loop, const Address& address, Party::Changed changed);

  // Closes the listener and all connections, so that the next connect is refused; and
  // listens again.
  void Refuse();
  void Listen();

  // In the order in which they were accepted.
  const std::vector<std::unique_ptr<Party>>& parties() const { return parties_; }

 private:
  void OnAccept(std::unique_ptr<Incoming> incoming) override;

  EventLoop& loop_;
  const Address address_;
  const Party::Changed changed_;
  std::unique_ptr<Listener> listener_;
  std::vector<std::unique_ptr<Party>> parties_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_TESTING_PARTY_H_
