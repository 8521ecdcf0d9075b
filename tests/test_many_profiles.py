"""Whole runs of many profiles: each has what it would have if it were the only one."""

import random
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from builders import a_document, a_profile

from digest import pipeline
from digest.composing import compose
from digest.model import Digest, Edition, Profile, Schedule, Site, Term
from digest.pipeline import Held, Task, run
from digest.store import Store, open_store

DAY = date(2026, 5, 26)
WORDS = ["quantization", "speech", "hearing aids", "graphs", "diffusion", "retrieval", "survey", "rounding"]


class Step(NamedTuple):
    """One run: what its source lists, whose edition of which day it is to make, and whether a schedule says so."""

    page: str
    days: Mapping[str, date]
    scheduled: bool


class Had(NamedTuple):
    """What a run did for a profile."""

    edition: Edition | None
    held: Held | None
    page: bytes


def a_page(chance: random.Random) -> str:
    """Papers of twenty, some of which were listed before, in other places or not."""
    numbers = chance.sample(range(1, 21), chance.randint(0, 5))
    return "".join(
        f"We study {' and '.join(chance.sample(WORDS, 2)) if chance.random() < 0.2 else WORDS[number % 8]} in the "
        f"{number} way, and find that it matters for what we count here.\narXiv:2605.{number:05}\n"
        for number in numbers
    )


def some_profiles(chance: random.Random) -> list[Profile]:
    def one(name: str) -> Profile:
        weights = {word: float(chance.randint(-1, 4) or 1) for word in chance.sample(WORDS, chance.randint(1, 4))}
        return replace(
            a_profile(name, keywords=weights),
            authors=(Term("Moreau, A.", 2.0),) if chance.random() < 0.3 else (),
            mutes=tuple(chance.sample(WORDS, chance.randint(0, 1))),
            limit=chance.choice([1, 2, 30]),
            threshold=chance.choice([0.0, 1.0]),
            publish=chance.choice([("html",), ()]),
            schedule=Schedule(minimum=chance.choice([0, 2, 4]), patience=chance.choice([1, 3])),
        )

    return [one(f"p{number}") for number in range(7)]


def some_steps(chance: random.Random, profiles: Sequence[Profile]) -> list[Step]:
    """Several runs a day or none, by hand or by schedules, each for some of the profiles."""
    steps: list[Step] = []
    day = DAY
    for _ in range(9):
        day += timedelta(chance.choice([0, 0, 1, 1, 2]))
        due = {one.name: day for one in profiles if chance.random() < 0.6}
        steps.append(Step(a_page(chance), due, chance.random() < 0.6))
    return steps


def ran(step: Step, profiles: Sequence[Profile], store: Store, out: Path) -> dict[str, Had]:
    days = {one.name: step.days[one.name] for one in profiles if one.name in step.days}
    task = Task(
        site=Site(base_url="https://digest.example/"),
        profiles=profiles,
        days=days,
        turns=days if step.scheduled else {},
        out=out,
        fresh=lambda: "f0e1",
    )
    report = run([a_document(step.page)], task, store)
    editions = {one.digest.profile: one for one in report.editions}
    held = {one.digest.profile: one for one in report.held}
    pages = {one.name: out / one.name / "index.html" for one in profiles}
    return {
        name: Had(editions.get(name), held.get(name), page.read_bytes() if page.exists() else b"")
        for name, page in pages.items()
    }


@pytest.mark.parametrize("seed", range(6))
def test_each_of_many_profiles_has_what_it_has_alone(seed: int, tmp_path: Path) -> None:
    """Over days on which some profiles are served and others not, by hand and by their schedules, several times a day,
    with turns that wait for more papers: each has the same papers, scores, order, tallies and pages as it has alone.
    """
    chance = random.Random(seed)
    profiles = some_profiles(chance)
    steps = some_steps(chance, profiles)
    with open_store(tmp_path / "many.db") as store:
        many = [ran(step, profiles, store, tmp_path / "many") for step in steps]
        kept = {one.name: (store.archive(one.name, one.title, 99), store.turns(one.name)) for one in profiles}
    for one in profiles:
        with open_store(tmp_path / f"{one.name}.db") as store:
            alone = [ran(step, [one], store, tmp_path / f"{one.name}.out")[one.name] for step in steps]
            assert (store.archive(one.name, one.title, 99), store.turns(one.name)) == kept[one.name]
        assert alone == [step[one.name] for step in many]
    assert any(had.held for step in many for had in step.values())
    assert sum(had.edition is not None and bool(had.edition.digest.ranked) for s in many for had in s.values()) > 5


def test_ranking_keeps_nobody_from_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the papers of many profiles are ranked and picked, somebody who unsubscribes can be put down."""
    path, written = tmp_path / "digest.db", []

    def picked(*given: Any) -> Digest:
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as beside:
            beside.execute("BEGIN IMMEDIATE")
            written.append(1)
            beside.execute("ROLLBACK")
        return compose(*given)

    monkeypatch.setattr(pipeline, "compose", picked)
    profiles = [a_profile(f"p{number}", keywords={"graphs": 1}, publish=()) for number in range(3)]
    step = Step(
        "We study graphs, and find that they matter.\narXiv:2605.00001\n", {p.name: DAY for p in profiles}, False
    )
    with open_store(path) as store:
        had = ran(step, profiles, store, tmp_path / "out")
    assert len(written) == 3
    assert all(one.edition and one.edition.digest.ranked for one in had.values())
