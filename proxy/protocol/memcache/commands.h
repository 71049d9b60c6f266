// The table of memcached's text commands.
#ifndef KEYWAY_PROXY_PROTOCOL_MEMCACHE_COMMANDS_H_
#define KEYWAY_PROXY_PROTOCOL_MEMCACHE_COMMANDS_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "proxy/protocol/command.h"
#include "proxy/protocol/memcache/reply_line.h"

namespace keyway::memcache {

// The one-letter flags behind the key of a meta command that concern a proxy.
enum class MetaFlags : uint8_t {
  kNone,    // no meta command
  kBase64,  // b: the key is base64
  kQuiet,   // that and q: ordinary replies are not wanted
};

// How requests for a command and the replies to them look, beyond its CommandSpec.
struct CommandForm {
  // What the words after the name must be, one letter for each; the server judges
  // the words that are not named here. A proxy has to judge those that say where a
  // request goes or ends, and every word for whose sake memcached refuses a storage
  // command without reading the data behind it.
  //   k  a key                     f  client flags: unsigned, 32 bits
  //   K  keys from here on         t  expiry time: signed, 64 bits
  //   -  any word                  u  unsigned, 64 bits
  //                                n  unsigned, 64 bits: the size of the data block
  std::string_view words = {};
  // With more words than this, name included, it is an error.
  uint8_t most_words = kAnyNumber;
  // `noreply` is the flag when it is the last word and stands here or further right.
  // 0: there is no such flag.
  uint8_t noreply_from = 0;
  // The line may be longer than kMaxShortLineBytes.
  bool long_line = false;
  MetaFlags flags = MetaFlags::kNone;
  ReplyWords replies = {};  // besides errors
  ReplyWords hidden = {};   // the ones that the quiet flag keeps back

  static constexpr uint8_t kAnyNumber = 255;

  // The position of the word with the size of the data block, 0 if there is none.
  constexpr size_t size_at() const { return words.find('n') + 1; }
};

// memcached closes the connection on a line of more than this that has come in
// pieces, except for get and gets.
inline constexpr size_t kMaxShortLineBytes = 2048;

std::span<const CommandSpec> Commands();
// Names are in lower case only, as in memcached. Null for any other word.
const CommandSpec* FindCommand(std::string_view name);
// `command` is one of Commands().
const CommandForm& FormOf(const CommandSpec& command);

}  // namespace keyway::memcache

#endif  // KEYWAY_PROXY_PROTOCOL_MEMCACHE_COMMANDS_H_
