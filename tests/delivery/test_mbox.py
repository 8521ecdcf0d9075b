"""`digest.delivery.mbox`: one file, read back by the standard library, shared with other programs, never left torn."""

import mailbox
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest
from books import Books, a_mail, never
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.mbox import MboxCarrier, quoted
from digest.model import Outcome, Parcel

BODIES = st.lists(
    st.sampled_from(["From me", ">From you", ">>From", "from", "text", "", ".", " From", "Frome"]), max_size=8
).map(lambda lines: "".join(f"{line}\r\n" for line in lines))


def carried(path: Path, *mails: Parcel) -> Books:
    books = Books(*mails)
    assert MboxCarrier(path).carry(books, never) == ""
    return books


def unquoted(content: bytes) -> bytes:
    """A message of an mboxrd file as it was before: a `>` less before each quoted line."""
    lines = content.split(b"\n")
    return b"\n".join(
        line[1:] if line.lstrip(b">").startswith(b"From ") and line[:1] == b">" else line for line in lines
    )


def found(path: Path) -> list[bytes]:
    box = mailbox.mbox(path, create=False)
    try:
        return [unquoted(box.get_bytes(key)) for key in box.keys()]  # noqa: SIM118  # it is iterated over by messages
    finally:
        box.close()


def plain(mail: Parcel) -> bytes:
    return mail.content.replace(b"\r\n", b"\n")


# -------------------------------------------------------------------------------------------- what is in it


@given(st.lists(BODIES, min_size=1, max_size=4))
def test_read_back(tmp_path_factory: pytest.TempPathFactory, bodies: list[str]) -> None:
    """RFC 4155, mboxrd: whatever lines a mail has, it is read back byte for byte but for line ends."""
    mails = [a_mail(number, body) for number, body in enumerate(bodies, 1)]
    path = tmp_path_factory.mktemp("box") / "mbox"
    assert carried(path, *mails).told == ["accepted"] * len(mails)
    assert found(path) == [plain(mail) for mail in mails]


def test_separator() -> None:
    """The line before a mail has the envelope's sender, and the mail's own date in UTC, as asctime(3) writes it."""
    assert quoted(a_mail()).startswith(b"From bounces@example.org Mon May 25 22:00:00 2026\n")
    assert quoted(a_mail(sender="")).startswith(b"From MAILER-DAEMON Mon May 25 22:00:00 2026\n")
    undated = a_mail()._replace(content=b"Date: sometime\r\n\r\nx")
    assert quoted(undated) == b"From bounces@example.org Thu Jan  1 00:00:00 1970\nDate: sometime\n\nx\n\n".replace(
        b"Jan  1", b"Jan 01"
    )


def test_private(tmp_path: Path) -> None:
    """The file, and the folder that it is in, are made; nobody but the owner reads it, and no lock is left."""
    carried(tmp_path / "mail" / "box", a_mail())
    assert (tmp_path / "mail" / "box").stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path / "mail") == ["box"]


@pytest.mark.parametrize("torn", [b"", b"F", b"From a", b"From a b\nSubject: x\n\nhalf a li", b"x\n", b"x\n\n", b"\n"])
def test_after_a_torn_mail(torn: bytes, tmp_path: Path) -> None:
    """What a killed run left half written is not read as the beginning of the next mail, nor the other way round."""
    path = tmp_path / "box"
    path.write_bytes(torn)
    carried(path, a_mail(2))
    assert path.read_bytes().startswith(torn)
    assert found(path)[-1] == plain(a_mail(2))


def test_stopped(tmp_path: Path) -> None:
    """Whoever is told to stop finishes the mail at hand (O03)."""
    books = Books(a_mail(1), a_mail(2))
    assert MboxCarrier(tmp_path / "box").carry(books, lambda: True) == ""
    assert (books.told, books.waiting, len(found(tmp_path / "box"))) == (["accepted"], [2], 1)


# --------------------------------------------------------------------------------------------- others


def test_marked_before_it_is_added(tmp_path: Path) -> None:
    """D05: a mail that may be in the file was marked before: a run that dies from then on leaves it in doubt."""
    path = tmp_path / "box"

    class Watching(Books):
        def step(self, **told):  # type: ignore[no-untyped-def]
            if told.get("marked"):
                assert found(path) == []
            return super().step(**told)

    books = Watching(a_mail())
    MboxCarrier(path).carry(books, never)
    assert books.steps == ["marked 1", "accepted 1"]


