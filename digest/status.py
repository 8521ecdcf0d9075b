"""How things stand, looked up in the store and nowhere else, without changing anything: for `digest status`.

verdict   of the newest editions and what became of their deliveries, as of this moment: not that of the last run
stopped   the last run, or the last sending, has no verdict: an error stopped it, or it died
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from digest import verdicts
from digest.announcements import AT, ZONE, Standing, standing
from digest.clock import instant_of
from digest.errors import StorageError, TryAgain
from digest.model import Edition, Profile, State, Verdict
from digest.sending import alarm, last_planned, waiting
from digest.sources.days import due
from digest.sources.settings import Wanted
from digest.store import Store, safety, witness
from digest.store.answers import Covered
from digest.store.outbox import Trouble
from digest.store.runs import Run
from digest.timetable import Past, next_after

SEARCHED: Final = 60
"""So many runs are looked through for the last one that read its sources."""


class Supply(NamedTuple):
    """A source on the network: the newest day that it was asked for, and those that are to be fetched still."""

    name: str
    newest: Covered | None
    missing: tuple[date, ...]
    """Days that are over and failed, or were never asked for, though the source could be."""


class Shelf(NamedTuple):
    """A profile: its newest edition, and who got it."""

    name: str
    edition: Edition | None
    full: date | None
    """The day of its newest edition that shows papers."""
    late: int
    """Days between today and its newest edition."""
    idle: int
    """Days between today and the last on which its turn was taken, with an edition or without."""
    next: datetime | None
    """When its next edition is due."""
    arxiv: bool
    """Its newest edition with papers covers announcements of arXiv's."""
    day: date | None
    """The day of the newest edition that was planned for anybody, where somebody reads it now; `tally` is of that."""
    tally: Mapping[State, int]
    waiting: int
    """How many deliveries, of whatever edition, are still to be made."""
    due: datetime | None
    """When the next of those that were put off is to be tried; None where one may go at once, or none waits."""
    doubts: int
    """How many deliveries are in doubt and undecided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How things stand at the instant `at`."""

    at: datetime
    verdict: Verdict
    exit_code: int
    working: Run | None
    process: int | None
    """Of the run that is at work."""
    run: Run | None
    """The last `digest run` that is not at work."""
    send: Run | None
    """The last `digest send` that is not at work."""
    read: datetime | None
    """When the last run that could read its sources ended."""
    shelves: tuple[Shelf, ...]
    suppressed: Mapping[str, int]
    """How many addresses are sent nothing, by the reason."""
    why_not: str
    """Why this store must not send; empty where it may."""
    announcement: Standing | None
    """How it stands with arXiv's latest announcement; None where no edition covers any."""
    troubles: tuple[Trouble, ...]
    """What is wrong, the oldest first."""
    path: Path
    size: int
    """Bytes of the store and its log."""
    papers: int
    supplies: tuple[Supply, ...] = ()

    @property
    def stopped(self) -> Run | None:
        """The last run or sending, where it has no verdict."""
        return next((one for one in (self.run, self.send) if one and not _verdict(one)), None)


