"""The ledger of deliveries in the store's SQLite file: see `digest.store.outbox` for what each method is for.

A row moves only along the arrows of `digest.model.State`: each update names the states that it may start from, and one
that moves fewer rows than it was told to is a ValueError and is undone. What is sent lies in a table of its own, so
that a move writes a short row; it is dropped in bulk when the next batch is frozen.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from json import dumps
from typing import Any, Final, Literal

import digest.store.ledger_statements as sql
from digest.errors import StorageError, UsageError
from digest.model import Addressee, Delivery, Edition, Outcome, Parcel, State
from digest.store.backoff import FURTHEST, backoff
from digest.store.ballast import Ballast
from digest.store.codec import load_digest
from digest.store.outbox import Content, Frozen, Left, Subscriber, Suppression, Trouble
from digest.store.safety import Full
from digest.store.shown import ShownPapers
from digest.store.statements import KEEP_SECRET, SECRET
from digest.text import fold_address

ADOPTED: Final = "adopted"
"""The name of the secret that says which editions another copy of the store may have sent: up to a `seq`, and until
when.
"""

LOG: Final = 24_000_000
"""Bytes that are logged before the log is copied into the file and begun anew."""

STEP: Final = 48_000
"""Bytes that a step of a journal writes, about: six pages."""

_CUT: Final = "the run that sent it was cut short before the server's answer was kept"
_STALE: Final = timedelta(days=14)
"""Bounces further apart than this have nothing to do with each other."""
_KEPT: Final = timedelta(days=7)
"""How long the bytes of what went wrong are kept, to be looked at or sent again."""
_FURTHEST: Final = timedelta(days=31)
"""No config lets an edition be tried for longer (`mail.expires`)."""
_AGAIN: Final = timedelta(hours=24)
"""How long it is tried at least, where nobody knows when it was planned, or an operator has it sent again."""

Transaction = Callable[[str], AbstractContextManager[sqlite3.Connection]]


class Ledger:
    """A `digest.store.outbox.Outbox`. `transaction` begins one of a kind and tells failures as DigestErrors; `ballast`
    is given up for outcomes on a full disk; `shorten` copies SQLite's log into the file, for who holds the lock of the
    store.
    """

    def __init__(
        self, transaction: Transaction, ballast: Ballast, shorten: Callable[[], None], shown: ShownPapers
    ) -> None:
        self._transaction = transaction
        self._ballast = ballast
        self._shorten = shorten
        self._logged = 0
        """About how many bytes of log a run has made since the log was copied."""
        self._editions: dict[tuple[int, int], Edition] = {}
        self._shown = shown

    # -------------------------------------------------------------------------------------- subscribers

    def enrol(self, profile: str, marks: Mapping[Addressee, str]) -> None:
        rows = [(profile, to.channel, fold_address(to.address), to, mark) for to, mark in marks.items()]
        with self.writing() as db:
            db.executemany(sql.ENROL, [(*who, to.address, to.name) for *who, to, _ in rows])
            db.executemany(sql.ADD_MARK, [(*who, mark) for *who, _, mark in rows if mark])

    def subscriber(self, mark: str) -> Subscriber | None:
        with self._reading() as db:
            row = db.execute(sql.SUBSCRIBER_BY_MARK, [mark]).fetchone()
        return Subscriber(row[0], Addressee(*row[1:])) if row else None

    # ----------------------------------------------------------------------------------------- planning

    def plan(
        self,
        profile: str,
        day: date,
        to: Sequence[Addressee],
        *,
        now: datetime,
        expires: datetime,
        carry: bool = True,
        known: bool = False,
    ) -> int:
        at = now.timestamp()
        planned = 0
        with self.writing() as db:
            row = db.execute(sql.EDITION, [profile, day.isoformat()]).fetchone()
            if not row:
                raise ValueError(f"there is no edition of {profile} on {day}: keep it before it is planned")
            seq, shown, issued = row
            late = self._was_adopted(db, seq, issued)
            for one in to:
                folded = fold_address(one.address)
                if known and not db.execute(sql.SUBSCRIBER, [profile, one.channel, folded]).fetchone():
                    continue
                db.execute(sql.ENROL, [profile, one.channel, folded, one.address, one.name])
                (reader,) = db.execute(sql.SUBSCRIBER, [profile, one.channel, folded]).fetchone()
                if db.execute(sql.IS_PLANNED, [seq, reader]).fetchone():
                    continue
                held = db.execute(sql.IS_SUPPRESSED, [one.channel, folded, profile]).fetchone()
                along = [] if held else [earlier for (earlier,) in db.execute(sql.TO_CARRY, [reader, carry])]
                if not shown and not along:
                    continue
                state, detail = "planned", ""
                if held:
                    state, detail = "suppressed", str(held[0])
                elif late:
                    state, detail = "in doubt", _OF_COPY
                elif expires <= now:
                    state, detail = "expired", "its time was over"
                made = db.execute(
                    sql.ADD_DELIVERY, [seq, reader, one.channel, state, detail, at, expires.timestamp()]
                ).lastrowid
                if along:
                    db.execute(sql.CARRY, [dumps(along), made])
                    db.execute(sql.LEAVE, [dumps(along), made])
                planned += 1
        return planned

    def dismiss(self, profile: str, to: Sequence[Addressee], now: datetime) -> int:
        with self.writing() as db:
            found = [db.execute(sql.SUBSCRIBER, [profile, one.channel, fold_address(one.address)]) for one in to]
            readers = [row[0] for cursor in found for row in cursor]
            return db.execute(sql.DISMISS, [profile, dumps(readers), now.timestamp()]).rowcount

    def dismiss_others(self, profiles: Sequence[str], now: datetime) -> int:
        with self.writing() as db:
            return db.execute(sql.DISMISS_OTHERS, [dumps(list(profiles)), now.timestamp()]).rowcount

    # ----------------------------------------------------------------------------------------- freezing

    def planned(self, limit: int) -> list[Delivery]:
        with self._reading() as db:
            return [_delivery(row) for row in db.execute(sql.PLANNED, [limit])]

    def content(self, delivery: int) -> Content:
        with self._reading() as db:
            rows = db.execute(sql.CONTENT, [delivery]).fetchall()
            told = [self._edition(db, seq, shown) for seq, shown, _, stays in rows if not stays]
        return Content(told, [Left(date.fromisoformat(day), shown) for _, shown, day, stays in rows if stays and shown])

    def left(self, profile: str, day: date) -> list[Delivery]:
        with self._reading() as db:
            return [_delivery(row) for row in db.execute(sql.LEFT, [profile, day.isoformat()])]

    def _edition(self, db: sqlite3.Connection, seq: int, shown: int) -> Edition:
        """Read once for all who get it: an edition changes only from showing nothing to showing something."""
        if (seq, shown) not in self._editions:
            digest, number, issued = db.execute(sql.EDITION_BY_SEQ, [seq]).fetchone()
            if len(self._editions) >= 16:
                self._editions.pop(next(iter(self._editions)))
            self._editions[seq, shown] = Edition(
                digest=load_digest(digest, self._shown.meaning(db)),
                number=number,
                issued=datetime.fromisoformat(issued),
            )
        return self._editions[seq, shown]

    def freeze(self, frozen: Sequence[Frozen]) -> None:
        self.expect(sum(len(one.parcel.content) for one in frozen))
        with self.writing() as db:
            db.execute(sql.DROP_MESSAGES)
            for (seq, envelope, _, content), message_id, letterhead in frozen:
                if db.execute(sql.FREEZE, [message_id, letterhead, seq]).rowcount:
                    db.execute(sql.KEEP_MESSAGE, [seq, envelope, content])

    def thaw(self, profile: str, channel: str, letterhead: str, now: datetime) -> int:
        with self.writing() as db:
            thawed = db.execute(sql.THAW, [profile, channel, letterhead, now.timestamp()]).fetchall()
            db.executemany(sql.DROP_MESSAGE, thawed)
        return len(thawed)

    def message(self, delivery: int) -> bytes | None:
        with self._reading() as db:
            row = db.execute(sql.MESSAGE, [delivery]).fetchone()
        return bytes(row[0]) if row else None

    # ------------------------------------------------------------------------------------------ sending

    def journal(
        self,
        run: str,
        channel: str,
        *,
        clock: Callable[[], datetime],
        chance: Callable[[], float],
        resend: bool = False,
        bounces: int = 3,
    ) -> "LedgerJournal":
        self._ballast.take()
        return LedgerJournal(self, run, channel, clock, chance, resend, bounces)

    def make_room(self) -> bool:
        """On a full disk, for what must be recorded. False where there is none to be made."""
        return self._ballast.give_up()

    def recover(self, *, now: datetime, resend: bool = False) -> list[Delivery]:
        at = now.timestamp()
        with self.writing() as db:
            midway = [row[0] for row in db.execute(sql.MIDWAY)]
            db.execute(sql.GIVE_BACK)
            db.execute(sql.SEND_AGAIN if resend else sql.DOUBT, [at, _CUT])
            db.execute(sql.BRING_NEAR, [at, FURTHEST])
            db.execute(sql.END_SOONER, [at, _FURTHEST.total_seconds(), _AGAIN.total_seconds()])
            return [_delivery(db.execute(sql.BY_SEQ, [seq]).fetchone()) for seq in midway]

    def expire(self, now: datetime) -> list[Delivery]:
        at = now.timestamp()
        with self.writing() as db:
            db.execute(sql.SUPPRESS_LATE, [at])
            over = [row[0] for row in db.execute(sql.EXPIRED, [at])]
            if over:
                db.execute(sql.EXPIRE, [at])
            db.execute(sql.DROP_OLD_MESSAGES, [(now - _KEPT).timestamp()])
            return [_delivery(db.execute(sql.BY_SEQ, [seq]).fetchone()) for seq in over]

    def adopt(self, now: datetime) -> int:
        with self.writing() as db:
            (newest,) = db.execute(sql.NEWEST_EDITION).fetchone()
            db.execute(KEEP_SECRET, [ADOPTED, f"{newest} {now.isoformat()}"])
            return db.execute(sql.ADOPT, [now.timestamp(), _OF_COPY]).rowcount

    def _was_adopted(self, db: sqlite3.Connection, edition: int, issued: str) -> bool:
        """This copy was adopted when it had the edition, or when the edition's day had begun."""
        row = db.execute(SECRET, [ADOPTED]).fetchone()
        if not row:
            return False
        newest, at = row[0].split(" ")
        return edition <= int(newest) or datetime.fromisoformat(issued) <= datetime.fromisoformat(at)

    # ------------------------------------------------------------------------------------------ looking

    def deliveries(
        self,
        *,
        profile: str | None = None,
        day: date | None = None,
        until: date | None = None,
        states: Sequence[State] = (),
        limit: int | None = None,
    ) -> list[Delivery]:
        days = [one and one.isoformat() for one in (day, until)]
        with self._reading() as db:
            wanted = [profile, *days, dumps(list(states)), -1 if limit is None else limit]
            query = sql.filtered(profile is not None, day is not None, until is not None, states)
            return [_delivery(row) for row in db.execute(query, wanted)]

    def tally(self, profile: str, day: date) -> dict[State, int]:
        with self._reading() as db:
            return dict(db.execute(sql.TALLY, [profile, day.isoformat()]).fetchall())

    def doubts(self) -> list[Delivery]:
        with self._reading() as db:
            return [_delivery(row) for row in db.execute(sql.DOUBTS)]

    def by_message_id(self, message_id: str) -> Delivery | None:
        with self._reading() as db:
            row = db.execute(sql.BY_MESSAGE_ID, [message_id]).fetchone()
        return _delivery(row) if row else None

    def decide(self, delivery: int, how: Literal["resend", "carry", "drop"], now: datetime) -> Delivery:
        with self.writing() as db:
            row = db.execute(sql.BY_SEQ, [delivery]).fetchone()
            if not row:
                raise UsageError(f"there is no delivery {delivery}; `digest outbox` lists them")
            one = _delivery(row)
            if one.state not in ("in doubt", "expired", "refused"):
                raise UsageError(f"delivery {delivery} is {one.state}: only what is in doubt, expired or refused waits")
            if one.decided == "left":
                raise UsageError(
                    f"the papers of delivery {delivery} are left to their page, and the reader was told so"
                )
            if one.carried_into:
                raise UsageError(f"the papers of delivery {delivery} went with delivery {one.carried_into} already")
            if how == "resend":
                self._may_resend(db, one)
                expires = max(one.expires, now + _AGAIN)
                db.execute(sql.DECIDE_RESEND, [delivery, now.timestamp(), expires.timestamp()])
            else:
                db.execute(sql.DECIDE_CARRY, [delivery, 1 if how == "carry" else -1, now.timestamp()])
            return _delivery(db.execute(sql.BY_SEQ, [delivery]).fetchone())

    def _may_resend(self, db: sqlite3.Connection, one: Delivery) -> None:
        if not db.execute(sql.MESSAGE, [one.id]).fetchone():
            raise UsageError(f"the mail of delivery {one.id} is not kept any more; let the next one carry its papers")
        wanted = [one.to.channel, fold_address(one.to.address), one.profile]
        if held := db.execute(sql.IS_SUPPRESSED, wanted).fetchone():
            raise UsageError(f"nothing is sent to that address ({held[0]}); `digest outbox --release ADDRESS` first")

    # -------------------------------------------------------------------------- suppression and bounces

    def suppress(
        self,
        profile: str,
        to: Addressee,
        reason: Literal["unsubscribed", "bounced", "operator"],
        now: datetime,
        detail: str = "",
    ) -> bool:
        with self.writing() as db:
            return self._suppress(db, profile, to, reason, now, detail)

    def _suppress(
        self, db: sqlite3.Connection, profile: str, to: Addressee, reason: str, now: datetime, detail: str
    ) -> bool:
        folded, at = fold_address(to.address), now.timestamp()
        new = db.execute(sql.SUPPRESS, [profile, to.channel, folded, to.address, reason, at, detail]).rowcount
        db.execute(sql.SUPPRESS_WAITING, [to.channel, folded, profile, at, reason])
        return bool(new)

    def release(
        self, profile: str, to: Addressee, reason: Literal["unsubscribed", "bounced", "operator"] | None = None
    ) -> bool:
        folded = fold_address(to.address)
        with self.writing() as db:
            if not reason:
                # Whoever is given another chance starts from nothing.
                db.execute(sql.FORGET_BOUNCES, [to.channel, folded])
            return bool(db.execute(sql.RELEASE, [profile, to.channel, folded, reason]).rowcount)

    def held(self, profile: str, to: Addressee) -> list[Suppression]:
        with self._reading() as db:
            return [_suppression(row) for row in db.execute(sql.HELD, [to.channel, fold_address(to.address), profile])]

    def suppressions(self) -> list[Suppression]:
        with self._reading() as db:
            return [_suppression(row) for row in db.execute(sql.SUPPRESSIONS)]

    def bounced(self, mark: str, to: Addressee, hard: bool, now: datetime, *, limit: int, detail: str = "") -> bool:
        with self.writing() as db:
            return self.count_bounce(db, mark, to, hard, now, limit, detail)

    def count_bounce(
        self, db: sqlite3.Connection, mark: str, to: Addressee, hard: bool, now: datetime, limit: int, detail: str
    ) -> bool:
        folded = fold_address(to.address)
        if not db.execute(sql.BOUNCE, [mark, to.channel, folded, hard, now.timestamp(), detail]).rowcount:
            return False
        found = db.execute(sql.HARD_BOUNCES, [to.channel, folded, now.timestamp(), limit])
        days = [date.fromisoformat(day) for (day,) in found]
        near = all(later - earlier <= _STALE for later, earlier in pairwise(days))
        if hard and len(days) >= limit and near:
            self._suppress(db, "", to, "bounced", now, detail)
        return True

    # ----------------------------------------------------------------------------------------- troubles

    def troubles(self) -> list[Trouble]:
        with self._reading() as db:
            return [
                Trouble(name, what, _instant(since), *(None if at is None else _instant(at) for at in (told, over)))
                for name, what, since, told, over in db.execute(sql.TROUBLES)
            ]

    def keep_troubles(self, troubles: Sequence[Trouble]) -> None:
        with self.writing() as db:
            db.execute(sql.DROP_TROUBLES)
            db.executemany(
                sql.ADD_TROUBLE,
                [
                    (name, what, since.timestamp(), told and told.timestamp(), over and over.timestamp())
                    for name, what, since, told, over in troubles
                ],
            )

    # ------------------------------------------------------------------------------------- transactions

    def expect(self, size: int) -> None:
        """A run is about to write so many bytes; the log is copied before it grows beyond `LOG`."""
        if self._logged > LOG:
            self._shorten()
            self._logged = 0
        self._logged += size

    def _reading(self) -> AbstractContextManager[sqlite3.Connection]:
        return self._transaction("DEFERRED")

    def writing(self) -> AbstractContextManager[sqlite3.Connection]:
        return self._transaction("IMMEDIATE")


