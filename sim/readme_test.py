#!/usr/bin/python3
"""The commands in README.md do what it says.

usage: readme_test README.md SIM [--write]

Runs each block of commands (```sh) that has its output below it (```text), in the order of
the file, and compares the two. --write puts what came there instead. (Blocks without output
want servers or other programs; tests beside those commands run them.)
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest

README, SIM = sys.argv[1:3]
BLOCK = re.compile(
    r"^```sh\n((?:(?!```).*\n)*)```\n```text\n((?:(?!```).*\n)*)```\n", re.MULTILINE
)

# Options of other programs that the text names.
OTHERS = {"--basefile", "--bigkeys", "--hotkeys", "--memkeys", "--sshlogin"}


def blocks():
    with open(README, encoding="utf-8") as stream:
        return list(BLOCK.finditer(stream.read()))


def run(commands):
    """What the commands print, both streams, and the exit code if it is not 0."""
    environment = dict(os.environ, TMPDIR=tempfile.gettempdir(), LC_ALL="C.UTF-8")
    done = subprocess.run(
        ["sh", "-ec", commands.replace("bazel run //sim --", os.path.abspath(SIM))],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=environment,
    )
    code = f"(exit code {done.returncode})\n" if done.returncode else ""
    return done.stdout + code


def write():
    with open(README, encoding="utf-8") as stream:
        text = stream.read()

    def filled(match):
        return f"```sh\n{match[1]}```\n```text\n{run(match[1])}```\n"

    with open(README, "w", encoding="utf-8") as stream:
        stream.write(BLOCK.sub(filled, text))


class ReadmeTest(unittest.TestCase):
    maxDiff = None

    def test_examples(self):
        self.assertTrue(blocks())
        for block in blocks():
            with self.subTest(block[1]):
                self.assertEqual(run(block[1]), block[2])

    def test_every_command_has_help_and_a_section(self):
        text = run("bazel run //sim -- --help")
        commands = re.findall(r"^  ([a-z]+)  ", text.split("Subcommands:")[1], re.MULTILINE)
        self.assertGreater(len(commands), 5)
        with open(README, encoding="utf-8") as stream:
            readme = stream.read()
        for command in commands:
            text = run(f"bazel run //sim -- {command} --help")
            self.assertRegex(text, rf"Example:\n  sim {command}", command)
            self.assertIn(command, readme)

    def test_options_in_the_text_exist(self):
        known = run("bazel run //sim -- --help")
        for command in re.findall(r"^  ([a-z]+)  ", known, re.MULTILINE):
            known += run(f"bazel run //sim -- {command} --help")
        with open(README, encoding="utf-8") as stream:
            prose = re.sub(r"^```.*?^```$", "", stream.read(), flags=re.MULTILINE | re.DOTALL)
        options = set(re.findall(r"`(--[\w-]+)", prose))
        unknown = options - OTHERS - set(re.findall(r"--[\w-]+", known))
        self.assertFalse(unknown)


if __name__ == "__main__":
    if "--write" in sys.argv:
        write()
    else:
        unittest.main(argv=sys.argv[:1])