def look(
    store: Store,
    path: Path,
    profiles: Sequence[Profile],
    today: Mapping[str, date],
    stale_after: int,
    now: datetime,
    holidays: Collection[str] = (),
    sources: Sequence[Wanted] = (),
) -> Status:
    """How things stand with the store at `path`; `today` is for each profile its local day."""
    process = safety.at_work(path)
    newest = store.runs.newest(1)
    working = newest[0] if newest and not newest[0].ended and newest[0].process == process else None
    last = {command: _last(store, command, working) for command in ("run", "send")}
    doubts = Counter(one.profile for one in store.outbox.doubts())
    shelves = tuple(_shelf(one, store, today[one.name], now, doubts[one.name]) for one in profiles)
    troubles = tuple(one for one in store.outbox.troubles() if not one.over)
    why_not = witness.standing(store, path) if any(profile.recipients for profile in profiles) else ""
    tally = sum((Counter(shelf.tally) for shelf in shelves), Counter[State]())
    if process:
        del tally["dot sent"]  # that is how a message looks while it is sent
    del tally["in doubt"]  # some may be decided; `doubts` counts the others
    found: list[Verdict] = [shelf.edition.digest.verdict for shelf in shelves if shelf.edition]
    if found and min(shelf.idle for shelf in shelves if shelf.edition) >= stale_after:
        found.append("source stale")
    verdict = verdicts.of_run(
        found,
        tally,
        halted=bool(why_not) or any(alarm.kind(one) == "channel" for one in troubles),
        doubted=any(shelf.doubts for shelf in shelves),
    )
    run = last["run"]
    code = verdicts.exit_code(verdict, problems=bool(run and run.outcome and run.outcome.problems))
    if not code:
        code = next((_code(one) for one in last.values() if one and not _verdict(one)), 0)
    read = _read(store)
    rows = [row for one in sources if one.announces for row in store.answers.covered(one.name)]
    asked = _asked(rows) if rows else (_news(store, profiles, read), read)
    arxiv = bool(rows) or any(shelf.arxiv for shelf in shelves)
    reasons = Counter(one.reason for one in store.outbox.suppressions())
    return Status(
        at=now,
        verdict=verdict,
        exit_code=code,
        working=working,
        process=process,
        run=run,
        send=last["send"],
        read=read,
        shelves=shelves,
        suppressed=dict(sorted(reasons.items())),
        why_not=why_not,
        announcement=standing(now, *asked, holidays) if arxiv else None,
        troubles=troubles,
        path=path,
        size=sum(part.stat().st_size for part in (path, path.with_name(f"{path.name}-wal")) if part.exists()),
        papers=store.papers(),
        supplies=tuple(_supply(one, store, now.date()) for one in sources),
    )


def _last(store: Store, command: str, working: Run | None) -> Run | None:
    return next((one for one in store.runs.newest(2, command) if one != working), None)


def _verdict(run: Run) -> Verdict | None:
    return run.outcome.verdict if run.outcome else None


def _code(run: Run) -> int:
    """A run that died, or was cut short, is to be run again: the next one goes on where it was."""
    stored = run.outcome and run.outcome.exit_code == StorageError.exit_code
    return StorageError.exit_code if stored else TryAgain.exit_code


def _read(store: Store) -> datetime | None:
    for one in store.runs.newest(SEARCHED, "run"):
        if _verdict(one) not in (None, "source failed", "source stale"):
            return one.ended
    return None


def _supply(source: Wanted, store: Store, today: date) -> Supply:
    rows = store.answers.covered(source.name)
    known = {row.day: row.state for row in rows}
    missing = [day for day in due(known, today) if day < today and known.get(day) != "pending"]
    return Supply(source.name, rows[-1] if rows else None, tuple(missing) if source.has_days and rows else ())


def _asked(rows: Sequence[Covered]) -> tuple[datetime | None, datetime | None]:
    """When the newest of arXiv's announcements was made that a source had, and when one was asked last."""
    news = [instant_of(row.day - timedelta(days=1), AT, ZONE) for row in rows if row.listings]
    return max(news, default=None), max((row.at for row in rows if row.state != "failed"), default=None)


def _news(store: Store, profiles: Sequence[Profile], read: datetime | None) -> datetime | None:
    """About when something new was read last: at the turn of the first edition that had seen it; where none has, at the
    last time that sources were `read`.
    """
    known: list[datetime] = []
    for one in profiles:
        if store.days(one.name):
            day = store.last_news(one.name)
            known += [instant_of(day, one.schedule.at, one.zone)] if day else [read] if read else []
    return max(known, default=None)


