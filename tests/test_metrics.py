"""`digest.metrics`: how things stand, as Prometheus reads it."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from builders import a_digest, a_paper, a_profile, a_ranked
from conftest import ROOT
from prometheus_client.parser import text_string_to_metric_families

from digest.metrics import exposition
from digest.model import Addressee
from digest.sources.settings import HuggingFace, Wanted
from digest.status import Status, look
from digest.store import Store, open_store
from digest.store.answers import Covered
from digest.store.outbox import Trouble
from digest.store.runs import Ended

NOW = datetime(2026, 5, 26, 6, tzinfo=UTC)
ANA = Addressee("mail", "ana@example.org")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "digest.db") as store:
        yield store


def stand(store: Store, path: Path) -> Status:
    return look(store, path / "digest.db", [a_profile(recipients=(ANA,))], {"ana": date(2026, 5, 26)}, 4, NOW)


def numbers(status: Status | None) -> dict[str, float]:
    """Samples by their name and labels, as a scraper understands them."""
    found = {}
    for family in text_string_to_metric_families(exposition(status).decode()):
        assert family.documentation
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def test_a_day_that_was_delivered_is_told_in_numbers(store: Store, tmp_path: Path) -> None:
    """The run, the edition and its deliveries, each once."""
    edition = store.keep(a_digest(a_ranked(a_paper()), day="2026-05-26"), NOW)
    store.outbox.plan(
        edition.digest.profile, edition.digest.day, (ANA,), now=NOW, expires=NOW + timedelta(days=1), carry=True
    )
    number = store.runs.begin("run", 1, NOW)
    store.runs.end(number, NOW + timedelta(seconds=9), Ended(3, "delivered", "said", problems=["a.txt: not there"]))
    told = numbers(stand(store, tmp_path))
    assert told["digest_verdict{verdict=delivered}"] == 1
    assert sum(value for name, value in told.items() if name.startswith("digest_verdict")) == 1
    assert told["digest_last_end_timestamp_seconds{command=run}"] == (NOW + timedelta(seconds=9)).timestamp()
    assert told["digest_last_duration_seconds{command=run}"] == 9
    assert told["digest_last_exit_code{command=run}"] == 3
    assert told["digest_last_problems{command=run}"] == 1
    assert told["digest_edition_papers{profile=ana}"] == 1
    assert told["digest_edition_timestamp_seconds{profile=ana}"] == datetime(2026, 5, 26, tzinfo=UTC).timestamp()
    assert told["digest_deliveries{profile=ana,state=planned}"] == 1
    assert told["digest_deliveries_waiting{profile=ana}"] == 1
    assert told["digest_deliveries_in_doubt{profile=ana}"] == 0
    assert told["digest_at_work"] == 0
    assert told["digest_store_bytes"] > 0


def test_what_is_wrong_is_counted_by_its_kind(store: Store, tmp_path: Path) -> None:
    """An alarm can be raised on any trouble, or on one kind."""
    troubles = [Trouble("source: a.txt", "gone", NOW), Trouble("source: b.txt", "gone", NOW)]
    store.outbox.keep_troubles([*troubles, Trouble("death", "died", NOW)])
    told = numbers(stand(store, tmp_path))
    assert told["digest_troubles{kind=source}"] == 2
    assert told["digest_troubles{kind=death}"] == 1


def test_a_source_that_fails_is_told_in_numbers(store: Store, tmp_path: Path) -> None:
    """Each source on the network by its name: whether it fails now, and how many of its days are missing."""
    sources = [Wanted("huggingface", name, HuggingFace()) for name in ("good", "bad", "new")]
    days = [date(2026, 5, 24), date(2026, 5, 25), date(2026, 5, 26)]
    store.answers.cover([Covered("good", day, "complete", NOW, 1) for day in days])
    store.answers.cover([Covered("bad", day, "failed", NOW) for day in days])
    path, today = tmp_path / "digest.db", {"ana": date(2026, 5, 26)}
    told = numbers(look(store, path, [a_profile()], today, 4, NOW, sources=sources))
    failed = {name: told[f"digest_source_failed{{source={name}}}"] for name in ("good", "bad", "new")}
    missing = {name: told[f"digest_source_missing{{source={name}}}"] for name in ("good", "bad", "new")}
    assert failed == {"good": 0, "bad": 1, "new": 0}
    assert missing == {"good": 0, "bad": 2, "new": 0}


def test_a_run_that_died_has_an_exit_code_and_no_end(store: Store, tmp_path: Path) -> None:
    """An alarm on the age of the last end, or on its absence, sounds."""
    store.runs.begin("run", 1, NOW)
    told = numbers(stand(store, tmp_path))
    assert told["digest_last_exit_code{command=run}"] == 75
    assert "digest_last_end_timestamp_seconds{command=run}" not in told


def test_the_guide_names_every_metric(store: Store, tmp_path: Path) -> None:
    """docs/serving.md names each, and none that is not there."""
    guide = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(digest_[a-z_]+)(?:\{[a-z,]+\})?`", guide))
    families = text_string_to_metric_families(exposition(stand(store, tmp_path)).decode())
    assert told == {one.name for one in families} | {"digest_sources_read_timestamp_seconds"}


def test_an_installation_that_never_ran_has_no_papers() -> None:
    """A scraper that comes first finds something that it can read."""
    assert numbers(None) == {"digest_papers": 0}


def test_the_verdict_has_a_sample_for_each_word(store: Store, tmp_path: Path) -> None:
    """A rule may name a verdict that never was."""
    names = [name for name in numbers(stand(store, tmp_path)) if name.startswith("digest_verdict")]
    assert len(names) == 8
