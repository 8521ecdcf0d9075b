"""The store as one SQLite file: plain SQL, one transaction for each method.

A commit survives a kill at any instant and a power cut: write-ahead log, `synchronous=FULL`. That log is copied into
the file when the last connection closes, alone with it, and while a run sends, by that run alone, which keeps everybody
from writing meanwhile: a checkpoint beside a commit or another checkpoint can lose commits in SQLite 3.7.0 to 3.51.2
(https://sqlite.org/wal.html#walresetbug). Otherwise the log grows for as long as any process has the store open, so one
that runs for days opens it for each job anew.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from hashlib import blake2b
from itertools import chain, groupby, islice
from json import dumps, loads
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

import digest.store.statements as sql
from digest.merging import fuse, keys
from digest.model import Archive, ArchiveDay, Digest, Edition, Listing, Paper, ShownPaper
from digest.store import witness
from digest.store.ballast import Ballast
from digest.store.cache import Cache
from digest.store.codec import dump_digest, dump_listing, load_digest, load_listing
from digest.store.diary import Diary
from digest.store.identity import Changes, Settled, settle
from digest.store.ledger import Ledger
from digest.store.naming import has_words, names
from digest.store.safety import (
    check,
    create,
    is_there,
    keep_before_migration,
    make_durable,
    migrate,
    opened,
    refuse_remote,
    told,
    transaction,
)
from digest.store.shown import ShownPapers
from digest.text import fold

PATIENCE: Final = 5.0
"""Seconds to wait for another process before giving up."""

FOUND: Final = 10
"""How many papers `find` returns at most."""


class Row(NamedTuple):
    """A listing as it is kept, and the id of the paper that it was given with."""

    mark: str
    content: str
    listing: Listing
    named: str


class SqliteStore:
    """A `digest.store.Store` in one file. Use it as a context manager, in one thread."""

    def __init__(self, path: Path, patience: float = PATIENCE, *, anew: bool = False, wholly: bool = True) -> None:
        """Open the store at `path` (see `digest.store.open_store`), waiting `patience` seconds for others."""
        self._path = path
        self._ballast = Ballast(path)
        self._shown = ShownPapers()
        self._joined = False
        self._failed: BaseException | None = None
        """What was raised in a step of many."""
        with told(path):
            refuse_remote(path)
            if not is_there(path, anew=anew):
                create(path)
                witness.forget(path)
            self._connection = opened(path, patience)
            try:
                check(self._connection, path, wholly=wholly)
                make_durable(self._connection, path)
                migrate(self._connection, before=lambda: keep_before_migration(path))
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._ballast.drop()
        with told(self._path):
            self._connection.close()

    def save(self, papers: Sequence[Paper]) -> Changes:
        given = [[_row(listing, paper.id) for listing in paper.listings] for paper in papers]
        told: dict[str, Row] = {}
        for row in chain.from_iterable(given):
            told.setdefault(row.mark, row)
        if not all(given):
            raise ValueError(f"a paper without listings cannot be saved: {papers[given.index([])].id}")

        with self._transaction("IMMEDIATE") as db:
            owner = dict(db.execute(sql.KNOWN_LISTINGS, [_array(told)]))
            new = [row for row in told.values() if row.mark not in owner]
            found = [list(keys(row.listing).values()) for row in new]
            known = self._linked(set(chain.from_iterable(found)))
            settled = settle(list(known.values()), [row.listing for row in new])
            changed = self._changed(list(known), settled, new)

            place = {i: seq for seq, paper in zip(changed, settled, strict=True) for i in paper.new}
            db.executemany(sql.ADD_LISTING, [(row.mark, place[i], row.content) for i, row in enumerate(new)])
            db.executemany(sql.ADD_KEY, [(key, place[i]) for i in place for key in found[i]])

            owner = dict(db.execute(sql.KNOWN_LISTINGS, [_array(told)]))
            at_hand = {row.content: row.listing for row in told.values() if _as_read(row.listing)}
            current = self._papers(dict.fromkeys(owner[row.mark] for row in chain.from_iterable(given)), at_hand)
        updated = sum(1 for paper in settled if paper.known)
        return Changes(
            papers=tuple(current.values()),
            new=len(settled) - updated,
            updated=updated,
            unchanged=len(current) - len(settled),
        )

    def edition(self, profile: str, day: date) -> Edition | None:
        with self._transaction() as db:
            row = db.execute(sql.EDITION_OF_DAY, [profile, day.isoformat()]).fetchone()
            return self._edition(*row) if row else None

    def keep(self, digest: Digest, issued: datetime) -> Edition:
        if issued.utcoffset() is None:
            raise ValueError(f"an edition is issued at an aware instant, not at {issued}")
        day = digest.day.isoformat()
        with self._transaction("IMMEDIATE") as db:
            number = 1 + db.execute(sql.LAST_NUMBER, [digest.profile]).fetchone()[0]
            if row := db.execute(sql.EDITION_OF_DAY, [digest.profile, day]).fetchone():
                kept = self._edition(*row)
                fewer = len(digest.problems) < len(kept.digest.problems)
                if kept.digest.ranked or not (digest.ranked or fewer):
                    return kept
                number = kept.number
                if db.execute(sql.IS_ON_ITS_WAY, [digest.profile, day]).fetchone():
                    return kept
            considered = db.execute(sql.LAST_PAPER).fetchone()[0]
            papers = [ranked.paper for ranked in digest.ranked]
            headline = papers[0].headline if papers else None
            frozen = dump_digest(digest, self._shown.naming(db))
            (seq,) = db.execute(
                sql.ADD_EDITION,
                [digest.profile, day, number, issued.isoformat(), considered, len(papers), headline, frozen],
            ).fetchone()
            db.executemany(sql.ADD_EDITION_PAPER, [(seq, paper.id) for paper in papers])
        return Edition(digest=digest, number=number, issued=issued)

    def days(self, profile: str) -> list[date]:
        with self._transaction() as db:
            return [date.fromisoformat(day) for (day,) in db.execute(sql.EDITION_DAYS, [profile])]

    def take_turn(self, profile: str, day: date, papers: Sequence[Paper], waiting: int = 0) -> None:
        read = _array(paper.id for paper in papers)
        with self._transaction("IMMEDIATE") as db:
            db.execute(sql.TAKE_TURN, [profile, day.isoformat(), waiting, read])

    def turns(self, profile: str) -> dict[date, int]:
        with self._transaction() as db:
            return {date.fromisoformat(day): waiting for day, waiting in db.execute(sql.TURNS, [profile])}

    def shown(self, profile: str, besides: date | None = None) -> dict[str, date]:
        with self._transaction() as db:
            rows = db.execute(sql.SHOWN, [profile, besides and besides.isoformat()])
            return {paper: date.fromisoformat(day) for paper, day in rows}

    def considered(self, profile: str, besides: date | None = None) -> int:
        with self._transaction() as db:
            last: int = db.execute(sql.CONSIDERED, [profile, besides and besides.isoformat()]).fetchone()[0]
        return last

    def papers_since(self, considered: int) -> list[Paper]:
        with self._transaction() as db:
            return [*self._papers(seq for (seq,) in db.execute(sql.PAPERS_SINCE, [considered])).values()]

    def last_news(self, profile: str, besides: date | None = None) -> date | None:
        with self._transaction() as db:
            row = db.execute(sql.LAST_NEWS, [profile, besides and besides.isoformat()]).fetchone()
        return date.fromisoformat(row[0]) if row[0] else None

    def archive(self, profile: str, title: str, recent: int) -> Archive:
        with self._transaction() as db:
            editions = db.execute(sql.NEWEST_EDITIONS, [profile, max(recent, 0)]).fetchall()
            days = db.execute(sql.ARCHIVE_DAYS, [profile]).fetchall()
            kept = tuple(self._edition(*row) for row in editions)
            revised = self._revised(ranked.paper for edition in kept for ranked in edition.digest.ranked)
        return Archive(
            profile=profile,
            title=title,
            recent=kept,
            days=tuple(
                ArchiveDay(
                    day=date.fromisoformat(day),
                    number=number,
                    shown=shown,
                    headline=headline,
                )
                for day, number, shown, headline in days
            ),
            folder=profile,
            revised=revised,
        )

    def shown_papers(self, profile: str, since: date) -> list[ShownPaper]:
        with self._transaction() as db:
            rows = db.execute(sql.SHOWN_PAPERS, [profile, since.isoformat()])
            found = ((date.fromisoformat(day), *loads(paper)) for day, paper in rows)
            return [ShownPaper(day, name, headline, tuple(authors or ())) for day, name, headline, authors in found]

    def find(self, text: str) -> list[Paper]:
        with self._transaction() as db:
            for query, named in ((sql.PAPERS_BY_ID, [text.strip()]), (sql.PAPERS_BY_KEY, names(text))):
                if meant := self._papers(seq for (seq,) in db.execute(query, [_array(named)])):
                    return sorted(meant.values(), key=lambda paper: paper.id)[:FOUND]
            if not (words := fold(text).split()):
                return []
            every = _fused(db.execute(sql.EVERY_LISTING), {})
            return list(islice((paper for _, paper in every if has_words(paper, words)), FOUND))

    def secret(self, name: str, fresh: Callable[[], str], *, renew: bool = False) -> str:
        with self._transaction("IMMEDIATE") as db:
            row = db.execute(sql.SECRET, [name]).fetchone()
            if row and not renew:
                return str(row[0])
            value = fresh()
            db.execute(sql.KEEP_SECRET, [name, value])
        return value

    def known_secret(self, name: str) -> str | None:
        with self._transaction() as db:
            row = db.execute(sql.SECRET, [name]).fetchone()
        return str(row[0]) if row else None

    @cached_property
    def outbox(self) -> Ledger:
        return Ledger(self._transaction, self._ballast, self._shorten, self._shown)

    @cached_property
    def runs(self) -> Diary:
        return Diary(self._transaction)

    @cached_property
    def answers(self) -> Cache:
        return Cache(self._transaction)

    def papers(self) -> int:
        with self._transaction() as db:
            count: int = db.execute(sql.COUNT_PAPERS).fetchone()[0]
        return count

    @contextmanager
    def together(self) -> Iterator[None]:
        with self._transaction("IMMEDIATE"):
            if self._joined:
                yield
                return
            self._joined, self._failed = True, None
            try:
                yield
            finally:
                self._joined = False
            if self._failed:
                raise self._failed

    @contextmanager
    def _transaction(self, kind: str = "DEFERRED") -> Iterator[sqlite3.Connection]:
        if self._joined:
            try:
                with told(self._path):
                    yield self._connection
            except BaseException as error:
                self._failed = error
                raise
            return
        try:
            with told(self._path), transaction(self._connection, kind):
                yield self._connection
        except BaseException:
            self._shown.forget()
            raise

    def _shorten(self) -> None:
        """Copy the log into the file as far as nobody reads what was before, so that the next commit may begin it anew.
        Only for who holds the lock of the store: no other checkpoint is under way then, and no commit, for the
        transaction here keeps all others waiting.
        """
        with self._transaction("IMMEDIATE"), closing(opened(self._path, 0.0)) as beside:
            make_durable(beside, self._path)
            beside.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _changed(self, known: list[int], settled: list[Settled], new: list[Row]) -> list[int]:
        """Make the papers that are `settled` and tell the `seq` of each: new ones are added, and those that
        turn out to be one with an older one point to it.
        """
        last = self._connection.execute(sql.LAST_PAPER).fetchone()[0]
        wanted = {row.named for row in new}
        taken = {name for (name,) in self._connection.execute(sql.TAKEN_IDS, [_array(wanted)])}
        changed, added, joined = [], [], []
        for paper in settled:
            if paper.known:
                seq, *younger = (known[place] for place in paper.known)
                joined += [(seq, other) for other in younger]
            else:
                last += 1
                seq, name = last, new[paper.new[0]].named
                # Papers that are kept apart may have one name: that of the abstract they share.
                added.append((seq, f"{name}~{min(new[i].mark for i in paper.new)[:16]}" if name in taken else name))
                taken.add(name)
            changed.append(seq)
        self._connection.executemany(sql.ADD_PAPER, added)
        self._connection.executemany(sql.JOIN_PAPERS, joined)
        return changed

    def _linked(self, wanted: set[str]) -> dict[int, list[Listing]]:
        """The listings of every known paper that has one of the keys `wanted`, or one that such a paper has,
        and so on; the oldest paper first.
        """
        asked: set[str] = set()
        papers: set[int] = set()
        while wanted:
            asked |= wanted
            rows = self._connection.execute(sql.PAPERS_BY_KEY, [_array(wanted)])
            more = {seq for (seq,) in rows} - papers
            papers |= more
            wanted = {key for (key,) in self._connection.execute(sql.KEYS_OF_PAPERS, [_array(more)])} - asked
        linked: dict[int, list[Listing]] = {}
        for seq, _, text in self._connection.execute(sql.LISTINGS_OF_PAPERS, [_array(papers)]):
            linked.setdefault(seq, []).append(load_listing(text))
        return linked

    def _revised(self, papers: Iterable[Paper]) -> dict[str, Paper]:
        """Those of `papers` of which something else is known now, as it is known, under the ids that they have here.

        A paper changes only by a listing more, so the others are not read.
        """
        shown = {paper.id: paper for paper in papers}
        rows = self._connection.execute(sql.LISTED_BY_NOW, [_array(shown)])
        more = {name: seq for name, seq, listed in rows if listed != len(shown[name].listings)}
        known = self._papers(set(more.values()))
        now = {name: replace(known[seq], id=name) for name, seq in more.items()}
        return {name: paper for name, paper in now.items() if _content(paper) != _content(shown[name])}

    def _edition(self, digest: str, number: int, issued: str) -> Edition:
        content = load_digest(digest, self._shown.meaning(self._connection))
        return Edition(digest=content, number=number, issued=datetime.fromisoformat(issued))

    def _papers(self, seqs: Iterable[int], at_hand: Mapping[str, Listing] | None = None) -> dict[int, Paper]:
        """The papers `seqs` in that order. Listings that are `at_hand`, by their texts, are not read again."""
        wanted = list(seqs)
        read = dict(_fused(self._connection.execute(sql.LISTINGS_OF_PAPERS, [_array(wanted)]), at_hand or {}))
        return {seq: read[seq] for seq in wanted}


# --------------------------------------------------------------------------------------------- rows and values


def _row(listing: Listing, named: str) -> Row:
    content = dump_listing(listing)
    return Row(blake2b(content.encode(), digest_size=16).hexdigest(), content, listing, named)


def _as_read(listing: Listing) -> bool:
    """Whether reading its text would give the same to the order of its parts, which pages may show."""
    told = (listing.ids, listing.links, listing.metrics, listing.details)
    return all(len(one) < 2 or [*one] == sorted(one) for one in told)


def _content(paper: Paper) -> tuple[object, ...]:
    """What makes a paper another one to its readers."""
    return paper.title, paper.abstract, paper.version, paper.updated


def _array(values: Iterable[str | int]) -> str:
    return dumps(list(values))


def _fused(rows: Iterable[tuple[int, str, str]], at_hand: Mapping[str, Listing]) -> Iterator[tuple[int, Paper]]:
    """Papers from rows (seq, id, listing) in which the rows of a paper follow each other."""
    for (seq, name), group in groupby(rows, key=lambda row: row[:2]):
        yield seq, fuse((at_hand.get(content) or load_listing(content) for _, _, content in group), name)
