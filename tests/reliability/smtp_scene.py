"""An installation that sends by SMTP, with STARTTLS and a login, to a server that fails; and what its readers had.

One profile with four readers has an edition of Tuesday that nobody was sent. `Installation.run` is `digest run` with
its own clock and short deadlines, `Installation.send` is `digest send`.
"""

import email
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mailservers.faulty import FaultyServer, Stored

from digest import clock
from digest.app import App, make_app
from digest.config import load
from digest.delivery.settings import Policy, Server
from digest.delivery.smtp import Deadlines, Smtp
from digest.pipeline import Report
from digest.sending import Sent
from digest.sending.office import PostOffice

if TYPE_CHECKING:
    from digest.model import State

READERS = ("ana@example.org", "bea@example.org", "cem@example.org", "dov@example.org")
VICTIM = READERS[1]
TUESDAY = date(2026, 11, 24)
WEDNESDAY = TUESDAY + timedelta(days=1)
LOGIN = ("digest", "the secret of tests")
LONG = Deadlines(connect=20.0, command=20.0, body=20.0, dot=20.0, quit=0.5)
SHORT = LONG._replace(command=0.5, body=0.5, dot=0.5)
"""A server that drips a byte in 0.1 s keeps none of them: a reply has eleven bytes at least."""
FINAL = ("accepted", "refused", "suppressed", "expired", "in doubt")

CONFIG = """\
sources: ["*.txt"]
mail:
  from: digest@example.org
  smtp:
    host: 127.0.0.1
    port: {port}
    tls: starttls
    user: digest
    password: {{file: password}}
    authorities: {authorities}
    connections: 2
  in_doubt: {policy}
profiles:
  lab:
    keywords: [quantization]
    recipients: [{readers}]
"""


def page(day: date, papers: int = 2) -> tuple[str, frozenset[str]]:
    """A page of papers that the profile wants, and their ids."""
    ids = [f"26{day.month:02}.{day.day:02}{number:03}" for number in range(1, papers + 1)]
    text = "".join(f"We study quantization in the {name} way, and find that it holds.\narXiv:{name}\n" for name in ids)
    return text, frozenset(ids)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def prepare(folder: Path) -> Path:
    """An installation with the edition of Tuesday; it has sent nothing and knows of no server."""
    folder.mkdir()
    (folder / "password").write_text(LOGIN[1], encoding="utf-8")
    (folder / "password").chmod(0o600)
    (folder / "tuesday.txt").write_text(page(TUESDAY)[0], encoding="utf-8")
    _app(folder, 25, folder / "none.pem", "carry").run(day=TUESDAY)
    return folder


def _app(folder: Path, port: int, authorities: Path, policy: Policy) -> App:
    readers = ", ".join(READERS)
    text = CONFIG.format(port=port, readers=readers, policy=policy, authorities=authorities)
    (folder / "digest.yaml").write_text(text, encoding="utf-8")
    return make_app(load(folder / "digest.yaml"))


@dataclass(frozen=True)
class Row:
    """One of the ledger's."""

    day: date
    reader: str
    state: "State"
    attempts: int
    message_id: str
    carried: bool
    detail: str


@dataclass(frozen=True)
class Installation:
    """A copy of what was prepared, which sends to `server`."""

    folder: Path
    server: FaultyServer
    app: App
    policy: Policy

    def run(self, day: date, now: datetime, deadlines: Deadlines = LONG) -> Report:
        return self.app.run(day=day, office=self._office(now, deadlines))

    def send(self, now: datetime) -> Sent:
        return self.app.send(self._office(now, LONG))

    def reconfigured(self, key: str, line: str) -> "Installation":
        """The same, with another line of `smtp:`."""
        file = self.folder / "digest.yaml"
        text = re.sub(rf"(?m)^    {key}: .*$", f"    {line}", file.read_text(encoding="utf-8"))
        file.write_text(text, encoding="utf-8")
        return replace(self, app=make_app(load(file)))

    def come(self, day: date) -> frozenset[str]:
        """That day's listing comes in; its papers."""
        text, ids = page(day)
        (self.folder / f"{day}.txt").write_text(text, encoding="utf-8")
        return ids

    def _office(self, now: datetime, deadlines: Deadlines) -> PostOffice:
        office = self.app.office()
        assert office
        assert office.mailing
        server = office.mailing.through
        assert isinstance(server, Server)
        carrier = Smtp(server, LOGIN[1], clock=clock.monotonic, deadlines=deadlines)
        return replace(office, carriers={"mail": carrier}, clock=lambda: now, chance=lambda: 0.0)

    def rows(self, day: date | None = None) -> list[Row]:
        with closing(sqlite3.connect(self.folder / "digest.db")) as db:
            found = db.execute(
                "SELECT edition.day, subscriber.address, delivery.state, delivery.attempts, delivery.message_id, "
                "delivery.carried_into IS NOT NULL, delivery.detail FROM delivery "
                "JOIN edition ON edition.seq = delivery.edition "
                "JOIN subscriber ON subscriber.seq = delivery.subscriber ORDER BY edition.day, delivery.seq"
            ).fetchall()
        rows = [Row(date.fromisoformat(one), *rest) for one, *rest in found]
        return [row for row in rows if day in (None, row.day)]

    def hard_bounces(self) -> int:
        with closing(sqlite3.connect(self.folder / "digest.db")) as db:
            return int(db.execute("SELECT count(*) FROM bounce WHERE hard = 1").fetchone()[0])

    def integrity(self) -> str:
        with closing(sqlite3.connect(self.folder / "digest.db")) as db:
            return str(db.execute("PRAGMA integrity_check").fetchone()[0])

    def copies(self, row: Row) -> list[Stored]:
        """The server's, of the row's mail."""
        wanted = f"<{row.message_id}>"
        return [one for one in self.server.stored if one.recipient == row.reader and one.message_id == wanted]


def install(prepared: Path, folder: Path, server: FaultyServer, authorities: Path, policy: Policy) -> Installation:
    shutil.copytree(prepared, folder)
    return Installation(folder, server, _app(folder, server.port, authorities, policy), policy)


def papers(message: Stored) -> frozenset[str]:
    """The papers that a mail tells of."""
    text = next(part for part in email.message_from_bytes(message.content).walk() if not part.is_multipart())
    assert text.get_content_type() == "text/plain"
    return frozenset(re.findall(r"arXiv:(\d+\.\d+)", text.get_payload(decode=True).decode()))  # type: ignore[union-attr]