def test_waits_for_a_lock_of_the_system(tmp_path: Path) -> None:
    """A mail program that has the file locked (fcntl) is waited for."""
    path = tmp_path / "box"
    script = (
        "import fcntl, sys; f = open(sys.argv[1], 'a'); fcntl.lockf(f, fcntl.LOCK_EX); print(1, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdin
        other.stdout.readline()
        books = Books(a_mail())
        working = Thread(target=MboxCarrier(path).carry, args=(books, never))
        working.start()
        working.join(0.3)
        assert (working.is_alive(), books.steps) == (True, [])
        other.stdin.write("\n")
        other.stdin.flush()
        working.join()
    assert books.told == ["accepted"]


def test_waits_for_a_lock_beside_the_file(tmp_path: Path) -> None:
    """A mail program that has put `box.lock` beside the file is waited for; what has its lock is not touched."""
    path, lock = tmp_path / "box", tmp_path / "box.lock"
    lock.write_text(f"{os.getpid()}\n")
    why = MboxCarrier(path, patience=0.2).carry(books := Books(a_mail()), never)
    assert "another program has it locked" in why
    assert (books.told, path.read_bytes(), lock.exists()) == (["rendered"], b"", True)
    working = Thread(target=MboxCarrier(path).carry, args=(books := Books(a_mail()), never))
    working.start()
    time.sleep(0.2)
    lock.unlink()
    working.join()
    assert (books.told, os.listdir(tmp_path)) == (["accepted"], ["box"])


def dead() -> int:
    """The number of a process that lives no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return process.pid


@pytest.mark.parametrize(("owner", "age"), [(lambda: f"{dead()}\n", 0), (lambda: "", 400), (lambda: "0", 400)])
def test_stale_lock(owner, age: int, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """A lock that a killed program left does not stop mail for ever: its owner is gone, or it is too old."""
    lock = tmp_path / "box.lock"
    lock.write_text(owner())
    os.utime(lock, (time.time() - age,) * 2)
    assert carried(tmp_path / "box", a_mail()).told == ["accepted"]
    assert os.listdir(tmp_path) == ["box"]


@pytest.mark.parametrize("owner", ["", "0", "someone's"])
def test_fresh_lock_of_nobody(owner: str, tmp_path: Path) -> None:
    """A fresh lock that does not say whose it is counts."""
    (tmp_path / "box.lock").write_text(owner)
    books = Books(a_mail())
    assert "locked" in MboxCarrier(tmp_path / "box", patience=0.0).carry(books, never)
    assert books.told == ["rendered"]


def test_others_are_kept_out(tmp_path: Path) -> None:
    """While a mail is added, the standard library's `mailbox` cannot lock the file; afterwards it can."""
    path = tmp_path / "box"

    class Locking(MboxCarrier):
        def _add(self, parcel: Parcel, held: int) -> Outcome:
            assert (tmp_path / "box.lock").read_text().strip() == str(os.getpid())
            box = mailbox.mbox(path)
            with pytest.raises(mailbox.ExternalClashError):
                box.lock()
            box.close()
            return super()._add(parcel, held)

    books = Books(a_mail())
    Locking(path).carry(books, never)
    assert books.told == ["accepted"]
    box = mailbox.mbox(path)
    box.lock()
    box.unlock()
    box.close()


def test_a_file_that_was_replaced(tmp_path: Path) -> None:
    """A program that puts another file in its place while we wait gets the mail in that one."""
    path = tmp_path / "box"
    path.write_bytes(b"")
    held = os.open(path, os.O_RDWR)
    (tmp_path / "new").write_bytes(b"")
    (tmp_path / "new").rename(path)
    assert MboxCarrier(path)._take(held) is None
    os.close(held)
    assert carried(path, a_mail()).told == ["accepted"]
    assert len(found(path)) == 1


# ------------------------------------------------------------------------------------------- kills and faults

KILLER = """
import os, signal, sys
from pathlib import Path
from books import Books, a_mail, never
from digest.delivery import mbox

class Kept(Books):
    def step(self, **told):
        with open(ledger, "a") as file:
            file.writelines(f"marked {number}\\n" for number in told.get("marked", ()))
            file.writelines(f"{outcome.state} {outcome.id}\\n" for outcome in told.get("settled", ()))
        return super().step(**told)

def carry_until(left):
    def step():
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    events = ("open", "os.remove", "os.link", "fcntl.lockf")
    sys.addaudithook(lambda event, arguments: step() if event in events else None)
    def torn(held, content):
        while content:
            step()
            content = content[os.write(held, content[:100]):]
    mbox._write = torn
    mbox.MboxCarrier(box).carry(Kept(a_mail(1), a_mail(2)), never)
    os._exit(0)

for number in range(int(sys.argv[2])):
    box, ledger = Path(sys.argv[1], str(number), "box"), Path(sys.argv[1], f"{number}.ledger")
    ledger.touch()
    child = os.fork() or carry_until(number)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
STEPS = 48
"""More than adding two mails has."""


def test_killed(tmp_path: Path) -> None:
    """D05: kill -9 before each step in turn, also in the midst of writing: what was not marked is not in the file, what
    is in it was marked, nothing of one mail is in another, and the next run waits for no lock of the dead one.
    """
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{Path(__file__).parent}"}
    command = [sys.executable, "-c", KILLER, tmp_path, str(STEPS)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    codes = done.stdout.split()
    killed = codes.count(str(-signal.SIGKILL))
    assert codes == [str(-signal.SIGKILL)] * killed + ["0"] * (STEPS - killed)
    assert 20 < killed < STEPS
    doubts = 0
    for number in range(STEPS):
        box = tmp_path / str(number) / "box"
        told = (tmp_path / f"{number}.ledger").read_text().split("\n")
        marked = {int(line.split()[1]) for line in told if line.startswith("marked")}
        accepted = {int(line.split()[1]) for line in told if line.startswith("accepted")}
        doubts += len(marked - accepted)
        there = found(box) if box.exists() else []
        assert {seq for seq in (1, 2) if plain(a_mail(seq)) in there} >= accepted
        assert {seq for seq in (1, 2) if f"Subject: {seq}".encode() in b"".join(there)} <= marked
        books = Books(*(a_mail(seq) for seq in (1, 2) if seq not in marked), a_mail(3))
        assert MboxCarrier(box, patience=1.0).carry(books, never) == ""
        there = found(box)
        assert [there.count(plain(a_mail(seq))) for seq in (1, 2, 3) if seq not in marked - accepted] == [1] * (
            3 - len(marked - accepted)
        )
        assert {file.name.partition(".")[0] for file in box.parent.iterdir()} == {"box"}
        assert not (box.parent / "box.lock").exists()
    assert doubts


def test_full_disk(tmp_path: Path) -> None:
    """A mail that has no room is cut off again, the others stay, and it comes when there is room."""
    path = tmp_path / "box"
    carried(path, a_mail(1))
    before = path.read_bytes()
    books = Books(a_mail(2, "x" * 9000 + "\r\n"), a_mail(3))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        why = MboxCarrier(path).carry(books, never)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "nothing of the mail is there" in why
    assert (books.told, path.read_bytes()) == (["deferred"], before)
    books.again(2, 3)
    MboxCarrier(path).carry(books, never)
    assert found(path) == [plain(a_mail(1)), plain(a_mail(2, "x" * 9000 + "\r\n")), plain(a_mail(3))]


def test_what_cannot_be_cut_off_is_in_doubt(tmp_path: Path) -> None:
    """A mail of which a part may be in the file is not sent again as if nothing had been."""
    readonly = os.open("/dev/full", os.O_RDWR)
    try:
        outcome = MboxCarrier(tmp_path / "box")._add(a_mail(), readonly)
    finally:
        os.close(readonly)
    assert (outcome.state, "some of the mail may be there" in outcome.detail) == ("in doubt", True)


def test_no_file(tmp_path: Path) -> None:
    """Where a folder has the name, or a file that of a folder above, nothing is marked and the operator is told."""
    for path, said in ((tmp_path, "Is a directory"), (tmp_path / "file" / "box", "exists")):
        (tmp_path / "file").touch()
        books = Books(a_mail())
        why = MboxCarrier(path).carry(books, never)
        assert said in why
        assert str(path) in why
        assert (books.told, books.steps) == (["rendered"], ["rendered 1"])
