#!/usr/bin/python3
"""The benchmarks find what is wrong, and run from one end to the other."""

import importlib.machinery
import importlib.util
import json
import os
import pathlib
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import unittest.mock

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
TOOLS = ["choices", "compare", "fairness", "instructions", "memory", "scaling"]
# Where the test runs, programs lie in the folders of their sources.
BINARIES = "--binaries=."
GET_REPLY_BYTES = len("$16\r\n") + 16 + len("\r\n")


def swap_replies(replies):
    first, second = replies[:GET_REPLY_BYTES], replies[GET_REPLY_BYTES : 2 * GET_REPLY_BYTES]
    return second + first + replies[2 * GET_REPLY_BYTES :]


# What a proxy may do to a stream of replies: (how, what the load generator says).
LIES = {
    "a wrong byte": (lambda replies: replies.replace(b"\r\n", b"!\r\n", 2), "is wrong"),
    "swapped replies": (swap_replies, "reply 1 is wrong"),
    "a missing reply": (lambda replies: replies[GET_REPLY_BYTES:], "reply 1 is wrong"),
    "a reply too many": (lambda replies: replies + b"+OK\r\n", "bytes after reply"),
    "an error": (lambda replies: b"-ERR no server\r\n" + replies, "-ERR no server"),
    "no more replies": (lambda replies: b"", "closed with 4 replies due"),
}


class LyingProxy:
    """Passes on what one client says to a server, and a lie about what the server answers."""

    def __init__(self, server_port, lie):
        self.lie = lie
        self.server_port = server_port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join()
        self.listener.close()

    def serve(self):
        client, _ = self.listener.accept()
        server = socket.create_connection(("127.0.0.1", self.server_port))
        with client, server:
            # The four requests of one client come at once, and so do their replies.
            server.sendall(client.recv(65536))
            replies = b""
            while len(replies) < 4 * GET_REPLY_BYTES:
                replies += server.recv(65536)
            client.sendall(self.lie(replies))
            client.shutdown(socket.SHUT_WR)
            client.recv(65536)


