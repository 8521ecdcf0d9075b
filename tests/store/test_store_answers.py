"""What the store keeps of the network: answers, whom to leave alone, and which days are here."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digest.store import open_store
from digest.store.answers import COVERED, KEPT, Answer, Covered, Rest
from digest.store.safety import migrate
from digest.store.schema import MIGRATIONS

AT = datetime(2026, 5, 26, 6, tzinfo=UTC)
DAY = date(2026, 5, 26)


def an_answer(url: str = "https://example.org/", **known) -> Answer:
    return Answer(**{"url": url, "house": "example.org", "at": AT, "body": b"x", **known})


def test_the_last_answer_is_kept_whole(answers):
    """An answer comes back as it was kept, and a new one takes its place."""
    answer = an_answer(final="https://example.org/b", etag='"é"', modified="Tue", media_type="text/xml")
    answers.keep(an_answer())
    answers.keep(answer)
    assert answers.answer(answer.url) == answer
    assert answers.answer("https://example.org/c") is None


def test_what_nobody_has_read_is_put_aside(answers):
    """An answer that another one follows before it was read stays, until all is read; one that is unchanged is one."""
    first, second, third = (
        an_answer(body=body, at=AT + timedelta(hours=n)) for n, body in enumerate((b"a", b"b", b"c"))
    )
    other = an_answer("https://example.org/2")
    for answer in (first, other, first._replace(at=AT + timedelta(minutes=1)), second, third):
        answers.keep(answer)
    url = first.url
    assert [one.body for one in answers.aside(url)] == [b"a", b"b"]
    assert answers.answer(url) == third
    assert answers.aside(other.url) == []
    assert {one.url for one in answers.of_house("example.org")} == {url, other.url}
    answers.cover([])
    assert (answers.aside(url), answers.answer(url)) == ([], third)
    answers.keep(first)
    assert answers.aside(url) == []


def test_a_house_tells_when_it_gave_its_latest_answer(answers):
    """The latest of all addresses of the house; None where there is none."""
    answers.keep(an_answer("https://example.org/a", at=AT + timedelta(seconds=5)))
    answers.keep(an_answer("https://example.org/b"))
    assert answers.last("example.org") == AT + timedelta(seconds=5)
    assert answers.last("example.com") is None


def test_whoever_gives_an_answer_rests_no_more(answers):
    """A rest is kept, renewed, and forgotten with a good answer of that address or that house."""
    for place in ("example.org", "https://example.org/", "example.com"):
        answers.let_rest(Rest(place, AT, 1, "busy"))
    answers.let_rest(Rest("example.org", AT + timedelta(hours=1), 2, "busier"))
    assert answers.rest("example.org") == Rest("example.org", AT + timedelta(hours=1), 2, "busier")
    answers.keep(an_answer())
    assert [answers.rest(place) for place in ("example.org", "https://example.org/")] == [None, None]
    assert answers.rest("example.com")


def test_days_that_are_settled_stay_settled(answers):
    """What was complete is not failed later; what was empty may turn out to list something; the rest follows."""
    states = ("failed", "pending", "empty", "failed", "complete", "stale", "empty")
    seen = []
    for number, state in enumerate(states):
        answers.cover([Covered("arxiv", DAY, state, AT, number, f"{number}")])
        (row,) = answers.covered("arxiv")
        seen.append((row.state, row.detail))
    assert seen == [
        *(("failed", "0"), ("pending", "1"), ("empty", "2"), ("empty", "2")),
        *(("complete", "4"), ("complete", "4"), ("complete", "4")),
    ]


def test_days_are_told_by_source_and_since(answers):
    """Of one source or of all, from a day on, in their order."""
    rows = [Covered(name, DAY - timedelta(days=ago), "complete", AT, 3) for name in "ba" for ago in (0, 9)]
    answers.cover(rows)
    assert answers.covered() == sorted(rows)
    assert answers.covered("a", DAY) == [rows[2]]


def test_what_is_old_is_forgotten(answers):
    """Answers that nobody asks for, rests that are long over and days long past do not fill the disk."""
    answers.keep(an_answer())
    answers.keep(an_answer("https://example.org/new", at=AT + timedelta(days=1)))
    answers.let_rest(Rest("x", AT, 1, "busy"))
    answers.cover([Covered("a", DAY - COVERED, "complete", AT), Covered("a", DAY, "complete", AT)])
    answers.forget(AT + KEPT + timedelta(hours=1))
    assert answers.answer("https://example.org/") is None
    assert answers.answer("https://example.org/new")
    assert answers.rest("x") is None
    assert [row.day for row in answers.covered()] == [DAY]


@pytest.mark.parametrize("version", [4, 5])
def test_a_store_from_before_gets_the_tables(tmp_path: Path, version: int):
    """S10: a store that knew no network learns of it when it is opened, and keeps what it had."""
    import sqlite3
    from contextlib import closing

    path = tmp_path / "digest.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrate(db, MIGRATIONS[:version])
    with open_store(path) as store:
        store.answers.keep(an_answer())
        assert store.answers.answer("https://example.org/")
