"""The record of runs in the store's SQLite file: see `digest.store.runs` for what each method is for."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from json import dumps, loads

import digest.store.statements as sql
from digest.store.runs import KEPT, LENGTH, MOST, PROBLEMS, SUMMARY, Ended, Run

Transaction = Callable[[str], AbstractContextManager[sqlite3.Connection]]


class Diary:
    """A `digest.store.runs.Runs`. `transaction` begins one of a kind and tells failures as DigestErrors."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def begin(self, command: str, process: int, now: datetime) -> int:
        with self._transaction("IMMEDIATE") as db:
            number = db.execute(sql.BEGIN_RUN, [command, process, now.timestamp()]).lastrowid
            assert number, "a row has a number"
            db.execute(sql.FORGET_RUNS, [command, (now - KEPT).timestamp(), MOST, number])
        return number

    def end(self, number: int, now: datetime, outcome: Ended) -> None:
        days = {profile: day.isoformat() for profile, day in outcome.days.items()}
        problems = [problem[:LENGTH] for problem in outcome.problems[:PROBLEMS]]
        told = [outcome.exit_code, outcome.verdict, outcome.summary[:SUMMARY], dumps(days), dumps(problems)]
        with self._transaction("IMMEDIATE") as db:
            db.execute(sql.END_RUN, [now.timestamp(), *told, number])

    def newest(self, limit: int, command: str | None = None) -> list[Run]:
        with self._transaction("DEFERRED") as db:
            rows = db.execute(sql.NEWEST_RUNS, [command, limit]).fetchall()
        return [
            Run(
                number=number,
                command=name,
                process=process,
                began=datetime.fromtimestamp(began, UTC),
                ended=None if ended is None else datetime.fromtimestamp(ended, UTC),
                outcome=None
                if ended is None
                else Ended(
                    exit_code=code,
                    verdict=verdict,
                    summary=summary,
                    days={profile: date.fromisoformat(day) for profile, day in loads(days).items()},
                    problems=tuple(loads(problems)),
                ),
            )
            for number, name, process, began, ended, code, verdict, summary, days, problems in rows
        ]
