#include "proxy/stats/counter.h"

#include "proxy/base/limits.h"

namespace keyway {

void Note::Set(std::string_view text) {
  std::string printable(text.substr(0, kMaxNoteBytes));
  for (char& c : printable) {
    if (c < ' ' || c > '~') c = '?';
  }
  std::lock_guard lock(mutex_);
  text_ = std::move(printable);
}

std::string Note::text() const {
  std::lock_guard lock(mutex_);
  return text_;
}

}  // namespace keyway
