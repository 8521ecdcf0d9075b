"""All public profiles in one: what the feeds of the whole site are made of."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from digest.model import Archive, ArchiveDay, Edition, Paper

TITLE = "All profiles"


def public(archives: Iterable[Archive]) -> list[Archive]:
    """Those of `archives` that the whole site may name: published under their own name, for everybody."""
    return [archive for archive in archives if archive.public and archive.folder == archive.profile]


def gathered(archives: Sequence[Archive], first: Mapping[str, date] | None = None) -> Archive:
    """The public ones of `archives` as one that is published at the site's root.

    Its recent editions are those of the newest days that every profile has whole. Several of one day stand side by
    side, by the profile's name: a feed has each paper once a day, with its best score. `first` tells the day on which
    any of the profiles first showed a paper, which is where its entry stays; without it the recent editions tell.

    It has feeds and no pages: nothing must link to pages of its own.
    """
    named = sorted(public(archives), key=lambda archive: archive.profile)
    whole = {(archive.profile, edition.digest.day) for archive in named for edition in archive.recent}
    cut = [
        line.day
        for archive in named
        for line in archive.days
        if line.shown and (archive.profile, line.day) not in whole
    ]
    begun = max(cut, default=date.min)
    editions = [edition for archive in named for edition in archive.recent if edition.digest.day > begun]
    editions.sort(key=lambda edition: edition.digest.day, reverse=True)
    shown = {ranked.paper.id for edition in editions for ranked in edition.digest.ranked}
    revised: dict[str, Paper] = {}
    for archive in named:
        revised |= archive.revised
    return Archive(
        profile="",
        title=TITLE,
        recent=tuple(editions),
        days=tuple(_days(named, editions, first)),
        folder="",
        revised=revised,
        first={paper: day for paper, day in (first or {}).items() if paper in shown},
    )


def _days(
    named: Sequence[Archive], editions: Sequence[Edition], first: Mapping[str, date] | None
) -> Iterator[ArchiveDay]:
    """Newest first. Papers that were shown before do not count, as far as is known."""
    listed = Counter({line.day: 0 for archive in named for line in archive.days})
    if first is None:
        for archive in named:
            for line in archive.days:
                listed[line.day] += line.shown
    else:
        listed.update(first.values())
        for edition in editions:
            listed[edition.digest.day] += sum(1 for ranked in edition.digest.ranked if ranked.paper.id not in first)
    for place, day in enumerate(days := sorted(listed, reverse=True)):
        yield ArchiveDay(day=day, number=len(days) - place, shown=listed[day], headline=None)
