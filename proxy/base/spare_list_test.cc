#include "proxy/base/spare_list.h"

#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/base/object_pool.h"

namespace keyway {
namespace {

void* Piece() { return ::operator new(32); }

// Takes all there are, and puts them back.
void UseAll(SpareList& list) {
  std::vector<void*> pieces;
  while (void* piece = list.Take()) pieces.push_back(piece);
  for (void* piece : pieces) list.Put(piece);
}

TEST(SpareListTest, LastInFirstOut) {
  SpareList list(2);
  EXPECT_EQ(list.Take(), nullptr);
  void* one = Piece();
  void* two = Piece();
  list.Put(one);
  list.Put(two);
  EXPECT_EQ(list.Take(), two);
  EXPECT_EQ(list.Take(), one);
  EXPECT_EQ(list.Take(), nullptr);
  list.Put(one);
  list.Put(two);
}

TEST(SpareListTest, KeepsNoMoreThanItMay) {
  SpareList list(3);
  for (int i = 0; i < 10; ++i) list.Put(Piece());
  EXPECT_EQ(list.size(), 3u);
}

TEST(SpareListTest, FreesWhatWasNotNeededForAWholeInterval) {
  SpareList list(100);
  for (int i = 0; i < 50; ++i) list.Put(Piece());
  list.TrimIdle(5);
  EXPECT_EQ(list.size(), 50u) << "they have just come";
  UseAll(list);
  list.TrimIdle(5);
  EXPECT_EQ(list.size(), 50u) << "all were needed";
  for (int i = 0; i < 20; ++i) ::operator delete(list.Take());
  for (int i = 0; i < 10; ++i) list.Put(Piece());
  list.TrimIdle(5);
  EXPECT_EQ(list.size(), 15u) << "30 were not";
  list.TrimIdle(5);
  EXPECT_EQ(list.size(), 5u);
  list.TrimIdle(5);
  EXPECT_EQ(list.size(), 5u);
}

struct Number {
  long value;
  long other = 7;
};

TEST(ObjectPoolTest, MakesAnewInOldPlaces) {
  ObjectPool<Number> pool;
  Number* first = pool.Make(1);
  EXPECT_EQ(first->value, 1);
  EXPECT_EQ(first->other, 7);
  first->other = 0;
  pool.Destroy(first);
  Number* second = pool.Make(2);
  EXPECT_EQ(second, first);
  EXPECT_EQ(second->value, 2);
  EXPECT_EQ(second->other, 7);
  pool.Destroy(second);
}

TEST(ObjectPoolTest, KnowsThePeak) {
  ObjectPool<Number> pool;
  Number* one = pool.Make(1);
  Number* two = pool.Make(2);
  pool.Destroy(two);
  EXPECT_EQ(pool.usage().TakePeak(), 2 * sizeof(Number));
  EXPECT_EQ(pool.usage().TakePeak(), sizeof(Number));
  pool.Destroy(one);
  EXPECT_EQ(pool.usage().TakePeak(), sizeof(Number));
  EXPECT_EQ(pool.usage().TakePeak(), 0u);
}

}  // namespace
}  // namespace keyway
