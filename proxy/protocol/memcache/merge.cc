#include "proxy/protocol/memcache/merge.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

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

// Finds the key that a VALUE line belongs to, among those of `part` that have no value
// yet, from `from` on and then in front of it. Returns the number of keys if there is none.
size_t FindAsked(const Part& part, std::span<const std::string_view> keys,
                 std::span<const Value> values, std::string_view key, size_t from) {
  const auto is_it = [&](uint32_t ordinal) {
    return keys[ordinal] == key && values[ordinal].bytes.empty();
  };
  const auto begin = part.keys.begin();
  const auto middle = begin + static_cast<ptrdiff_t>(from);
  auto found = std::find_if(middle, part.keys.end(), is_it);
  if (found == part.keys.end()) {
    found = std::find_if(begin, middle, is_it);
    if (found == middle) return part.keys.size();
  }
  return static_cast<size_t>(found - begin);
}

// Puts the values of one part where their keys are. Servers answer in the order they were
// asked, so the likely key is the one behind the last. Returns the error, if it is one.
std::string CollectValues(const Part& part, std::span<const std::string_view> keys,
                          std::span<Value> values) {
  Block* const block = part.reply.block.get();
  const auto likely = [&](size_t next) {
    return next < part.keys.size() ? keys[part.keys[next]] : std::string_view();
  };
  ValueBlocks blocks(part.reply.bytes);
  for (size_t next = 0; blocks.Next(likely(next)); ++next) {
    if (!blocks.is_likely() || !values[part.keys[next]].bytes.empty()) {
      next = FindAsked(part, keys, values, blocks.key(), next);
      if (next == part.keys.size()) {
        return BadReply("value for a key that was not asked for", part.server);
      }
    }
    values[part.keys[next]] = {block, blocks.bytes()};
  }
  const std::string_view rest = part.reply.bytes.substr(blocks.passed());
  if (blocks.PassEnd() && blocks.passed() == part.reply.bytes.size()) return {};
  ReplyReader reader(rest);
  const bool has_line = reader.Next();
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
