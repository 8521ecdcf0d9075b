"""The daily run, readable from top to bottom.

    sources.fetch ─▶ formats.parse ─▶ merging.merge ─▶ store.save
                                                           │ papers
        for each profile whose edition is to be made:
                           ranking.rank ─▶ composing.compose ─▶ store.keep
                                                           │ editions
        rendering.render ─▶ delivery.folder.publish ─▶ sending.send ─▶ Report, verdict

Each stage takes values and gives values; what fails on the way becomes a Problem and the rest goes on. Only a
wrong configuration and a store or folder that cannot be written stop a run.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from digest import announcements, errors, verdicts
from digest.clock import start_of_day
from digest.composing import compose
from digest.delivery.settings import Alerts
from digest.formats import parse
from digest.merging import merge
from digest.model import (
    PRIVATE,
    Archive,
    ArchiveDay,
    Digest,
    Document,
    Edition,
    Listing,
    Paper,
    Problem,
    Profile,
    Receipt,
    Rendition,
    Site,
    State,
    Tally,
    Verdict,
)
from digest.ranking import rank
from digest.sending import Sent
from digest.sending.telling import outcome
from digest.store import Store
from digest.timetable import waits
from digest.verdicts import of_digest, of_run

T = TypeVar("T")

RECENT = 10
"""How many editions a profile's feeds and fresh pages reach back."""


class Progress(Protocol):
    """Somebody who wants to know how far long work has come."""

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        """`items`, each reported as it is taken."""
        ...


class Unwatched:
    """Nobody wants to know."""

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        return iter(items)


class Reading(NamedTuple):
    """What documents listed: listings in = listings parsed + problems reported."""

    documents: int
    listings: tuple[Listing, ...]
    problems: tuple[Problem, ...]


class Held(NamedTuple):
    """An edition that its profile's schedule did not let be made: it would show too little."""

    digest: Digest

    @property
    def verdict(self) -> Verdict:
        """How its day ended: nothing was delivered."""
        return "quiet day" if self.digest.verdict == "delivered" else self.digest.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run did."""

    reading: Reading
    papers: int
    editions: tuple[Edition, ...]
    held: tuple[Held, ...] = ()
    made_before: frozenset[str] = frozenset()
    """The profiles whose edition of the day had been made by an earlier run."""
    pages: tuple[str, ...] = ()
    """Where below the published folder each of the editions stands."""
    receipts: tuple[Receipt, ...] = ()
    sent: Sent = field(default_factory=Sent)

    @property
    def verdict(self) -> Verdict:
        """How it ended, as one of eight words."""
        unread = any(problem.line is None for problem in self.reading.problems)
        return of_run(
            self.days or (["source failed"] if unread else []),
            sum(map(Counter, self.sent.tallies.values()), Counter[State]()),
            halted=bool(self.sent.halted),
            doubted=bool(self.sent.doubted),
        )

    @property
    def days(self) -> list[Verdict]:
        """How the day ended for each profile whose edition was due."""
        return [*(edition.digest.verdict for edition in self.editions), *(one.verdict for one in self.held)]

    @property
    def exit_code(self) -> int:
        return verdicts.exit_code(self.verdict, problems=bool(self.reading.problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Everything that a run needs to be told."""

    site: Site
    profiles: Sequence[Profile]
    days: Mapping[str, date]
    """For each profile whose edition is to be made, the edition's day."""
    turns: Mapping[str, date] = field(default_factory=dict)
    """For each profile that runs by its schedule, the day of its turn; empty for a run by hand, which asks none."""
    out: Path
    fresh: Callable[[], str]
    """Makes what nobody can guess: letters and digits that may stand in a folder's name."""
    progress: Progress = field(default_factory=Unwatched)
    alerts: Alerts | None = None
    deliver: Callable[[Sequence[Archive], Store, Mapping[str, date]], Sent] | None = None
    """Sends what is published to those who subscribed; None where nobody is to be sent anything."""


