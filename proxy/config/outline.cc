// The only file that includes yaml-cpp; its exceptions stop here.

#include "proxy/config/outline.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "proxy/config/source_text.h"

namespace keyway {
namespace {

// Receives yaml-cpp's events and keeps what has its place in an outline.
class OutlineBuilder : public YAML::EventHandler {
 public:
  OutlineBuilder(const SourceText& source, Problems& problems)
      : source_(source), problems_(problems) {}

  std::vector<Section> TakeSections() { return std::move(sections_); }
  const std::vector<ScalarSpan>& scalars() const { return scalars_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (started_) Refuse(mark, "indented unlike everything above it");
    ignoring_ = started_;
    started_ = true;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override;
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string& value) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { Close(); }

 private:
  // A collection that is open. kIgnored is one that has been refused.
  enum class Kind { kFile, kSection, kItems, kIgnored };
  struct Open {
    Kind kind;
    int column;                // counted from 0
    bool at_key = true;        // mappings: a key comes next
    int key_column = 0;        // mappings: of the last key
    bool key_refused = false;  // mappings: the value that comes next has no place
  };

  void Refuse(const YAML::Mark& mark, std::string message);
  void CheckProperties(const YAML::Mark& mark);
  void CheckStyle(const YAML::Mark& mark, YAML::EmitterStyle::value style);
  bool IsWritten(const YAML::Mark& mark) const;
  void AddScalar(const YAML::Mark& mark, std::string text);
  void AddKey(Kind parent, Scalar key);
  void AddValue(Kind parent, Scalar value, bool written);
  bool AtValueOf(Kind kind) const;
  void OpenIgnored(const YAML::Mark& mark, std::string message);
  void Push(Kind kind, const YAML::Mark& mark);
  void Close();
  void FinishNode();

  const SourceText& source_;
  Problems& problems_;
  std::vector<Section> sections_;
  std::vector<ScalarSpan> scalars_;
  std::vector<Open> open_;
  bool started_ = false;
  bool ignoring_ = false;  // behind the end of the document
  int refused_line_ = 0;   // of the last problem
};

// The first word about a place is the clearest; what follows from it is left out.
void OutlineBuilder::Refuse(const YAML::Mark& mark, std::string message) {
  const Location location = source_.LocationOf(static_cast<size_t>(mark.pos));
  if (ignoring_ || std::exchange(refused_line_, location.line) == location.line) return;
  problems_.push_back({.location = location, .message = std::move(message)});
}

// Anchors, tags and aliases start a node; nothing else can start with their characters.
void OutlineBuilder::CheckProperties(const YAML::Mark& mark) {
  const std::string& text = source_.text();
  const size_t offset = static_cast<size_t>(mark.pos);
  if (offset >= text.size()) return;
  if (text[offset] == '&') Refuse(mark, "anchor; write the value itself, or quote it");
  if (text[offset] == '!') Refuse(mark, "tag; all values are text, remove the tag or quote it");
}

void OutlineBuilder::CheckStyle(const YAML::Mark& mark, YAML::EmitterStyle::value style) {
  if (style == YAML::EmitterStyle::Flow) {
    Refuse(mark, "'[…]' and '{…}' are not allowed; write one line for each entry, or quote text");
  }
}

// Whether the value of a key that has been kept comes next.
bool OutlineBuilder::AtValueOf(Kind kind) const {
  return !open_.empty() && open_.back().kind == kind && !open_.back().at_key &&
         !open_.back().key_refused;
}

void OutlineBuilder::OpenIgnored(const YAML::Mark& mark, std::string message) {
  const bool ignored = !open_.empty() && open_.back().kind == Kind::kIgnored;
  const bool key_refused = !open_.empty() && !open_.back().at_key && open_.back().key_refused;
  if (!ignored && !key_refused) Refuse(mark, std::move(message));
  if (!open_.empty()) open_.back().key_refused = open_.back().at_key;
  Push(Kind::kIgnored, mark);
}

void OutlineBuilder::Push(Kind kind, const YAML::Mark& mark) {
  open_.push_back({.kind = kind, .column = mark.column});
}

void OutlineBuilder::Close() {
  open_.pop_back();
  FinishNode();
}

// In a mapping keys and values take turns.
void OutlineBuilder::FinishNode() {
  if (!open_.empty()) open_.back().at_key = !open_.back().at_key;
}

void OutlineBuilder::OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                                YAML::EmitterStyle::value style) {
  CheckProperties(mark);
  CheckStyle(mark, style);
  if (open_.empty()) {
    Push(ignoring_ ? Kind::kIgnored : Kind::kFile, mark);
  } else if (AtValueOf(Kind::kFile)) {
    Push(Kind::kSection, mark);
  } else {
    OpenIgnored(mark, "a mapping too deep; pools hold lines 'key: value' and nothing below them");
  }
}

void OutlineBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                                     YAML::EmitterStyle::value style) {
  CheckProperties(mark);
  CheckStyle(mark, style);
  if (AtValueOf(Kind::kSection)) {
    sections_.back().settings.back().sequence = true;
    Push(Kind::kItems, mark);
  } else {
    OpenIgnored(mark, "a sequence here; the only place for '- …' lines is below 'servers:'");
  }
}

void OutlineBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t) {
  Refuse(mark, "alias; write the value itself, or quote it");
  AddScalar(mark, "*");
}

// yaml-cpp tells neither "null" from an empty value nor where an empty value stands: its
// mark is that of whatever comes next, which is a sibling or less indented.
bool OutlineBuilder::IsWritten(const YAML::Mark& mark) const {
  if (open_.empty() || open_.back().kind == Kind::kIgnored) return true;
  const Open& parent = open_.back();
  if (parent.kind == Kind::kItems) return mark.column > parent.column;
  return parent.at_key || mark.column > parent.key_column;
}

void OutlineBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t) {
  constexpr std::array<std::string_view, 4> kNullWords = {"~", "null", "Null", "NULL"};
  const std::string_view text =
      std::string_view(source_.text()).substr(static_cast<size_t>(mark.pos));
  const auto word = std::find_if(kNullWords.begin(), kNullWords.end(),
                                 [&](std::string_view null) { return text.starts_with(null); });
  if (word != kNullWords.end() && IsWritten(mark)) {
    AddScalar(mark, std::string(*word));
  } else {
    AddScalar(mark, "");
  }
}

void OutlineBuilder::OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                              const std::string& value) {
  CheckProperties(mark);
  AddScalar(mark, value);
}

void OutlineBuilder::AddScalar(const YAML::Mark& mark, std::string text) {
  if (ignoring_) return;
  if (open_.empty()) {
    if (!text.empty()) Refuse(mark, "expected a pool: 'name:', and below it indented 'key: value'");
    return;
  }
  Open& parent = open_.back();
  const bool key = parent.at_key && (parent.kind == Kind::kFile || parent.kind == Kind::kSection);
  const bool written = !text.empty() || IsWritten(mark);
  if (text.find('\0') != std::string::npos) Refuse(mark, "the text holds a NUL; remove '\\0'");
  Scalar scalar = {.text = std::move(text),
                   .location = source_.LocationOf(static_cast<size_t>(mark.pos))};
  if (written) {
    scalars_.push_back({.begin = static_cast<size_t>(mark.pos),
                        .key = key,
                        .indent = static_cast<size_t>(parent.column) + 1});
  }
  if (key) {
    parent.key_column = mark.column;
    parent.key_refused = false;
    AddKey(parent.kind, std::move(scalar));
  } else {
    const bool has_place = parent.kind == Kind::kItems || AtValueOf(Kind::kSection);
    if (has_place && written && mark.column <= parent.column) {
      Refuse(mark, "expected 'key: value'; if this is a value, indent it further than its key");
    }
    AddValue(parent.kind, std::move(scalar), written);
  }
  FinishNode();
}

void OutlineBuilder::AddKey(Kind parent, Scalar key) {
  if (parent == Kind::kFile) {
    sections_.push_back({.name = std::move(key)});
  } else {
    sections_.back().settings.push_back({.key = std::move(key)});
  }
}

