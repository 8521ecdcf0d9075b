"""Where the parts are joined: a config, or what the command line says, becomes something that runs."""

import fcntl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from digest import pipeline
from digest.clock import today
from digest.errors import StorageError, TryAgain, UsageError
from digest.model import Document, Problem, Profile, Site, Term
from digest.pipeline import Progress, Reading, Report, Task, Unwatched
from digest.ranking.query import parse_term
from digest.sources.files import fetch
from digest.store import Store

if TYPE_CHECKING:
    from digest.config import Config

AD_HOC = "digest"
"""The name of the profile that keywords on the command line make."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One installation: whose digests are made, from what, and where they go."""

    site: Site
    profiles: tuple[Profile, ...]
    sources: tuple[str, ...]
    out: Path
    store: Path | None
    """None: nothing is remembered."""

    def run(self, names: Sequence[str] = (), day: date | None = None, progress: Progress | None = None) -> Report:
        """The daily run over the configured sources, or over `names` in their place."""
        if not (names or self.sources):
            raise UsageError("nothing to read: name files, or list them under `sources:` in the config")
        documents = fetch(names or self.sources)
        return self.run_on(documents, day, progress)

    def run_on(
        self, documents: Iterable[Document | Problem], day: date | None = None, progress: Progress | None = None
    ) -> Report:
        """The daily run over documents that are there already."""
        days = {profile.name: day or today(profile.zone) for profile in self.profiles}
        task = Task(site=self.site, profiles=self.profiles, days=days, out=self.out, progress=progress or Unwatched())
        with self.memory() as store, _alone(self.store) if self.store else nullcontext():
            return pipeline.run(documents, task, store)

    @contextmanager
    def memory(self) -> Iterator[Store | None]:
        """The store, open; None for an installation without memory."""
        if not self.store:
            yield None
            return
        from digest.store import open_store

        with open_store(self.store) as store:
            yield store


@contextmanager
def _alone(store: Path) -> Iterator[None]:
    """One run at a time: a second one on the same store raises TryAgain, and the lock goes with its process."""
    path = store.with_name(f"{store.name}.lock")
    try:
        file = path.open("w")
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TryAgain(f"{store}: another run is at work with it; nothing was done") from None
        yield


def read(*names: str) -> Reading:
    """All that the files, folders and patterns `names` list, and what of them could not be read."""
    return pipeline.read(fetch(names))


def profile(*keywords: str) -> Profile:
    """A profile that looks for `keywords`, written as on the command line. Raises UsageError."""
    return profile_of([parse_term(keyword) for keyword in keywords])


def make_app(config: "Config", out: Path | None = None, store: Path | None = None) -> App:
    """The installation that a config describes; `out` and `store` take the place of its own."""
    return App(
        site=config.site,
        profiles=config.profiles,
        sources=config.sources,
        out=out or config.out,
        store=store or config.store,
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
    )
