// The exchanges of one session.
#ifndef KEYWAY_PROXY_CLIENT_EXCHANGE_QUEUE_H_
#define KEYWAY_PROXY_CLIENT_EXCHANGE_QUEUE_H_

#include <cstddef>
#include <utility>

#include "proxy/dispatch/exchange.h"

namespace keyway {

// In the order of the requests; owns them. A list through the exchanges themselves: no
// memory of its own, however deep a client pipelines.
class ExchangeQueue {
 public:
  ExchangeQueue() = default;
  ExchangeQueue(const ExchangeQueue&) = delete;
  ExchangeQueue& operator=(const ExchangeQueue&) = delete;
  ~ExchangeQueue() {
    while (!empty()) pop_front();
  }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  Exchange& front() const { return *first_; }
  Exchange& back() const { return *last_; }

  Exchange& push_back(ExchangePtr exchange) {
    Exchange* added = exchange.release();
    (empty() ? first_ : last_->next) = added;
    last_ = added;
    ++size_;
    return *added;
  }
  ExchangePtr pop_front() {
    --size_;
    return ExchangePtr(std::exchange(first_, first_->next));
  }

 private:
  Exchange* first_ = nullptr;
  Exchange* last_ = nullptr;
  size_t size_ = 0;
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CLIENT_EXCHANGE_QUEUE_H_
