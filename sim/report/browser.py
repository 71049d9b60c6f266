"""A headless Chromium, driven over a pipe by the Chrome DevTools Protocol."""

import itertools
import json
import os
import subprocess

FLAGS = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",  # tests have one already, and it allows no second
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
]


class Browser:
    """The process, with one page. To be closed."""

    def __init__(self, program, folder):
        """`folder` is for what the browser writes."""
        to_read, self._commands = os.pipe()
        self._answers, to_write = os.pipe()
        os.set_inheritable(to_read, True)
        os.set_inheritable(to_write, True)
        # The protocol's descriptors are 3 and 4; the shell puts ours there.
        self._process = subprocess.Popen(
            [
                "/bin/sh",
                "-c",
                f'exec "$0" "$@" 3<&{to_read} 4>&{to_write}',
                program,
                *FLAGS,
                f"--user-data-dir={folder}/profile",
                "about:blank",
            ],
            pass_fds=(to_read, to_write),
            env=dict(os.environ, HOME=folder, XDG_CONFIG_HOME=folder, XDG_CACHE_HOME=folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self._buffer = b""
        self._ids = itertools.count(1)
        self._events = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def close(self):
        self._process.kill()
        self._process.wait()
        os.close(self._commands)
        os.close(self._answers)

    def call(self, method, **params):
        """A command for the page, and its answer."""
        return self._call(method, self._session, **params)

    def open(self, url):
        """Loads a page, and forgets what the last one said."""
        self._events.clear()
        self.call("Page.navigate", url=url)
        self._wait_for("Page.loadEventFired")

    def evaluate(self, expression):
        """The value of a JavaScript expression, when its promise is kept."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def complaints(self):
        """What the page threw or wrote to the console since it was opened."""
        methods = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
        return [event for event in self._events if event["method"] in methods]

    def requests(self):
        """The addresses that the page asked for since it was opened."""
        return [
            event["params"]["request"]["url"]
            for event in self._events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def _call(self, method, session=None, **params):
        command = {"id": next(self._ids), "method": method, "params": params}
        if session:
            command["sessionId"] = session
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        while True:
            message = self._receive()
            if message.get("id") == command["id"]:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self._events.append(message)

    def _wait_for(self, method):
        seen = 0
        while True:
            for event in self._events[seen:]:
                if event["method"] == method:
                    return
            seen = len(self._events)
            self._events.append(self._receive())

    def _receive(self):
        while b"\0" not in self._buffer:
            data = os.read(self._answers, 1 << 20)
            if not data:
                raise RuntimeError("the browser ended")
            self._buffer += data
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)
