"""The files that are checked, and what Bazel is told about them."""

import ast
import builtins
import fnmatch
import os
import pathlib
import posixpath
import re

SUFFIXES = (".bzl", ".cc", ".h", ".md", ".py", ".sh", ".yml", ".yaml", ".txt", ".proto", ".scn")


class Tree:
    """Files by their path from the top folder, in memory."""

    def __init__(self, files, others=(), configs=()):
        self.files = dict(sorted(files.items()))  # path -> text
        self.paths = {*files, *others}  # also of those whose text does not matter
        self.configs = set(configs)  # what --config= may name

    @classmethod
    def read(cls, root):
        """All below a folder but what is hidden, or left out by .gitignore."""
        files, others = {}, []
        ignored = pathlib.Path(root, ".gitignore").read_text(encoding="utf-8").split()
        patterns = [".*", *(pattern.strip("/") for pattern in ignored)]

        def is_ignored(name):
            return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)

        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if not is_ignored(name)]
            for name in names:
                path = pathlib.Path(folder, name)
                if is_ignored(name):
                    continue
                relative = path.relative_to(root).as_posix()
                if name in ("BUILD", "WORKSPACE") or name.endswith(SUFFIXES) or is_script(path):
                    try:
                        files[relative] = path.read_text(encoding="utf-8")
                        continue
                    except UnicodeDecodeError:
                        pass
                others.append(relative)
        bazelrc = pathlib.Path(root, ".bazelrc").read_text(encoding="utf-8")
        return cls(files, others, re.findall(r"^\w+:(\w+) ", bazelrc, re.MULTILINE))

    def folders(self):
        """All folders that hold a file, or hold one that does."""
        found = {""}
        for path in self.paths:
            while path := posixpath.dirname(path):
                found.add(path)
        return sorted(found)

    def targets(self, folder):
        """The targets of a folder's BUILD file."""
        text = self.files.get(posixpath.join(folder, "BUILD"))
        return [] if text is None else read_targets(self, folder, text)


def is_script(path):
    with open(path, "rb") as stream:
        return stream.read(2) == b"#!"


class Target:
    """A call of a rule in a BUILD file."""

    def __init__(self, folder, rule, line, attributes):
        self.folder = folder
        self.rule = rule
        self.line = line
        self.attributes = attributes

    @property
    def name(self):
        return self.attributes.get("name", "")

    def is_test(self):
        return self.rule.endswith("_test") or bool(self.attributes.get("testonly"))

    def labels(self, attribute):
        """The labels of an attribute, written in full; those of a select, of all its branches."""
        value = self.attributes.get(attribute, [])
        if isinstance(value, str):
            value = [value]
        return [full_label(self.folder, label) for label in flatten(value)]

    def own_files(self):
        """The files of its own folder that it is made of, by path."""
        labels = [
            *(self.labels("src") + self.labels("srcs") + self.labels("hdrs")),
            *(self.labels("data") + self.labels("corpus") + self.labels("deps")),
            *(self.labels("textual_hdrs") + self.labels("linkstamp")),
        ]
        prefix = f"//{self.folder}:"
        return [
            posixpath.join(self.folder, label[len(prefix) :])
            for label in labels
            if label.startswith(prefix)
        ]


def full_label(folder, label):
    """'//a/b:b' for '//a/b', ':b' or 'b'; '@c//:c' for '@c'."""
    if label.startswith("@") and "//" not in label:
        return f"{label}//:{label[1:]}"
    if not label.startswith(("@", "//")):
        return f"//{folder}:{label.removeprefix(':')}"
    if ":" in label:
        return label
    return f"{label}:{label.rpartition('/')[2]}"


class Select(list):
    """The branches of a select(), which adds up with lists."""

    def __add__(self, other):
        return Select([*self, *other])

    def __radd__(self, other):
        return Select([*other, *self])


def flatten(value):
    return [item for item in value if isinstance(item, str)]


def read_targets(tree, folder, text):
    """Runs a BUILD file, which reads as Python too, with rules that take notes."""
    module = ast.parse(text)
    targets = []

    def glob(patterns, exclude=(), **_):
        prefix = folder + "/" if folder else ""
        names = [path[len(prefix) :] for path in sorted(tree.paths) if path.startswith(prefix)]
        return [
            name
            for name in names
            if any(matches(name, pattern) for pattern in patterns)
            and not any(matches(name, pattern) for pattern in exclude)
        ]

    def select(branches, **_):
        return Select(item for branch in branches.values() for item in branch)

    class Rule:
        def __init__(self, name):
            self.name = name

        def __call__(self, *args, **attributes):
            targets.append(Target(folder, self.name, current[0].lineno, attributes))

    names = {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}
    scope = {name: Rule(name) for name in names if not hasattr(builtins, name)}
    scope.update(glob=glob, select=select, load=lambda *_, **__: None)
    current = [None]
    for statement in module.body:
        current[0] = statement
        exec(compile(ast.Module([statement], []), f"{folder}/BUILD", "exec"), scope)
    for package in [target for target in targets if target.rule == "package"]:
        for target in targets:
            target.attributes.setdefault("testonly", package.attributes.get("default_testonly"))
    return targets


def matches(name, pattern):
    """Bazel's glob: ** for any folders, * within one."""
    name, pattern = name.split("/"), pattern.split("/")

    def match(names, patterns):
        if not patterns:
            return not names
        if patterns[0] == "**":
            return any(match(names[i:], patterns[1:]) for i in range(len(names) + 1))
        return (
            bool(names)
            and fnmatch.fnmatchcase(names[0], patterns[0])
            and match(names[1:], patterns[1:])
        )

    return match(name, pattern)
