#!/usr/bin/python3
"""The actions of the init script on a real daemon, in a folder that stands for /.

usage: service_test NUTCRACKER_INIT TWEMPROXY_INIT DAEMON REDIS_SERVER REDIS_CLI
"""

import ctypes
import getpass
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

NUTCRACKER_INIT, TWEMPROXY_INIT, DAEMON, REDIS_SERVER, REDIS_CLI = sys.argv[1:]

RUNNING, DEAD_WITH_PID_FILE, NOT_RUNNING = 0, 1, 3  # what status says

# So that daemons are this process's children in the end, for which it can wait: see prctl(2).
PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)

# How long to wait for what happens at once. Only failing tests wait so long.
DEADLINE = 20


def reserve_port():
    """A socket that holds a TCP port of 127.0.0.1 without listening on it."""
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    return holder


class ServiceTest(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="k.", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.root)
        for source, place in (
            (NUTCRACKER_INIT, "etc/init.d/nutcracker"),
            (TWEMPROXY_INIT, "etc/init.d/twemproxy"),
            (DAEMON, "usr/sbin/nutcracker"),
        ):
            target = self.root / place
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
            target.chmod(0o755)
        self.ports = [reserve_port(), reserve_port()]
        for holder in self.ports:
            self.addCleanup(holder.close)
        self.listen, stats = (holder.getsockname()[1] for holder in self.ports)
        self.write(
            "etc/default/nutcracker",
            f"DAEMON_USER={getpass.getuser()}\nDAEMON_OPTS='-a 127.0.0.1 -s {stats}'\n",
        )
        self.log = self.write("var/log/nutcracker/nutcracker.log", "")
        self.pid_file = self.root / "run/nutcracker/nutcracker.pid"
        self.addCleanup(self.kill)

    def write(self, place, text):
        path = self.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def configure(self, more=""):
        text = f"alpha:\n  listen: 127.0.0.1:{self.listen}\n  servers:\n   - 127.0.0.1:1:1\n{more}"
        self.write("etc/nutcracker/nutcracker.yml", text)

    def service(self, action, name="nutcracker"):
        """Runs an action; returns its exit code, and keeps what it printed."""
        done = subprocess.run(
            [str(self.root / "etc/init.d" / name), *action.split()],
            env={"NUTCRACKER_ROOT": str(self.root), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=DEADLINE,
        )
        self.printed = done.stdout
        return done.returncode

    def expect(self, action, status, *printed, name="nutcracker"):
        self.assertEqual(self.service(action, name), status, self.printed)
        for text in printed:
            self.assertIn(text, self.printed)

    def pid(self):
        return int(self.pid_file.read_text(encoding="utf-8"))

    def kill(self):
        """Ends the daemon as a crash would."""
        if self.pid_file.exists():
            pid = self.pid()
            os.kill(pid, signal.SIGKILL)
            self.await_true(lambda: self.is_gone(pid), "it does not end")

    def is_gone(self, pid):
        """A daemon becomes a child of this process once the process between them has gone."""
        try:
            os.waitpid(pid, 0)
            return True
        except ChildProcessError:
            return not pathlib.Path(f"/proc/{pid}").exists()

    def await_true(self, condition, what):
        end = time.monotonic() + DEADLINE
        while not condition():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.01)

    def accepts_clients(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.listen)) == 0

    def start_redis(self):
        """Starts a server that ends with the test; returns its port once it answers."""
        holder = reserve_port()
        self.addCleanup(holder.close)
        port = holder.getsockname()[1]
        server = subprocess.Popen(
            [REDIS_SERVER, "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
            stdout=subprocess.DEVNULL,
        )
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        self.await_true(lambda: self.redis_cli(port, "ping") == ["PONG"], "no server")
        return port

    def redis_cli(self, port, *commands):
        """What redis-cli prints for these commands, line by line."""
        done = subprocess.run(
            [REDIS_CLI, "-p", str(port)],
            input="\n".join(commands),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=DEADLINE,
        )
        return done.stdout.split()

    def test_the_tutorial(self):
        """What people are told to do with Twemproxy, after the steps that build it."""
        servers = [self.start_redis(), self.start_redis()]
        lines = "".join(f"   - 127.0.0.1:{port}:1\n" for port in servers)
        self.write(
            "etc/nutcracker/nutcracker.yml",
            f"alpha:\n  listen: 127.0.0.1:{self.listen}\n  hash: fnv1a_64\n"
            "  distribution: ketama\n  auto_eject_hosts: true\n  redis: true\n"
            "  server_retry_timeout: 2000\n  server_failure_limit: 1\n"
            f"  servers:\n{lines}",
        )
        self.expect("start", 0, name="twemproxy")
        self.expect("status", RUNNING, "is running", name="twemproxy")
        keys = {f"{i}:key" for i in range(100)}
        sets = self.redis_cli(self.listen, *(f"set {key} {key}" for key in sorted(keys)))
        self.assertEqual(sets, ["OK"] * len(keys))
        gets = self.redis_cli(self.listen, *(f"get {key}" for key in sorted(keys)))
        self.assertEqual(gets, sorted(keys))
        first, second = (set(self.redis_cli(port, "keys *")) for port in servers)
        self.assertTrue(first and second, "all keys are on one server")
        self.assertEqual(first | second, keys)
        self.assertFalse(first & second, "keys are on both servers")
        self.expect("stop", 0, name="twemproxy")
        self.expect("status", NOT_RUNNING, name="twemproxy")
        self.assertFalse(self.accepts_clients())

    def test_a_day_of_a_service(self):
        self.configure()
        self.expect("status", NOT_RUNNING, "nutcracker is not running")
        self.expect("start", 0, "Starting proxy for Redis and Memcached: nutcracker.")
        self.assertTrue(self.accepts_clients())
        self.expect("status", RUNNING, "nutcracker is running")
        pid = self.pid()
        self.expect("start", 0, "(already started)")
        self.assertEqual(self.pid(), pid)
        self.expect("restart", 0)
        self.assertNotEqual(self.pid(), pid)
        self.assertTrue(self.accepts_clients())
        self.expect("force-reload", 0)
        self.expect("stop", 0)
        self.assertFalse(self.pid_file.exists())
        self.assertFalse(self.accepts_clients())
        self.expect("stop", 0, "(already stopped)")
        self.expect("status", NOT_RUNNING)

    def test_under_the_name_of_twemproxy(self):
        self.configure()
        for action in ("start", "status", "reload", "restart", "stop"):
            self.expect(action, 0, name="twemproxy")
        self.expect("status", NOT_RUNNING, name="twemproxy")

    def test_reload_opens_the_log_anew(self):
        self.configure()
        self.expect("start", 0)
        pid = self.pid()
        rotated = self.log.rename(str(self.log) + ".1")
        self.expect("reload", 0)
        self.await_true(self.log.exists, "no new log")
        self.assertTrue(rotated.exists())
        self.assertEqual(self.pid(), pid)
        self.expect("stop", 0)
        self.expect("reload", 0, "(not running)")

    def test_a_broken_configuration(self):
        self.configure("  timeout: soon\n")
        self.expect("start", 1, "Checking nutcracker config syntax", "'soon' is not a number")
        self.configure()
        self.expect("start", 0)
        pid = self.pid()
        self.configure("  timeout: soon\n")
        for action in ("restart", "force-reload"):
            self.expect(action, 1, "'soon' is not a number")
            self.assertEqual(self.pid(), pid)
            self.assertTrue(self.accepts_clients())
        self.expect("stop", 0)

    def test_no_configuration(self):
        self.expect("start", 0, "unconfigured")
        self.expect("status", NOT_RUNNING)

    def test_a_port_that_is_taken(self):
        self.configure()
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("127.0.0.1", self.listen))
            other.listen()
            self.expect("start", 1, str(self.listen))
        self.expect("status", NOT_RUNNING)
        self.expect("start", 0)

    def test_after_a_crash(self):
        self.configure()
        self.expect("start", 0)
        pid = self.pid()
        self.kill()
        self.expect("status", DEAD_WITH_PID_FILE, "left")
        self.expect("start", 0)
        self.assertNotEqual(self.pid(), pid)

    def test_another_process_has_the_number(self):
        """A pid file that a crash left may name any process by now."""
        self.configure()
        self.write("run/nutcracker/nutcracker.pid", str(os.getpid()))
        self.expect("status", DEAD_WITH_PID_FILE)
        self.expect("stop", 0, "(already stopped)")
        self.expect("start", 0)
        self.assertNotEqual(self.pid(), os.getpid())

    def test_after_the_removal_of_the_package(self):
        self.configure()
        (self.root / "usr/sbin/nutcracker").unlink()
        for action in ("start", "stop", "reload", "restart"):
            self.expect(action, 0)
        self.expect("status", NOT_RUNNING)

    def test_wrong_use(self):
        for wrong in ("", "begin"):
            self.expect(wrong, 2, "Usage: ")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
