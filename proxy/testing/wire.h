// The two wire formats as far as the tests' own clients and servers need them, written
// apart from //proxy/protocol, which they check.
#ifndef KEYWAY_PROXY_TESTING_WIRE_H_
#define KEYWAY_PROXY_TESTING_WIRE_H_

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace keyway {

enum class Protocol { kRedis, kMemcache };

// A Redis request: an array of bulk strings.
std::string Resp(std::span<const std::string> words);
std::string Resp(std::initializer_list<std::string> words);

// Size of the message at the start of `bytes`; 0 when it is not complete. Requests are
// RESP arrays or text lines with their data block; replies are anything of either
// protocol, VALUE and STAT lines up to their END taken together.
size_t RequestSize(Protocol protocol, std::string_view bytes);
size_t ReplySize(Protocol protocol, std::string_view bytes);

// The words of one complete request; memcached's data block is the last one.
std::vector<std::string> RequestWords(Protocol protocol, std::string_view request);

}  // namespace keyway

#endif  // KEYWAY_PROXY_TESTING_WIRE_H_
