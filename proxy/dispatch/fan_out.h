// A request split into parts, and its parts' replies on the way to being one.
#ifndef KEYWAY_PROXY_DISPATCH_FAN_OUT_H_
#define KEYWAY_PROXY_DISPATCH_FAN_OUT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "proxy/base/buffer.h"
#include "proxy/dispatch/exchange.h"
#include "proxy/protocol/codec.h"
#include "proxy/upstream/server_pool.h"

namespace keyway {

// Collects complete replies; with the last one the exchange is finished by
// Codec::Combine, or by an error when any part has none; what was collected is let go
// with the first of those. Owned by the exchange.
class FanOut {
 public:
  // Up to `parts` parts will be added, which have `keys` keys between them.
  FanOut(Exchange& exchange, size_t parts, size_t keys);

  const Exchange& exchange() const { return exchange_; }

  // Keeps the texts of all keys, for merges that match keys with replies. `keys` stand one
  // behind the other in a request.
  void KeepKeys(std::span<const std::string_view> keys);

  // Adds a part for the keys with these ordinals, which goes to `server`.
  ReplySink& AddPart(ServerPool& server, std::span<const uint32_t> ordinals);
  // A part that cannot be sent; what it would have answered is `failure`.
  void AddFailure(std::string failure);

  // Call when all parts are added: if all have failed, this finishes the exchange.
  void Start();

  // Lets go of what was collected: nobody will ask for it.
  void Forget();

 private:
  // Up to so many need no memory of their own.
  static constexpr size_t kUsualParts = 4;

  class FanOutPart : public ReplySink {
   public:
    // Behind `ordinals` there is room for as many ends of elements.
    FanOutPart(FanOut& whole, ServerPool& server, std::span<uint32_t> ordinals)
        : whole_(&whole), server_(&server), ordinals_(ordinals) {}

    void OnReply(Connection& from, Block* block, std::string_view piece, bool last) override;
    void OnNoReply(const Failure& failure) override;
    const void* client() const override { return whole_->exchange_.client(); }
    bool IsOldest() const override { return whole_->exchange_.IsOldest(); }
    Part Complete();
    void Forget();

   private:
    void Keep(Block* block, std::string_view piece);
    void KeepEnds(std::span<const uint32_t> ends);

    FanOut* whole_;
    ServerPool* server_;
    std::span<uint32_t> ordinals_;
    size_t ends_ = 0;                     // so many behind the ordinals
    Slice first_;                         // most replies are one piece
    std::unique_ptr<OutputBuffer> rest_;  // the whole reply, if it is not
  };

  bool Admit(size_t bytes);
  void Settled();
  void Finish();

  Exchange& exchange_;
  // Does not grow beyond what was reserved: connections know the parts by their addresses.
  absl::InlinedVector<FanOutPart, kUsualParts> parts_;
  // For each part, one behind the other: ordinals, and room for as many ends of elements.
  BlockRef numbers_;
  uint32_t* numbers_end_ = nullptr;  // behind those of the parts so far
  BlockRef kept_keys_;
  std::span<const std::string_view> keys_;
  std::string failure_;   // of the first part that failed
  size_t gathered_ = 0;   // bytes of the replies that are kept
  uint32_t pending_ = 1;  // parts, and Start
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_DISPATCH_FAN_OUT_H_
