"""A headless Chromium, where there is one, and the tools from npm that look at pages, where they are."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

from conftest import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NODE_MODULES = ROOT / "build" / "npm" / "node_modules"
"""Where `make tools` puts them."""
AXE = NODE_MODULES / "axe-core" / "axe.min.js"
VNU = NODE_MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"

QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)


def dom(address: str, *options: str) -> str:
    """The page at `address` as it is after its scripts ran for five seconds of the browser's own time."""
    assert CHROMIUM
    with TemporaryDirectory() as profile:
        command = [CHROMIUM, *QUIET, f"--user-data-dir={profile}", "--virtual-time-budget=5000", *options]
        done = subprocess.run([*command, "--dump-dom", address], capture_output=True, check=True, timeout=120)
    return done.stdout.decode()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """`folder` on a local port, as any static host serves it; gives the address of its root, without `/`."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
