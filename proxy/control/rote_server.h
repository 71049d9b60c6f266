// A server for the tests of this folder: notes what it is sent and answers by rote.
#ifndef KEYWAY_PROXY_CONTROL_ROTE_SERVER_H_
#define KEYWAY_PROXY_CONTROL_ROTE_SERVER_H_

#include <algorithm>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "proxy/net/event_loop.h"

namespace keyway {

// Listens until it is destroyed; to clients that is a refused connection.
class RoteServer : private AcceptHandler {
 public:
  // Gives `answer` once on each connection, as soon as `after_bytes` bytes are there.
  RoteServer(EventLoop& loop, const Address& address, std::string answer, size_t after_bytes = 1)
      : loop_(loop),
        answer_(std::move(answer)),
        after_bytes_(after_bytes),
        listener_(*loop.Listen(address, {}, *this)) {}

  void SetAnswer(std::string answer) { answer_ = std::move(answer); }
  // Hangs up instead of answering.
  void SetHangsUp() { hangs_up_ = true; }

  const std::string& received() const { return received_; }
  int accepted() const { return accepted_; }
  size_t open() const { return ends_.size(); }

 private:
  class End : public StreamHandler {
   public:
    End(RoteServer& server, std::unique_ptr<Incoming> incoming)
        : server_(server), stream_(incoming->Open(server.loop_, *this)) {}

    void OnData(InputBuffer& input) override {
      server_.received_ += input.bytes();
      bytes_ += input.bytes().size();
      input.Consume(input.bytes().size());
      if (server_.hangs_up_) return server_.Remove(this);
      if (answered_ || bytes_ < server_.after_bytes_) return;
      answered_ = true;
      stream_->output().Append(server_.answer_);
      stream_->Flush();
    }
    void OnEnd() override { server_.Remove(this); }
    void OnFailed(int) override { server_.Remove(this); }

   private:
    RoteServer& server_;
    size_t bytes_ = 0;
    bool answered_ = false;
    std::unique_ptr<Stream> stream_;
  };

  void OnAccept(std::unique_ptr<Incoming> incoming) override {
    ++accepted_;
    ends_.push_back(std::make_unique<End>(*this, std::move(incoming)));
  }
  void Remove(End* end) {
    ends_.remove_if([end](const std::unique_ptr<End>& each) { return each.get() == end; });
  }

  EventLoop& loop_;
  std::string answer_;
  const size_t after_bytes_;
  bool hangs_up_ = false;
  std::string received_;
  int accepted_ = 0;
  std::list<std::unique_ptr<End>> ends_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONTROL_ROTE_SERVER_H_
