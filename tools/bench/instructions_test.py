#!/usr/bin/python3
"""A request takes no more instructions than it did, and the test's log says how many."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent


class InstructionsTest(unittest.TestCase):
    def test_limits_are_kept(self):
        with tempfile.TemporaryDirectory() as folder:
            record = os.path.join(folder, "record.json")
            done = subprocess.run(
                [
                    str(HERE / "instructions"),
                    f"--binaries={HERE / 'optimized'}",
                    "--requests=1000",
                    f"--json={record}",
                ],
                capture_output=True,
                text=True,
                check=False,
            )
            self.assertEqual(done.stderr, "")
            self.assertEqual(done.returncode, 0, done.stdout)
            with open(record, encoding="utf-8") as stream:
                figures = json.load(stream)
        self.assertTrue(figures)
        for figure in figures:
            count, most = round(figure["value"]), figure["must"]
            print(f"figure: instructions of {figure['what']}: {count} (limit {most})", flush=True)


if __name__ == "__main__":
    unittest.main()