class LoadTest(unittest.TestCase):
    def setUp(self):
        self.servers = subprocess.Popen(
            ["tools/bench/servers", "--count=1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.server_port = int(self.servers.stdout.readline())

    def tearDown(self):
        self.servers.stdin.close()
        self.servers.stdout.close()
        self.assertEqual(self.servers.wait(), 0)

    def load(self, port, *flags):
        command = ["tools/bench/load", f"--endpoint={port}", *flags]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def test_right_replies_pass(self):
        for operation in ("get", "set", "mget"):
            for protocol in ("redis", "memcached"):
                done = self.load(
                    self.server_port,
                    f"--protocol={protocol}",
                    f"--operation={operation}",
                    "--requests=300",
                    "--pipeline=7",
                    "--clients=3",
                    "--value_bytes=40000",
                )
                self.assertEqual(done.stderr, "")
                self.assertEqual(json.loads(done.stdout)["replies"], 300)

    def test_open_loop_keeps_its_rate(self):
        done = self.load(self.server_port, "--rate=2000", "--seconds=0.5", "--warm_up=0.1")
        self.assertEqual(done.stderr, "")
        self.assertGreater(json.loads(done.stdout)["replies"], 500)

    def test_those_beside_do_not_count(self):
        flags = ["--rate=1000", "--seconds=0.3", "--clients=2"]
        flags += ["--beside_clients=1", "--beside_pipeline=100", "--beside_operation=mget"]
        done = self.load(self.server_port, *flags)
        self.assertEqual(done.stderr, "")
        self.assertLess(json.loads(done.stdout)["replies"], 1000)

    def test_processor_time_of_others_is_measured(self):
        done = self.load(self.server_port, "--seconds=0.2", f"--processes={self.servers.pid}")
        self.assertGreater(json.loads(done.stdout)["cpu_seconds"][0], 0)

    def test_lies_are_found(self):
        for name, (lie, complaint) in LIES.items():
            with self.subTest(name), LyingProxy(self.server_port, lie) as proxy:
                done = self.load(proxy.port, "--requests=4", "--pipeline=4", "--clients=1")
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn(complaint, done.stderr)

    def test_nobody_there(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            done = self.load(unused.getsockname()[1])
        self.assertEqual(done.returncode, 1)
        self.assertIn("connect to", done.stderr)


def module_of(tool):
    """A tool as a module, although its name does not end in .py."""
    loader = importlib.machinery.SourceFileLoader(tool, str(HERE / tool))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(tool, loader))
    loader.exec_module(module)
    return module


class ToolsTest(unittest.TestCase):
    def run_tool(self, tool, *arguments):
        done = subprocess.run(
            [str(HERE / tool), BINARIES, "--no-pin", *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        # Limits may be missed on a machine that runs other tests; faults may not occur.
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertEqual(done.stderr, "")
        return done.stdout

    def test_compare(self):
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "out.json")
            names = ["get:16:50:1", "memcached/mget10:16:50:1", "set:100:3:2"]
            table = self.run_tool(
                "compare",
                "--rounds=2",
                "--seconds=0.05",
                f"--json={out}",
                "--proxy=other={keyway} -c {config} -a 127.0.0.1 -s {stats_port} --workers=2",
                *(f"--workload={name}" for name in names),
            )
            with open(out, encoding="utf-8") as stream:
                record = json.load(stream)
        self.assertEqual(list(record), names)
        for name in names:
            self.assertRegex(table, rf"(?m)^{re.escape(name)} +nutcracker +\d")
            rounds = record[name]["rounds"]
            self.assertEqual(list(rounds), ["nutcracker", "keyway", "other"])
            for each in rounds.values():
                self.assertEqual(len(each), 2)
                self.assertTrue(all(one["replies"] > 0 for one in each), each)
        self.assertRegex(table, r"\n +keyway .* 0\.85 +0\.680 .*ok|NOT OK")
        self.assertRegex(table, r"\d of 2 limits kept")

    def test_compare_with_real_servers(self):
        table = self.run_tool(
            "compare", "--servers=redis", "--rounds=1", "--seconds=0.05", "--rate=1000"
        )
        self.assertIn("0 of 0 limits kept", table)

    def test_compare_tells_what_does_not_start(self):
        done = subprocess.run(
            [str(HERE / "compare"), BINARIES, "--workload=get:1:1:1", "--proxy=no=false"],
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 2)
        self.assertIn("false does not listen at", done.stderr)

    def test_choices(self):
        table = self.run_tool("choices", "--rounds=1", "--seconds=0.1", "--workload=get:16:5:1")
        self.assertIn("... unix sockets on both sides", table)

    def test_fairness(self):
        table = self.run_tool("fairness", "--rounds=1", "--seconds=0.1")
        self.assertRegex(table, r"\d of 3 limits kept")

    def test_memory(self):
        table = self.run_tool(
            "memory",
            "--case=idle",
            "--case=stuck",
            "--case=trickle",
            "--clients=200",
            "--many=300",
            "--seconds=0.2",
        )
        self.assertRegex(table, r"an idle client, of 200 +\d+ bytes")
        self.assertRegex(table, r"\d of 9 limits kept")

    def test_scaling(self):
        table = self.run_tool(
            "scaling", "--curve=pools", "--curve=evenness", "--rounds=1", "--seconds=0.05"
        )
        self.assertRegex(table, r"\d of 5 limits kept")

    def test_examples_are_right(self):
        for tool in TOOLS:
            module = module_of(tool)
            commands = re.findall(r"^  (tools/bench/\S+.*?)(?:  .*)?$", module.EXAMPLES, re.M)
            self.assertTrue(commands, tool)
            for command in commands:
                with self.subTest(command):
                    words = shlex.split(command)
                    self.assertEqual(words[0], f"tools/bench/{tool}")
                    with unittest.mock.patch.object(sys, "argv", words):
                        module.parse_options()


if __name__ == "__main__":
    unittest.main()
