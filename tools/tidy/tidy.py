#!/usr/bin/python3
"""Checks the tree against the rules in rules.py.

usage: tools/tidy/tidy.py [--fix]

Prints one line per violation. With --fix, formats the C++ sources first.
"""

import ast
import os
import pathlib
import posixpath
import re
import subprocess
import sys

import cpp
import docs
import rules
import tree as trees

COMMENT = re.compile(r"\s*(//|#)")


class Tidy:
    """The checks, each a method that reports what it finds."""

    def __init__(self, tree):
        self.tree = tree
        self.problems = set()
        self.targets = [target for folder in tree.folders() for target in tree.targets(folder)]
        self.test_files = {
            path
            for target in self.targets
            if target.is_test()
            for path in target.own_files()
        }

    def report(self, path, line, message):
        self.problems.add((path, line, message))

    def run(self):
        for check in (
            self.check_text,
            self.check_sizes,
            self.check_functions,
            self.check_guards,
            self.check_calls,
            self.check_includes,
            self.check_confined_headers,
            self.check_dependencies,
            self.check_layout,
            self.check_dead_files,
            self.check_docs,
        ):
            check()
        return [f"{path}:{line}: {message}" for path, line, message in sorted(self.problems)]

    def checked(self, *suffixes):
        """The (path, text) of the checked files whose name ends so."""
        for path, text in self.tree.files.items():
            if path.endswith(suffixes) and not within(path, rules.UNCHECKED_FOLDERS):
                yield path, text

    def is_test(self, path):
        return path in self.test_files or re.search(r"_(test|fuzz|bench)\.\w+$", path) is not None

    def allowed(self, path, places):
        return within(path, places) or (rules.TESTS in places and self.is_test(path))

    def check_text(self):
        """Whitespace, line length and words in every text file."""
        for path, text in self.checked(""):
            if text and not text.endswith("\n"):
                self.report(path, text.count("\n") + 1, "the last line does not end")
            for number, line in enumerate(text.split("\n"), 1):
                if "\t" in line:
                    self.report(path, number, "tab")
                if line != line.rstrip():
                    self.report(path, number, "white space at the end of the line")
                if len(line) > rules.MAX_COLUMNS and not path.endswith(".md"):
                    self.report(path, number, f"over {rules.MAX_COLUMNS} columns")
                if word := re.search(rules.BANNED_WORDS, line):
                    self.report(path, number, f"{word.group()}: do it, or leave it")

    def check_sizes(self):
        for path, text in self.checked(".cc", ".h", ".py"):
            lines = text.split("\n")
            kind = "test" if self.is_test(path) else "header" if path.endswith(".h") else "source"
            limit = rules.MAX_FILE_LINES[kind]
            if len(lines) > limit and not has_reason(lines, leading_comment(lines)):
                self.report(path, 1, f"{len(lines) - 1} lines; a {kind} stays under {limit}")

    def check_functions(self):
        for path, text in self.checked(".cc", ".h", ".py"):
            lines = text.split("\n")
            python = path.endswith(".py")
            for first, last in python_functions(text) if python else cpp.functions(text):
                above = first - 1
                while above > 0 and COMMENT.match(lines[above - 1]):
                    above -= 1
                if last - first + 1 < rules.MAX_FUNCTION_LINES:
                    continue
                if not has_reason(lines, range(above, first - 1)):
                    self.report(
                        path,
                        first,
                        f"a function of {last - first + 1} lines; "
                        f"it stays under {rules.MAX_FUNCTION_LINES}",
                    )

    def check_guards(self):
        for path, text in self.checked(".h"):
            guard = "KEYWAY_" + re.sub(r"\W", "_", path).upper() + "_"
            code = [line for line in cpp.blank(text).split("\n") if line.strip()]
            wanted = [f"#ifndef {guard}", f"#define {guard}"]
            if code[:2] != wanted or not text.endswith(f"\n#endif  // {guard}\n"):
                self.report(path, 1, f"the header guard is not {guard}")

    def check_calls(self):
        for path, text in self.checked(".cc", ".h"):
            for number, line in enumerate(cpp.blank(text).split("\n"), 1):
                for pattern, instead, places in rules.BANNED_CALLS:
                    if (call := re.search(pattern, line)) and not self.allowed(path, places):
                        self.report(path, number, f"'{call.group()}': {instead}")

    def check_includes(self):
        """Who may include whom among our own headers."""
        for path, text in self.checked(".cc", ".h"):
            folder = posixpath.dirname(path)
            row = row_of(folder)
            if row is None:
                self.report(path, 1, f"{folder} has no row in MAY_INCLUDE of tools/tidy/rules.py")
                continue
            places = row + (rules.TESTS_MAY_INCLUDE if self.is_test(path) else [])
            for number, header, quoted in cpp.includes(text):
                home = posixpath.dirname(header)
                if not quoted or header.split("/")[0] not in rules.TOP_LEVEL:
                    continue
                header = source_of(header)
                if header not in self.tree.files:
                    self.report(path, number, f"there is no {header}")
                elif home != folder and not within(header, places):
                    self.report(path, number, f"{folder} may not include {header}")
                elif home != folder and header not in rules.PUBLIC_HEADERS.get(home, [header]):
                    self.report(path, number, f"{header} is private to {home}")

    def check_confined_headers(self):
        for path, text in self.checked(".cc", ".h"):
            for number, header, _ in cpp.includes(text):
                for pattern, places in rules.CONFINED_HEADERS:
                    if re.match(pattern, header):
                        if not self.allowed(path, places):
                            where = ", ".join(places) or "nowhere"
                            self.report(path, number, f"{header} may be included in: {where}")
                        break

    def check_dependencies(self):
        """A target names what its sources include; a library or program nothing else."""
        for target in self.targets:
            build = posixpath.join(target.folder, "BUILD")
            sources = [path for path in target.own_files() if path.endswith((".cc", ".h"))]
            sources = [path for path in sources if path in self.tree.files]
            if not target.rule.startswith("cc_") or not sources:
                continue
            deps = set(target.labels("deps"))
            used = set()
            for path in sources:
                for number, header, _ in cpp.includes(self.tree.files[path]):
                    named = [label for label in deps if gives(label, header)]
                    used.update(named)
                    if not named and (label := wanted_label(header, target.folder)):
                        self.report(path, number, f"{build}: {target.name} lacks {label}")
            for label in deps - used if not target.is_test() else ():
                if is_library_of_headers(label, target.folder):
                    self.report(build, target.line, f"{target.name} does not use {label}")

    def check_layout(self):
        top = {path.split("/")[0] for path in self.tree.paths}
        for name in sorted(top ^ rules.TOP_LEVEL):
            self.report(name, 1, "is not among the top level" if name in top else "is missing")
        for folder in rules.FOLDERS_WITH_README:
            if folder in self.tree.folders():
                path = posixpath.join(folder, "README.md")
                if path not in self.tree.files:
                    self.report(path, 1, "is missing")
        for path, _ in self.checked(".cc", ".h", ".py"):
            build = posixpath.join(posixpath.dirname(path), "BUILD")
            if build not in self.tree.files:
                self.report(build, 1, "is missing")

    def check_dead_files(self):
        """Every source is part of a target."""
        owned = {path for target in self.targets for path in target.own_files()}
        owned |= {
            label.removeprefix("//").replace(":", "/")
            for target in self.targets
            for attribute in ("srcs", "hdrs", "data", "deps")
            for label in target.labels(attribute)
        }
        for path, text in self.checked(".cc", ".h", "_test.py", "_test.sh"):
            if path not in owned:
                self.report(path, 1, "no target has it")

    def check_docs(self):
        for path, _ in self.checked(".md"):
            docs.check(self.tree, path, self.report)


