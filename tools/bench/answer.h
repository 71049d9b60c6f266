// What the fake servers answer.
#ifndef KEYWAY_TOOLS_BENCH_ANSWER_H_
#define KEYWAY_TOOLS_BENCH_ANSWER_H_

#include <string>
#include <string_view>
#include <vector>

namespace keyway::bench {

// Answers at once, in the protocol of the question, and stores nothing: GET, SET, MGET, DEL,
// PING, AUTH and SELECT in Redis's, get, gets, set, delete and version in Memcached's. The
// value of a key is that of content.h; other keys are missing. A SET of another value is
// answered with an error, so that what a proxy passes on is checked as well.
class Answerer {
 public:
  // Takes complete requests from the front of `input` and appends the replies. False if
  // what is there is no request.
  bool Answer(std::string_view& input, std::string& output);

 private:
  enum class Outcome { kAnswered, kIncomplete, kBad };
  Outcome AnswerRedis(std::string_view& input, std::string& output);
  Outcome AnswerMemcache(std::string_view& input, std::string& output);
  void RunRedis(std::string& output) const;

  std::vector<std::string_view> words_;  // kept for its memory
};

}  // namespace keyway::bench

#endif  // KEYWAY_TOOLS_BENCH_ANSWER_H_
