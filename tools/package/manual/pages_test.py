#!/usr/bin/python3
"""The manual pages are clean to their formatter, and bash completes with the script.

usage: pages_test SIMULATOR.1 CONTROL.1 DAEMON.8 CONFIGURATION.5 COMPLETION
"""

import re
import shutil
import subprocess
import sys
import unittest

SIMULATOR, CONTROL, DAEMON, CONFIGURATION, COMPLETION = sys.argv[1:]


def run(*command, **options):
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=True, **options
    )


@unittest.skipUnless(shutil.which("groff"), "groff is not installed")
class PagesTest(unittest.TestCase):
    def render(self, page):
        """A page as plain text in one line."""
        done = run("groff", "-man", "-Tutf8", "-ww", "-P-cbou", "-rLL=100n", page)
        self.assertEqual(done.stderr, "")
        return re.sub(r"\s+", " ", done.stdout)

    def test_daemon(self):
        text = self.render(DAEMON)
        self.assertIn("-c, --conf-file=FILE the configuration", text)
        for section in ("SYNOPSIS", "OPTIONS", "SIGNALS", "FILES", "EXIT STATUS", "SEE ALSO"):
            self.assertIn(section, text)

    def test_configuration(self):
        text = self.render(CONFIGURATION)
        self.assertIn("timeout: milliseconds", text)
        self.assertRegex(text, r"distribution: name [^:]*\. Default: ketama\.")

    def test_simulator(self):
        text = self.render(SIMULATOR)
        for part in ("keyway-sim COMMAND --config FILE", "whether limits hold", "EXIT STATUS"):
            self.assertIn(part, text)

    def test_control(self):
        text = self.render(CONTROL)
        for verb in ("state The", "route KEY Which", "restore POOL SERVER", "log-level [LEVEL]"):
            self.assertIn(verb, text)


class CompletionTest(unittest.TestCase):
    def complete(self, *words):
        """What bash offers for the last word."""
        script = """
            source "$1" && shift
            COMP_WORDS=("$@")
            COMP_CWORD=$(($# - 1))
            _nutcracker nutcracker "${@: -1}" "${@: -2:1}"
            printf '%s\\n' "${COMPREPLY[@]}"
        """
        done = run("bash", "-c", script, "bash", COMPLETION, *words)
        return done.stdout.split()

    def test_options(self):
        self.assertEqual(self.complete("nutcracker", "--conf"), ["--conf-file"])
        self.assertIn("--pid-file", self.complete("nutcracker", "-d", ""))

    def test_files(self):
        beginning = COMPLETION[:-3]
        for words in (["-c"], ["--conf-file"], ["--conf-file", "="]):
            self.assertIn(COMPLETION, self.complete("nutcracker", *words, beginning), words)
        self.assertTrue(self.complete("nutcracker", "--output", "="))

    def test_numbers_are_left_alone(self):
        self.assertEqual(self.complete("nutcracker", "--stats-port", ""), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
