// One reply from the replies to all parts of a split request.
#ifndef KEYWAY_PROXY_PROTOCOL_MEMCACHE_MERGE_H_
#define KEYWAY_PROXY_PROTOCOL_MEMCACHE_MERGE_H_

#include <span>
#include <string_view>

#include "proxy/base/buffer.h"
#include "proxy/protocol/codec.h"

namespace keyway::memcache {

// See Codec::Combine.
//   get, gets, gat, gats  VALUE blocks in the order of the keys, then END
//   stats                 the lines of all servers, each STAT and PREFIX line with
//                         "<server>:" in front of its name, then END
//   flush_all, verbosity  OK if all servers say so
void CombineReplies(const CommandSpec& command, std::span<const std::string_view> keys,
                    std::span<const Part> parts, OutputBuffer& out);

}  // namespace keyway::memcache

#endif  // KEYWAY_PROXY_PROTOCOL_MEMCACHE_MERGE_H_
