#!/usr/bin/python3
"""What is in the package, and that its parts fit together.

usage: package_test DEB
"""

import functools
import hashlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

DEB = sys.argv[1]

# Every file, by its mode. Folders are not listed; all belong to root.
FILES = {
    "-rwxr-xr-x": [
        "etc/init.d/nutcracker",
        "etc/init.d/twemproxy",
        "usr/bin/keyway-sim",
        "usr/bin/keywayctl",
        "usr/sbin/nutcracker",
    ],
    "-rw-r--r--": [
        "etc/default/nutcracker",
        "etc/logrotate.d/nutcracker",
        "lib/systemd/system/nutcracker.service",
        "usr/share/bash-completion/completions/keywayctl",
        "usr/share/bash-completion/completions/nutcracker",
        "usr/share/doc/keyway/README.md",
        "usr/share/doc/keyway/changelog.gz",
        "usr/share/doc/keyway/copyright",
        "usr/share/doc/keyway/examples/nutcracker.yml",
        "usr/share/lintian/overrides/keyway",
        "usr/share/man/man1/keyway-sim.1.gz",
        "usr/share/man/man1/keywayctl.1.gz",
        "usr/share/man/man5/nutcracker.yml.5.gz",
        "usr/share/man/man8/nutcracker.8.gz",
    ],
    "lrwxrwxrwx": ["lib/systemd/system/twemproxy.service -> nutcracker.service"],
}

# /etc/default/nutcracker of Debian's nutcracker 0.5.0+dfsg-2.
DEBIAN_DEFAULTS = "eb6091757de19a069a0cdfa67b7d58ac"


def run(*command, **options):
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options
    )
    if done.returncode:
        raise AssertionError(f"{command} ended with {done.returncode}: {done.stdout}")
    return done.stdout


@functools.lru_cache(maxsize=None)
def field(name):
    return run("dpkg-deb", "--field", DEB, name).strip()


class Unpacked(unittest.TestCase):
    """A test with the package in a folder of its own."""

    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="k.", dir="/tmp"))
        self.addCleanup(shutil.rmtree, self.root)
        run("dpkg-deb", "--raw-extract", DEB, str(self.root))

    def read(self, place):
        return (self.root / place).read_text(encoding="utf-8")

    def write(self, place, text):
        path = self.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path)