class LedgerJournal:
    """A `digest.delivery.Journal` of one carrier in one run."""

    def __init__(
        self,
        ledger: Ledger,
        run: str,
        channel: str,
        clock: Callable[[], datetime],
        chance: Callable[[], float],
        resend: bool,
        bounces: int,
    ) -> None:
        self._ledger = ledger
        self._run = run
        self._channel = channel
        self._clock = clock
        self._chance = chance
        self._resend = resend
        self._bounces = bounces
        self.full: StorageError | None = None

    def step(self, *, settled: Sequence[Outcome] = (), marked: Sequence[int] = (), wanted: int = 0) -> list[Parcel]:
        if not self.full:
            try:
                return self._step(settled, marked, wanted)
            except Full as error:
                if not self._ledger.make_room():
                    raise
                self.full = error
        return self._step(settled, marked, 0)

    def _step(self, settled: Sequence[Outcome], marked: Sequence[int], wanted: int) -> list[Parcel]:
        now = self._clock()
        at = now.timestamp()
        self._ledger.expect(STEP)
        with self._ledger.writing() as db:
            for outcome in settled:
                self._settle(db, outcome, now)
            if marked:
                _expect(db.executemany(sql.MARK, [(at, seq, self._run) for seq in marked]), len(marked), "marked")
            if not wanted:
                return []
            claimed = db.execute(sql.CLAIM_RENDERED, [self._run, at, self._channel, wanted]).fetchall()
            if len(claimed) < wanted:
                left = wanted - len(claimed)
                claimed += db.execute(sql.CLAIM_DEFERRED, [self._run, at, self._channel, left]).fetchall()
            return [Parcel(*db.execute(sql.PARCEL, row).fetchone()) for row in sorted(claimed)]

    def _settle(self, db: sqlite3.Connection, outcome: Outcome, now: datetime) -> None:
        seq, state, detail, hard, after = outcome
        if state == "deferred" or (state == "in doubt" and self._resend):
            row = db.execute(sql.ATTEMPTS, [seq, self._run]).fetchone()
            due = now.timestamp() + backoff((row[0] if row else 0) + 1, self._chance(), after)
            cursor = db.execute(sql.DEFER, [detail, now.timestamp(), due, seq, self._run])
        else:
            cursor = db.execute(sql.SETTLE[state], [detail, now.timestamp(), seq, self._run])
        _expect(cursor, 1, f"settled as {state}")
        if hard and state == "refused":
            to = _delivery(db.execute(sql.BY_SEQ, [seq]).fetchone()).to
            self._ledger.count_bounce(db, f"refused:{seq}", to, True, now, self._bounces, detail)


