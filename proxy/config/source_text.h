// A configuration file as characters and lines: what YAML asks of the text itself,
// and yaml-cpp does not check.
#ifndef KEYWAY_PROXY_CONFIG_SOURCE_TEXT_H_
#define KEYWAY_PROXY_CONFIG_SOURCE_TEXT_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/config/config.h"
#include "proxy/config/problem.h"

namespace keyway {

// Where a scalar stands in the text.
struct ScalarSpan {
  size_t begin = 0;
  bool key = false;   // a key, not a value
  size_t indent = 0;  // columns that further lines of the scalar must be indented by
};

// A text of which each line ends in one '\n', and which starts without byte order mark.
class SourceText {
 public:
  // CR LF, CR, LF and NEL (U+0085) break lines in `bytes`.
  explicit SourceText(std::string_view bytes);

  const std::string& text() const { return text_; }
  Location LocationOf(size_t offset) const;

  // What is not UTF-8 or not printable, once a line.
  Problems CheckCharacters() const;

  // Lines that start or end a document.
  Problems CheckMarkers() const;

  // Quotes that are never closed; and up to `end` directives, and tabs where the
  // indentation counts. `scalars` are those before `end`, in their order.
  Problems CheckLines(std::span<const ScalarSpan> scalars, size_t end) const;

 private:
  Problem At(size_t offset, std::string message) const;
  bool TabAllowed(size_t offset, const ScalarSpan* before) const;

  std::string text_;
  std::vector<size_t> lines_;  // offset of each line
};

}  // namespace keyway

#endif  // KEYWAY_PROXY_CONFIG_SOURCE_TEXT_H_
