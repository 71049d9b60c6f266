#!/usr/bin/python3
"""The options that README.md gives to the programs are in their --help.

usage: readme_test README.md NAME=BINARY...

(That files and targets exist which it names is checked by tools/tidy.)
"""

import re
import subprocess
import sys
import unittest

OPTION = re.compile(r"(?<![\w-])-{1,2}[a-zA-Z][\w-]*")
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


SUBCOMMAND = re.compile(r"^  ([a-z]+)  ", re.MULTILINE)


def help_text(*command):
    run = subprocess.run(
        [*command, "--help"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return run.stdout


def help_of(binary):
    """The options of a program, and of its commands if it has some."""
    text = help_text(binary)
    for command in SUBCOMMAND.findall(text.partition("\nSubcommands:\n")[2]):
        text += help_text(binary, command)
    return set(OPTION.findall(text))


class ReadmeTest(unittest.TestCase):
    def setUp(self):
        with open(sys.argv[1], encoding="utf-8") as stream:
            self.readme = stream.read()
        self.helps = {}
        for argument in sys.argv[2:]:
            name, _, binary = argument.partition("=")
            self.helps[name] = help_of(binary)

    def test_every_program_has_help(self):
        for name, options in self.helps.items():
            self.assertIn("--help", options, name)

    def test_options_in_commands(self):
        """Those behind `bazel run PROGRAM --`."""
        commands = re.sub(r"\\\n|#.*", " ", "\n".join(BLOCK.findall(self.readme)))
        runs = re.findall(r"bazel run (?://)?(?:\w+/)*(\w+) -- (.*)", commands)
        self.assertTrue(runs)
        for name, arguments in runs:
            for option in OPTION.findall(arguments):
                self.assertIn(option, self.helps[name], f"{name} {arguments}")

    def test_options_in_the_text(self):
        """`--workers` and the like are options of one of the programs, or of a tool."""
        known = set().union({"--config", "--fix", "--help"}, *self.helps.values())
        prose = BLOCK.sub("", self.readme)
        for span in re.findall(r"`(--[^`]+)`", prose):
            for option in OPTION.findall(span):
                self.assertIn(option, known, span)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
