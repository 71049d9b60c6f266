"""Starts proxies and servers, puts load on them, and ends them: what all benchmarks share."""

import argparse
import contextlib
import json
import os
import pathlib
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
STARTED_WITHIN_S = 10
STOPPED_WITHIN_S = 5

# How each proxy is started. In braces: what add_proxy says.
KEYWAY = "{keyway} -c {config} -a 127.0.0.1 -s {stats_port} --workers=1"
# At its default level, 5, nutcracker logs each request, which takes up to half of its
# time. Keyway runs at its default level.
NUTCRACKER = (
    "{nutcracker} -c {config} -a 127.0.0.1 -s {stats_port} -v 4"
    " -p {folder}/nutcracker.pid -o {folder}/nutcracker.log"
)

# Not in everybody's PATH.
NUTCRACKER_PATH = shutil.which("nutcracker") or "/usr/sbin/nutcracker"

REAL_SERVERS = {
    "redis": "redis-server --port {port} --bind 127.0.0.1 --save '' --appendonly no --dir {folder}",
    "memcached": "memcached -l 127.0.0.1 -p {port} -U 0 -t 1 -m 256 -c 4096 -u root",
}

POOL = """{name}:
  listen: {listen}
  hash: fnv1a_64
  distribution: ketama
  redis: {redis}
  preconnect: true{settings}
  auto_eject_hosts: false
  backlog: 1024
  servers:{servers}
"""


class Failure(Exception):
    """What went wrong, for the user."""


class Cores(NamedTuple):
    """Where the proxy runs, and where the rest does. Empty: anywhere."""

    proxy: str
    rest: str


def pinned_cores():
    cores = sorted(os.sched_getaffinity(0))
    return Cores(str(cores[0]), str(cores[1])) if len(cores) > 1 else Cores("", "")


_given_out = set()


def free_port():
    """A port that nobody listens on, and that was not given out before."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in _given_out:
            _given_out.add(port)
            return port


def build_or_find(options):
    """The folder with the programs: given, or built there with --config=opt."""
    if options.binaries:
        return pathlib.Path(options.binaries).resolve()
    bazel = shlex.split(os.environ.get("BAZEL", "bazel"))
    targets = ["//proxy", "//tools/bench:load", "//tools/bench:servers"]
    quiet = ["--ui_event_filters=-info", "--show_result=0"]
    print("Building the proxy and the tools...", file=sys.stderr)
    subprocess.run([*bazel, "build", "--config=opt", *quiet, *targets], cwd=TOP, check=True)
    folder = subprocess.run(
        [*bazel, "info", "--config=opt", "bazel-bin"],
        cwd=TOP,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ).stdout
    return pathlib.Path(folder.strip())


class Process:
    """A program that runs until it is stopped."""

    def __init__(self, command, core, log, **kwargs):
        self.name = command[0]
        if core:
            command = ["taskset", "-c", core, *command]
        self.log = log
        with open(log, "ab") as output:
            streams = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output, **kwargs}
            try:
                self.popen = subprocess.Popen(command, **streams)
            except OSError as error:
                raise Failure(f"{command[0]}: {error.strerror}") from None
        self.pid = self.popen.pid

    def await_endpoint(self, endpoint):
        """Waits until somebody accepts connections there, or fails with what the log says."""
        deadline = time.monotonic() + STARTED_WITHIN_S
        while time.monotonic() < deadline and self.popen.poll() is None:
            with contextlib.suppress(OSError):
                connect(endpoint).close()
                return
            time.sleep(0.005)
        said = pathlib.Path(self.log).read_text(encoding="utf-8", errors="replace")
        raise Failure(f"{self.name} does not listen at {endpoint}: {said[-500:] or 'no word'}")

    def stop(self, within_s=STOPPED_WITHIN_S):
        """Asks it to end, and makes it end; a second call does nothing."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(within_s)
            except subprocess.TimeoutExpired:
                self.kill()
        for stream in (self.popen.stdin, self.popen.stdout):
            if stream:
                stream.close()

    def kill(self):
        """Ends it at once."""
        self.popen.kill()
        self.popen.wait()

    def memory_bytes(self, field="VmRSS"):
        """What /proc says of its memory: VmRSS, RssAnon, VmHWM."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024
        raise Failure(f"{self.name} is gone")

    def cpu_seconds(self):
        """The processor time of all its threads so far."""
        total = 0
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            total += int((task / "schedstat").read_text(encoding="ascii").split()[0])
        return total / 1e9


def connect(endpoint, source=None):
    """A connection to a port of 127.0.0.1, or to a path."""
    if isinstance(endpoint, int):
        address = None if source is None else (source, 0)
        return socket.create_connection(("127.0.0.1", endpoint), 10, address)
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(10)
    client.connect(str(endpoint))
    return client


def address_of(endpoint):
    """A port of 127.0.0.1, or a path, as configurations name it."""
    return f"127.0.0.1:{endpoint}" if isinstance(endpoint, int) else str(endpoint)


def pool_text(name, endpoint, protocol, ports, settings=()):
    """A pool in nutcracker's format."""
    return POOL.format(
        name=name,
        listen=address_of(endpoint),
        redis="true" if protocol == "redis" else "false",
        settings="".join(f"\n  {setting}" for setting in settings),
        servers="".join(f"\n  - {address_of(port)}:1 s{i}" for i, port in enumerate(ports)),
    )


