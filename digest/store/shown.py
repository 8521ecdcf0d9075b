"""The papers of editions. Each, as some edition shows it, is kept once, and its number stands for it in all of them:
what one shows others do too, those of the same day above all.
"""

import sqlite3
from collections.abc import Callable
from hashlib import blake2b
from typing import Final

import digest.store.statements as sql
from digest.model import Paper
from digest.store.codec import Garbled, dump_paper, load_paper


class ShownPapers:
    """Those that were read or written in this process: the same number is the same paper, and whatever is made once for
    a paper is made once for all editions that show it.
    """

    MOST: Final = 8192
    """So many are held; at the next one all are let go."""

    def __init__(self) -> None:
        self._papers: dict[str, Paper] = {}
        self._names: dict[int, str] = {}
        """By the identities of papers. Those that are held here keep theirs from being another's."""

    def naming(self, db: sqlite3.Connection) -> Callable[[Paper], str]:
        """What gives a paper's number, as text, and keeps the paper where it has none yet."""

        def named(paper: Paper) -> str:
            return self._names.get(id(paper)) or self._hold(self._kept(paper, db), paper)

        return named

    def meaning(self, db: sqlite3.Connection) -> Callable[[str], Paper]:
        """What gives the paper that has a number. Editions of older stores have the paper's own text in its place."""

        def meant(name: str) -> Paper:
            found = self._papers.get(name)
            if found is None:
                found = load_paper(name if name.startswith("{") else self._text(name, db))
                self._hold(name, found)
            return found

        return meant

    def forget(self) -> None:
        """What was kept may not be there any more."""
        self._papers.clear()
        self._names.clear()

    def _hold(self, name: str, paper: Paper) -> str:
        if len(self._names) >= self.MOST:
            self.forget()
        self._papers.setdefault(name, paper)
        if self._papers[name] is paper:
            self._names[id(paper)] = name
        return name

    def _kept(self, paper: Paper, db: sqlite3.Connection) -> str:
        text = dump_paper(paper)
        mark = blake2b(text.encode(), digest_size=16).hexdigest()
        row = db.execute(sql.SHOWN_PAPER_BY_MARK, [mark]).fetchone()
        return str(row[0] if row else db.execute(sql.ADD_SHOWN_PAPER, [mark, text]).lastrowid)

    def _text(self, name: str, db: sqlite3.Connection) -> str:
        row = db.execute(sql.SHOWN_PAPER, [name]).fetchone() if name.isdecimal() else None
        if not row:
            raise Garbled(f"there is no paper number {name[:20]}")
        return str(row[0])
