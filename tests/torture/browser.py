"""Chromium without a window, driven by the DevTools protocol over a pipe (`--remote-debugging-pipe`).

    with Browser(program) as browser:
        seen = browser.visit("http://site.test/ana/index.html", {"ana/index.html": page})
        browser.call("Runtime.evaluate", expression="document.title")

The browser reads commands from file descriptor 3 and writes answers and events to 4, each a JSON text that ends in
NUL (https://chromedevtools.github.io/devtools-protocol/). No request leaves it: each is paused and answered from the
files that the visit was given, and what is not among them is refused and told.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from mimetypes import guess_type
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import unquote, urlsplit

ORIGIN = "http://site.test/"

_FLAGS = """
    --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --no-default-browser-check
    --disable-background-networking --disable-component-update --disable-sync --disable-extensions
    --disable-default-apps --disable-dev-shm-usage --hide-scrollbars --mute-audio --remote-debugging-pipe
""".split()

_PATIENCE = 60.0
"""Seconds without an answer after which a browser is given up."""


class Visit(NamedTuple):
    """What a page did while it was loaded."""

    requests: tuple[str, ...]
    """Every address it asked for, its own included."""
    dialogs: tuple[str, ...]
    complaints: tuple[str, ...]
    """What the browser logged: what the content security policy refused, errors of scripts."""


class Browser:
    """One running browser with one page. Everything happens in its turn; nothing runs beside the caller."""

    def __init__(self, program: str) -> None:
        self._folder = tempfile.mkdtemp(prefix="chromium-")
        to_read, self._to = _high_pipe()
        self._from, to_write = _high_pipe()
        closed = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
        handed = [(os.POSIX_SPAWN_DUP2, to_read, 3), (os.POSIX_SPAWN_DUP2, to_write, 4)]
        argv = [program, *_FLAGS, f"--user-data-dir={self._folder}", "about:blank"]
        self._pid = os.posix_spawn(program, argv, dict(os.environ), file_actions=[*closed, *handed], setpgroup=0)
        os.close(to_read)
        os.close(to_write)
        self._buffer = b""
        self._last = 0
        self._files: Mapping[str, bytes] = {}
        self._forget()
        self._session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)
        self.call("Fetch.enable", patterns=[{"urlPattern": "*"}])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):
            os.killpg(self._pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)
        os.close(self._to)
        os.close(self._from)
        shutil.rmtree(self._folder, ignore_errors=True)

    def visit(self, address: str, files: Mapping[str, bytes]) -> Visit:
        """Load `address`; what lies under `ORIGIN` comes from `files`, whose names are paths below it."""
        self._files = files
        self._forget()
        # The document before may still tell of its own end, so each has a name.
        document = self.call("Page.navigate", url=address)["loaderId"]
        while document not in self._loaded:
            self._handle(self._receive())
        return self.seen()

    def seen(self) -> Visit:
        """What happened since the visit began."""
        return Visit(tuple(self._requests), tuple(self._dialogs), tuple(self._complaints))

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page, waited for where it is a promise. Raises where it throws."""
        got = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in got, got["exceptionDetails"]
        return got["result"].get("value")

    def size(self, width: int, height: int = 900) -> None:
        """Show pages as on a screen of that size in CSS pixels."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def scheme(self, name: str) -> None:
        """Show pages as where the person asked for `light` or `dark`."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """What the browser answers to a command. Raises AssertionError where it refuses."""
        sent = self._send(method, **params)
        while (message := self._receive()).get("id") != sent:
            self._handle(message)
        assert "error" not in message, f"{method}: {message['error']}"
        return message["result"]  # type: ignore[no-any-return]

    def _send(self, method: str, **params: Any) -> int:
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._to, data) :]
        return self._last

    def _receive(self) -> dict[str, Any]:
        until = time.monotonic() + _PATIENCE
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._from], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"chromium has said nothing for {_PATIENCE:.0f} seconds"
            more = os.read(self._from, 1 << 20)
            assert more, "chromium has ended"
            self._buffer += more
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)  # type: ignore[no-any-return]

    def _forget(self) -> None:
        self._loaded: set[str] = set()
        self._requests: list[str] = []
        self._dialogs: list[str] = []
        self._complaints: list[str] = []

    def _handle(self, event: dict[str, Any]) -> None:
        params = event.get("params", {})
        match event.get("method"):
            case "Page.lifecycleEvent" if params["name"] == "load":
                self._loaded.add(params["loaderId"])
            case "Page.javascriptDialogOpening":
                self._dialogs.append(f"{params['type']}: {params['message']}")
                self._send("Page.handleJavaScriptDialog", accept=True)
            case "Log.entryAdded":
                self._complaints.append(f"{params['entry']['source']}: {params['entry']['text']}")
            case "Runtime.exceptionThrown":
                details = params["exceptionDetails"]
                self._complaints.append(details.get("exception", {}).get("description", details["text"]))
            case "Fetch.requestPaused":
                self._answer(params["requestId"], params["request"]["url"])

    def _answer(self, request: str, address: str) -> None:
        if address == f"{ORIGIN}favicon.ico":  # which browsers ask for by themselves
            self._send("Fetch.fulfillRequest", requestId=request, responseCode=204)
            return
        path = unquote(urlsplit(address).path).removeprefix("/")
        self._requests.append(address)
        if not address.startswith(ORIGIN) or path not in self._files:
            self._send("Fetch.failRequest", requestId=request, errorReason="BlockedByClient")
            return
        kind = guess_type(path)[0] or "application/octet-stream"
        if kind == "text/html":
            kind += "; charset=utf-8"
        self._send(
            "Fetch.fulfillRequest",
            requestId=request,
            responseCode=200,
            responseHeaders=[{"name": "Content-Type", "value": kind}],
            body=base64.b64encode(self._files[path]).decode(),
        )


def _high_pipe() -> tuple[int, int]:
    """A pipe whose ends are neither 3 nor 4, which the browser's own ends are to be."""
    ends = os.pipe()
    high = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return high[0], high[1]
