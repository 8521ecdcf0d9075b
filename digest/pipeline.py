"""The daily run, readable from top to bottom.

    sources.fetch ─▶ formats.parse ─▶ merging.merge ─▶ store.save
                                                           │ papers
        for each profile whose edition is to be made:
                         ranking.ranker ─▶ composing.compose ─▶ store.keep
                                                           │ editions
        publishing.publish (rendering, delivery.folder) ─▶ sending.send ─▶ Report, verdict

Each stage takes values and gives values; what fails on the way becomes a Problem and the rest goes on. Only a
wrong configuration and a store or folder that cannot be written stop a run.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from digest import announcements, errors, publishing, verdicts
from digest.clock import start_of_day
from digest.composing import compose
from digest.delivery.settings import Alerts
from digest.formats import parse
from digest.merging import merge
from digest.model import (
    Archive,
    Digest,
    Document,
    Edition,
    Listing,
    Paper,
    Problem,
    Profile,
    Ranked,
    Receipt,
    Site,
    State,
    Tally,
    Verdict,
)
from digest.progress import Progress, Unwatched
from digest.ranking import ranker
from digest.sending import Sent
from digest.sending.telling import outcome
from digest.store import Store
from digest.timetable import waits
from digest.verdicts import of_digest, of_run

NAMED = 20
"""So many profiles at most are named in the line that sums a run up."""

BATCH = 64
"""The editions of so many profiles are kept in one step."""


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
    editions, held, made_before = made(papers, reading.problems, task, store)
    known = (
        publishing.places(task.profiles, store, task.fresh)
        if store
        else [publishing.alone(edition, profile) for edition, profile in zip(editions, task.profiles, strict=True)]
    )
    receipts = publishing.publish(known, task.site, task.out, store, task.progress)
    where = {one.profile: one for one in known if one.published}
    return Report(
        reading=reading,
        papers=len(papers),
        editions=tuple(editions),
        held=tuple(held),
        made_before=frozenset(made_before),
        pages=tuple(
            where[digest.profile].path(digest.day)
            for digest in (edition.digest for edition in editions)
            if digest.profile in where
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


def made(
    papers: Sequence[Paper], problems: Sequence[Problem], task: Task, store: Store | None
) -> tuple[list[Edition], list[Held], set[str]]:
    """The editions of the profiles that are due, those that are held, and the profiles whose edition was there."""
    editions: list[Edition] = []
    held: list[Held] = []
    made_before: set[str] = set()
    due = [one for one in task.profiles if one.name in task.days]
    choices = choosing(papers, due, task.days, store)
    rest = iter(task.progress.track(due, "ranking", len(due)))
    while some := list(islice(rest, BATCH)):
        # Nobody can unsubscribe while editions are kept: what takes time comes before.
        decided = [decided_on(one, choices, problems, task, store) for one in some]
        with store.together() if store else nullcontext():
            for profile, what in zip(some, decided, strict=True):
                if isinstance(what, Held):
                    held.append(what)
                elif isinstance(what, Edition):
                    made_before.add(profile.name)
                    editions.append(what)
                else:
                    editions.append(keep(what, profile, store))
    if store:
        take_turns(task, papers, editions, held, store)
    return editions, held, made_before


def decided_on(
    profile: Profile,
    choices: Callable[[Profile], "Choice"],
    problems: Sequence[Problem],
    task: Task,
    store: Store | None,
) -> Edition | Held | Digest:
    """The edition of the profile's day that is there, or else what there is to be kept, or to be held."""
    day = task.days[profile.name]
    kept = store.edition(profile.name, day) if store else None
    if kept and kept.digest.ranked:
        return kept
    digest = composed(choices(profile), profile, day, store, problems, task.alerts)
    if not store or kept or profile.name not in task.turns:
        return digest
    return Held(digest) if waits(profile.schedule, digest, waiting(profile, day, store)) else digest


class Choice(NamedTuple):
    """What a profile has to choose from."""

    ranked: Sequence[Ranked]
    """The papers that anything speaks for or against, best first."""
    others: int
    """How many there are besides."""


def choosing(
    papers: Sequence[Paper], profiles: Sequence[Profile], days: Mapping[str, date], store: Store | None
) -> Callable[[Profile], Choice]:
    """A function that gives what one of the profiles has to choose from: of `papers`, and of those that came after its
    last edition before its day. All profiles for which these are the same have them looked at together.
    """
    together: dict[int, list[Profile]] = {}
    for one in profiles:
        together.setdefault(store.considered(one.name, besides=days[one.name]) if store else 0, []).append(one)
    choices: dict[str, Callable[[Profile], Choice]] = {}
    for considered, some in together.items():
        late = store.papers_since(considered) if store else []
        every = [*{paper.id: paper for paper in [*late, *papers]}.values()] if late else papers
        choices |= dict.fromkeys((one.name for one in some), _chooser(every, some))
    return lambda profile: choices[profile.name](profile)


def _chooser(papers: Sequence[Paper], profiles: Sequence[Profile]) -> Callable[[Profile], Choice]:
    ranked = ranker(papers, profiles)

    def choice(profile: Profile) -> Choice:
        found = ranked(profile)
        return Choice(found, len(papers) - len(found))

    return choice


def composed(
    choice: Choice,
    profile: Profile,
    day: date,
    store: Store | None,
    problems: Sequence[Problem] = (),
    alerts: Alerts | None = None,
) -> Digest:
    """The digest of what a profile has to choose from, for one local day."""
    shown = store.shown(profile.name, besides=day) if store else {}
    news = store.last_news(profile.name, besides=day) if store else None
    before = last_edition(profile, day, store) if store else None
    calm = alerts or Alerts()
    covered = announcements.covered(profile, day, before, calm.holidays)
    holiday = not covered or announcements.named(day, calm.holidays)

    def judge(tally: Tally) -> Verdict:
        return of_digest(tally, problems, day, news, holiday=holiday, stale_after=calm.stale_after)

    digest = compose(choice.ranked, profile, day, shown, problems, judge, choice.others)
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


def verdict(report: Report) -> str:
    """The run in one line: what came in, and for each profile what went out or why nothing did."""
    reading = report.reading
    listings, files = _count(len(reading.listings), "listing"), _count(reading.documents, "file")
    parts = [f"{listings} in {files}, {_count(report.papers, 'paper')}"]
    many = len(report.editions) + len(report.held) > NAMED
    if many:
        parts.append(_summed(report))
    for edition in () if many else report.editions:
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
    for one in () if many else report.held:
        shown, digest = len(one.digest.ranked), one.digest
        parts.append(f"{digest.profile} {digest.day}: no edition, {_count(shown, 'paper')} {_wait(shown)} for more")
    if not report.days:
        parts.append("no edition was due")
    if reading.problems:
        parts.append(_count(len(reading.problems), "problem"))
    if sent := outcome(report.sent):
        parts.append(sent)
    return f"{report.verdict}: {'; '.join(parts)}"


def _summed(report: Report) -> str:
    shown = [edition.digest.tally.shown for edition in report.editions if edition.digest.tally.shown]
    without = len(report.editions) - len(shown)
    told = [
        f"{_count(sum(shown), 'paper')} in {_count(len(shown), 'edition')}",
        f"{without:,} without papers" if without else "",
        f"{len(report.made_before):,} made by an earlier run" if report.made_before else "",
        f"{len(report.held):,} {_wait(len(report.held))} for more" if report.held else "",
    ]
    return f"{len(report.editions) + len(report.held):,} profiles: {', '.join(filter(None, told))}"


def _wait(number: int) -> str:
    return "waits" if number == 1 else "wait"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
