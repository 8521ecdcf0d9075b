"""A small installation that publishes day by day, and a server of its folder."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from builders import a_document
from conftest import ROOT

from digest.app import App, make_app
from digest.config import load
from digest.model import Edition
from digest.store import open_store

SAMPLES = ROOT / "digest" / "samples"
PROFILE = "sample"
MONDAY, TUESDAY = date(2026, 5, 25), date(2026, 5, 26)


@dataclass(frozen=True)
class Installation:
    """Where it publishes, and what it reads."""

    app: App
    address: str
    """Of its profile's folder, as it is served."""

    def run(self, day: date, *pages: str, revised: str = "") -> Edition:
        """The daily run over sample pages, and over a page of its own that tells of a paper anew."""
        documents = [a_document((SAMPLES / page).read_bytes(), origin=page) for page in pages]
        if revised:
            documents.append(a_document(revised, origin="revised.txt"))
        (edition,) = self.app.run_on(documents, day).editions
        return edition

    def rebuilt(self, day: date, *pages: str) -> Edition:
        """The same run into a folder that somebody emptied."""
        shutil.rmtree(self.app.out)
        return self.run(day, *pages)

    def revised(self) -> set[str]:
        """The papers of which more is known by now than their edition says, by id."""
        assert self.app.store
        with open_store(self.app.store) as store:
            return set(store.archive(PROFILE, "", 10).revised)


@contextmanager
def served(folder: Path) -> Iterator[Installation]:
    """The samples' installation in `folder`, its site served as long as the context is open."""
    out = folder / "site"
    out.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(out)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        root = f"http://127.0.0.1:{server.server_port}/"
        text = (SAMPLES / "digest.yaml").read_text(encoding="utf-8")
        config = folder / "digest.yaml"
        config.write_text(text.replace("site:\n", f"site:\n  base_url: {root}\n", 1), encoding="utf-8")
        app = make_app(load(config), out=out, store=folder / "digest.db")
        yield Installation(app=app, address=f"{root}{PROFILE}/")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


_KINDS = {"rss.xml": "application/rss+xml", "atom.xml": "application/atom+xml", "feed.json": "application/feed+json"}


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder under the media types of feeds, and whole each time: what has changed within a second of the
    last look must be seen too.
    """

    def guess_type(self, path: str) -> str:  # type: ignore[override]
        return next((kind for end, kind in _KINDS.items() if str(path).endswith(end)), super().guess_type(path))

    def send_head(self):  # type: ignore[no-untyped-def]
        del self.headers["If-Modified-Since"]
        return super().send_head()

    def send_header(self, keyword: str, value: str) -> None:
        if keyword != "Last-Modified":
            super().send_header(keyword, value)

    def log_message(self, format: str, *args: object) -> None:
        pass
