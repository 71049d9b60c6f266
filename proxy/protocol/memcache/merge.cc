#include "proxy/protocol/memcache/merge.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/str_format.h"
#include "proxy/base/output_writer.h"
#include "proxy/protocol/memcache/commands.h"
#include "proxy/protocol/memcache/compose.h"
#include "proxy/protocol/memcache/reply_line.h"
#include "proxy/protocol/memcache/value_block.h"

namespace keyway::memcache {
namespace {

// Goes through the lines of one part's reply.
class ReplyReader {
 public:
  explicit ReplyReader(std::string_view reply) : rest_(reply) {}

  // Moves to the next line and the data behind it. False if there is none that is
  // whole and understood.
  bool Next() {
    const std::string_view whole = rest_.substr(0, rest_.find('\n') + 1);
    const std::optional<ReplyLine> line = ReadReplyLine(whole);
    if (!line) return false;
    size_t size = whole.size();
    if (HasData(line->word)) {
      if (rest_.size() - size < line->data_bytes) return false;
      size += line->data_bytes;
      if (rest_.substr(size, kCrLf.size()) != kCrLf) return false;
      size += kCrLf.size();
    }
    line_ = *line;
    text_ = whole.substr(0, whole.size() - kCrLf.size());
    bytes_ = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }

  const ReplyLine& line() const { return line_; }
  std::string_view text() const { return text_; }    // the line without its CRLF
  std::string_view bytes() const { return bytes_; }  // the line and its data
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  ReplyLine line_ = {.word = ReplyWord::kError};
  std::string_view text_;
  std::string_view bytes_;
};

// The server's error line with its name: "SERVER_ERROR out of memory (server a)". An
// error that names the server already is left as it is.
std::string NamedError(std::string_view text, std::string_view server) {
  if (text == "ERROR") return absl::StrFormat("SERVER_ERROR ERROR (server %s)\r\n", server);
  if (text.find(server) != text.npos) return absl::StrFormat("%s\r\n", text);
  return absl::StrFormat("%s (server %s)\r\n", text, server);
}

std::string BadReply(std::string_view reason, std::string_view server) {
  return ComposeError(ErrorKind::kBadReply, absl::StrFormat("%s (server %s)", reason, server));
}

// The error that stands where another line was expected.
std::string Unexpected(const ReplyReader& reader, bool has_line, std::string_view server) {
  if (has_line && reader.line().word == ReplyWord::kError) {
    return NamedError(reader.text(), server);
  }
  return BadReply("unexpected reply", server);
}

// A VALUE line with its data. Empty: no server had the key.
struct Value {
  Block* block = nullptr;
  std::string_view bytes;
};

// Finds out which of a part's keys its values are for. Servers send them in the order in
// which they were asked, without those they do not have; all keys are looked up by their
// texts from where one does not.
class KeyMatcher {
 public:
  KeyMatcher(std::span<const uint32_t> ordinals, std::span<const std::string_view> keys)
      : ordinals_(ordinals), keys_(keys) {}

  // The ordinal of the key that the next value is for; its VALUE line goes on with `line`
  // from the key on. Nothing if that was not asked for, or has its value.
  std::optional<uint32_t> Match(std::string_view line, std::span<const Value> values) {
    for (; next_ < ordinals_.size(); ++next_) {
      const std::string_view key = keys_[ordinals_[next_]];
      if (key.size() < line.size() && line[key.size()] == ' ' &&
          SameKey(key, line.substr(0, key.size()))) {
        return ordinals_[next_++];
      }
    }
    if (!looked_up_) LookUp(values);
    const auto found = missing_.find(line.substr(0, line.find(' ')));
    if (found == missing_.end() || found->second.empty()) return std::nullopt;
    const uint32_t ordinal = found->second.back();
    found->second.pop_back();
    return ordinal;
  }

 private:
  // The keys without a value; the same key several times, backwards.
  void LookUp(std::span<const Value> values) {
    looked_up_ = true;
    for (size_t i = ordinals_.size(); i-- > 0;) {
      const uint32_t ordinal = ordinals_[i];
      if (values[ordinal].bytes.empty()) missing_[keys_[ordinal]].push_back(ordinal);
    }
  }

