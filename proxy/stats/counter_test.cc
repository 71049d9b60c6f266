#include "proxy/stats/counter.h"

#include <string>

#include "gtest/gtest.h"
#include "proxy/base/limits.h"

namespace keyway {
namespace {

TEST(CounterTest, AddsAndSets) {
  Counter counter;
  counter.Add();
  counter.Add(5);
  EXPECT_EQ(counter.value(), 6);
  counter.Add(-7);
  EXPECT_EQ(counter.value(), -1);
  counter.Set(3);
  EXPECT_EQ(counter.value(), 3);
}

TEST(NoteTest, KeepsTheLastText) {
  Note note;
  EXPECT_EQ(note.text(), "");
  note.Set("Connection refused");
  note.Set("server closed the connection");
  EXPECT_EQ(note.text(), "server closed the connection");
}

TEST(NoteTest, IsBoundedAndPrints) {
  Note note;
  note.Set("-ERR \"quoted\"\r\n\x01\xff\xc3\xa9");
  EXPECT_EQ(note.text(), "-ERR \"quoted\"??????");
  note.Set(std::string(10 * kMaxNoteBytes, 'x'));
  EXPECT_EQ(note.text(), std::string(kMaxNoteBytes, 'x'));
}

}  // namespace
}  // namespace keyway
