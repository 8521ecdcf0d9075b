"""What was fetched, in the store's SQLite file: see `digest.store.answers` for what each method is for."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any

import digest.store.statements as sql
from digest.store.answers import COVERED, KEPT, Answer, Covered, Rest

Transaction = Callable[[str], AbstractContextManager[sqlite3.Connection]]


class Cache:
    """A `digest.store.answers.Answers`. `transaction` begins one of a kind and tells failures as DigestErrors."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def answer(self, url: str) -> Answer | None:
        with self._transaction("DEFERRED") as db:
            row = db.execute(sql.ANSWER, [url]).fetchone()
        if not row:
            return None
        return _answer(url, row)

    def aside(self, url: str) -> list[Answer]:
        with self._transaction("DEFERRED") as db:
            rows = db.execute(sql.ASIDE, [url]).fetchall()
        return [_answer(url, row) for row in rows]

    def keep(self, answer: Answer) -> None:
        url, house, at, *rest = answer
        with self._transaction("IMMEDIATE") as db:
            db.execute(sql.PUT_ASIDE, [url, answer.body])
            db.execute(sql.KEEP_ANSWER, [url, house, at.timestamp(), *rest])
            db.execute(sql.WAKE, [url, house])

    def of_house(self, house: str) -> list[Answer]:
        with self._transaction("DEFERRED") as db:
            rows = db.execute(sql.ANSWERS_OF_HOUSE, [house]).fetchall()
        return [Answer(url, house, _instant(at), *rest) for url, at, *rest in rows]

    def last(self, house: str) -> datetime | None:
        with self._transaction("DEFERRED") as db:
            (at,) = db.execute(sql.LAST_ANSWER, [house]).fetchone()
        return None if at is None else _instant(at)

    def rest(self, place: str) -> Rest | None:
        with self._transaction("DEFERRED") as db:
            row = db.execute(sql.REST, [place]).fetchone()
        return Rest(place, _instant(row[0]), row[1], row[2]) if row else None

    def let_rest(self, rest: Rest) -> None:
        with self._transaction("IMMEDIATE") as db:
            db.execute(sql.LET_REST, [rest.place, rest.until.timestamp(), rest.tries, rest.why])

    def forget(self, now: datetime) -> None:
        with self._transaction("IMMEDIATE") as db:
            db.execute(sql.FORGET_ANSWERS, [(now - KEPT).timestamp()])
            db.execute(sql.FORGET_RESTS, [(now - KEPT).timestamp()])
            db.execute(sql.FORGET_COVERAGE, [(now - COVERED).date().isoformat()])

    def cover(self, days: Sequence[Covered]) -> None:
        rows = [(one.source, one.day.isoformat(), one.state, one.at.timestamp(), *one[4:]) for one in days]
        with self._transaction("IMMEDIATE") as db:
            db.executemany(sql.COVER, rows)
            db.execute(sql.FORGET_ASIDE)
            db.execute(sql.ALL_ARE_READ)

    def covered(self, source: str | None = None, since: date = date.min) -> list[Covered]:
        with self._transaction("DEFERRED") as db:
            rows = db.execute(sql.COVERED, [source, since.isoformat()]).fetchall()
        return [
            Covered(name, date.fromisoformat(day), state, _instant(at), listings, detail)
            for name, day, state, at, listings, detail in rows
        ]


def _answer(url: str, row: Sequence[Any]) -> Answer:
    house, at, *rest = row
    return Answer(url, house, _instant(at), *rest)


def _instant(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
