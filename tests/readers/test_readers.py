"""newsboat and reader, subscribed for two days: they show the edition, and nothing comes twice (F06-F09, F15)."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest
from torture import tools

from digest.model import Edition
from digest.rendering import wording
from digest.rendering.addresses import entry_id
from readers.installation import MONDAY, TUESDAY, Installation, served

pytestmark = pytest.mark.slow

ON_MONDAY = ("monday-authors.txt", "monday-ids.txt")
ON_TUESDAY = ("tuesday-daily.txt", "tuesday-dates.txt")

REVISED = """\
{abstract} In this version every measurement was repeated with a fresh sample, and two of the tables are new.

12 pages; the second version corrects table 2

arXiv:{arxiv}
Created: 2026-05-20 Updated: 2026-05-25
"""


class Shown(NamedTuple):
    """An entry as a program keeps it."""

    id: str
    title: str
    authors: tuple[str, ...]
    date: datetime
    rest: tuple[str, ...]
    """What else would be another entry, or a changed one: its address, its content."""


class Program(Protocol):
    """A program that reads feeds."""

    def update(self, address: str) -> tuple[int, int]:
        """Look for what has changed: how many entries are new, and how many are known and have changed."""
        ...

    def entries(self) -> list[Shown]:
        """All that it has, in the order of their dates, newest first."""
        ...


class Newsboat:
    """newsboat, which keeps what it has read in a file of SQLite."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = tools.newsboat()

    def update(self, address: str) -> tuple[int, int]:
        known = {shown.id: shown for shown in self.entries()}
        for name, text in (("urls", f"{address}\n"), ("config", "auto-reload no\n")):
            (self._folder / name).write_text(text)
        command = [self._program, "-u", "urls", "-c", "cache.db", "-C", "config"]
        for more in (["-x", "reload"], ["-x", "print-unread"]):
            done = subprocess.run(
                [*command, *more], cwd=self._folder, env={"HOME": str(self._folder)}, capture_output=True, text=True,
                check=True, timeout=60,
            )  # fmt: skip
        found = re.match(r"(\d+) unread", done.stdout)
        assert found, done
        now = {shown.id: shown for shown in self.entries()}
        new = now.keys() - known.keys()
        assert int(found[1]) == len(new)
        self._rows("UPDATE rss_item SET unread = 0")
        return len(new), sum(now[key] != shown for key, shown in known.items())

    def entries(self) -> list[Shown]:
        rows = self._rows(
            "SELECT guid, title, author, pubDate, url, content FROM rss_item ORDER BY pubDate DESC, id DESC"
        )
        return [
            Shown(guid, title, tuple(filter(None, author.split(", "))), datetime.fromtimestamp(date, UTC), tuple(rest))
            for guid, title, author, date, *rest in rows
        ]

    def _rows(self, statement: str) -> list[tuple]:  # type: ignore[type-arg]
        path = self._folder / "cache.db"
        if not path.exists():
            return []
        cache = sqlite3.connect(path)
        with cache:
            rows = cache.execute(statement).fetchall()
        cache.close()
        return rows


class Reader:
    """reader, the library that stands for what a program does that is written in Python."""

    def __init__(self) -> None:
        # reader brings the feedparser of a year ago, which wants a module that the feedparser of today has renamed.
        sys.modules.setdefault("sgmllib", import_module("feedparser_sgmllib"))
        from reader import make_reader

        self._reader = make_reader(":memory:")

    def update(self, address: str) -> tuple[int, int]:
        self._reader.add_feed(address, exist_ok=True)
        updated = self._reader.update_feed(address)
        return (updated.new, updated.modified) if updated else (0, 0)

    def entries(self) -> list[Shown]:
        entries = list(self._reader.get_entries())
        known = [
            Shown(
                entry.id,
                entry.title or "",
                tuple(author.name for author in entry.authors),
                entry.published or entry.updated,
                (entry.link or "", *(each.value for each in entry.content), entry.summary or ""),
            )
            for entry in entries
        ]
        return sorted(known, key=lambda shown: shown.date, reverse=True)

    def close(self) -> None:
        self._reader.close()


@pytest.fixture
def installation(tmp_path) -> Iterator[Installation]:
    with served(tmp_path) as running:
        yield running