def _shelf(profile: Profile, store: Store, today: date, now: datetime, doubts: int) -> Shelf:
    outbox = store.outbox
    # Of none after today, where there are others: as in `last_planned`.
    kept = store.archive(profile.name, profile.title, 0).days
    days = [line for line in kept if line.day <= today] or kept
    edition = store.edition(profile.name, days[0].day) if days else None
    planned = last_planned(profile, today, outbox)
    left = [one for one in waiting(outbox, profile.name) if one.state != "dot sent"]
    soon = [one.due for one in left if one.due]
    full = next((line.day for line in days if line.shown), None)
    newest = store.edition(profile.name, full) if full else None
    late = max((today - edition.digest.day).days, 0) if edition else 0
    turns = [(today - day).days for day in store.turns(profile.name) if day <= today]
    past = Past(store.days(profile.name), [*store.turns(profile.name)])
    return Shelf(
        name=profile.name,
        edition=edition,
        full=full,
        arxiv=bool(newest and newest.digest.announced),
        late=late,
        idle=min([late, *turns]),
        next=next_after(profile.schedule, profile.zone, past, now),
        day=planned if profile.recipients else None,
        tally=outbox.tally(profile.name, planned) if planned and profile.recipients else {},
        waiting=len(left),
        due=min(soon) if soon and len(soon) == len(left) else None,
        doubts=doubts,
    )


# ------------------------------------------------------------------------------------------------- as data


def as_object(status: Status) -> dict[str, Any]:
    """`digest status --json`: docs/mail.md names the keys. A key may be added, none changes its meaning."""
    return {
        "version": 1,
        "at": status.at.isoformat(timespec="seconds"),
        "verdict": status.verdict,
        "sentence": verdicts.SENTENCES[status.verdict],
        "exit_code": status.exit_code,
        "at_work": _work(status),
        "last_run": _run(status.run),
        "last_send": _run(status.send),
        "sources_read": _instant(status.read),
        "sources": [_source(supply) for supply in status.supplies],
        "profiles": [_profile(shelf) for shelf in status.shelves],
        "suppressed": dict(status.suppressed),
        "may_send": not status.why_not,
        "why_not": status.why_not or None,
        "announcement": _announcement(status.announcement),
        "troubles": [
            {
                "kind": alarm.kind(one),
                "what": one.what,
                "advice": alarm.ADVICE.get(alarm.kind(one)),
                "since": _instant(one.since),
                "told": _instant(one.told),
            }
            for one in status.troubles
        ],
        "store": {"path": str(status.path.absolute()), "bytes": status.size, "papers": status.papers},
    }


def _work(status: Status) -> dict[str, Any] | None:
    if status.process is None:
        return None
    known = status.working
    return {
        "process": status.process,
        "command": known.command if known else None,
        "began": _instant(known.began if known else None),
    }


def _announcement(one: Standing | None) -> dict[str, Any] | None:
    if not one:
        return None
    return {
        "evening": one.latest.evening.isoformat(),
        "announced": _instant(one.latest.at),
        "state": one.state,
        "following": _instant(one.following.at),
    }


def _run(run: Run | None) -> dict[str, Any] | None:
    if not run:
        return None
    outcome = run.outcome
    return {
        "began": _instant(run.began),
        "ended": _instant(run.ended),
        "verdict": outcome.verdict if outcome else None,
        "exit_code": outcome.exit_code if outcome else None,
        "summary": outcome.summary if outcome else None,
        "problems": list(outcome.problems) if outcome else [],
    }


def _source(supply: Supply) -> dict[str, Any]:
    newest = supply.newest
    return {
        "name": supply.name,
        "newest": newest
        and {
            "day": newest.day.isoformat(),
            "state": newest.state,
            "listings": newest.listings,
            "asked": _instant(newest.at),
            "detail": newest.detail or None,
        },
        "missing": [day.isoformat() for day in supply.missing],
    }


def _profile(shelf: Shelf) -> dict[str, Any]:
    edition = shelf.edition
    return {
        "name": shelf.name,
        "edition": edition
        and {
            "day": edition.digest.day.isoformat(),
            "number": edition.number,
            "papers": len(edition.digest.ranked),
            "verdict": edition.digest.verdict,
        },
        "days_old": shelf.late if edition else None,
        "next_edition": _instant(shelf.next),
        "last_with_papers": shelf.full and shelf.full.isoformat(),
        "deliveries": {"day": shelf.day.isoformat(), **shelf.tally} if shelf.day else None,
        "waiting": shelf.waiting,
        "next_try": _instant(shelf.due),
        "in_doubt": shelf.doubts,
    }


def _instant(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
