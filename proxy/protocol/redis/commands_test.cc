#include "proxy/protocol/redis/commands.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "gtest/gtest.h"

namespace keyway::redis {
namespace {

std::string Upper(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

TEST(CommandsTest, RowsAreOrderedByName) {
  EXPECT_TRUE(std::ranges::is_sorted(Commands(), std::ranges::less_equal(), &CommandSpec::name));
}

TEST(CommandsTest, EveryRowIsFoundInAnyLetterCase) {
  for (const CommandSpec& row : Commands()) {
    EXPECT_EQ(FindCommand(row.name), &row) << row.name;
    std::string name = Upper(row.name);
    EXPECT_EQ(FindCommand(name), &row) << name;
    name[name.size() / 2] = row.name[name.size() / 2];
    EXPECT_EQ(FindCommand(name), &row) << name;
  }
}

TEST(CommandsTest, NothingElseIsFound) {
  for (const char* name : {"", "g", "ge", "gets", "nosuch", "hello", "georadiusbymember_rox",
                           "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}) {
    EXPECT_EQ(FindCommand(name), nullptr) << name;
  }
  EXPECT_EQ(FindCommand(std::string_view("get\0", 4)), nullptr);
}

// Each byte of each name matters, also those that differ from a letter by one bit.
TEST(CommandsTest, NoByteOfANameIsOverlooked) {
  for (const CommandSpec& row : Commands()) {
    for (size_t i = 0; i < row.name.size(); ++i) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string name(row.name);
        name[i] = static_cast<char>(byte);
        const CommandSpec* found = FindCommand(name);
        if (found == nullptr) continue;
        EXPECT_EQ(Upper(found->name), Upper(name));
      }
    }
  }
}

TEST(CommandsTest, PlansAndMergesGoTogether) {
  for (const CommandSpec& row : Commands()) {
    EXPECT_EQ(row.plan == Plan::kSplitByKey, row.merge != Merge::kOnly) << row.name;
    if (row.plan != Plan::kSplitByKey) continue;
    EXPECT_EQ(row.keys.last, -1) << row.name;
    EXPECT_EQ(row.more_keys.first, 0) << row.name;
  }
}

TEST(CommandsTest, MoreKeysStandBehindTheFirst) {
  for (const CommandSpec& row : Commands()) {
    if (row.more_keys.first == 0) continue;
    EXPECT_GT(row.keys.last, 0) << row.name;
    EXPECT_GT(row.more_keys.first, row.keys.last) << row.name;
  }
}

}  // namespace
}  // namespace keyway::redis
