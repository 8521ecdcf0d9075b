"""How SQLite looks for what the ledger asks for: a store that has sent for years is as quick as a new one."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import digest.store.ledger_statements as sql
from digest.store import open_store

OFTEN = (
    *(
        "TO_CARRY",
        "LEAVE",
        "CONTENT",
        "LEFT",
        "DISMISS",
        "PLANNED",
        "DROP_MESSAGES",
        "THAW",
        "CLAIM_RENDERED",
        "CLAIM_DEFERRED",
        "PARCEL",
        "MARK",
        "DEFER",
    ),
    *("ATTEMPTS", "MIDWAY", "GIVE_BACK", "DOUBT", "SEND_AGAIN", "BRING_NEAR", "EXPIRED", "EXPIRE", "SUPPRESS_WAITING"),
)
"""What a run asks, however little it has to do."""


@pytest.mark.parametrize("name", OFTEN)
def test_a_run_looks_at_what_is_under_way_only(name: str, tmp_path: Path) -> None:
    """No statement of a run goes through all deliveries that ever were."""
    open_store(tmp_path / "digest.db").close()
    statement: str = getattr(sql, name)
    numbers = [int(number) for number in re.findall(r"\?(\d)", statement)]
    values = [None] * (max(numbers) if numbers else statement.count("?"))
    with closing(sqlite3.connect(tmp_path / "digest.db")) as db:
        steps = [step for *_, step in db.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert steps
    assert not [step for step in steps if step.startswith("SCAN delivery") and "INDEX" not in step]