def run(documents: Iterable[Document | Problem], task: Task, store: Store | None) -> Report:
    """The whole run. Without a store nothing is remembered and every paper is as new.

    Raises StorageError or TryAgain where the store or the published folder cannot be used.
    """
    reading = read(documents, task.progress)
    papers: Sequence[Paper] = merge(task.progress.track(reading.listings, "merging", len(reading.listings)))
    if store:
        papers = store.save(papers).papers
    editions, made_before, held = [], set(), []
    for profile in task.profiles:
        if not (day := task.days.get(profile.name)):
            continue
        kept = store.edition(profile.name, day) if store else None
        if kept and kept.digest.ranked:
            made_before.add(profile.name)
            editions.append(kept)
            continue
        digest = composed(papers, profile, day, store, reading.problems, task.progress, task.alerts)
        if (
            store
            and not kept
            and profile.name in task.turns
            and waits(profile.schedule, digest, waiting(profile, day, store))
        ):
            held.append(Held(digest))
        else:
            editions.append(keep(digest, profile, store))
    if store:
        take_turns(task, papers, editions, held, store)
    known = (
        archives(task.profiles, store, task.fresh)
        if store
        else [alone(edition, profile) for edition, profile in zip(editions, task.profiles, strict=True)]
    )
    receipts = publish(known, task, store)
    return Report(
        reading=reading,
        papers=len(papers),
        editions=tuple(editions),
        held=tuple(held),
        made_before=frozenset(made_before),
        pages=tuple(
            one.path(edition.digest.day)
            for one in known
            for edition in editions
            if edition.digest.profile == one.profile
        ),
        receipts=tuple(receipts),
        sent=task.deliver(known, store, task.days) if task.deliver and store else Sent(),
    )


def gathered(
    sources: Iterable[tuple[str, Callable[[], Iterable[Document | Problem]]]],
) -> Iterator[Document | Problem]:
    """What each of `sources` gives, in their order; one that fails is a Problem of its name and stops no other."""
    for name, fetch in sources:
        try:
            yield from fetch()
        except (errors.StorageError, errors.TryAgain):
            raise
        except errors.DigestError as error:
            yield Problem(name, None, str(error))
        except Exception as error:  # noqa: BLE001  # the stage boundary: a source may be a stranger's
            yield Problem(name, None, f"the source failed: {type(error).__name__}: {error}")


def read(
    documents: Iterable[Document | Problem], progress: Progress | None = None, format: str | None = None
) -> Reading:
    """All that `documents` list, in their order."""
    listings: list[Listing] = []
    problems: list[Problem] = []
    count = 0
    for document in documents:
        count += 1
        items = [document] if isinstance(document, Problem) else listed(document, format)
        for item in (progress or Unwatched()).track(items, "reading"):
            if isinstance(item, Listing):
                listings.append(_within(document, item) if isinstance(document, Document) else item)
            else:
                problems.append(item)
    return Reading(documents=count, listings=tuple(listings), problems=tuple(problems))


def _within(document: Document, listing: Listing) -> Listing:
    """What `listing` says, given what is known of its document."""
    if document.moving:
        listing = replace(listing, position=listing.position._replace(line=0))
    if document.since and listing.created and not listing.kind:
        listing = replace(listing, kind="replaced" if listing.created < document.since else "new")
    return listing


def listed(document: Document, format: str | None = None) -> Iterator[Listing | Problem]:
    """What one document lists; a format that fails is a Problem of its document and stops no other."""
    try:
        yield from parse(document, format)
    except errors.DigestError:
        raise
    except Exception as error:  # noqa: BLE001  # the stage boundary: a format may be a stranger's
        what = f"the reader of this format failed: {type(error).__name__}: {error}"
        yield Problem(document.origin, None, what)