class PackageTest(Unpacked):
    def test_files(self):
        found = {}
        for line in run("dpkg-deb", "--contents", DEB).splitlines():
            mode, owner, _, _, _, place = line.split(maxsplit=5)
            self.assertEqual(owner, "root/root", line)
            if mode.startswith("d"):
                self.assertEqual(mode, "drwxr-xr-x", line)
            else:
                found.setdefault(mode, []).append(place.removeprefix("./"))
        self.assertEqual({mode: sorted(places) for mode, places in found.items()}, FILES)

    def test_fields(self):
        self.assertEqual(field("Package"), "keyway")
        self.assertEqual(pathlib.Path(DEB).name, f"keyway_{field('Version')}_amd64.deb")
        self.assertEqual(field("Conflicts"), "nutcracker")
        self.assertEqual(field("Replaces"), "nutcracker")
        self.assertEqual(field("Provides"), "nutcracker (= 0.5.0)")
        self.assertNotIn("@", re.sub(r"<.*>", "", run("dpkg-deb", "--field", DEB)))

    def test_version_is_that_of_the_program(self):
        said = run(str(self.root / "usr/sbin/nutcracker"), "--version")
        self.assertIn(f"keyway {field('Version')}", said)

    def test_depends_on_its_libraries(self):
        depends = set(re.findall(r"(?:^|, )([\w.+-]+)", field("Depends")))
        self.assertLessEqual({"adduser", "libc6", "libstdc++6", "sysvinit-utils"}, depends)
        names = ("bin/keyway-sim", "bin/keywayctl", "sbin/nutcracker")
        programs = [str(self.root / "usr" / name) for name in names]
        needed = set(re.findall(r"NEEDED +(\S+)", run("objdump", "--private-headers", *programs)))
        owners = {library: set() for library in needed}
        found = run("dpkg-query", "--search", *(f"*/{library}" for library in needed))
        for line in found.splitlines():
            package, _, path = line.replace(":amd64", "").partition(": ")
            owners[path.rpartition("/")[2]].add(package)
        for library, packages in owners.items():
            self.assertTrue(packages & depends, f"{library}: {packages}")

    def test_conffiles(self):
        etc = [place for places in FILES.values() for place in places if place.startswith("etc/")]
        self.assertEqual(
            sorted(self.read("DEBIAN/conffiles").split()), sorted("/" + place for place in etc)
        )

    def test_sums(self):
        lines = self.read("DEBIAN/md5sums").splitlines()
        self.assertGreater(len(lines), 5)
        for line in lines:
            expected, place = line.split()
            self.assertEqual(expected, hashlib.md5((self.root / place).read_bytes()).hexdigest())

    def test_scripts_are_scripts(self):
        for place in ("DEBIAN/postinst", "DEBIAN/prerm", "DEBIAN/postrm", "etc/init.d/nutcracker"):
            run("dash", "-n", str(self.root / place))

    def test_defaults_are_those_of_nutcracker(self):
        """The same file, so that dpkg keeps one that was edited without asking."""
        content = (self.root / "etc/default/nutcracker").read_bytes()
        self.assertEqual(hashlib.md5(content).hexdigest(), DEBIAN_DEFAULTS)

    def accepts(self, config):
        file = self.write("tried.yml", config)
        return run(str(self.root / "usr/sbin/nutcracker"), "-t", "-c", file)

    def test_examples_are_accepted(self):
        """That of the documentation and that of the manual page, without a warning."""
        example = self.read("usr/share/doc/keyway/examples/nutcracker.yml")
        page = run("zcat", str(self.root / "usr/share/man/man5/nutcracker.yml.5.gz"))
        shown = re.search(r"^\.SH EXAMPLE\n\.nf\n\.RS\n(.*?)^\.RE$", page, re.M | re.S).group(1)
        for config in (example, shown.replace("\\-", "-")):
            self.assertEqual(len(self.accepts(config).splitlines()), 1)


class UnitTest(Unpacked):
    """The unit of systemd."""

    def unit(self):
        """Its text, with all paths below the folder that the package is in."""
        text = self.read("lib/systemd/system/nutcracker.service")
        return re.sub(r"(?<=[ =-])/(?=etc|usr|run|var)", f"{self.root}/", text)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_systemd_accepts_it(self):
        unit = self.write("nutcracker.service", self.unit())
        self.assertEqual(run("systemd-analyze", "verify", "--man=no", unit), "")

    def test_says_when_it_is_ready(self):
        """Type=notify: the command of the unit, with a socket in systemd's place."""
        for place in ("run/nutcracker", "var/log/nutcracker"):
            (self.root / place).mkdir(parents=True)
        with socket.socket() as listener, socket.socket() as stats:
            ports = []
            for holder in (listener, stats):
                holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                holder.bind(("127.0.0.1", 0))
                ports.append(holder.getsockname()[1])
            self.write(
                "etc/nutcracker/nutcracker.yml",
                f"a:\n  listen: 127.0.0.1:{ports[0]}\n  servers:\n   - 127.0.0.1:1:1\n",
            )
            command = re.search(r"^ExecStart=(.*) \$DAEMON_OPTS$", self.unit(), re.M).group(1)
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.bind(str(self.root / "notify"))
                manager.settimeout(20)
                daemon = subprocess.Popen(
                    [*command.split(), "-a", "127.0.0.1", "-s", str(ports[1])],
                    env={**os.environ, "NOTIFY_SOCKET": str(self.root / "notify")},
                )
                try:
                    self.assertIn("READY=1", manager.recv(4096).decode())
                    pid = self.read("run/nutcracker/nutcracker.pid")
                    self.assertEqual(pid, str(daemon.pid))
                    daemon.terminate()
                    self.assertIn("STOPPING=1", manager.recv(4096).decode())
                    self.assertEqual(daemon.wait(20), 0)
                finally:
                    daemon.kill()
                    daemon.wait()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
