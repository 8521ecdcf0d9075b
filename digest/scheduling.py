"""What `digest schedule` does: APScheduler calls, at the instants of the timetable, what `digest run --due` calls.

When something is due is decided by `digest.timetable` from what the store says was done, and never by the scheduler: it
only wakes us, at the next hour that strikes and at least once a minute. So a call that comes late, twice, or by a clock
that jumped, is one like any other; and so is another process that does the same.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from digest import clock, pipeline
from digest.app import App
from digest.errors import ConfigError, DigestError, TryAgain
from digest.logs import Event, Log
from digest.model import Profile
from digest.sending.telling import exit_code, lines
from digest.timetable import next_turn

BEAT: Final = timedelta(minutes=1)
"""At least so often it is looked whether something is due: a machine that slept does not count the time it did, mails
that were put off are tried again, and the config may have changed.
"""

JUMP: Final = timedelta(seconds=15)
"""A clock that goes so much faster than we wait was set, or the machine slept."""


class Timetable(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Fires when the next hour of one of the profiles strikes, and at every `BEAT`."""

    def __init__(self, profiles: Callable[[], Iterable[Profile]]) -> None:
        self._profiles = profiles

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        return min([next_turn(one.schedule, one.zone, now) for one in self._profiles()] + [now + BEAT])


class Current:
    """The installation as its config describes it now. A config that was changed for the worse is told once, and the
    one before it stays (RELIABILITY C06).
    """

    def __init__(self, path: Path, make: Callable[[], App], log: Log) -> None:
        """Raises ConfigError."""
        self._path = path
        self._make = make
        self._log = log
        self._seen = self._stamp()
        self.app = make()

    def look(self) -> App:
        """The installation, anew where the file was changed."""
        if (stamp := self._stamp()) != self._seen:
            self._seen = stamp
            try:
                self.app = self._make()
            except ConfigError as error:
                for complaint in error.complaints:
                    self._log(complaint)
                self._log("the config stays as it was before it was changed")
            else:
                self._log(f"{self._path} was read anew; {self.app.coming()}")
        return self.app

    def _stamp(self) -> tuple[int, ...]:
        try:
            found = self._path.stat()
        except OSError:
            return ()
        return found.st_mtime_ns, found.st_size, found.st_ino


@dataclass(slots=True)
class Keeper:
    """Does what is due, and says so."""

    current: Current
    stopping: Callable[[], bool]
    log: Log
    _told: str = ""
    """What stopped the last call, so that it is told once and not each minute."""

    def call(self) -> None:
        """What is due now; nothing that can go wrong with it stops the next call."""
        if self.stopping():
            return
        try:
            for line in self._work(self.current.look()):
                self.log(line)
                self._told = ""
        except TryAgain:
            return  # whoever is at work does it, and the next call sees whether they did
        except DigestError as error:
            if (said := str(error)) != self._told:
                for line in said.splitlines():
                    self.log(line)
            self._told = said

    def _work(self, app: App) -> Iterator[str]:
        if not (todo := app.todo()):
            return
        # Not before there is something to do: a secret may be asked for.
        office = app.office(self.stopping)
        if todo == "send" and office:
            sent = app.send(office)
            yield from (Event(line, event="send", exit_code=exit_code(sent)) for line in lines(sent))
        elif todo == "run" and (report := app.run_due(office=office, stopping=self.stopping)):
            for one in report.reading.problems:
                yield Event(str(one), event="problem", source=one.file)
            yield Event(
                pipeline.verdict(report),
                event="run",
                verdict=report.verdict,
                exit_code=report.exit_code,
                listings=len(report.reading.listings),
                papers=report.papers,
                problems=len(report.reading.problems),
            )
            yield app.coming()


def keep(keeper: Keeper, pause: Callable[[], None]) -> None:
    """Do what is due, when it is due, until somebody asks to stop; then what is under way is finished. `pause` returns
    after a second or so.
    """
    # One call after another, in the scheduler's own thread: `shutdown` waits for the one that is under way.
    scheduler = BackgroundScheduler(
        executors={"default": DebugExecutor()},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )
    seen = clock.now()
    job = scheduler.add_job(keeper.call, Timetable(lambda: keeper.current.app.profiles), next_run_time=seen)
    scheduler.start()
    while not keeper.stopping():
        pause()
        if not seen <= (now := clock.now()) <= seen + JUMP:
            # The scheduler waits by the monotonic clock for an instant of the old one.
            job.modify(next_run_time=now)
        seen = now
    keeper.log("asked to stop: what is under way is finished")
    scheduler.shutdown()
