#!/usr/bin/python3
"""What programs find in the files: JSON by its schema, CSV by Python's reader.

usage: files_test RENDER_SAMPLES SCHEMA
"""

import csv
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import jsonschema

RENDER_SAMPLES, SCHEMA = sys.argv[1:3]


def unescaped(text):
    """The bytes that an escaped text stands for."""

    def byte(match):
        escape = match.group()
        return escape[1:] if escape == b"\\\\" else bytes([int(escape[2:], 16)])

    return re.sub(rb"\\\\|\\x[0-9a-f]{2}", byte, text.encode())


class FilesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        subprocess.run([RENDER_SAMPLES, cls.folder.name], check=True)
        cls.names = [path.stem for path in pathlib.Path(cls.folder.name).glob("*.json")]

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def read(self, name):
        return pathlib.Path(self.folder.name, name).read_bytes().decode()

    def json(self, name):
        return json.loads(self.read(f"{name}.json"))

    def tables(self, name):
        """The tables of a CSV file: rows by the name of their column, by the table's id."""
        tables = {}
        header = None
        for line in csv.reader(self.read(f"{name}.csv").splitlines(keepends=True)):
            if not line:
                header = None
            elif header is None:
                header = line[1:]
                tables[line[0]] = []
            else:
                self.assertEqual(len(line), len(header) + 1)
                tables[line[0]].append(dict(zip(header, line[1:])))
        return tables

    def test_every_sample_follows_the_schema(self):
        schema = json.loads(pathlib.Path(SCHEMA).read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        self.assertGreater(len(self.names), 10)
        for name in self.names:
            with self.subTest(name):
                validator.validate(self.json(name))

    def test_the_schema_refuses_what_it_does_not_describe(self):
        schema = json.loads(pathlib.Path(SCHEMA).read_text(encoding="utf-8"))
        validator = jsonschema.Draft202012Validator(schema)
        for change in (
            {"schema_version": 2},
            {"surprise": 1},
            {"facts": {"Keys": 1}},
            {"facts": {"keys": [1]}},
            {"facts": {"key": "a\\b"}},
            {"tables": {"servers": [1]}},
            {"estimates": ["keys"]},
            {"about": {"facts.keys": {"title": "keys", "unit": "pounds"}}},
        ):
            with self.subTest(change):
                self.assertFalse(validator.is_valid({**self.json("small"), **change}))

    def test_about_and_estimates_name_what_is_there(self):
        for name in self.names:
            report = self.json(name)
            places = {f"facts.{fact}" for fact in report["facts"]}
            for table, rows in report["tables"].items():
                places.add(f"tables.{table}")
                places.update(f"tables.{table}.{column}" for row in rows for column in row)
            with self.subTest(name):
                self.assertLessEqual(places, set(report["about"]))
                self.assertLessEqual(set(report["estimates"]), set(report["about"]))

    def test_json_and_csv_say_the_same(self):
        for name in self.names:
            report, tables = self.json(name), self.tables(name)
            facts = {row["id"]: row["value"] for row in tables.get("facts", [])}
            with self.subTest(name):
                self.assertEqual(facts.keys(), report["facts"].keys())
                for fact, value in report["facts"].items():
                    self.assert_same(value, facts[fact])
                for table, rows in report["tables"].items():
                    self.assertEqual(len(rows), len(tables[table]))
                    for row, fields in zip(rows, tables[table]):
                        self.assertEqual(list(row), list(fields))
                        for column, value in row.items():
                            self.assert_same(value, fields[column])

    def assert_same(self, value, field):
        if value is None:
            self.assertEqual(field, "")
        elif isinstance(value, str):
            self.assertEqual(unescaped(field), unescaped(value))
        else:
            self.assertEqual(type(value)(field), value)

    def test_keys_come_back_byte_by_byte(self):
        keys = [unescaped(row["key"]) for row in self.json("hostile")["tables"]["keys"]]
        self.assertIn(b"zero \0 and \xff\xfe not UTF-8 \\", keys)
        self.assertIn(b'comma, "quote", line\nfeed\r\n and \x1b[31mred', keys)
        self.assertIn("caf\u00e9 \u65e5\u672c\u8a9e \u202egnirts".encode(), keys)

    def test_a_table_is_found_by_the_start_of_its_lines(self):
        for name in self.names:
            for line in self.read(f"{name}.csv").split("\r\n"):
                self.assertRegex(line, r"^([a-z][a-z0-9_]*,.*)?$")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