  const std::span<const uint32_t> ordinals_;
  const std::span<const std::string_view> keys_;
  size_t next_ = 0;
  bool looked_up_ = false;
  absl::flat_hash_map<std::string_view, absl::InlinedVector<uint32_t, 1>> missing_;
};

// Puts the values of one part where their keys are. Returns the error, if it is one.
std::string CollectValues(const Part& part, std::span<const std::string_view> keys,
                          std::span<Value> values) {
  constexpr std::string_view kEnd = "END\r\n";
  Block* const block = part.reply.block.get();
  const std::string_view reply = part.reply.bytes;
  KeyMatcher matcher(part.keys, keys);
  size_t begin = 0;
  for (const uint32_t end : part.element_ends) {
    const std::string_view bytes(reply.data() + begin, end - begin);
    const auto ordinal = matcher.Match(bytes.substr(kValueBegin.size()), values);
    if (!ordinal) return BadReply("value for a key that was not asked for", part.server);
    values[*ordinal] = {block, bytes};
    begin = end;
  }
  const std::string_view rest = reply.substr(begin);
  if (rest == kEnd) return {};
  ReplyReader reader(rest);
  const bool has_line = reader.Next();
  const bool all_answered = part.element_ends.size() == part.keys.size();
  if (all_answered && has_line && reader.line().word == ReplyWord::kValue) {
    return BadReply("value for a key that was not asked for", part.server);
  }
  return Unexpected(reader, has_line, part.server);
}

void CombineValues(std::span<const std::string_view> keys, std::span<const Part> parts,
                   OutputBuffer& out) {
  absl::InlinedVector<Value, kUsualKeys> values(keys.size());
  for (const Part& part : parts) {
    if (const std::string error = CollectValues(part, keys, values); !error.empty()) {
      out.Append(error);
      return;
    }
  }
  OutputWriter writer(out);
  for (const Value& value : values) writer.Append(value.block, value.bytes);
  writer.Append("END\r\n");
}

// "STAT pid 7" of server a becomes "STAT a:pid 7". False if there is no name.
bool AppendNamed(std::string_view text, std::string_view server, std::string& lines) {
  const size_t space = text.find(' ');
  if (space == text.npos) return false;
  const size_t name = space + 1;
  lines += text.substr(0, name);
  lines += server;
  lines += ':';
  lines += text.substr(name);
  lines += kCrLf;
  return true;
}

// Adds the lines of one part. Returns the error, if it is one. `ending` becomes the
// last line, which must be the same for all.
std::string CollectLines(const Part& part, ReplyWords expected, std::string& lines,
                         std::string_view& ending) {
  ReplyReader reader(part.reply.bytes);
  bool goes_on = true;
  while (goes_on) {
    const bool has_line = reader.Next();
    const ReplyWord word = reader.line().word;
    if (!has_line || !expected.Has(word)) return Unexpected(reader, has_line, part.server);
    goes_on = Continues(word);
    if (word == ReplyWord::kItem) {
      lines += reader.bytes();
    } else if (goes_on && !AppendNamed(reader.text(), part.server, lines)) {
      return BadReply("unexpected reply", part.server);
    }
  }
  if (!reader.at_end()) return BadReply("unexpected reply", part.server);
  if (ending.empty()) ending = reader.text();
  if (ending != reader.text()) return BadReply("replies differ", part.server);
  return {};
}

void CombineLines(ReplyWords expected, std::span<const Part> parts, OutputBuffer& out) {
  std::string lines;
  std::string_view ending;
  for (const Part& part : parts) {
    if (const std::string error = CollectLines(part, expected, lines, ending); !error.empty()) {
      out.Append(error);
      return;
    }
  }
  out.Append(lines);
  out.Append(ending);
  out.Append(kCrLf);
}

void CombineAllOk(std::span<const Part> parts, OutputBuffer& out) {
  for (const Part& part : parts) {
    ReplyReader reader(part.reply.bytes);
    const bool has_line = reader.Next();
    if (!has_line || reader.line().word != ReplyWord::kOk || !reader.at_end()) {
      out.Append(Unexpected(reader, has_line, part.server));
      return;
    }
  }
  out.Append("OK\r\n");
}

}  // namespace

void CombineReplies(const CommandSpec& command, std::span<const std::string_view> keys,
                    std::span<const Part> parts, OutputBuffer& out) {
  if (command.merge == Merge::kAllOk) return CombineAllOk(parts, out);
  if (command.merge == Merge::kMatchKeys) return CombineValues(keys, parts, out);
  CombineLines(FormOf(command).replies, parts, out);
}

}  // namespace keyway::memcache
