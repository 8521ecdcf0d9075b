"""The papers of editions: kept once for all editions that show them, and the same to whoever reads those."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import a_digest, a_paper, a_ranked, a_reason
from hypothesis import given, settings
from test_store_codec import DIGESTS

from digest.errors import StorageError
from digest.model import Digest
from digest.store import open_store
from digest.store.codec import dump_digest, load_digest
from digest.store.schema import MIGRATIONS
from digest.store.shown import ShownPapers

ISSUED = datetime(2026, 5, 26, tzinfo=UTC)


def a_database() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", autocommit=True) if hasattr(sqlite3, "LEGACY_TRANSACTION_CONTROL") else None
    db = db or sqlite3.connect(":memory:", isolation_level=None)
    for statement in MIGRATIONS[-1]:
        db.execute(statement)
    return db


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "digest.db"


@pytest.fixture
def inside(path: Path) -> Iterator[sqlite3.Connection]:
    """The file, as SQLite sees it, after `open_store` has made it."""
    open_store(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        yield db


@settings(deadline=None, max_examples=30)
@given(DIGESTS, DIGESTS)
def test_papers_that_are_known_are_not_made_again(one: Digest, other: Digest) -> None:
    """Digests that are written and read with the same papers are as they were, and share what is equal: also for
    somebody who reads them later.
    """
    with closing(a_database()) as db:
        shown = ShownPapers()
        texts = [dump_digest(digest, shown.naming(db)) for digest in (one, other, one)]
        for papers in (shown, ShownPapers()):
            read = [load_digest(text, papers.meaning(db)) for text in texts]
            assert read == [one, other, one]
            for before, after in zip(read[0].ranked, read[2].ranked, strict=True):
                assert before.paper is after.paper


def test_of_many_papers_the_older_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read again after that is equal, and another; what is written again is not kept twice."""
    monkeypatch.setattr(ShownPapers, "MOST", 2)
    with closing(a_database()) as db:
        shown = ShownPapers()
        digests = [a_digest(a_ranked(a_paper(f"arxiv:2605.0000{number}"))) for number in (1, 2, 3)]
        texts = [dump_digest(digest, shown.naming(db)) for digest in (*digests, *digests)]
        assert texts[:3] == texts[3:]
        first, *_, again = [load_digest(text, shown.meaning(db)).ranked[0].paper for text in (*texts[:3], texts[0])]
        assert first == again
        assert first is not again


def test_a_paper_is_kept_once(path: Path, inside: sqlite3.Connection) -> None:
    """A hundred editions that show a paper have its text once between them, in whatever process they are made."""
    paper = a_paper(abstract="We count papers. " * 100)
    for some in (range(50), range(50, 100)):
        with open_store(path) as store:
            for number in some:
                digest = a_digest(a_ranked(paper, a_reason(points=number + 1.0)), profile=f"p{number}")
                assert store.keep(digest, ISSUED).digest == digest
    assert inside.execute("SELECT count(*) FROM shown_paper").fetchone() == (1,)
    assert inside.execute("SELECT max(length(digest)) < 600 FROM edition").fetchone() == (1,)
    with open_store(path) as store:
        first, last = (store.edition(name, a_digest().day) for name in ("p0", "p99"))
        assert first
        assert last
        assert first.digest.ranked[0].paper is last.digest.ranked[0].paper
        assert last.digest.ranked == (a_ranked(paper, a_reason(points=100.0)),)


def test_another_text_is_another_paper(path: Path) -> None:
    """What an edition showed stays as it was, whatever later ones show of the same paper."""
    with open_store(path) as store:
        for day, title in (("2026-05-25", "As it was"), ("2026-05-26", "As it is")):
            store.keep(a_digest(a_ranked(a_paper(title=title, headline=title)), day=day), ISSUED)
        editions = store.archive("ana", "Ana", 9).recent
        assert [one.digest.ranked[0].paper.title for one in editions] == ["As it is", "As it was"]
        assert [one.headline for one in store.shown_papers("ana", editions[1].digest.day)] == ["As it is", "As it was"]


def test_editions_of_older_stores_are_read(path: Path, inside: sqlite3.Connection) -> None:
    """An edition that has its papers' texts in it is as it was, and so are the lines of a search."""
    digest = a_digest(a_ranked(a_paper(authors=("Ana Li",))))
    with open_store(path) as store:
        store.keep(a_digest(a_ranked(a_paper("arxiv:2605.00009")), day="2026-05-25"), ISSUED)
        store.keep(digest, ISSUED)
    inside.execute("UPDATE edition SET digest = ? WHERE day = '2026-05-26'", [dump_digest(digest)])
    with open_store(path) as store:
        newest = store.edition("ana", digest.day)
        assert newest
        assert newest.digest == digest
        found = store.shown_papers("ana", a_digest(day="2026-05-01").day)
    assert [(one.id, one.authors) for one in found] == [
        ("arxiv:2605.00001", ("Ana Li",)),
        ("arxiv:2605.00009", a_paper().authors),
    ]


def test_a_paper_whose_keeping_was_undone_is_kept_again(path: Path) -> None:
    """Where a step fails after papers were kept in it, those who show them later keep them anew."""
    digest = a_digest(a_ranked())
    with open_store(path) as store:

        def fail() -> None:
            with store.together():
                store.keep(digest, ISSUED)
                raise RuntimeError("stop")

        with pytest.raises(RuntimeError, match="stop"):
            fail()
        store.keep(digest, ISSUED)
    with open_store(path) as store:
        kept = store.edition("ana", digest.day)
        assert kept
        assert kept.digest == digest


def test_a_missing_paper_is_told(path: Path, inside: sqlite3.Connection) -> None:
    """A store of which a part is gone is damaged, and says so."""
    with open_store(path) as store:
        store.keep(a_digest(a_ranked()), ISSUED)
    inside.execute("DELETE FROM shown_paper")
    with open_store(path) as store, pytest.raises(StorageError, match="there is no paper number 1"):
        store.edition("ana", a_digest().day)


def test_a_missing_paper_is_told_in_a_step_too(path: Path, inside: sqlite3.Connection) -> None:
    """Where much is done together, what fails is told as ever, there and at the end."""
    with open_store(path) as store:
        store.keep(a_digest(a_ranked()), ISSUED)
    inside.execute("DELETE FROM shown_paper")

    def step() -> None:
        with store.together():
            with pytest.raises(StorageError, match="no paper number 1"):
                store.edition("ana", a_digest().day)
            store.secret("after", lambda: "1")

    with open_store(path) as store:
        with pytest.raises(StorageError, match="no paper number 1"):
            step()
        assert store.known_secret("after") is None
