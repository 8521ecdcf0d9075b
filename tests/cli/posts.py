"""An installation that sends mail, as a person sets one up: a config, a page, and somewhere that mail goes."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import ahead
from conftest import ROOT
from terminal import Done, digest

SINK = ROOT / "tests" / "mailservers" / "sink.py"
PAGE = "We study quantization in the {name} way, and find that it holds.\narXiv:{name}\n"


def today(later: int = 0) -> str:
    return str(ahead.today(later))


def an_installation(folder: Path, mail: str = "maildir: box", readers: str = "ana@example.org", more: str = "") -> None:
    """A config whose profile `lab` has those readers, and a page with two papers that they want."""
    folder.mkdir(exist_ok=True)
    (folder / "digest.yaml").write_text(
        f"sources: [page.txt]\nmail:\n  from: Paper digest <digest@example.org>\n  {mail}\n"
        f"profiles:\n  lab:\n    keywords: [quantization]\n    recipients: [{readers}]\n{more}"
    )
    a_page_of(folder, "2605.00001", "2605.00002")


def a_page_of(folder: Path, *names: str) -> None:
    (folder / "page.txt").write_text("".join(PAGE.format(name=name) for name in names))


def run(folder: Path, *words: str, code: int = 0, later: int = 0) -> Done:
    done = digest(*words, cwd=folder, later=later)
    assert done.code == code, (done.out, done.err)
    assert "Traceback" not in done.err
    return done


def mails(folder: Path) -> list[bytes]:
    """What the Maildir has."""
    return [file.read_bytes() for file in sorted((folder / "box" / "new").glob("*"))]


def dump(store: Path) -> list[str]:
    """All that a store says, table by table."""
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db:
        return list(db.iterdump())


def listed(folder: Path, *words: str) -> list[dict]:  # type: ignore[type-arg]
    """`digest outbox --json`"""
    return [json.loads(line) for line in run(folder, "outbox", "--json", "--all", *words).out.splitlines()]


def states(folder: Path) -> list[str]:
    return sorted(one["state"] for one in listed(folder))


def doubt(folder: Path, number: int) -> None:
    """As a run that was killed after the dot of that delivery leaves it, once the next one has looked at it."""
    to = next(one["address"] for one in listed(folder, "--addresses") if one["id"] == number)
    content = next(mail for mail in mails(folder) if f"\nTo: {to}".encode() in mail)
    with closing(sqlite3.connect(folder / "digest.db")) as db, db:
        db.execute("UPDATE delivery SET state = 'in doubt', detail = 'cut short' WHERE seq = ?", [number])
        db.execute(
            "INSERT OR IGNORE INTO message VALUES (?, 'digest@example.org', ?)",
            [number, content.replace(b"\n", b"\r\n")],
        )


@contextmanager
def a_sink(folder: Path, pause: float = 0.0) -> Iterator[tuple[int, Path]]:
    """A mail server on this machine: its port, and the file in which it notes what it accepted."""
    journal = folder / "journal"
    folder.joinpath("journal.slow").write_text(str(pause))
    with subprocess.Popen([sys.executable, SINK, journal], stdout=subprocess.PIPE, text=True) as sink:
        assert sink.stdout
        try:
            yield int(sink.stdout.readline()), journal
        finally:
            sink.kill()
