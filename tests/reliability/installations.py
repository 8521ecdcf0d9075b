"""A small installation that sends into a Maildir, and what of it is whole, recorded and arrived."""

import email
import email.policy
import os
import re
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import kills
import pytest
from ahead import days_ahead

from digest.cli import main

CONFIG = """\
sources: ["*.txt"]
mail:
  from: digest@example.org
  maildir: mails
profiles:
  lab:
    keywords: [quantization]
    recipients: [{readers}]
"""


@dataclass(frozen=True)
class Installation:
    """In a folder of its own. Commands run in this process, in that folder: `monkeypatch.chdir` it."""

    folder: Path
    readers: int

    @property
    def store(self) -> Path:
        return self.folder / "digest.db"

    def page(self, day: int, papers: int = 2) -> None:
        """The source lists papers of another day."""
        (self.folder / f"{day}.txt").write_text(kills.page(day, papers)[0])

    def arrived(self) -> Counter[tuple[str, str]]:
        """How often each mail arrived, by recipient and Message-ID."""
        found = Counter[tuple[str, str]]()
        for path in (self.folder / "mails" / "new").glob("*"):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            found[str(message["To"]), str(message["Message-ID"])] += 1
        return found

    def papers(self) -> dict[str, set[str]]:
        """The papers that each reader was told of."""
        found: dict[str, set[str]] = {}
        for path in (self.folder / "mails" / "new").glob("*"):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            body = message.get_body(("plain",))
            assert body
            found.setdefault(str(message["To"]), set()).update(re.findall(r"arXiv:(\S+)", body.get_content()))
        return found

    def states(self) -> Counter[str]:
        with closing(sqlite3.connect(self.store)) as db:
            return Counter(dict(db.execute("SELECT state, count(*) FROM delivery GROUP BY 1")))

    def is_whole(self) -> bool:
        with closing(sqlite3.connect(self.store)) as db:
            checks = [db.execute(f"PRAGMA {name}").fetchall() for name in ("integrity_check", "foreign_key_check")]
            return checks == [[("ok",)], []]

    def published(self) -> dict[str, bytes]:
        out = self.folder / "feeds"
        return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}

    def digest(self, *words: str, later: int = 0) -> int:
        with days_ahead(later):
            return main(words)


def needs(program: str) -> str:
    """Where that program is; the test is skipped where there is none, and fails where CI says that all are there."""
    if found := shutil.which(program):
        return found
    sentence = f"{program} is not on this machine"
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)


def installed(folder: Path, readers: int = 3) -> Installation:
    """A fresh one, whose source lists the papers of one day."""
    folder.mkdir(parents=True, exist_ok=True)
    addresses = ", ".join(f"reader{number}@example.org" for number in range(readers))
    (folder / "digest.yaml").write_text(CONFIG.format(readers=addresses))
    made = Installation(folder, readers)
    made.page(5)
    return made
