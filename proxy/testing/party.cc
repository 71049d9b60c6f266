#include "proxy/testing/party.h"

#include <utility>

#include "gtest/gtest.h"

namespace keyway {

Party::Party(EventLoop& loop, const Address& address, Changed changed)
    : changed_(std::move(changed)), stream_(loop.Connect(address, {}, *this)) {}

Party::Party(EventLoop& loop, Incoming& incoming, Changed changed)
    : changed_(std::move(changed)), stream_(incoming.Open(loop, *this)) {}

void Party::Send(std::string_view bytes) {
  if (stream_ == nullptr) return;
  stream_->output().Append(bytes);
  stream_->Flush();
}

void Party::SendEnd() {
  if (stream_ == nullptr) return;
  end_sent_ = true;
  stream_->SendEnd();
}

void Party::OnData(InputBuffer& input) {
  received_ += input.bytes();
  input.Consume(input.bytes().size());
  changed_(*this);
}

void Party::OnEnd() {
  ended_ = true;
  changed_(*this);
}

void Party::OnFailed(int error) {
  error_ = error;
  changed_(*this);
}

Host::Host(EventLoop& loop, const Address& address, Party::Changed changed)
    : loop_(loop), address_(address), changed_(std::move(changed)) {
  Listen();
}

void Host::Listen() {
  auto listener = loop_.Listen(address_, {}, *this);
  ASSERT_TRUE(listener.ok()) << listener.status();
  listener_ = *std::move(listener);
}

void Host::Refuse() {
  listener_.reset();
  for (const auto& party : parties_) party->Close();
}

void Host::OnAccept(std::unique_ptr<Incoming> incoming) {
  parties_.push_back(std::make_unique<Party>(loop_, *incoming, changed_));
  changed_(*parties_.back());
}

}  // namespace keyway