# newsboat reads no JSON Feed.
@pytest.fixture(
    params=["newsboat rss.xml", "newsboat atom.xml", "reader rss.xml", "reader atom.xml", "reader feed.json"]
)
def subscribed(request, tmp_path) -> Iterator[tuple[Program, str]]:
    """A program, and the name of the feed that it reads."""
    name, feed = request.param.split()
    if name == "newsboat":
        folder = tmp_path / "newsboat"
        folder.mkdir()
        yield Newsboat(folder), feed
    else:
        reader = Reader()
        yield reader, feed
        reader.close()


def ids(edition: Edition) -> list[str]:
    return [entry_id(ranked.paper) for ranked in edition.digest.ranked]


def test_a_program_shows_the_edition(installation, subscribed):
    """Titles, authors and order are the edition's, and every date is of its day and not of now."""
    program, feed = subscribed
    edition = installation.run(MONDAY, *ON_MONDAY)
    papers = [ranked.paper for ranked in edition.digest.ranked]
    assert len(papers) >= 8
    assert program.update(f"{installation.address}{feed}") == (len(papers), 0)
    entries = program.entries()
    assert [shown.id for shown in entries] == ids(edition)
    assert [shown.title for shown in entries] == [wording.name(paper) for paper in papers]
    for shown, paper in zip(entries, papers, strict=True):
        names = wording.names(paper)
        if feed == "feed.json" or (isinstance(program, Newsboat) and feed == "atom.xml"):
            assert list(shown.authors) == names
        else:  # Of several names these keep one.
            assert set(shown.authors) <= set(names)
            assert bool(shown.authors) == bool(names)
        assert 0 <= (shown.date - edition.issued).total_seconds() < 60


def test_publishing_again_is_no_news(installation, subscribed):
    """After a second run of the same day, and after a rebuild into an empty folder, nothing is new or changed."""
    program, feed = subscribed
    address = f"{installation.address}{feed}"
    installation.run(MONDAY, *ON_MONDAY)
    program.update(address)
    before = program.entries()
    installation.run(MONDAY, *ON_MONDAY)
    assert program.update(address) == (0, 0)
    installation.rebuilt(MONDAY, *ON_MONDAY)
    assert program.update(address) == (0, 0)
    assert program.entries() == before


def test_the_next_day_brings_its_papers_and_no_other(installation, subscribed):
    """Exactly the papers of the new edition are new, above those of the day before; papers of which a new page told
    more have changed, and no other.
    """
    program, feed = subscribed
    address = f"{installation.address}{feed}"
    monday = installation.run(MONDAY, *ON_MONDAY)
    program.update(address)
    tuesday = installation.run(TUESDAY, *ON_MONDAY, *ON_TUESDAY)
    assert tuesday.digest.ranked
    assert program.update(address) == (len(tuesday.digest.ranked), len(installation.revised()))
    assert [shown.id for shown in program.entries()] == [*ids(tuesday), *ids(monday)]


def test_a_revised_paper_is_one_entry_that_has_changed(installation, subscribed):
    """A new version of a paper that was shown keeps its entry, which tells what is known now; there is no other."""
    program, feed = subscribed
    address = f"{installation.address}{feed}"
    monday = installation.run(MONDAY, *ON_MONDAY)
    paper = next(ranked.paper for ranked in monday.digest.ranked if "arxiv" in ranked.paper.ids)
    program.update(address)
    before = {shown.id: shown for shown in program.entries()}
    again = REVISED.format(abstract=paper.abstract, arxiv=paper.ids["arxiv"])
    tuesday = installation.run(TUESDAY, *ON_MONDAY, revised=again)
    assert paper.id not in [ranked.paper.id for ranked in tuesday.digest.ranked]
    assert installation.revised() == {paper.id}
    assert program.update(address) == (len(tuesday.digest.ranked), 1)
    now = {shown.id: shown for shown in program.entries()}
    changed = [key for key, shown in before.items() if now[key] != shown]
    assert changed == [entry_id(paper)]
    (one,) = changed
    assert "every measurement was repeated" in " ".join(now[one].rest)
    assert now[one].date == before[one].date
