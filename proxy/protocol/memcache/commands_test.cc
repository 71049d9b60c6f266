#include "proxy/protocol/memcache/commands.h"

#include <string>

#include "gtest/gtest.h"

namespace keyway::memcache {
namespace {

TEST(CommandsTest, EveryRowIsFoundByItsName) {
  for (const CommandSpec& command : Commands()) {
    EXPECT_EQ(FindCommand(command.name), &command) << command.name;
  }
}

TEST(CommandsTest, OtherWordsAreNotFound) {
  for (const char* word :
       {"", "g", "ge", "getss", "GET", "Get", "get ", "bogus", "\xff\xfe", "mz"}) {
    EXPECT_EQ(FindCommand(word), nullptr) << word;
  }
  EXPECT_EQ(FindCommand(std::string(100'000, 'g')), nullptr);
}

TEST(CommandsTest, RowsAgreeWithTheirForms) {
  for (const CommandSpec& command : Commands()) {
    SCOPED_TRACE(command.name);
    const CommandForm& form = FormOf(command);
    const size_t least = static_cast<size_t>(-command.arity);
    EXPECT_LT(command.arity, 0);
    EXPECT_GE(least, form.words.size() + 1) << "a word that is checked may be missing";
    EXPECT_GE(form.most_words, least);
    EXPECT_LT(form.size_at(), least);
    if (command.keys.first == 0) {
      EXPECT_EQ(form.words.find_first_of("kK"), form.words.npos);
    } else {
      const char letter = form.words[static_cast<size_t>(command.keys.first) - 1];
      EXPECT_EQ(letter, command.keys.last == -1 ? 'K' : 'k');
    }
    EXPECT_TRUE(command.plan != Plan::kSplitByKey || command.merge == Merge::kMatchKeys);
  }
}

TEST(CommandsTest, StorageCommandsHaveADataBlock) {
  for (const char* name : {"set", "add", "replace", "append", "prepend", "cas"}) {
    EXPECT_EQ(FormOf(*FindCommand(name)).size_at(), 4u) << name;
  }
  EXPECT_EQ(FormOf(*FindCommand("ms")).size_at(), 2u);
  EXPECT_EQ(FormOf(*FindCommand("get")).size_at(), 0u);
  EXPECT_EQ(FormOf(*FindCommand("mg")).size_at(), 0u);
}

}  // namespace
}  // namespace keyway::memcache