def composed(
    papers: Sequence[Paper],
    profile: Profile,
    day: date,
    store: Store | None,
    problems: Sequence[Problem] = (),
    progress: Progress | None = None,
    alerts: Alerts | None = None,
) -> Digest:
    """The digest of `papers`, and of those that came after the profile's last edition, for one local day."""
    if store:
        papers = list({paper.id: paper for paper in [*store.waiting(profile.name, besides=day), *papers]}.values())
    ranked = rank((progress or Unwatched()).track(papers, "ranking", len(papers)), profile)
    shown = store.shown(profile.name, besides=day) if store else {}
    news = store.last_news(profile.name, besides=day) if store else None
    before = last_edition(profile, day, store) if store else None
    calm = alerts or Alerts()
    covered = announcements.covered(profile, day, before, calm.holidays)
    holiday = not covered or announcements.named(day, calm.holidays)

    def judge(tally: Tally) -> Verdict:
        return of_digest(tally, problems, day, news, holiday=holiday, stale_after=calm.stale_after)

    digest = compose(ranked, profile, day, shown, problems, judge)
    if any("arxiv" in one.paper.ids for one in digest.ranked):
        return replace(digest, announced=tuple(one.evening for one in covered))
    return digest


def keep(digest: Digest, profile: Profile, store: Store | None) -> Edition:
    """`digest` as the edition of its day."""
    issued = start_of_day(digest.day, profile.zone)
    return store.keep(digest, issued) if store else Edition(digest=digest, number=1, issued=issued)


def last_edition(profile: Profile, before: date, store: Store) -> date | None:
    """The day of the profile's last edition before that day."""
    return max((day for day in store.days(profile.name) if day < before), default=None)


def waiting(profile: Profile, day: date, store: Store) -> dict[date, int]:
    """How many papers were too few for an edition at each of the profile's turns since its last one before `day`."""
    last = last_edition(profile, day, store) or date.min
    return {one: number for one, number in store.turns(profile.name).items() if last < one}


def take_turns(
    task: Task, papers: Sequence[Paper], editions: Iterable[Edition], held: Iterable[Held], store: Store
) -> None:
    """Keep that the turns of `task` were taken, where no edition of the same day says so."""
    made = {(edition.digest.profile, edition.digest.day) for edition in editions}
    few = {one.digest.profile: len(one.digest.ranked) for one in held}
    for name, day in task.turns.items():
        if (name, day) not in made:
            store.take_turn(name, day, papers, few.get(name, 0))


def publish(archives: Sequence[Archive], task: Task, store: Store | None) -> list[Receipt]:
    """Render every profile's feeds and pages and put them into the published folder."""
    from digest.delivery import folder

    for one in archives:
        if one.private:
            # It may have been public before.
            folder.withdraw(one.profile, task.out)
    return folder.publish(renditions(archives, task, store), task.out)


def renditions(archives: Sequence[Archive], task: Task, store: Store | None) -> Iterator[Rendition]:
    """All that is published, one by one: those of many profiles are never held together."""
    from digest.rendering import FEEDS, render, render_index
    from digest.rendering.everything import gathered

    wholes: list[Archive] = []
    for one in task.progress.track(archives, "rendering", len(archives)):
        made = render(one, task.site)
        yield from made
        whole = one
        if store and not complete(one, task.out):
            # The folder is new, or was emptied: what the archive links to must be there again. What is of the recent
            # editions alone is as on any other day.
            every = store.archive(one.profile, one.title, len(one.days))
            whole = every._replace(folder=one.folder, lines=tuple(store.shown_papers(one.profile, date.min)))
            yield from _besides(made, render(whole, task.site))
        wholes.append(whole)
    first = first_shown(archives, store) if store else None
    of_all = render_index(archives, task.site, first)
    yield from of_all
    if wholes != list(archives):
        yield from _besides(of_all, render(gathered(wholes, first), task.site, FEEDS))


