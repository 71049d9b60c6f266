#!/usr/bin/python3
"""Feeds test_summary.py the events of runs that end in every way."""

import os
import pathlib
import tempfile
import unittest

import test_summary

CASES = """<testsuites><testsuite name="Ring">
  <testcase classname="Ring" name="Wraps" status="run" result="completed"/>
  <testcase classname="Ring" name="Grows" status="run" result="completed"/>
  <testcase classname="Ring" name="Later" status="run" result="skipped"><skipped/></testcase>
  <testcase classname="Ring" name="Never" status="notrun" result="suppressed"/>
  %s
</testsuite></testsuites>"""
FAILURE = '<testcase classname="Ring" name="Ends" status="run"><failure/></testcase>'


class SummaryTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def result(self, label, status, xml="", run=1, log=""):
        """The event of one test that ran."""
        outputs = []
        for name, text in (("test.xml", xml), ("test.log", log)):
            if text:
                path = self.folder / f"{len(list(self.folder.iterdir()))} {name}"
                path.write_text(text, encoding="utf-8")
                outputs.append({"name": name, "uri": path.as_uri()})
        key = {"label": label, "run": run, "shard": 1, "attempt": 1}
        return {
            "id": {"testResult": key},
            "testResult": {"status": status, "testActionOutput": outputs},
        }

    def check(self, events, *lines, succeeded=False):
        finished = {"finished": {"overallSuccess": succeeded}}
        self.assertEqual(test_summary.summarize([*events, finished]), list(lines))

    def test_cases_are_counted(self):
        self.check(
            [self.result(label, "PASSED", CASES % "") for label in ("//a:a", "//b:b")],
            "4 passed, 0 failed, 2 skipped",
            succeeded=True,
        )

    def test_figures_are_shown(self):
        self.check(
            [
                self.result("//a:a", "PASSED", CASES % "", log="said\nfigure: b: 2\n"),
                self.result("//b:b", "PASSED", CASES % "", log="figure: a: 1\nno figure: 3\n"),
            ],
            "figure: a: 1",
            "figure: b: 2",
            "4 passed, 0 failed, 2 skipped",
            succeeded=True,
        )

    def test_failed_cases_are_named(self):
        self.check(
            [self.result("//a:a", "FAILED", CASES % FAILURE)],
            "failed: //a:a: Ring.Ends",
            "2 passed, 1 failed, 1 skipped",
        )

    def test_a_death_is_one_failure(self):
        self.check(
            [self.result("//a:a", "TIMEOUT"), self.result("//b:b", "FAILED", CASES % "")],
            "failed: //a:a: timeout",
            "failed: //b:b: failed",
            "2 passed, 2 failed, 1 skipped",
        )

    def test_the_last_try_stands_and_runs_add_up(self):
        self.check(
            [
                self.result("//a:a", "FAILED", CASES % FAILURE),
                self.result("//a:a", "FLAKY", CASES % ""),
                self.result("//a:a", "PASSED", CASES % "", run=2),
            ],
            "4 passed, 0 failed, 2 skipped",
            succeeded=True,
        )

    def test_a_target_that_does_not_build_is_one_failure(self):
        broken = {"id": {"targetCompleted": {"label": "//c:c"}}, "completed": {}}
        self.check(
            [broken, self.result("//a:a", "PASSED", CASES % "")],
            "failed: //c:c: does not build",
            "2 passed, 1 failed, 1 skipped",
        )

    def test_no_events_is_a_failure(self):
        self.check(
            [],
            "failed: bazel: ended early; see its messages above",
            "0 passed, 1 failed, 0 skipped",
        )


if __name__ == "__main__":
    unittest.main()
