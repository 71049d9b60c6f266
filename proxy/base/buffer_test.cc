#include "proxy/base/buffer.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "proxy/base/output_writer.h"

namespace keyway {
namespace {

std::string Text(size_t size, char first = 'a') {
  std::string text(size, ' ');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(first + i % 26);
  return text;
}

Slice Filled(BlockPool& pool, std::string_view bytes) {
  BlockRef block = pool.Get(bytes.size());
  std::memcpy(block->data(), bytes.data(), bytes.size());
  const std::string_view view{block->data(), bytes.size()};
  return {std::move(block), view};
}

std::string Gathered(const OutputBuffer& out) {
  iovec pieces[kGatherSegments];
  std::string text;
  const int count = out.Gather(pieces);
  for (int i = 0; i < count; ++i) {
    text.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
  }
  return text;
}

// What a socket does with an input buffer: reads at most `most` bytes of `source`.
void Receive(InputBuffer& input, BlockRef& shared, std::string_view& source, size_t most) {
  const auto [room, size] = input.Room(shared);
  ASSERT_GT(size, 0u);
  const size_t count = std::min({size, most, source.size()});
  std::memcpy(room, source.data(), count);
  source.remove_prefix(count);
  input.Filled(count);
}

TEST(InputBufferTest, PresentsWhatIsLeftTogetherWithWhatComes) {
  BlockPool pool;
  BlockRef shared;
  InputBuffer input(pool);
  std::string_view source = "one two three";
  Receive(input, shared, source, 5);
  input.Consume(4);
  input.Retire(shared);
  EXPECT_EQ(input.bytes(), "t");
  Receive(input, shared, source, 100);
  EXPECT_EQ(input.bytes(), "two three");
  input.Consume(9);
  input.Retire(shared);
  EXPECT_TRUE(input.empty());
}

TEST(InputBufferTest, OwnsNothingWhenAllIsConsumed) {
  BlockPool pool;
  BlockRef shared;
  InputBuffer input(pool);
  std::string_view source = "abc";
  Receive(input, shared, source, 3);
  input.Consume(3);
  input.Retire(shared);
  shared = BlockRef();
  EXPECT_EQ(pool.bytes_in_use(), 0u);
}

TEST(InputBufferTest, KeepsOnlyTheRestOutsideTheSharedBlock) {
  BlockPool pool;
  BlockRef shared;
  InputBuffer input(pool);
  std::string_view source = "abcdef";
  Receive(input, shared, source, 6);
  input.Consume(2);
  input.Retire(shared);
  shared = BlockRef();
  EXPECT_EQ(pool.bytes_in_use(), 4u);
}

TEST(InputBufferTest, GathersALargeMessageInFewMoves) {
  BlockPool pool;
  BlockRef shared;
  InputBuffer input(pool);
  const std::string message = Text(1'000'000);
  std::string_view source = message;
  const Block* block = nullptr;
  int moves = 0;
  while (!source.empty()) {
    Receive(input, shared, source, 64 * 1024);
    input.Want(message.size());
    input.Retire(shared);
    if (input.block() != block) ++moves;
    block = input.block();
  }
  EXPECT_EQ(input.bytes(), message);
  EXPECT_LE(moves, 5);
}

TEST(InputBufferTest, GathersManySmallPiecesInFewReads) {
  BlockPool pool;
  BlockRef shared;
  InputBuffer input(pool);
  const std::string message = Text(1'000'000);
  std::string_view source = message;
  int reads = 0;
  while (!source.empty()) {
    Receive(input, shared, source, 64 * 1024);
    input.Want(input.bytes().size() + 1);
    input.Retire(shared);
    ++reads;
  }
  EXPECT_EQ(input.bytes(), message);
  EXPECT_LE(reads, 25);
}

TEST(InputBufferTest, AnAnnouncementCostsNoMemory) {
  BlockPool pool;
  BlockRef shared;
  InputBuffer input(pool);
  std::string_view source = "$536870912";
  Receive(input, shared, source, 100);
  input.Want(kMaxBulkBytes);
  input.Retire(shared);
  std::string_view more = "x";
  Receive(input, shared, more, 1);
  EXPECT_LE(pool.bytes_in_use(), 1024u * 1024);
}

TEST(InputBufferTest, DoesNotWriteOverBytesThatALinkKeeps) {
  BlockPool pool;
  BlockRef shared;
  InputBuffer input(pool);
  OutputBuffer out(pool);
  const std::string first = Text(kLinkBytes);
  const std::string second = Text(kLinkBytes, 'A');
  for (const std::string& message : {first, second}) {
    std::string_view source = message;
    Receive(input, shared, source, message.size());
    out.Append(input.block(), input.bytes());
    input.Consume(message.size());
    input.Retire(shared);
  }
  EXPECT_EQ(Gathered(out), first + second);
}

TEST(OutputBufferTest, CopiesSmallPiecesTogether) {
  BlockPool pool;
  OutputBuffer out(pool);
  for (int i = 0; i < 1000; ++i) out.Append("0123456789");
  iovec pieces[kGatherSegments];
  EXPECT_EQ(out.Gather(pieces), 1);
  EXPECT_EQ(out.size(), 10'000u);
}

TEST(OutputBufferTest, LinksLargePiecesAndCopiesSmallOnes) {
  BlockPool pool;
  OutputBuffer out(pool);
  const Slice large = Filled(pool, Text(kLinkBytes));
  const Slice small = Filled(pool, Text(kLinkBytes - 1));
  out.Append(large);
  EXPECT_TRUE(large.block->shared());
  out.Append(small);
  EXPECT_FALSE(small.block->shared());
}

TEST(OutputBufferTest, AppendingNothingChangesNothing) {
  BlockPool pool;
  OutputBuffer output(pool);
  output.Append("a");
  output.Append(nullptr, std::string_view());
  output.Append(Slice());
  EXPECT_EQ(output.Flatten().bytes, "a");
}

TEST(OutputBufferTest, HoldsNoBlockWhenAllIsSent) {
  BlockPool pool;
  OutputBuffer out(pool);
  out.Append("abc");
  out.Append(Filled(pool, Text(100'000)));
  out.Consume(out.size());
  EXPECT_EQ(pool.bytes_in_use(), 0u);
}

TEST(OutputBufferTest, FlattensWithoutACopyWhenItIsOnePiece) {
  BlockPool pool;
  OutputBuffer out(pool);
  const std::string text = Text(kLinkBytes);
  const Slice slice = Filled(pool, text);
  out.Append(slice);
  EXPECT_EQ(out.Flatten().bytes.data(), slice.bytes.data());
  out.Append("tail");
  EXPECT_EQ(out.Flatten().bytes, text + "tail");
}

TEST(OutputBufferTest, CompactLetsGoOfBlocksThatAreMostlyUnused) {
  BlockPool pool;
  OutputBuffer out(pool);
  const std::string text = Text(kReceiveBlockBytes);
  {
    const Slice block = Filled(pool, text);
    out.Append(block.block.get(), block.bytes.substr(10, kLinkBytes));
  }
  EXPECT_EQ(pool.bytes_in_use(), kReceiveBlockBytes);
  out.Compact();
  EXPECT_EQ(pool.bytes_in_use(), kLinkBytes);
  EXPECT_EQ(Gathered(out), text.substr(10, kLinkBytes));
}

TEST(OutputWriterTest, WritesWhatAppendWould) {
  BlockPool pool;
  std::mt19937 random(3);
  for (int round = 0; round < 100; ++round) {
    OutputBuffer out(pool);
    out.Append(Text(random() % 3));
    std::string expected = Gathered(out);
    {
      OutputWriter writer(out);
      for (int piece = 0; piece < 50; ++piece) {
        const bool large = random() % 16 == 0;
        const std::string text = Text(random() % 1000 + (large ? kLinkBytes : 0));
        const Slice slice = Filled(pool, text);
        writer.Append(slice.block.get(), slice.bytes);
        EXPECT_EQ(slice.block->shared(), large);
        expected += text;
      }
    }
    EXPECT_EQ(out.size(), expected.size());
    EXPECT_EQ(out.Flatten().bytes, expected);
    out.Append("end");
    EXPECT_EQ(out.Flatten().bytes, expected + "end");
  }
}

TEST(OutputWriterTest, WithoutAPieceNothingChanges) {
  BlockPool pool;
  OutputBuffer out(pool);
  {
    OutputWriter writer(out);
    writer.Append(std::string_view());  // whose bytes are null
  }
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(pool.bytes_in_use(), 0u);
}

TEST(OutputBufferTest, BehavesLikeAStringUnderRandomUse) {
  std::mt19937 random(20240501);
  BlockPool pool;
  {
    OutputBuffer out(pool);
    std::string expected;
    for (int step = 0; step < 3000; ++step) {
      const size_t size = random() % 9000;
      switch (random() % 6) {
        case 0:
          out.Append(Text(size));
          expected += Text(size);
          break;
        case 1:
          out.Append(Filled(pool, Text(size, 'A')));
          expected += Text(size, 'A');
          break;
        case 2: {
          OutputBuffer other(pool);
          other.Append("begin");
          other.Append(Filled(pool, Text(size)));
          out.Append(std::move(other));
          expected += "begin" + Text(size);
          break;
        }
        case 3:
          out.Compact();
          break;
        default: {
          const size_t count = std::min(expected.size(), size);
          const std::string head = Gathered(out);
          ASSERT_EQ(head, expected.substr(0, head.size()));
          out.Consume(count);
          expected.erase(0, count);
        }
      }
      ASSERT_EQ(out.size(), expected.size());
    }
    EXPECT_EQ(out.Flatten().bytes, expected);
  }
  EXPECT_EQ(pool.bytes_in_use(), 0u);
}

TEST(StashTest, PacksSmallPiecesIntoOneBlock) {
  BlockPool pool;
  Stash stash(pool);
  const Slice one = stash.Keep(nullptr, "one");
  const Slice two = stash.Keep(nullptr, "two");
  EXPECT_EQ(one.bytes, "one");
  EXPECT_EQ(two.bytes, "two");
  EXPECT_EQ(one.block.get(), two.block.get());
  EXPECT_EQ(pool.bytes_in_use(), kOutputBlockBytes);
}

TEST(StashTest, LinksLargePiecesThatLieInABlock) {
  BlockPool pool;
  Stash stash(pool);
  const Slice large = Filled(pool, Text(kLinkBytes));
  EXPECT_EQ(stash.Keep(large.block.get(), large.bytes).bytes.data(), large.bytes.data());
  const std::string outside = Text(2 * kOutputBlockBytes);
  EXPECT_EQ(stash.Keep(nullptr, outside).bytes, outside);
}

TEST(StashTest, CopiesWhatWouldKeepMuchMore) {
  BlockPool pool;
  Stash stash(pool);
  BlockRef received = pool.Get(kReceiveBlockBytes);
  std::memset(received->data(), 'x', kReceiveBlockBytes);
  const Slice kept = stash.Keep(received.get(), {received->data(), 2 * kLinkBytes});
  received = BlockRef();
  EXPECT_EQ(kept.bytes, std::string(2 * kLinkBytes, 'x'));
  EXPECT_EQ(pool.bytes_in_use(), kOutputBlockBytes);
}

TEST(StashTest, HasRoomForPointers) {
  BlockPool pool;
  Stash stash(pool);
  const Slice odd = stash.Keep(nullptr, "odd");
  const auto [block, place] = stash.Room(sizeof(void*));
  EXPECT_EQ(block.get(), odd.block.get());
  EXPECT_EQ(reinterpret_cast<uintptr_t>(place) % alignof(void*), 0u);
  EXPECT_GE(place, odd.bytes.data() + odd.bytes.size());
  const auto [own, whole] = stash.Room(10 * kOutputBlockBytes);
  EXPECT_NE(own.get(), block.get());
  EXPECT_EQ(reinterpret_cast<uintptr_t>(whole) % alignof(void*), 0u);
  std::memset(whole, 'x', 10 * kOutputBlockBytes);
}

TEST(StashTest, RestsWithoutABlock) {
  BlockPool pool;
  Stash stash(pool);
  stash.Keep(nullptr, "gone");
  stash.Rest();
  EXPECT_EQ(pool.bytes_in_use(), 0u);
}

}  // namespace
}  // namespace keyway
