// Where nutcracker forwards or splits a command, this proxy does the same, but for the
// differences that are listed here.

#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "proxy/protocol/redis/codec.h"
#include "proxy/protocol/redis/inline_command.h"
#include "proxy/protocol/request.h"

namespace keyway::redis {
namespace {

struct Difference {
  const char* routing;  // ours
  const char* reason;
};

const std::map<std::string_view, Difference> kDifferences = {
    {"exists", {"split:", "nutcracker asks the first key's server about all keys"}},
    {"zunion", {"forward:arg2", "nutcracker routes by the number of keys"}},
    {"zinter", {"forward:arg2", "nutcracker routes by the number of keys"}},
    {"zdiff", {"forward:arg2", "nutcracker routes by the number of keys"}},
};

// What this proxy does with the command and so many arguments, in the file's words.
std::string Routing(const std::string& name, size_t count) {
  std::vector<std::string> words = {name};
  for (size_t i = 1; i <= count; ++i) words.push_back("word");
  std::string bytes;
  const CommandSpec* row = RedisCodec().FindCommand(name);
  if (row == nullptr || row->plan == Plan::kRefused) return "refused";
  if (!ArityFits(row->arity, words.size())) return "arity";
  if (row->plan == Plan::kLocal) return "local:";
  for (const KeySpec& spec : {row->keys, row->more_keys}) {
    if (spec.count_at != 0) words[static_cast<size_t>(spec.count_at)] = "1";
  }
  AppendArray(words, bytes);
  Request request;
  const std::unique_ptr<RequestParser> parser = RedisCodec().MakeRequestParser();
  if (parser->Next(bytes, nullptr, request) != Parsed::kDone) return "bad";
  KeyPositions positions;
  if (FindKeys(request, positions) != KeysFound::kOk) return "malformed";
  if (positions.empty()) return "forward:placeholder";
  if (row->plan == Plan::kSplitByKey && positions.size() > 1) {
    return "split:" + std::to_string(positions.size());
  }
  return "forward:arg" + std::to_string(positions[0]);
}

TEST(NutcrackerTableTest, RoutesAsNutcrackerDoes) {
  std::ifstream file("testdata/vectors/redis_command_table.tsv");
  ASSERT_TRUE(file) << "no table";
  int compared = 0;
  std::set<std::string_view> differing;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream fields(line);
    std::string name;
    std::getline(fields, name, '\t');
    size_t count = 0;
    for (std::string theirs; std::getline(fields, theirs, '\t'); ++count) {
      if (theirs == "closed") continue;  // where nutcracker hangs up we are free
      const std::string ours = Routing(name, count);
      // With a wrong number of arguments the server refuses; here the proxy does.
      if (ours == theirs || ours == "arity") {
        compared += ours == theirs;
        continue;
      }
      if (ours == "local:" && theirs.starts_with(ours)) continue;
      const CommandSpec* row = RedisCodec().FindCommand(name);
      ASSERT_NE(row, nullptr) << name;
      const auto difference = kDifferences.find(row->name);
      EXPECT_TRUE(difference != kDifferences.end() && ours.starts_with(difference->second.routing))
          << name << " with " << count << " arguments: " << ours << ", nutcracker " << theirs;
      differing.insert(row->name);
    }
  }
  EXPECT_GT(compared, 400);
  for (const auto& [name, difference] : kDifferences) {
    EXPECT_TRUE(differing.contains(name)) << name << ": " << difference.reason << ": no more";
  }
}

}  // namespace
}  // namespace keyway::redis
