"""What the documentation names must exist: links, files, targets, configurations."""

import posixpath
import re

FENCE = re.compile(r"^```(\w*)$")
TARGET = re.compile(r"//[\w/.-]*(:[\w.-]+)?")
LINK = re.compile(r"\]\(([^)#\s]+)")
CODE = re.compile(r"`([^`]+)`")
PATH = re.compile(r"[a-z][\w.-]*(/(?!\.\.\.)[\w.-]+)+/?")
CONFIG = re.compile(r"--config=(\w+)")


def split(text):
    """Yields (line number, line, language of the block it is in, or None in prose)."""
    language = None
    for number, line in enumerate(text.split("\n"), 1):
        if fence := FENCE.match(line):
            language = None if language is not None else fence.group(1)
        else:
            yield number, line, language


def check(tree, path, report):
    """Reports what a Markdown file names and the tree lacks."""
    for number, line, language in split(tree.files[path]):
        if language is None:
            for link in LINK.findall(line):
                if not is_known_link(tree, path, link):
                    report(path, number, f"the link to {link} leads nowhere")
            spans = [word for code in CODE.findall(line) for word in code.split()]
        elif language == "sh":
            spans = line.partition("#")[0].split()
        else:
            continue
        for word in spans:
            if problem := problem_of(tree, path, word):
                report(path, number, problem)


def is_known_link(tree, path, link):
    if "://" in link or link.startswith("mailto:"):
        return True
    return exists(tree, posixpath.join(posixpath.dirname(path), link))


def exists(tree, path):
    path = posixpath.normpath(path)
    return path == "." or path in tree.paths or path in tree.folders()


def problem_of(tree, path, word):
    """What is wrong with a word of code, or None."""
    if config := CONFIG.fullmatch(word):
        known = config.group(1) in tree.configs
        return None if known else f".bazelrc has no {word}"
    if TARGET.fullmatch(word):
        return None if is_known_target(tree, word) else f"there is no target {word}"
    if PATH.fullmatch(word) and not is_known_path(tree, posixpath.dirname(path), word):
        return f"there is no {word}"
    return None


def is_known_path(tree, folder, word):
    """Whether a path exists below a folder or one above; of what starts like none, nobody knows."""
    first = word.partition("/")[0]
    starts = False
    while True:
        if exists(tree, posixpath.join(folder, word)):
            return True
        starts = starts or exists(tree, posixpath.join(folder, first))
        if not folder:
            return not starts
        folder = posixpath.dirname(folder)


def is_known_target(tree, label):
    folder, _, name = label[2:].partition(":")
    if folder == "..." or folder.endswith("/..."):
        return folder == "..." or folder.removesuffix("/...") in tree.folders()
    name = name or folder.rpartition("/")[2]
    if posixpath.join(folder, name) in tree.files:
        return True
    return any(target.name == name for target in tree.targets(folder))
