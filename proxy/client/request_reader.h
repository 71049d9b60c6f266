// What reads requests, lent to the sessions that are reading one.
#ifndef KEYWAY_PROXY_CLIENT_REQUEST_READER_H_
#define KEYWAY_PROXY_CLIENT_REQUEST_READER_H_

#include <memory>
#include <utility>
#include <vector>

#include "proxy/base/limits.h"
#include "proxy/protocol/codec.h"
#include "proxy/protocol/request.h"

namespace keyway {

struct RequestReader {
  std::unique_ptr<RequestParser> parser;
  Request request;
};

// The readers of one pool's sessions on one worker. A session has one only from the
// first to the last byte of a request, so that idle clients cost no memory for it.
class RequestReaders {
 public:
  explicit RequestReaders(const Codec& codec) : codec_(codec) {}

  std::unique_ptr<RequestReader> Take() {
    if (spares_.empty()) {
      return std::make_unique<RequestReader>(RequestReader{codec_.MakeRequestParser(), {}});
    }
    std::unique_ptr<RequestReader> reader = std::move(spares_.back());
    spares_.pop_back();
    return reader;
  }

  // Takes back one that is between two requests.
  void Return(std::unique_ptr<RequestReader> reader) {
    if (spares_.size() < kSpareReaders) spares_.push_back(std::move(reader));
  }

 private:
  const Codec& codec_;
  std::vector<std::unique_ptr<RequestReader>> spares_;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CLIENT_REQUEST_READER_H_
