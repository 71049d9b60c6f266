"""As much of C++ as the checks need: on code that clang-format has laid out."""

import re

_TOKENS = re.compile(
    r"""
    //[^\n]*                                           # comment to the end of the line
  | /\*.*?\*/                                          # comment
  | R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)"       # raw string
  | "(?:\\.|[^"\\\n])*"                                # string
  | (?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'               # character, not a digit separator
    """,
    re.DOTALL | re.VERBOSE,
)
_INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
_NOT_A_FUNCTION = re.compile(
    r"(namespace|class|struct|union|enum|extern|if|for|while|switch|do|else|try|catch|case)\b"
)


def blank(text):
    """The text with comments and the insides of strings blanked; lines keep their numbers."""

    def cover(match):
        token = match.group()
        covered = re.sub(r"[^\n]", " ", token)
        return covered if token.startswith(("//", "/*")) else '"' + covered[1:-1] + '"'

    return _TOKENS.sub(cover, text)


def includes(text):
    """Yields (line, header, whether in quotes) for each #include."""
    for match in _INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start(2)) + 1
        yield line, match.group(2), match.group(1) == '"'


def _statement_start(lines, end):
    """The first line of the statement whose line number `end` opens a block."""
    start = end
    while start > 0:
        above = lines[start - 1].strip()
        ends_there = not above or above.startswith("#") or above[-1] in ";{}"
        if ends_there or re.fullmatch(r"(public|private|protected):", above):
            break
        start -= 1
    return start


def functions(text):
    """Yields (first line, last line) of each function outside of a function, counted from 1.

    Relies on the layout: a body ends at the first line that starts with a brace
    as far in as the function does.
    """
    lines = blank(text).split("\n")
    at = 0
    while at < len(lines):
        line = lines[at].rstrip()
        start = _statement_start(lines, at)
        statement = " ".join(part.strip() for part in lines[start : at + 1])
        statement = re.sub(r'^(template <.*?> (?=\w)|extern " " (?=\w))+', "", statement)
        at += 1
        if not line.endswith("{") or _NOT_A_FUNCTION.match(statement):
            continue
        indent = re.match(" *", lines[start]).group()
        end = at
        while end < len(lines) and not lines[end].startswith(indent + "}"):
            end += 1
        if "(" in statement and not re.search(r"\]? = (\w+)?\{$", statement):
            yield start + 1, end + 1
        at = end + 1
