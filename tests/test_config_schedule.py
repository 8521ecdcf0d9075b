"""`digest.config.schedule`: what a config says of schedules. Its mistakes stand in `data/config/schedule_*.yaml`."""

import re
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from digest.config import load, schema
from digest.errors import ConfigError
from digest.model import Schedule


def schedule_of(folder: Path, text: str) -> Schedule:
    (folder / "digest.yaml").write_text(f"profiles:\n  ana:\n    keywords: [rag]\n    {text}\n", encoding="utf-8")
    return load(folder / "digest.yaml").profiles[0].schedule


def test_all_of_it(tmp_path: Path) -> None:
    """Every key of a schedule becomes a value."""
    text = """schedule:
      at: 18:05
      days: [mon, Thursday]
      every: 2
      grace: 12
      minimum: 3
      patience: 5
      vacation: [2026-08-01 to 2026-08-15, 2026-12-24]"""
    assert schedule_of(tmp_path, text) == Schedule(
        at=time(18, 5),
        days=frozenset({0, 3}),
        every=2,
        grace=timedelta(hours=12),
        minimum=3,
        patience=5,
        vacation=((date(2026, 8, 1), date(2026, 8, 15)), (date(2026, 12, 24), date(2026, 12, 24))),
    )


@pytest.mark.parametrize("text", ["", "schedule:", "schedule: {}", "schedule: {at: 6:00, days: daily, every: 1}"])
def test_defaults(text: str, tmp_path: Path) -> None:
    """Without a word there is an edition each day at six, however late, and as small as it may be."""
    assert schedule_of(tmp_path, text) == Schedule()
    assert Schedule() == Schedule(time(6), frozenset(range(7)), 1, None, 0, 3, ())


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("6:30", time(6, 30)),
        ("06:30", time(6, 30)),
        ("'17:30'", time(17, 30)),
        ("0:00", time(0)),
        ("23:59", time(23, 59)),
    ],
)
def test_times_survive_yaml(written: str, at: time, tmp_path: Path) -> None:
    """C02: a time is what was written, in quotes or without, though YAML 1.1 takes 6:30 for 390 and 17:30 for 1050."""
    assert schedule_of(tmp_path, f"schedule: {{at: {written}}}").at == at


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("weekdays", {0, 1, 2, 3, 4}),
        ("sun", {6}),
        ("[sat, Sunday]", {5, 6}),
        ("[weekdays, sat]", {0, 1, 2, 3, 4, 5}),
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("Friday - mon", {4, 5, 6, 0}),
        ("[mon-tue, weekend]", {0, 1, 5, 6}),
        ("mon-mon", {0}),
    ],
)
def test_days(written: str, days: set[int], tmp_path: Path) -> None:
    """Days are a word, a day, a span or a list of them."""
    assert schedule_of(tmp_path, f"schedule: {{days: {written}}}").days == days


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("at: 7", "is '7' (did you mean 7:00?)"),
        ("at: 0730", "is '0730' (did you mean 7:30?)"),
        ("at: 07.30", "is '07.30' (did you mean 7:30?)"),
        ("at: 7h30", "is '7h30' (did you mean 7:30?)"),
        ("at: 420", "is '420' (did a program take 7:00 for a number?)"),
        ("at: 25:00", "must be a time of day as 6:30 or 18:05, is '25:00'"),
        ("at: 25", "is '25'"),
        ("days: mon-xyz", "days as mon, mon-thu or [mon, thu], is 'mon-xyz'"),
        ("days: weekdays-sat", "is 'weekdays-sat'"),
        ("days: '-'", "is '-'"),
    ],
)
def test_words_that_mean_nothing(written: str, said: str, tmp_path: Path) -> None:
    """What is wrong is told, and what may have been meant."""
    with pytest.raises(ConfigError, match=re.escape(said)):
        schedule_of(tmp_path, f"schedule: {{{written}}}")


@pytest.mark.parametrize("zone", ["CET+1", "GMT+2", "+02:00", "UTC-5"])
def test_an_offset_is_no_zone(zone: str, tmp_path: Path) -> None:
    """Nobody is told to mean another offset: clocks change."""
    with pytest.raises(
        ConfigError, match=r"an offset does not say when clocks change; write a place, as Europe/Berlin"
    ):
        schedule_of(tmp_path, f"zone: '{zone}'")


def test_every_key_is_documented() -> None:
    """Every key of a schedule stands in docs/scheduling.md, and the schema describes it (C08)."""
    page = (Path(__file__).parent.parent / "docs/scheduling.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `([a-z_]+)` \|", page, re.M))
    table = schema()["$defs"]["Timing"]["properties"]
    assert set(table) == told
    assert all(said["description"].endswith(".") for said in table.values())
