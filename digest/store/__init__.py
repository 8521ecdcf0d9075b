"""The memory: papers with all their listings, the editions that were kept, and what each of them showed.

    with open_store(Path("digest.db")) as store:
        changes = store.save(papers)          # the papers as they are known now, under ids that stay
        edition = store.keep(digest, issued)  # numbered and frozen; one for each (profile, day)

A second kind of store has the methods of `Store` and is put through the same tests.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from digest.model import Archive, Digest, Edition, Paper, ShownPaper
from digest.store.answers import Answers
from digest.store.identity import Changes
from digest.store.outbox import Outbox
from digest.store.runs import Runs

__all__ = ["Answers", "Changes", "Outbox", "Runs", "Store", "open_store"]


class Store(Protocol):
    """What a memory keeps. Every method raises StorageError, or TryAgain where another process is in the way;
    a method that raises has changed nothing.
    """

    def save(self, papers: Sequence[Paper]) -> Changes:
        """Keep `papers`, each of at least one listing, in one step, and tell what they are known as now.

        The listings decide, not how the caller grouped them: a listing that is known already (same position,
        same format, same content) is kept once, and a new one joins the known paper with which
        `digest.merging.cluster` puts it. Where new listings link several known papers these become one only
        where `cluster` says so of all their listings. A paper keeps the id under which it was first known; the
        id of a younger paper that was found to be the same stays good for every look-up. The order of
        `papers` decides nothing but which of them gives its id to a paper that nobody knew.
        """
        ...

    def edition(self, profile: str, day: date) -> Edition | None:
        """The edition of that day exactly as it was kept."""
        ...

    def keep(self, digest: Digest, issued: datetime) -> Edition:
        """Give `digest` the profile's next number and keep it with the papers that it shows, in one step.

        Where the profile has an edition of that day, that one is returned and nothing is changed; only an
        edition that shows no paper gives way, and its number, to one that shows some or has fewer problems, as long as
        nobody has been sent it. The papers have the ids that `save` gave them. `issued` is aware; a ValueError
        otherwise.
        """
        ...

    def days(self, profile: str) -> list[date]:
        """The days of the profile's editions, newest first."""
        ...

    def take_turn(self, profile: str, day: date, papers: Sequence[Paper], waiting: int = 0) -> None:
        """The profile's turn of that day was taken, and no edition of the day was made: of the `papers` that were read,
        which have the ids that `save` gave them, and of those that wait, it would have shown `waiting`.
        """
        ...

    def turns(self, profile: str) -> dict[date, int]:
        """The days on which such a turn was taken, newest first, and how many papers were waiting."""
        ...

    def shown(self, profile: str, besides: date | None = None) -> dict[str, date]:
        """The ids of the papers that the profile was shown, with the day of the first edition that showed each.

        The edition of the day `besides` does not count.
        """
        ...

    def considered(self, profile: str, besides: date | None = None) -> int:
        """How many of all papers the profile's editions have considered, in the order in which they became known: what
        `papers_since` gives after that waits for the next one. The edition of the day `besides` does not count. For a
        profile without editions nothing waits but what was read at its turns, and all that became known between them.
        """
        ...

    def papers_since(self, considered: int) -> list[Paper]:
        """The papers that became known after so many, in that order."""
        ...

    def last_news(self, profile: str, besides: date | None = None) -> date | None:
        """The day of the profile's first edition that had seen every paper which is known now; None where a paper has
        become known since its latest one. The edition of the day `besides` does not count.
        """
        ...

    def archive(self, profile: str, title: str, recent: int) -> Archive:
        """The profile's editions, newest day first: at most `recent` of them whole, and a line for each; and the papers
        of those whose title, abstract, version or date of update is known otherwise by now.
        """
        ...

    def shown_papers(self, profile: str, since: date) -> list[ShownPaper]:
        """The papers that the profile's editions from the day `since` on showed, newest day first, each edition's in
        its order, with the headline and the authors that it gave them.
        """
        ...

    def find(self, text: str) -> list[Paper]:
        """The papers that `text` means, by id; at most 10.

        It means a paper by its id, also a former one; by its arXiv id or DOI, bare or in an address; else the
        papers in whose title, headline or abstract all its words stand.
        """
        ...

    def secret(self, name: str, fresh: Callable[[], str], *, renew: bool = False) -> str:
        """What is kept under `name` and nobody can guess; made by `fresh` where there is none yet, or to `renew` it."""
        ...

    def known_secret(self, name: str) -> str | None:
        """What is kept under `name`; None where nothing is, and nothing is made then."""
        ...

    @property
    def outbox(self) -> Outbox:
        """The ledger of what is delivered to whom."""
        ...

    @property
    def runs(self) -> Runs:
        """The record of runs."""
        ...

    @property
    def answers(self) -> Answers:
        """What was fetched over the network, and which days of which source are here."""
        ...

    def papers(self) -> int:
        """How many papers are known."""
        ...

    def together(self) -> AbstractContextManager[None]:
        """What is done meanwhile is one step: all of it is kept at the end, or, where anything raises, nothing, also
        where somebody catches that: then it is raised at the end again. Steps in it are part of it. Nobody else can
        write meanwhile, so it is for short work.
        """
        ...

    def close(self) -> None:
        """Let go of the file. A second call does nothing."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_store(path: Path, *, anew: bool = False, wholly: bool = True) -> Store:
    """The store in the SQLite database `path`; a missing one is created, with its folder, unless it was there once:
    then only where `anew` says so. Whether the file is damaged is looked at only `wholly`: that takes as long as the
    file is large, and who opens it for each of many short jobs has looked before.

    Raises StorageError for a file that is no store, is damaged or was written by a newer version, and for a folder that
    cannot be written or is another machine's; such a file is left as it is. Raises TryAgain where another process holds
    it.
    """
    from digest.store.sqlite import SqliteStore  # costs an import of sqlite3: only for who opens one

    return SqliteStore(path, anew=anew, wholly=wholly)