def _expect(cursor: sqlite3.Cursor, rows: int, what: str) -> None:
    """Raises ValueError, which undoes the whole step, where a row was not this run's to move."""
    if cursor.rowcount != rows:
        raise ValueError(f"{rows - cursor.rowcount} of {rows} deliveries cannot be {what}: this run does not have them")


_OF_COPY = "made before this copy of the store was adopted; the original may have sent it"


def _instant(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _suppression(row: Any) -> Suppression:
    profile, channel, address, reason, since, detail = row
    return Suppression(profile, Addressee(channel, address), reason, _instant(since), detail)


_DECIDED: Final[Mapping[int, Literal["", "carry", "drop"]]] = {1: "carry", 0: "", -1: "drop"}
"""What `delivery.carry` says of a row that nothing took along."""


def _delivery(row: Any) -> Delivery:
    seq, profile, day, channel, address, name, state, attempts, message_id, detail, changed, due, *rest = row
    expires, carried, carry = rest
    return Delivery(
        id=seq,
        profile=profile,
        day=date.fromisoformat(day),
        to=Addressee(channel, address, name),
        state=state,
        attempts=attempts,
        message_id=message_id,
        detail=detail,
        changed=_instant(changed),
        due=None if due is None else _instant(due),
        expires=_instant(expires),
        carried_into=carried,
        decided="left" if carry < 0 and carried else _DECIDED[carry],
    )