def within(path, places):
    """Whether a path is one of the places, or below one."""
    return any(path == place or path.startswith(place + "/") for place in places)


def row_of(folder):
    """The folder's row in MAY_INCLUDE, or None."""
    if folder in rules.MAY_INCLUDE:
        return rules.MAY_INCLUDE[folder]
    while folder:
        if folder + "/..." in rules.MAY_INCLUDE:
            return [*rules.MAY_INCLUDE[folder + "/..."], folder]
        folder = posixpath.dirname(folder)
    return None


def leading_comment(lines):
    """The lines, from 0, of the comment that a file begins with."""
    end = 0
    while end < len(lines) and (COMMENT.match(lines[end]) or not lines[end].strip()):
        if lines[end].startswith(("#ifndef", "#include")):
            break
        end += 1
    return range(end)


def source_of(header):
    """The header itself, or the .proto file that it is generated from."""
    return re.sub(r"(\.grpc)?\.pb\.h$", ".proto", header)


def has_reason(lines, numbers):
    return any(re.match(r"\s*(//|#) long: \w", lines[number]) for number in numbers)


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            yield node.lineno, node.end_lineno


def absl_label(header):
    """Abseil's label for a header of its."""
    label = rules.ABSEIL_LABELS.get(header)
    if label is None:
        folder, name = header.removesuffix(".h").rsplit("/", 1)
        label = f"{folder}:{name}"
        if folder == "absl/strings" and name in rules.ABSEIL_STRINGS:
            label = "absl/strings:strings"
    return "@com_google_absl//" + label


def library_labels(header):
    """The labels of which one gives a third-party header; none for one of the system."""
    if header.startswith("absl/"):
        return [trees.full_label("", absl_label(header))]
    for pattern, labels in rules.LIBRARY_LABELS:
        if re.match(pattern, header):
            return [trees.full_label("", label) for label in labels]
    return []


def gives(label, header):
    """Whether a dependency stands for an included header."""
    if label.startswith("//"):
        return posixpath.dirname(header) == label[2:].partition(":")[0]
    return label in library_labels(header)


def wanted_label(header, folder):
    """A label that a target which includes the header must name, or None."""
    labels = library_labels(header)
    if labels:
        return labels[0]
    home = posixpath.dirname(header)
    if header.split("/")[0] in rules.TOP_LEVEL and home != folder:
        return f"//{home}"
    return None


def is_library_of_headers(label, folder):
    """Whether a target that names the label ought to include one of its headers."""
    if label.startswith("//"):
        return label[2:].partition(":")[0] != folder
    return not label.endswith("_main")


def format_sources(root, paths, fix):
    """The problems that clang-format sees; with fix, it solves them."""
    command = ["clang-format", *(["-i"] if fix else ["--dry-run", "--Werror"]), *paths]
    try:
        run = subprocess.run(command, cwd=root, stderr=subprocess.PIPE, text=True, check=False)
    except FileNotFoundError:
        return ["clang-format is missing; tools/setup installs it"]
    return re.findall(r"^(?:\S+:\d+):\d+: error: .*", run.stderr, re.MULTILINE) or (
        [run.stderr] if run.returncode else []
    )


def main(args):
    if args not in ([], ["--fix"]):
        print(__doc__.strip())
        return 0 if args in (["-h"], ["--help"]) else 2
    root = pathlib.Path(os.path.realpath(__file__)).parents[2]
    tree = trees.Tree.read(root)
    tidy = Tidy(tree)
    sources = [path for path, _ in tidy.checked(".cc", ".h")]
    problems = format_sources(root, sources, fix=bool(args)) + tidy.run()
    print("\n".join(problems + [f"{len(tree.files)} files, {len(problems)} violations"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