class Proxy(NamedTuple):
    name: str
    process: Process
    endpoint: object  # a port, or a path


class Rig:
    """Everything that one run starts, in a folder of its own; all of it ends with the run."""

    def __init__(self, options):
        self.options = options
        self.binaries = build_or_find(options)
        self.cores = Cores("", "") if options.no_pin else pinned_cores()
        self._stack = contextlib.ExitStack()
        self.folder = pathlib.Path(
            self._stack.enter_context(tempfile.TemporaryDirectory(prefix="keyway-bench."))
        )
        self._count = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()

    def path(self, kind):
        """A path in the folder that is not used yet."""
        self._count += 1
        return self.folder / f"{self._count}.{kind}"

    def start(self, command, core, **kwargs):
        process = Process(command, core, self.path("log"), **kwargs)
        self._stack.callback(process.stop)
        return process

    def add_fake_servers(self, count=4, unix=False):
        """Starts servers that answer at once; returns their ports, or paths."""
        command = [str(self.binaries / "tools/bench/servers"), f"--count={count}"]
        if unix:
            folder = self.path("servers")
            folder.mkdir()
            command.append(f"--folder={folder}")
        servers = self.start(
            command, self.cores.rest, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        lines = [servers.popen.stdout.readline().decode().strip() for _ in range(count)]
        return [pathlib.Path(line) if unix else int(line) for line in lines]

    def add_real_servers(self, kind, count=4):
        """Starts servers of Debian's; returns their ports."""
        ports = []
        for _ in range(count):
            port = free_port()
            command = REAL_SERVERS[kind].format(port=port, folder=self.folder)
            self.start(shlex.split(command), self.cores.rest).await_endpoint(port)
            ports.append(port)
        return ports

    def add_config(self, protocol, ports, endpoint, more="", settings=()):
        """A configuration in nutcracker's format."""
        path = self.path("yml")
        pool = pool_text("bench", endpoint, protocol, ports, settings)
        path.write_text(pool + more, encoding="utf-8")
        return path

    def add_proxy(
        self, name, command, protocol, ports, endpoint=None, core=None, more="", settings=()
    ):
        """Starts a proxy in front of the servers at these ports.

        In the command, in braces: config, a configuration in nutcracker's format; port, where
        to listen; servers, host:port of each, separated by commas; stats_port, a free port;
        folder, to write in; keyway and nutcracker, the paths of these.
        """
        endpoint = endpoint or free_port()
        config = self.add_config(protocol, ports, endpoint, more, settings)
        words = {
            "config": config,
            "port": endpoint,
            "servers": ",".join(address_of(port) for port in ports),
            "stats_port": free_port(),
            "folder": self.folder,
            "keyway": self.binaries / "proxy/proxy",
            "nutcracker": NUTCRACKER_PATH,
        }
        process = self.start(
            [word.format(**words) for word in shlex.split(command)],
            self.cores.proxy if core is None else core,
        )
        process.await_endpoint(endpoint)
        return Proxy(name, process, endpoint)

    def load_command(self, endpoint, flags):
        command = [str(self.binaries / "tools/bench/load"), f"--endpoint={endpoint}", *flags]
        return ["taskset", "-c", self.cores.rest, *command] if self.cores.rest else command

    def load(self, proxy, flags):
        """Puts load on a proxy. Returns what the load generator says; fails at a wrong reply."""
        flags = [*flags, f"--processes={proxy.process.pid}"]
        done = subprocess.run(
            self.load_command(proxy.endpoint, flags),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Failure(f"{proxy.name}: {done.stderr.strip()}")
        return measured(json.loads(done.stdout))


def measured(result):
    """Adds what follows from the figures of the load generator."""
    replies = max(result["replies"], 1)
    result["us_per_request"] = result["cpu_seconds"][0] * 1e6 / replies
    result["busy"] = result["cpu_seconds"][0] / result["seconds"]
    result["requests_per_second"] = result["replies"] / result["seconds"]
    return result


def parser(description, examples):
    """The command line that all benchmarks have in common."""
    result = argparse.ArgumentParser(
        description=description,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    result.add_argument(
        "--binaries", metavar="FOLDER", help="where they are, instead of building them"
    )
    result.add_argument(
        "--no-pin", action="store_true", help="let the kernel choose where processes run"
    )
    result.add_argument("--json", metavar="FILE", help="also write what was measured there")
    return result


def raise_file_limit(files):
    """Lets this process and those it starts open so many files, or else as many as they may.

    Returns the limit.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= files:
        return soft
    with contextlib.suppress(ValueError, OSError):  # only root may exceed `hard`
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, max(files, hard)))
        return files
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(files, hard), hard))
    return min(files, hard)


def run(main, options):
    """Runs a benchmark; its exit status says whether all limits are kept."""
    # Ends as with ^C: so that what was started ends too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Rig(options) as rig:
            kept, record = main(rig, options)
        if options.json:
            with open(options.json, "w", encoding="utf-8") as output:
                json.dump(record, output, indent=1)
        return 0 if kept else 1
    except (Failure, OSError) as failure:
        print(f"{os.path.basename(sys.argv[0])}: {failure}", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as failure:
        return failure.returncode
    except KeyboardInterrupt:
        return 130


class Progress:
    """A line on the terminal that says how far it is; nothing where there is no terminal."""

    def __init__(self):
        self._on = sys.stderr.isatty()

    def show(self, text):
        if self._on:
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)

    def clear(self):
        self.show("")
