"""Would the kill tests notice? A program that is broken on purpose, and mails, pages and stores that are not right."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import kills
import pytest

import digest.store.ledger_statements as sql

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

STATEMENTS = "digest.store.ledger_statements"


def broken(name: str, old: str, new: str) -> tuple[str, str, str]:
    """A statement of the ledger, changed."""
    whole = getattr(sql, name)
    assert old in whole
    return STATEMENTS, name, whole.replace(old, new)


MUTANTS = {
    "nothing is broken": (None, "nothing"),
    "what may have arrived is taken for unsent": (
        broken("GIVE_BACK", "state = 'claimed'", "state IN ('claimed', 'dot sent')"),
        "duplicates",
    ),
    "the mark before the dot is not kept": (broken("MARK", "state = 'dot sent', ", ""), "duplicates"),
    "nothing is carried into the next edition": (broken("TO_CARRY", "carry >= 0", "carry > 1"), "lost"),
    "what was claimed is taken for sent": (
        broken("GIVE_BACK", "state = 'rendered'", "state = 'suppressed'"),
        "lost",
    ),
    "what was in doubt is left as it is": (broken("DOUBT", "state = 'in doubt', run = NULL, ", ""), "unfinished"),
}


@pytest.mark.parametrize("what", list(MUTANTS))
def test_a_broken_program_is_found(what: str, tmp_path: Path) -> None:
    """A kill between the server's note of a message and its 250 finds a ledger that is broken in any of these ways."""
    mutant, found = MUTANTS[what]
    figures = kills.Figures()
    with kills.scene(tmp_path, "send") as scene:
        scene.mutant = mutant
        with scene.slow_server(0.1):
            assert kills.killed(scene, "noted", str(scene.journal), 6)
        if found == "lost":
            # As if the last dots had not arrived.
            arrived = [one for one in scene.noted() if is_accepted(scene, one)]
            scene.journal.write_text("".join(f"{json.dumps(one)}\n" for one in arrived))
        kills.aftermath(scene, figures)
    counted = asdict(figures) | {"nothing": 1}
    assert counted[found] > 0, figures
    if not mutant:
        assert (figures.faults, figures.duplicates) == ({}, 0)
        assert 1 <= figures.doubts <= 2
        assert figures.doubts == figures.arrived
        assert figures.midway == 1


def is_accepted(scene: kills.Scene, noted: dict[str, Any]) -> bool:
    return any(f"<{message_id}>" == noted["id"] for _, _, message_id in scene.rows("state = 'accepted'"))


def note(scene: kills.Scene, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Change what the server noted."""
    noted = scene.noted()
    change(noted)
    scene.journal.write_text("".join(f"{json.dumps(one)}\n" for one in noted))


def execute(scene: kills.Scene, statement: str) -> None:
    with closing(sqlite3.connect(scene.work / "digest.db")) as db, db:
        db.execute(statement)


def damage(scene: kills.Scene) -> None:
    """Put nonsense in the place of the ledger."""
    file = scene.work / "digest.db"
    with closing(sqlite3.connect(file)) as db:
        (size,), (page,) = (
            db.execute(asked).fetchone()
            for asked in ("PRAGMA page_size", "SELECT rootpage FROM sqlite_schema WHERE name = 'delivery'")
        )
    content, start = file.read_bytes(), (page - 1) * size
    file.write_bytes(content[:start] + b"\xff" * size + content[start + size :])


DOCTORED: dict[str, Callable[[kills.Scene], object]] = {
    "duplicates": lambda scene: note(scene, lambda noted: noted.append(noted[0])),
    "changed": lambda scene: note(scene, lambda noted: noted.append(noted[0] | {"bytes": "others"})),
    "lost": lambda scene: note(scene, lambda noted: noted.pop()),
    "unfinished": lambda scene: execute(scene, "UPDATE delivery SET state = 'rendered' WHERE seq = 1"),
    "damaged": damage,
}


@pytest.mark.parametrize("what", [*DOCTORED, "parts"])
def test_what_is_wrong_is_counted(what: str, tmp_path: Path) -> None:
    """A mail too many, one too few, one with other bytes, a delivery that waits, a damaged store, a half page."""
    figures = kills.Figures()
    with kills.scene(tmp_path, "run") as scene:
        if what == "parts":
            page = scene.work / "feeds" / "lab" / f"{scene.day}.html"
            scene.fresh()
            assert kills.neither(scene) == []
            page.write_bytes(scene.usual.pages[f"lab/{scene.day}.html"][:-1])  # type: ignore[union-attr]
            (scene.work / "feeds" / "rss.xml").unlink()
            assert sorted(kills.neither(scene)) == [f"lab/{scene.day}.html", "rss.xml"]
            return
        DOCTORED[what](scene)
        kills.count(scene, figures, [])
    assert asdict(figures)[what] > 0
