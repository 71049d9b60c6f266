// Commands as a person types them: words on a line instead of a RESP array.
#ifndef KEYWAY_PROXY_PROTOCOL_REDIS_INLINE_COMMAND_H_
#define KEYWAY_PROXY_PROTOCOL_REDIS_INLINE_COMMAND_H_

#include <string>
#include <string_view>
#include <vector>

namespace keyway::redis {

// Splits `line` (without its line end) into words as Redis does. Words may be in
// "double quotes", where \n \r \t \b \a \xHH stand for bytes and a backslash before
// any other byte for that byte, or in 'single quotes', where only \' is special. False
// if a quote does not end, or ends within a word.
bool SplitInline(std::string_view line, std::vector<std::string>& words);

// Appends the RESP array of bulk strings with these words.
void AppendArray(const std::vector<std::string>& words, std::string& out);

}  // namespace keyway::redis

#endif  // KEYWAY_PROXY_PROTOCOL_REDIS_INLINE_COMMAND_H_
