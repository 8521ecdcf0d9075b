"""What every store keeps of turns that made no edition: part of the contract in `test_store_contract.py`."""

from datetime import UTC, date, datetime
from pathlib import Path

from builders import a_digest, a_ranked
from conftest import Opener
from test_store_contract import ids, papers, waiting

from digest.store import Store

NOON = datetime(2026, 5, 26, 12, tzinfo=UTC)


def may(day: int) -> date:
    return date(2026, 5, day)


def test_turns_are_kept(opener: Opener, tmp_path: Path) -> None:
    """The days come back newest first with what waited, each once, each profile's own."""
    with opener(tmp_path) as store:
        store.take_turn("ana", may(25), [], 2)
        store.take_turn("ana", may(26), [])
        store.take_turn("bob", may(1), [])
        store.take_turn("ana", may(25), [], 3)
    with opener(tmp_path) as store:
        assert list(store.turns("ana").items()) == [(may(26), 0), (may(25), 3)]
        assert store.turns("bob") == {may(1): 0}
        assert store.turns("cyd") == {}


def test_editions_are_told_by_their_days(store: Store) -> None:
    """The days of a profile's editions, newest first."""
    for day in ("2026-05-26", "2026-05-24", "2026-05-27"):
        store.keep(a_digest(day=day), NOON)
    assert store.days("ana") == [may(27), may(26), may(24)]
    assert store.days("bob") == []


def test_a_profile_without_editions_waits_for_what_its_turns_have_read(store: Store) -> None:
    """What was known before its first turn and not read then does not wait; what was read, and all since, does."""
    store.save(papers(1, 2, 3))
    assert waiting(store, "ana") == []
    read = store.save(papers(3, 4)).papers
    store.take_turn("ana", may(25), read)
    store.save(papers(5))
    assert ids(waiting(store, "ana")) == ["arxiv:2605.00003", "arxiv:2605.00004", "arxiv:2605.00005"]
    store.take_turn("ana", may(26), store.save(papers(6)).papers)
    assert ids(waiting(store, "ana"))[0] == "arxiv:2605.00003"
    assert waiting(store, "bob") == []


def test_a_turn_that_read_nothing_is_a_beginning_too(store: Store) -> None:
    """A source that listed nothing at the first turn loses nothing of what it lists before the next."""
    store.save(papers(1))
    store.take_turn("ana", may(25), [])
    store.save(papers(2))
    assert ids(waiting(store, "ana")) == ["arxiv:2605.00002"]


def test_turns_do_not_move_what_waits_for_an_edition(store: Store) -> None:
    """Once there is an edition, what came after it waits, whatever turns there were since."""
    read = store.save(papers(1)).papers
    store.keep(a_digest(a_ranked(read[0]), day="2026-05-24"), NOON)
    store.save(papers(2))
    store.take_turn("ana", may(25), store.save(papers(3)).papers, 2)
    assert ids(waiting(store, "ana")) == ["arxiv:2605.00002", "arxiv:2605.00003"]