void OutlineBuilder::AddValue(Kind parent, Scalar value, bool written) {
  if (AtValueOf(Kind::kFile)) {
    problems_.push_back({.location = sections_.back().name.location,
                         .pool = sections_.back().name.text,
                         .message = "has no settings; write them below it, indented"});
  } else if (AtValueOf(Kind::kSection) || parent == Kind::kItems) {
    Setting& setting = sections_.back().settings.back();
    if (!written) value.location = setting.key.location;
    setting.values.push_back(std::move(value));
  }
}

// What to do about what yaml-cpp says.
std::string Explain(const std::string& message) {
  struct Hint {
    std::string_view message;
    std::string_view hint;
  };
  static const Hint kHints[] = {
      {YAML::ErrorMsg::MAP_VALUE,
       "a ': ' that ends no key; indent lines alike, and quote text that holds ': '"},
      {YAML::ErrorMsg::MAP_KEY, "a '? ' that starts no key; quote text that starts so"},
      {YAML::ErrorMsg::BLOCK_ENTRY, "a '- ' that starts no entry; put it on a line of its own"},
      {YAML::ErrorMsg::END_OF_MAP, "expected 'key: value', indented like the keys above it"},
      {YAML::ErrorMsg::END_OF_SEQ, "expected '- value', indented like the entries above it"},
      {YAML::ErrorMsg::END_OF_MAP_FLOW, "'{' is not allowed here; quote text that starts with it"},
      {YAML::ErrorMsg::END_OF_SEQ_FLOW, "'[' is not allowed here; quote text that starts with it"},
      {YAML::ErrorMsg::FLOW_END, "']' or '}' is not allowed here; quote text that starts with it"},
      {YAML::ErrorMsg::INVALID_ESCAPE, R"(unknown escape; in double quotes a backslash is '\\')"},
      {YAML::ErrorMsg::EOF_IN_SCALAR, "the quote is never closed"},
      {YAML::ErrorMsg::DOC_IN_SCALAR, "the quote is not closed before the document marker"},
      {YAML::ErrorMsg::UNKNOWN_TOKEN, "text cannot start with this character; quote it"},
      {YAML::ErrorMsg::TAB_IN_INDENTATION, "a tab cannot indent; use spaces"},
      {YAML::ErrorMsg::UNKNOWN_ANCHOR, "text cannot start with '*'; quote it"},
      {YAML::ErrorMsg::ALIAS_NOT_FOUND, "text cannot start with '*'; quote it"},
      {YAML::ErrorMsg::CHAR_IN_ALIAS, "text cannot start with '*'; quote it"},
      {YAML::ErrorMsg::ANCHOR_NOT_FOUND, "text cannot start with '&'; quote it"},
      {YAML::ErrorMsg::CHAR_IN_ANCHOR, "text cannot start with '&'; quote it"},
  };
  const auto hint = std::find_if(std::begin(kHints), std::end(kHints),
                                 [&](const Hint& row) { return message.starts_with(row.message); });
  return hint == std::end(kHints) ? message : std::string(hint->hint);
}

}  // namespace

std::vector<Section> ReadOutline(std::string_view text, Problems& problems) {
  const SourceText source(text);
  Problems found = source.CheckCharacters();
  if (!found.empty()) {
    std::move(found.begin(), found.end(), std::back_inserter(problems));
    return {};
  }

  found = source.CheckMarkers();
  const bool one_document = found.empty();
  OutlineBuilder builder(source, found);
  size_t end = source.text().size();
  std::optional<Problem> syntax;
  try {
    std::istringstream stream(source.text());
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    // Without a marker, a further document is what is left over of a broken first one.
    if (one_document) parser.HandleNextDocument(builder);
  } catch (const YAML::Exception& exception) {
    end = std::min(static_cast<size_t>(std::max(exception.mark.pos, 0)), end) + 1;
    syntax = {.location = source.LocationOf(end - 1), .message = Explain(exception.msg)};
  }

  for (Problem& problem : source.CheckLines(builder.scalars(), end)) {
    found.push_back(std::move(problem));
  }
  // What is known to be wrong with its line is the reason of a syntax error.
  if (syntax && std::none_of(found.begin(), found.end(), [&](const Problem& problem) {
        return problem.location.line == syntax->location.line;
      })) {
    found.push_back(*std::move(syntax));
  }
  std::move(found.begin(), found.end(), std::back_inserter(problems));
  return builder.TakeSections();
}

}  // namespace keyway
