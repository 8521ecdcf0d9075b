"""`digest.delivery.maildir`: a mail is there once, whatever kills the run and whoever reads meanwhile."""

import mailbox
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from books import Books, a_mail, never
from conftest import ROOT

from digest.delivery.maildir import MaildirCarrier, name_of
from digest.model import Parcel


def carried(path: Path, *mails: Parcel) -> Books:
    books = Books(*mails)
    assert MaildirCarrier(path).carry(books, never) == ""
    return books


def found(path: Path, *folders: str) -> list[Path]:
    return [file for folder in folders or ("new", "cur") for file in sorted((path / folder).glob("*"))]


def test_delivered(tmp_path: Path) -> None:
    """A Maildir is made where there is none, and has each mail, byte for byte but for line ends, in `new`."""
    mails = [a_mail(number, f"Paper {number}\r\n.\r\nFrom here on\r\n") for number in range(1, 41)]
    books = carried(tmp_path / "in" / "box", *mails)
    assert books.told == ["accepted"] * 40
    assert not found(tmp_path / "in" / "box", "tmp", "cur")
    contents = sorted(file.read_bytes() for file in found(tmp_path / "in" / "box"))
    assert contents == sorted(mail.content.replace(b"\r\n", b"\n") for mail in mails)
    assert {message["Subject"] for message in mailbox.Maildir(tmp_path / "in" / "box")} == set(map(str, range(1, 41)))


def test_private(tmp_path: Path) -> None:
    """Nobody but its owner reads a mail."""
    carried(tmp_path / "box", a_mail())
    assert [file.stat().st_mode & 0o777 for file in found(tmp_path / "box")] == [0o600]
    assert (tmp_path / "box" / "new").stat().st_mode & 0o777 == 0o700


def test_names() -> None:
    """A name is of this mail to this reader, is the same each time, and has nothing that Maildirs give a meaning."""
    one, other = a_mail(1), a_mail(2)
    names = {name_of(one), name_of(other), name_of(one._replace(recipient="eve@example.org"))}
    assert len(names) == 3
    assert name_of(one) == name_of(a_mail(1))
    renamed = one._replace(content=one.content.replace(b"@", b"@elsewhere."))
    assert renamed.content != one.content
    assert name_of(renamed) == name_of(one), "also when it is written anew for another sender"
    for name in [*names, name_of(Parcel(1, "", "a\ud800\r\n/x", b"no id"))]:
        assert name.isascii()
        assert name == Path(name).name
        assert not set(name) & set(":;!, /")


@pytest.mark.parametrize(
    "moved", ["new/{}", "cur/{}:2,", "cur/{}:2,RS", "cur/{},S=120:2,S", "cur/{};2,S", "cur/{}!2,S"]
)
def test_once(moved: str, tmp_path: Path) -> None:
    """A mail that a killed run had delivered is not delivered again, also where somebody has read it meanwhile."""
    books = carried(tmp_path, a_mail())
    [file] = found(tmp_path)
    file.rename(tmp_path / moved.format(file.name))
    books.again(1)
    MaildirCarrier(tmp_path).carry(books, never)
    assert (books.told, len(found(tmp_path))) == (["accepted"], 1)
    assert "there already" in books.details


def test_leftovers(tmp_path: Path) -> None:
    """What a killed run left in `tmp` is written anew, and not put into `new` half."""
    carried(tmp_path, a_mail(1))
    for left in (name_of(a_mail(2)), f"{name_of(a_mail(2))}.going"):
        (tmp_path / "tmp" / left).write_text("ha")
    assert carried(tmp_path, a_mail(2)).told == ["accepted"]
    assert not found(tmp_path, "tmp")
    assert a_mail(2).content.replace(b"\r\n", b"\n") in [file.read_bytes() for file in found(tmp_path)]


def test_stopped(tmp_path: Path) -> None:
    """Whoever is told to stop finishes the mail at hand and gives the others back (O03)."""
    books, asked = Books(*map(a_mail, range(1, 6))), iter([False, False])
    assert MaildirCarrier(tmp_path).carry(books, lambda: next(asked, True)) == ""
    assert books.told == ["accepted", "accepted", "rendered", "rendered", "rendered"]
    assert len(found(tmp_path)) == 2


# --------------------------------------------------------------------------------------------- kill -9

