// Connections and listeners as an event loop offers them.
#ifndef KEYWAY_PROXY_NET_STREAM_H_
#define KEYWAY_PROXY_NET_STREAM_H_

#include <cstddef>
#include <memory>
#include <string>

#include "proxy/base/buffer.h"

namespace keyway {

class EventLoop;

// Told what happens on a stream, on the thread of its loop. A handler may destroy
// the stream, and itself, in any of these calls.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;

  // A stream made by EventLoop::Connect can be used.
  virtual void OnConnected() {}
  // More bytes are there. What is left in `input` comes again with the next ones.
  virtual void OnData(InputBuffer& input) = 0;
  // The peer will send no more; what is written still reaches it. Comes only while
  // reading, after all bytes were presented.
  virtual void OnEnd() = 0;
  // The stream is of no more use; `error` is an errno value. The last call.
  virtual void OnFailed(int error) = 0;
  // All output has been sent, after Stream::TellWhenSent.
  virtual void OnSent() {}
  // `count` bytes of the output were sent, at the end of a turn. For bookkeeping: the
  // only call in which nothing may be destroyed, written or asked of the stream.
  virtual void OnWritten(size_t count) { static_cast<void>(count); }
};

// One connection. Destroying it closes it, and what was not sent is lost.
class Stream {
 public:
  virtual ~Stream() = default;

  // What is appended here is sent at the end of the turn in which Flush is called.
  OutputBuffer& output() { return output_; }
  virtual void Flush() = 0;
  // Asks for one OnSent, at the end of the turn at the earliest.
  virtual void TellWhenSent() = 0;
  // Sends the output, and then tells the peer that no more follows. Unlike destroying
  // the stream while the peer still sends, this cannot cost the peer the last bytes.
  virtual void SendEnd() = 0;
  // Stops and resumes OnData; without reading, the peer is held back by the kernel.
  // Resuming presents unconsumed bytes again, in a later turn.
  virtual void SetReading(bool reading) = 0;
  // The other end, for people.
  virtual std::string peer() const = 0;

 protected:
  explicit Stream(OutputBuffer& output) : output_(output) {}

 private:
  OutputBuffer& output_;
};

// An accepted connection that no loop has yet. Destroying it closes it.
class Incoming {
 public:
  virtual ~Incoming() = default;
  // Makes it a stream of `loop`, on that loop's thread.
  virtual std::unique_ptr<Stream> Open(EventLoop& loop, StreamHandler& handler) = 0;
};

class AcceptHandler {
 public:
  virtual ~AcceptHandler() = default;
  // Asked before each connection is accepted: without room it waits in the backlog, and
  // the question comes again after a while.
  virtual bool HasRoom() { return true; }
  // How many connections wait because there was no room, or no file for them: at each look,
  // and 0 once none does. Of a unix socket's it is only known that there are some: 1. Must
  // not destroy the listener.
  virtual void OnWaiting(size_t connections) { static_cast<void>(connections); }
  virtual void OnAccept(std::unique_ptr<Incoming> incoming) = 0;
};

// Accepts until it is destroyed.
class Listener {
 public:
  virtual ~Listener() = default;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_NET_STREAM_H_
