"""What is published of each profile, where, and how it gets there.

Of many profiles no two are held whole at once, but for those that the site's front page and its feeds tell of.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from digest.model import PRIVATE, PUBLISHED, Archive, ArchiveDay, Edition, Profile, Receipt, Rendition, Site
from digest.patterns import pattern
from digest.progress import Progress, Unwatched
from digest.store import Store

RECENT = 10
"""How many editions a profile's feeds and fresh pages reach back."""

_PAGED = {"rss": ".rss.xml", "atom": ".atom.xml", "jsonfeed": ".feed.json"}
"""The formats that link from day to day, and how the names of these pages end."""

_FEED = r"(?:rss\.xml|atom\.xml|feed\.json)"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_FEEDS_ONLY = pattern(rf"(?:{_DAY}(?:-[0-9]+)?\.)?{_FEED}")
_OURS = pattern(
    rf"{_FEEDS_ONLY.pattern}|{_DAY}\.(?:{'|'.join(PUBLISHED)})|index\.html|search-[0-9]{{4}}-[0-9]{{2}}\.json|"
    r"\..+\.digest-new"
)
"""The names of the files that a profile's folder has. Whatever else lies there is somebody else's."""


# ------------------------------------------------------------------------------------------------ archives


def places(profiles: Sequence[Profile], store: Store, fresh: Callable[[], str]) -> list[Archive]:
    """Where each profile is published, and as what; without its editions, which `whole` reads."""
    return [
        Archive(
            profile=one.name,
            title=one.title,
            recent=(),
            days=(),
            folder=folder_of(one, store, fresh),
            published=one.publish,
        )
        for one in profiles
    ]


def whole(place: Archive, store: Store) -> Archive:
    """The archive of that place, with what is rendered every day."""
    archive = store.archive(place.profile, place.title, RECENT)._replace(folder=place.folder, published=place.published)
    if not archive.recent:
        return archive
    # The search reads whole months.
    since = archive.recent[-1].digest.day.replace(day=1)
    return archive._replace(lines=tuple(store.shown_papers(archive.profile, since)))


def complete(archive: Archive, store: Store) -> Archive:
    """The archive with every edition there ever was, whole."""
    every = store.archive(archive.profile, archive.title, len(archive.days))
    lines = tuple(store.shown_papers(archive.profile, date.min))
    return every._replace(folder=archive.folder, published=archive.published, lines=lines)


def alone(edition: Edition, profile: Profile) -> Archive:
    """What is published of a profile without a memory: the edition that was just made."""
    ranked = edition.digest.ranked
    line = ArchiveDay(
        day=edition.digest.day,
        number=edition.number,
        shown=len(ranked),
        headline=ranked[0].paper.headline if ranked else None,
    )
    return Archive(
        profile=profile.name,
        title=profile.title,
        recent=(edition,),
        days=(line,),
        folder=profile.name,
        published=profile.publish,
    )


def folder_of(profile: Profile, store: Store, fresh: Callable[[], str], *, renew: bool = False) -> str:
    """The folder that a profile is published in, below the site's root; `renew` gives a private one another."""
    if not profile.private:
        return profile.name
    return f"{PRIVATE}.{store.secret(f'folder of {profile.name}', fresh, renew=renew)}"


# ---------------------------------------------------------------------------------------------- publishing


def publish(
    archives: Sequence[Archive], site: Site, out: Path, store: Store | None, progress: Progress | None = None
) -> list[Receipt]:
    """Render every profile's feeds and pages and put them into the published folder `out`. With a store the archives
    may be `places`.
    """
    from digest.delivery import folder

    # What is nobody's business any more may have been published before. It goes last: a run that is killed before that
    # leaves it for the next one to find, and what else tells of it is written anew until then.
    hidden = [name for name in _hidden(archives) if _is_published(out / name)]
    receipts = folder.publish(renditions(archives, site, out, store, progress, anew=bool(hidden)), out)
    if hidden:
        written = {receipt.recipient for receipt in receipts}
        left = (one.name for one in out.iterdir() if _FEEDS_ONLY.fullmatch(one.name) and str(one) not in written)
        folder.remove(left, out)
    for name in hidden:
        folder.withdraw(name, out, _is_ours)
    return receipts


def _hidden(archives: Sequence[Archive]) -> list[str]:
    """The folders that must not be there."""
    named = {name for one in archives for name in (one.profile, one.folder)}
    return sorted(named - {one.folder for one in archives if one.published})


def _is_published(place: Path) -> bool:
    return place.is_dir() and (any(map(_is_ours, place.iterdir())) or not any(place.iterdir()))


def _is_ours(path: Path) -> bool:
    return bool(_OURS.fullmatch(path.name)) and not path.is_dir()


def renditions(
    archives: Sequence[Archive],
    site: Site,
    out: Path,
    store: Store | None,
    progress: Progress | None = None,
    *,
    anew: bool = False,
) -> Iterator[Rendition]:
    """All that is published, one by one; `anew` also the old days of the feeds of all profiles, which may tell of one
    that is published no more.
    """
    from digest.rendering import FEEDS, render, render_index
    from digest.rendering.everything import gathered

    known: list[Archive] = []
    all_of_them: list[Archive] = []
    some = [one for one in archives if one.published]
    for place in (progress or Unwatched()).track(some, "rendering", len(some)):
        archive = whole(place, store) if store else place
        every = archive
        made = render(archive, site, archive.published)
        yield from made
        if store and not stands(archive, out):
            # The folder is new, or was emptied: what the archive links to must be there again. What is of the recent
            # editions alone is as on any other day.
            every = complete(archive, store)
            yield from _besides(made, render(every, site, archive.published))
        elif store and anew and archive.public:
            every = complete(archive, store)
        if archive.public:
            known.append(archive)
            all_of_them.append(every)
    first = first_shown(known, store) if store else None
    of_all = render_index(known, site, first)
    yield from of_all
    if store and all_of_them == known and not stands(gathered(known, first)._replace(published=FEEDS), out):
        all_of_them = [complete(one, store) for one in known]
    if all_of_them != known:
        yield from _besides(of_all, render(gathered(all_of_them, first), site, FEEDS))


def _besides(made: Iterable[Rendition], others: Iterable[Rendition]) -> Iterator[Rendition]:
    """The `others` in whose places none was `made`."""
    paths = {one.path for one in made}
    return (one for one in others if one.path not in paths)


def stands(archive: Archive, out: Path) -> bool:
    """Every page, and every feed's page, that the archive links to is there, but for those that are made each day."""
    made = {edition.digest.day for edition in archive.recent}
    paged = [suffix for name, suffix in _PAGED.items() if name in archive.published]
    return all(
        ("html" not in archive.published or (out / archive.path(line.day)).exists())
        and (not line.shown or all((out / archive.path(line.day, suffix)).exists() for suffix in paged))
        for line in archive.days
        if line.day not in made
    )


def first_shown(archives: Iterable[Archive], store: Store) -> dict[str, date]:
    """The day on which the first of these profiles showed a paper, by the paper's id."""
    first: dict[str, date] = {}
    for one in archives:
        for paper, day in store.shown(one.profile).items():
            first[paper] = min(day, first.get(paper, day))
    return first