KILLER = """
import os, signal, sys
from pathlib import Path
from books import Books, a_mail, never
from digest.delivery.maildir import MaildirCarrier

class Kept(Books):
    def step(self, **told):
        for outcome in told.get("settled", ()):
            with open(ledger, "a") as file:
                file.write(f"{outcome.id}\\n")
        return super().step(**told)

def carry_until(left):
    mails = [a_mail(number) for number in (1, 2, 3)]
    def count(event, arguments):
        nonlocal left
        if event in ("open", "os.mkdir", "os.rename", "os.remove", "os.listdir"):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)
    MaildirCarrier(box).carry(Kept(*mails), never)
    os._exit(0)

for step in range(int(sys.argv[2])):
    box, ledger = Path(sys.argv[1], str(step)), Path(sys.argv[1], f"{step}.ledger")
    ledger.touch()
    child = os.fork() or carry_until(step)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
STEPS = 40
"""More than delivering three mails has, so that the last runs come to their end."""


@pytest.mark.parametrize("reader", ["waits", "reads", "deletes", "files away"])
def test_killed(reader: str, tmp_path: Path) -> None:
    """D05, 1b: kill -9 before each step in turn, whatever the reader does meanwhile: each mail was there once, in the
    end nothing else is, and no hand is needed.
    """
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{Path(__file__).parent}"}
    command = [sys.executable, "-c", KILLER, tmp_path, str(STEPS)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    codes = done.stdout.split()
    killed = codes.count(str(-signal.SIGKILL))
    assert codes == [str(-signal.SIGKILL)] * killed + ["0"] * (STEPS - killed)
    assert 20 < killed < STEPS
    for step in range(STEPS):
        box = tmp_path / str(step)
        had = read(box, reader)
        settled = {int(line) for line in (tmp_path / f"{step}.ledger").read_text().split()}
        books = carried(box, *(a_mail(number) for number in (1, 2, 3) if number not in settled))
        assert set(books.told) <= {"accepted"}
        had += read(box, "files away")
        assert sorted(had) == ["1", "2", "3"], step
        # A mark of what the ledger knew already is all that may be left; whoever reads a Maildir sweeps `tmp`.
        left = {file.name for file in found(box, "tmp")}
        assert left <= {f"{name_of(a_mail(number))}.going" for number in settled}


def read(box: Path, reader: str) -> list[str]:
    """The mails that the reader had by now and does not have any more."""
    mails = found(box)
    if reader == "reads":
        for file in found(box, "new"):
            file.rename(box / "cur" / f"{file.name}:2,S")
    if reader in ("waits", "reads"):
        return []
    subjects = [str(mailbox.MaildirMessage(file.read_bytes())["Subject"]) for file in mails]
    for file in mails:
        file.unlink()
    return subjects


# ------------------------------------------------------------------------------------------- no room


def test_unwritable(tmp_path: Path) -> None:
    """Where the Maildir cannot be written all is given back, nothing is half there, and the operator is told where."""
    (tmp_path / "box").write_text("no folder")
    books = Books(a_mail(1), a_mail(2))
    why = MaildirCarrier(tmp_path / "box").carry(books, never)
    assert str(tmp_path / "box") in why
    assert "the next run" in why
    assert books.told == ["rendered", "rendered"]


def test_later(tmp_path: Path) -> None:
    """What was given back is delivered when its place can be written again."""
    carried(tmp_path, a_mail(1))
    (tmp_path / "tmp").rename(tmp_path / "gone")
    (tmp_path / "tmp").write_text("no folder")
    why = MaildirCarrier(tmp_path).carry(books := Books(a_mail(3)), never)
    assert (books.told, "tmp" in why) == (["rendered"], True)
    (tmp_path / "tmp").unlink()
    assert carried(tmp_path, a_mail(3)).told == ["accepted"]


def test_full_disk(tmp_path: Path) -> None:
    """When the disk is full the mails that have no room are given back whole, and come when there is room again."""
    small, large = a_mail(1), a_mail(2, "x" * 5000)
    books = Books(small, large, a_mail(3))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # A file that may not grow past 4 kB fails in the same call as one on a full disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        why = MaildirCarrier(tmp_path).carry(books, never)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (books.told, bool(why)) == (["accepted", "rendered", "rendered"], True)
    assert (len(found(tmp_path)), found(tmp_path, "tmp")) == (1, [])
    books.again(2, 3)
    MaildirCarrier(tmp_path).carry(books, never)
    assert (books.told, len(found(tmp_path))) == (["accepted"] * 3, 3)
