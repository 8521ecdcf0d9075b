"""Alert mails as a source: from a Maildir, and from a real Dovecot over TLS."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fetching_scene import START, Time, bring
from mailservers.imap_server import ImapServer, dovecot

from digest.delivery.settings import Imap, Maildir, Secret
from digest.errors import StorageError
from digest.sources.mailbox import LARGEST
from digest.sources.settings import Mailbox

LIST = "We measure how reading lists change when repeated papers are counted once.\narXiv:{number}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "mail" / name).mkdir(parents=True)
    return tmp_path / "mail"


def a_mail(number: str, subject: str = "New papers") -> str:
    return (
        f"From: alerts@example.org\nTo: ana@example.org\nSubject: {subject}\nMessage-ID: <{number}@example.org>\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{LIST.format(number=number)}"
    )


def test_unread_mails_are_read_and_marked(answers, folder):
    """What is unread is read, kept and marked; it is read again from what was kept, under the same name."""
    (folder / "new" / "1").write_text(a_mail("2605.00001"))
    (folder / "cur" / "2:2,S").write_text(a_mail("2605.00002"))
    source = Mailbox(Maildir(folder))
    first = bring("maildir", source, answers)
    assert (first.ids, first.problems, first.days) == (["2605.00001"], [], {"2026-05-26": ("complete", 1)})
    assert [path.name for path in sorted(folder.glob("*/*"))] == ["1:2,S", "2:2,S"]
    (folder / "new" / "3").write_text(a_mail("2605.00003"))
    second = bring("maildir", source, answers, Time(START + timedelta(days=1)))
    assert second.ids == ["2605.00001", "2605.00003"]
    assert second.reading.listings[0].position == first.reading.listings[0].position


class FullDisk:
    """Keeps nothing any more."""

    def __init__(self, answers) -> None:
        self._answers = answers

    def __getattr__(self, name: str):
        return getattr(self._answers, name)

    def keep(self, answer) -> None:
        raise StorageError("the disk is full")


def test_a_mail_is_kept_before_it_is_marked(answers, folder):
    """What cannot be kept stays unread, and nothing is lost."""
    (folder / "new" / "1").write_text(a_mail("2605.00001"))
    with pytest.raises(StorageError):
        bring("maildir", Mailbox(Maildir(folder)), FullDisk(answers))
    assert [path.name for path in folder.glob("*/*")] == ["1"]
    assert bring("maildir", Mailbox(Maildir(folder)), answers).ids == ["2605.00001"]


def test_a_folder_that_is_none_is_told(answers, tmp_path):
    """Trouble with the folder is a problem of the source, and its day failed."""
    brought = bring("maildir", Mailbox(Maildir(tmp_path / "nowhere")), answers)
    assert "No such file or directory" in brought.problems[0]
    assert brought.days == {"2026-05-26": ("failed", 0)}


def test_a_mail_that_is_too_large_is_told(answers, folder):
    """Its beginning is read, and nobody believes that it was all."""
    (folder / "new" / "1").write_text(a_mail("2605.00001") + "x" * LARGEST)
    brought = bring("maildir", Mailbox(Maildir(folder)), answers)
    assert "maildir: 1 mail is larger than 5,000,000 bytes, and cut there" in brought.problems


@pytest.fixture(scope="module")
def running() -> Iterator[ImapServer]:
    with dovecot() as server:
        yield server


def test_a_folder_on_a_server_is_read(answers, running, monkeypatch):
    """The same over IMAP, also a mail that is larger than those that come back."""
    monkeypatch.setenv("IMAP_PASSWORD", running.password)
    long = a_mail("2605.00001") + "".join(LIST.format(number=f"2605.{number:05}") for number in range(2, 4000))
    path = running.maildir / "new" / "77.test"
    path.write_text(long)
    path.chmod(0o666)
    where = Imap(running.host, running.port, running.user, Secret("env", "IMAP_PASSWORD"))
    brought = bring("imap", Mailbox(where._replace(authorities=running.authorities)), answers)
    assert len(long) > 262_144
    assert (len(brought.ids), brought.problems) == (3999, [])
    assert (
        bring("imap", Mailbox(where), answers, name="other").problems[0].startswith("other: localhost: no connection:")
    )