def _besides(made: Iterable[Rendition], others: Iterable[Rendition]) -> Iterator[Rendition]:
    """The `others` in whose places none was `made`."""
    paths = {one.path for one in made}
    return (one for one in others if one.path not in paths)


def complete(archive: Archive, out: Path) -> bool:
    """Every page and every feed's page that the archive links to is there, but for the recent ones, which are made."""
    made = {edition.digest.day for edition in archive.recent}
    return all(
        (out / archive.path(line.day)).exists()
        and (not line.shown or (out / archive.path(line.day, ".rss.xml")).exists())
        for line in archive.days
        if line.day not in made
    )


def first_shown(archives: Sequence[Archive], store: Store) -> dict[str, date]:
    """The day on which the first of the public profiles showed a paper, by the paper's id."""
    first: dict[str, date] = {}
    for one in archives:
        if not one.private:
            for paper, day in store.shown(one.profile).items():
                first[paper] = min(day, first.get(paper, day))
    return first


def archives(profiles: Sequence[Profile], store: Store, fresh: Callable[[], str]) -> list[Archive]:
    """What is published of each profile, and where."""
    return [_archive(profile, store, folder_of(profile, store, fresh)) for profile in profiles]


def _archive(profile: Profile, store: Store, folder: str) -> Archive:
    recent = store.archive(profile.name, profile.title, RECENT)
    if not recent.recent:
        return recent._replace(folder=folder)
    # The search reads whole months.
    since = recent.recent[-1].digest.day.replace(day=1)
    return recent._replace(folder=folder, lines=tuple(store.shown_papers(profile.name, since)))


def alone(edition: Edition, profile: Profile) -> Archive:
    """What is published of a profile without a memory: the edition that was just made."""
    ranked = edition.digest.ranked
    line = ArchiveDay(
        day=edition.digest.day,
        number=edition.number,
        shown=len(ranked),
        headline=ranked[0].paper.headline if ranked else None,
    )
    return Archive(profile=profile.name, title=profile.title, recent=(edition,), days=(line,), folder=profile.name)


def folder_of(profile: Profile, store: Store, fresh: Callable[[], str], *, renew: bool = False) -> str:
    """The folder that a profile is published in, below the site's root; `renew` gives a private one another."""
    if not profile.private:
        return profile.name
    return f"{PRIVATE}.{store.secret(f'folder of {profile.name}', fresh, renew=renew)}"


def verdict(report: Report) -> str:
    """The run in one line: what came in, and for each profile what went out or why nothing did."""
    reading = report.reading
    listings, files = _count(len(reading.listings), "listing"), _count(reading.documents, "file")
    parts = [f"{listings} in {files}, {_count(report.papers, 'paper')}"]
    for edition in report.editions:
        digest, tally = edition.digest, edition.digest.tally
        left = {
            "below the threshold": tally.below_threshold,
            "beyond the limit": tally.beyond_limit,
            "muted": tally.muted,
            "shown before": tally.already_shown,
            "not new but revised": tally.revised,
        }
        more = ", ".join(f"{number} {what}" for what, number in left.items() if number)
        what = _count(tally.shown, "paper") if tally.shown else digest.verdict
        made = " (made by an earlier run, kept as it is)" if digest.profile in report.made_before else ""
        parts.append(f"{digest.profile} {digest.day}: {what}{f' ({more})' if more else ''}{made}")
    for one in report.held:
        shown, digest = len(one.digest.ranked), one.digest
        parts.append(f"{digest.profile} {digest.day}: no edition, {_count(shown, 'paper')} {_wait(shown)} for more")
    if not report.days:
        parts.append("no edition was due")
    if reading.problems:
        parts.append(_count(len(reading.problems), "problem"))
    if sent := outcome(report.sent):
        parts.append(sent)
    return f"{report.verdict}: {'; '.join(parts)}"


def _wait(number: int) -> str:
    return "waits" if number == 1 else "wait"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
