#!/usr/bin/python3
"""map and reduce in the engines of README.md: the report of the whole comes out.

usage: engines_test README.md SIM PARALLEL

GNU parallel runs as the README has it, word for word. Hadoop Streaming's steps are done
by the shell: a part to each mapper, its output with keys to sort, all of it to a reducer.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

README, SIM, PARALLEL = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])

CONFIG = """\
cache:
  listen: 127.0.0.1:22121
  hash: fnv1a_64
  distribution: ketama
  servers:
    - 10.0.0.1:6379:1 a
    - 10.0.0.2:6379:1 b
    - 10.0.0.3:6379:2 c
"""
SHUFFLE = """\
split --lines 3000 keys.txt part.
for part in part.*; do
  sim map balance --config nutcracker.yml --keys - < "$part" | sed "s/^/$part\\t/" > "$part.out"
done
cat part.*.out | sort --reverse | split --lines 3 - run.
for run in run.*; do sim reduce --partial < "$run"; done | sort | sed 's/$/\\t/' |
  sim reduce --json spread.json
"""


class EnginesTest(unittest.TestCase):
    def setUp(self):
        # As short as the command lines are there.
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "sim").symlink_to(SIM)
        (programs / "parallel").symlink_to(PARALLEL)
        self.environment = {
            "HOME": folder.name,
            "PATH": f"{programs}:{os.defpath}",
            "SHELL": "/bin/sh",
        }
        (self.folder / "nutcracker.yml").write_text(CONFIG, encoding="utf-8")
        keys = "".join(f"user:{number * 7919}\n" for number in range(20000))
        (self.folder / "keys.txt").write_text(keys, encoding="utf-8")

    def run_shell(self, script):
        run = subprocess.run(
            ["/bin/sh", "-e", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        self.assertEqual((run.returncode, run.stderr), (0, ""), script)
        return run.stdout

    def expect_report_of_the_whole(self, script):
        table = self.run_shell(script)
        whole = self.run_shell(
            "sim balance --config nutcracker.yml --keys keys.txt --json whole.json"
        )
        self.assertEqual(table, whole)
        spread, whole = (self.folder / name for name in ("spread.json", "whole.json"))
        self.assertEqual(spread.read_bytes(), whole.read_bytes())

    def test_gnu_parallel(self):
        section = README.read_text(encoding="utf-8").split("\n## Map and reduce\n")[1]
        [block] = re.findall(r"^```sh\n(parallel .*?)^```$", section, re.MULTILINE | re.DOTALL)
        self.expect_report_of_the_whole(block)

    def test_parts_shuffled_by_key(self):
        self.expect_report_of_the_whole(SHUFFLE)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
