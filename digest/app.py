"""Where the parts are joined: a config, or what the command line says, becomes something that runs."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from digest import announcements, clock, pipeline, publishing, timetable
from digest.delivery.settings import Alerts, Mailing, Webhook
from digest.errors import DigestError, StorageError, TryAgain, UsageError
from digest.model import Archive, Document, Problem, Profile, Site, Term
from digest.pipeline import Reading, Report, Task
from digest.progress import Progress, Unwatched
from digest.ranking.query import parse_term
from digest.sending import Sent, alarm, left_to_pages, ready, undelivered
from digest.sending.telling import exit_code, outcome, verdict
from digest.sources.days import Visit, found
from digest.sources.files import fetch
from digest.sources.settings import Fetching, Wanted
from digest.store import Store
from digest.store.runs import Ended, Run

if TYPE_CHECKING:
    from digest.config import Config
    from digest.sending.office import PostOffice
    from digest.status import Status

PAUSE: Final = timedelta(minutes=10)
"""So long what was stopped by an error, or by a mail server, is left alone before it is tried again unasked."""

EMPTY: Final = frozenset({"quiet day", "holiday", "all filtered", "source stale"})
"""The verdicts of runs that had nothing to show, though their sources could be read."""

TRIES: Final = 8
"""So many times in a row are counted: the last pause of a day is most of it."""

Gather: TypeAlias = Callable[[Store | None, list[Visit]], Iterable[Document | Problem]]
"""Gives documents, and notes the days that it asked sources for."""

AD_HOC = "digest"
"""The name of the profile that keywords on the command line make."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One installation: whose digests are made, from what, and where they go."""

    site: Site
    profiles: tuple[Profile, ...]
    sources: tuple[str | Wanted, ...]
    """Files, folders and patterns of this machine, and what is asked over the network."""
    out: Path
    store: Path | None
    """None: nothing is remembered."""
    mailing: Mailing | None = None
    webhooks: Mapping[str, tuple[Webhook, ...]] = field(default_factory=dict)
    alerts: Alerts = field(default_factory=Alerts)
    fetching: Fetching = field(default_factory=Fetching)

    def run(
        self,
        names: Sequence[str] = (),
        day: date | None = None,
        progress: Progress | None = None,
        office: "PostOffice | None" = None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> Report:
        """The daily run over the configured sources, or over `names` in their place; what is new is sent by `office`,
        where there is one. Raises TryAgain where it is `stopping` while sources are asked.
        """
        return self._run(self._gatherer(names, stopping), day, progress, office)

    def todo(self) -> Literal["run", "send"] | None:
        """What there is to do without being asked: `run_due`, or `send` where something waits and its time has come,
        nobody is at work, and nobody has tried just now. Raises UsageError for an installation without memory.
        """
        from digest.store.safety import at_work

        with self.memory(wholly=False) as store:
            if not store or not self.store:
                raise UsageError("without a store nobody knows what was done: name a config")
            if self._agenda(store):
                return "run"
            rested = may_send(store.runs.newest(1), at_work(self.store), clock.now())
            return "send" if self._has_readers and rested and ready(store.outbox, clock.now()) else None

    def run_due(
        self,
        names: Sequence[str] = (),
        progress: Progress | None = None,
        office: "PostOffice | None" = None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> Report | None:
        """As `run`, for the profiles whose schedule says so and that were not served yet; None where there are none.

        However often it is called, each turn is taken once. Raises TryAgain when somebody is `stopping` while sources
        are read; afterwards the run goes on to its end.
        """
        gather = self._gatherer(names, stopping)
        with self.at_work() as store:
            if not store or not (agenda := self._agenda(store)):
                return None
            task = self._task(agenda.days, progress, office, agenda.turns)
            return self._work(gather, task, store, office)

    def _agenda(self, store: Store) -> timetable.Agenda:
        """What is to be done now."""
        done = {one.name: past(one, store) for one in self.profiles}
        newest, now = store.runs.newest(TRIES, "run"), clock.now()
        again = None
        if (fruitless(newest, now) or self._is_awaited(store, newest, now)) and newest[0].outcome:
            again = newest[0].outcome.days
        return timetable.agenda(self.profiles, done, now, unfinished=unfinished(newest, now), again=again)

    def _is_awaited(self, store: Store, newest: Sequence[Run], now: datetime) -> bool:
        """Whether the last run had nothing to show, arXiv's feed was not that of the day yet, and it is time to look
        again: who looks at midnight in New York is early by seconds.
        """
        day = clock.day_of(now, announcements.ZONE)
        if now >= announcements.late_from(day - timedelta(days=1)) or not newest or not (outcome := newest[0].outcome):
            return False
        names = [one.name for one in self._network if one.announces]
        stale = any(row.state == "stale" for name in names for row in store.answers.covered(name, day))
        pause = max(PAUSE, timedelta(hours=self.fetching.every))
        return outcome.verdict in EMPTY and stale and _has_rested(newest[0], now, pause)

    def _gatherer(self, names: Sequence[str], stopping: Callable[[], bool]) -> Gather:
        """What gives the documents: files `names`, or else the configured sources, until somebody is `stopping` us."""
        if not (names or self.sources):
            raise UsageError("nothing to read: name files, or list them under `sources:` in the config")
        return (lambda store, visits: fetch(names)) if names else partial(self._fetched, stopping=stopping)

    def run_on(
        self,
        documents: Iterable[Document | Problem],
        day: date | None = None,
        progress: Progress | None = None,
        office: "PostOffice | None" = None,
    ) -> Report:
        """The daily run over documents that are there already.

        Raises UsageError for a `day` that has not begun for somebody who would be sent its mail.
        """
        return self._run(lambda store, visits: documents, day, progress, office)

    def _run(self, gather: Gather, day: date | None, progress: Progress | None, office: "PostOffice | None") -> Report:
        if day:
            self._must_have_begun(day, office.clock() if office else clock.now())
        days = {profile.name: day for profile in self.profiles} if day else self._today()
        task = self._task(days, progress, office)
        with self.at_work() as store:
            return self._work(gather, task, store, office) if store else pipeline.run(gather(None, []), task, None)

    def _work(self, gather: Gather, task: Task, store: Store, office: "PostOffice | None") -> Report:
        """The run of `task`, on record, and minded. For who holds the lock of the store."""
        visits: list[Visit] = []
        dead = died(store)
        with self._minded(store, office, "run", dead), on_record(store, "run") as end:
            report = pipeline.run(gather(store, visits), task, store)
            line, problems = pipeline.verdict(report), report.reading.problems
            if visits:
                # Only now: what they listed is in the store.
                store.answers.cover(found(visits, report.reading.listings, problems, clock.now()))
            made = {one.digest.profile: one.digest.day for one in report.editions}
            end(Ended(report.exit_code, report.verdict, line, made, [str(problem) for problem in problems]))
        sent = report.sent if office else None if self._has_readers else Sent()
        wrong = alarm.of_sources(problems, report.days)
        # Whether sources are stale is known where an edition was due.
        judged = alarm.SOURCES if report.days else alarm.SOURCES - alarm.STALE
        failed = self._mind(store, office, "run", dead, sent, line, task.days, wrong, judged)
        if not report.exit_code:
            failed += self._ping()
        return replace(report, sent=replace(report.sent, problems=(*report.sent.problems, *failed)))

    def _must_have_begun(self, day: date, at: datetime) -> None:
        """Also where this run is to send nothing: what an edition shows no other does, and the next sending has it."""
        for one in self.profiles:
            if self.store and one.recipients and day > (here := clock.day_of(at, one.zone)):
                raise UsageError(
                    f"{day} has not begun for {one.name}, where it is {here}; its readers would have its mail before "
                    "the day. Nothing was done"
                )

    def _fetched(
        self, store: Store | None, visits: list[Visit], stopping: Callable[[], bool]
    ) -> Iterator[Document | Problem]:
        """What the configured sources give: first what is on this machine, which needs nobody."""
        if files := [one for one in self.sources if isinstance(one, str)]:
            yield from fetch(files)
        if not self._network:
            return
        if not store:
            raise UsageError("sources on the network need a store, which remembers whom to ask when")
        from digest.sources.journeys import journeys

        asked = journeys(self._network, self.fetching, store.answers, visits, self.alerts.holidays, stopping)
        yield from pipeline.gathered(asked)

    @property
    def _network(self) -> list[Wanted]:
        return [one for one in self.sources if not isinstance(one, str)]

    def office(self, stopping: Callable[[], bool] = lambda: False) -> "PostOffice | None":
        """What sends editions to those who subscribed; None where there is nobody. Raises UsageError for a secret that
        is not where the config says.
        """
        if not self.store or not self._has_readers:
            return None
        from digest.sending.office import open_office

        return open_office(
            self.site, self.profiles, self.store, self.mailing, self.webhooks, fresh=_fresh, stopping=stopping
        )

    def send(self, office: "PostOffice") -> Sent:
        """Deliver what is due, without a run. Raises StorageError or TryAgain."""
        with self.at_work() as store:
            assert store, "a post office has a store"
            dead = died(store)
            with self._minded(store, office, "send", dead), on_record(store, "send") as end:
                sent = office.deliver(publishing.places(self.profiles, store, _fresh), store)
                end(Ended(exit_code(sent), verdict(sent), outcome(sent), problems=sent.problems))
            failed = self._mind(store, office, "send", dead, sent, outcome(sent))
        return replace(sent, problems=(*sent.problems, *failed))

    def coming(self) -> str:
        """When the next edition of each profile is due: `next: ana Tue 2026-05-26 06:00 Europe/Berlin`."""
        with self.memory(wholly=False) as store:
            found = [
                (one, timetable.next_after(one.schedule, one.zone, past(one, store), clock.now()))
                for one in self.profiles
            ]
        whens = [f"{one.name} {clock.shown(at, one.zone)}" for one, at in found if at]
        return f"next: {', '.join(whens) or 'none'}"

    def _mind(
        self,
        store: Store,
        office: "PostOffice | None",
        command: str,
        dead: Sequence[Run],
        sent: Sent | None,
        line: str,
        days: Mapping[str, date] = MappingProxyType({}),
        wrong: Sequence[alarm.Wrong] = (),
        judged: Collection[str] = (),
    ) -> list[str]:
        """Keep what is wrong after a run, and tell the operator what of it is new; why that failed, in sentences.

        `dead` is as in `died`. `days` are those that editions were made for. `wrong` is what was found of the kinds
        `judged`; the rest is looked up here. `sent` is None where nothing was to be sent this time.
        """
        from digest.sending.word import Operator

        outbox, carriers = store.outbox, office.carriers if office else {}
        found = [*wrong, *alarm.of_deaths(dead, sent.recovered if sent else 0)]
        if sent:
            today = {name: max(day, days.get(name, day)) for name, day in self._today().items()}
            with store.together():
                missed, left = (look(self.profiles, today, outbox) for look in (undelivered, left_to_pages))
            found += alarm.of_sending(sent, missed, outbox.doubts(), left)
        known = outbox.troubles()
        names = {one.name for one in known if alarm.kind(one) in {*judged, *alarm.DEATH}}
        names |= alarm.scope(sent, carriers, known) | {f"stopped: {command}"}
        operator = Operator(
            alerts=self.alerts,
            mailing=self.mailing,
            title=self.site.title,
            place=self.store or Path(),
            carriers=carriers,
            clock=clock.now,
            stopping=office.stopping if office else lambda: False,
        )
        return operator.mind(outbox, found, names, line, sent.halted if sent and not sent.copy else ())

    def _ping(self) -> list[str]:
        """Give the sign of life; why that failed, in a sentence."""
        if not self.alerts.ping:
            return []
        from digest.delivery.ping import ping
        from digest.delivery.secrets import reveal

        try:
            why = ping(reveal(self.alerts.ping))
        except UsageError as error:
            why = str(error)
        return [f"the ping failed: {why}"] if why else []

    @contextmanager
    def _minded(self, store: Store, office: "PostOffice | None", command: str, dead: Sequence[Run]) -> Iterator[None]:
        """What stops a run is told to the operator too, where the store can still be written. That runs before it died
        is kept first of all: this one may die too, or end and not come to telling.
        """
        if dead:
            store.outbox.keep_troubles(alarm.weigh(alarm.of_deaths(dead, 0), store.outbox.troubles(), (), clock.now()))
        try:
            yield
        except StorageError as error:
            with suppress(DigestError):
                self._mind(store, office, command, dead, None, "", wrong=[alarm.of_error(command, error)])
            raise

    @property
    def _has_readers(self) -> bool:
        return any(profile.recipients for profile in self.profiles)

    def _today(self) -> dict[str, date]:
        """For each profile its local day."""
        return {profile.name: clock.today(profile.zone) for profile in self.profiles}

    def status(self) -> "Status | None":
        """How things stand; None where nothing was run yet. Raises StorageError or TryAgain."""
        from digest.store.safety import is_there

        if not self.store or not is_there(self.store):
            return None
        with self.memory() as store:
            assert store, "it was there"
            return self.status_in(store)

    def status_in(self, store: Store) -> "Status":
        """The same by a store that is open. Raises StorageError or TryAgain."""
        from digest.status import look

        assert self.store, "an open store lies somewhere"
        return look(
            store,
            self.store,
            self.profiles,
            self._today(),
            self.alerts.stale_after,
            clock.now(),
            self.alerts.holidays,
            self._network,
        )

    def would_send(self) -> list[str]:
        """What `send` would do, in lines; nothing is sent, and nothing recorded."""
        from digest.sending.forecast import forecast
        from digest.store.safety import is_there
        from digest.store.witness import standing

        if not self.store or not is_there(self.store):
            return ["nothing to send: nothing was run yet"]
        with self.memory() as store:
            assert store, "a config has a store"
            if why := standing(store, self.store):
                return [f"nothing is sent: {why}"]
            return forecast(self.profiles, self._today(), store, clock.now()) or ["nothing to send"]

    def _task(
        self,
        days: Mapping[str, date],
        progress: Progress | None = None,
        office: "PostOffice | None" = None,
        turns: Mapping[str, date] = MappingProxyType({}),
    ) -> Task:
        return Task(
            site=self.site,
            profiles=self.profiles,
            days=days,
            turns=turns,
            out=self.out,
            fresh=_fresh,
            progress=progress or Unwatched(),
            alerts=self.alerts,
            deliver=partial(office.deliver, scheduled=bool(turns)) if office else None,
        )

    def folders(self) -> dict[str, str]:
        """For each profile the folder below `out` that it is published in. Raises StorageError or TryAgain."""
        with self.memory() as store:
            return {one.name: publishing.folder_of(one, store, _fresh) if store else one.name for one in self.profiles}

    def edition(self, profile: Profile, day: date | None = None) -> Archive:
        """The profile's edition of that day, or its newest, alone in an archive.

        Raises UsageError where there is none.
        """
        with self.memory() as store:
            if not store:
                raise UsageError("nothing is remembered: name a config, whose store keeps editions")
            known = store.archive(profile.name, profile.title, 0 if day else 1)
            kept = store.edition(profile.name, day) if day else next(iter(known.recent), None)
            if not kept:
                when = f" of {day}" if day else " yet"
                raise UsageError(f"{profile.name} has no edition{when}; `digest run` makes one")
            return known._replace(
                recent=(kept,), folder=publishing.folder_of(profile, store, _fresh), published=profile.publish
            )

    def mail(self, archive: Archive, to: str, sender: str | None = None) -> bytes:
        """The edition of `edition` as a mail, whole; `sender` is an address of the site's host where it is None.

        Raises UsageError for an address that no mail can have.
        """
        from urllib.parse import urlsplit

        from digest.rendering.mail import Recipient, Sender, message

        with self.memory() as store:
            key = store.secret("key of message ids", _fresh) if store else ""
        host = urlsplit(self.site.base_url or "").hostname or "localhost"
        sent_by = Sender(sender or f"digest@{host}", key=key.encode())
        return message(archive.recent[0], archive, self.site, sent_by, Recipient(to))

    def rotate(self, profile: Profile) -> str:
        """Give a private profile another folder, publish it there, and withdraw what stands in the old one.

        The new folder. Raises UsageError for a profile that everybody may find.
        """
        from digest.delivery import folder

        if not profile.private:
            raise UsageError(f"{profile.name} is public: its address is its name (`private: true` hides it)")
        with self.at_work() as store:
            if not store:
                raise UsageError("nothing is remembered: name a config, whose store keeps addresses")
            # First of all the old address stops to work: that is what it is rotated for.
            folder.withdraw(publishing.folder_of(profile, store, _fresh), self.out)
            renewed = publishing.folder_of(profile, store, _fresh, renew=True)
            publishing.publish(publishing.places(self.profiles, store, _fresh), self.site, self.out, store)
            return renewed

    @contextmanager
    def at_work(self) -> Iterator[Store | None]:
        """`memory`, for who changes what another process must not change meanwhile: it has room, and nobody else is at
        work with it. Raises StorageError or TryAgain otherwise.
        """
        with self.memory() as store:
            if not self.store:
                yield None
                return
            from digest.store.safety import alone, room, sweep

            room(self.store)
            with alone(self.store):
                sweep(self.store)
                yield store

    @contextmanager
    def memory(self, *, wholly: bool = True) -> Iterator[Store | None]:
        """The store, open; None for an installation without memory. `wholly` is that of `open_store`."""
        if not self.store:
            yield None
            return
        from digest.store import open_store

        with open_store(self.store, wholly=wholly) as store:
            yield store


def died(store: Store) -> list[Run]:
    """The runs that never ended, since one that did: the last first. For who holds the lock of the store."""
    last = store.runs.newest(1)
    if not last or last[0].ended:
        return []
    return [*takewhile(lambda one: not one.ended, store.runs.newest(alarm.MOST))]


@contextmanager
def on_record(store: Store, command: str) -> Iterator[Callable[[Ended], None]]:
    """Keep that a run began, and how it ended: as it says itself, or by the error that stopped it. For who holds the
    lock of the store.
    """
    number = store.runs.begin(command, os.getpid(), clock.now())
    told: list[Ended] = []
    try:
        yield told.append
    except BaseException as error:
        code = error.exit_code if isinstance(error, DigestError) else 130 if isinstance(error, KeyboardInterrupt) else 1
        with suppress(DigestError):  # the disk may be full: the first error is the one to tell
            store.runs.end(number, clock.now(), Ended(code, summary=f"{error}" or type(error).__name__))
        raise
    store.runs.end(number, clock.now(), told[-1])


def past(profile: Profile, store: Store | None) -> timetable.Past:
    """What was done for the profile."""
    return timetable.Past(store.days(profile.name), [*store.turns(profile.name)]) if store else timetable.Past()


def may_send(newest: Sequence[Run], process: int | None, now: datetime) -> bool:
    """Whether what waits may be tried again: no run is at work, and the last one of any kind is over for a while."""
    last = next(iter(newest), None)
    return process is None and not (last and last.ended and timedelta() <= now - last.ended < PAUSE)


def unfinished(newest: Sequence[Run], now: datetime) -> bool:
    """Whether the last run is to be done again: it died, was asked to stop, or an error stopped it and it is time for
    another try.
    """
    last = next(iter(newest), None)
    if not last or (last.outcome and last.outcome.verdict):
        return False
    asked = last.outcome and last.outcome.exit_code == TryAgain.exit_code
    return bool(asked) or _has_rested(last, now, PAUSE)


def fruitless(newest: Sequence[Run], now: datetime) -> bool:
    """Whether the last run had nothing to show, for a source failed, and it is time for another try: after a pause that
    is twice as long each time that the same editions are tried.
    """
    last = newest[0].outcome if newest else None
    alike = [one.outcome and (one.outcome.verdict, one.outcome.days) for one in newest]
    failed = [*takewhile(lambda one: last and one == ("source failed", last.days), alike)]
    return bool(failed) and _has_rested(newest[0], now, PAUSE * 2 ** (len(failed) - 1))


def _has_rested(last: Run, now: datetime, pause: timedelta) -> bool:
    """An end that lies ahead was put there by a clock that was wrong."""
    return not last.ended or not timedelta() <= now - last.ended < pause


def _fresh() -> str:
    """128 bits that nobody can guess, as letters and digits."""
    return os.urandom(16).hex()


def read(*names: str) -> Reading:
    """All that the files, folders and patterns `names` list, and what of them could not be read."""
    return pipeline.read(fetch(names))


def profile(*keywords: str) -> Profile:
    """A profile that looks for `keywords`, written as on the command line. Raises UsageError."""
    return profile_of([parse_term(keyword) for keyword in keywords])


def make_app(config: "Config", out: Path | None = None, store: Path | None = None) -> App:
    """The installation that a config describes; `out` and `store` take the place of its own.

    Raises ConfigError for own templates that cannot be read.
    """
    if config.site.templates:
        from digest.rendering.environment import check

        check(config.site.templates)
    return App(
        site=config.site,
        profiles=config.profiles,
        sources=config.sources,
        out=out or config.out,
        store=store or config.store,
        mailing=config.mailing,
        webhooks=config.webhooks,
        alerts=config.alerts,
        fetching=config.fetching,
    )


def make_ad_hoc(
    terms: Sequence[Term],
    *,
    authors: Sequence[Term] = (),
    mutes: Sequence[str] = (),
    limit: int = 30,
    threshold: float = 0.0,
    out: Path = Path("feeds"),
    store: Path | None = None,
) -> App:
    """An installation with one profile made on the spot, and no memory unless `store` names one."""
    return App(
        site=Site(),
        profiles=(profile_of(terms, authors=authors, mutes=mutes, limit=limit, threshold=threshold),),
        sources=(),
        out=out,
        store=store,
    )


def profile_of(
    terms: Sequence[Term],
    *,
    authors: Sequence[Term] = (),
    mutes: Sequence[str] = (),
    limit: int = 30,
    threshold: float = 0.0,
) -> Profile:
    """A profile for `terms` and `authors`, titled by what it looks for."""
    wanted = [term.text for term in (*terms, *authors) if term.weight > 0]
    title = " · ".join(wanted[:4]) + (" …" if len(wanted) > 4 else "")
    return Profile(
        name=AD_HOC,
        title=title or "Digest",
        terms=tuple(terms),
        authors=tuple(authors),
        mutes=tuple(mutes),
        limit=limit,
        threshold=threshold,
        revised=True,
    )
