"""Mails in one mbox file, in the `mboxrd` form of RFC 4155: a line that begins with `From ` has a `>` before it.

A mail is marked before it is added: a run that is killed in between leaves it in doubt, for what a program that reads
the file has moved away meanwhile cannot be looked for. Others are kept out meanwhile, by a lock of the system and by a
file `NAME.lock` beside it: mail programs know the one or the other.
"""

import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from errno import EACCES, EAGAIN, EPERM, EROFS
from pathlib import Path
from time import sleep

from digest.delivery import Journal
from digest.durable import make_durable_folder
from digest.model import Outcome, Parcel
from digest.patterns import pattern

PATIENCE = 30.0
"""Seconds to wait for a program that has the file."""

STALE = 300.0
"""A lock that does not say whose it is, and is that many seconds old, was left by a program that died."""

_PAUSE = 0.1
_FROM = pattern(rb"^(>*From )", re.MULTILINE)
_DATE = pattern(rb"^date:\s*([^\r\n]+)", re.IGNORECASE | re.MULTILINE)


class MboxCarrier:
    """A `digest.delivery.Carrier` into the file `path`, which is made where it is missing."""

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        self._path = path
        self._lock = path.with_name(f"{path.name}.lock")
        self._patience = patience

    def carry(self, journal: Journal, stopping: Callable[[], bool]) -> str:
        parcels = journal.step(wanted=1)
        while parcels:
            (parcel,) = parcels
            try:
                with self._alone() as held:
                    journal.step(marked=[parcel.id])
                    outcome = self._add(parcel, held)
            except OSError as error:
                outcome = Outcome(parcel.id, "rendered", f"{self._path}: {error.strerror}")
            good = outcome.state == "accepted"
            parcels = journal.step(settled=[outcome], wanted=1 if good and not stopping() else 0)
            if not good:
                return outcome.detail
        return ""

    # -------------------------------------------------------------------------------------------- adding

    def _add(self, parcel: Parcel, held: int) -> Outcome:
        """Never raises: what was not added whole is taken away again, or in doubt."""
        before = os.fstat(held).st_size
        try:
            end = os.pread(held, 2, max(before - 2, 0))
            # What a program that was killed left half written is no part of this mail.
            _write(held, b"\n\n"[_line_breaks(end) if before else 2 :] + quoted(parcel))
            os.fsync(held)
            if not before:
                make_durable_folder(self._path.parent)
        except OSError as error:
            why = f"{self._path}: {error.strerror}"
            try:
                os.ftruncate(held, before)
            except OSError:
                return Outcome(parcel.id, "in doubt", f"{why}; some of the mail may be there")
            return Outcome(parcel.id, "deferred", f"{why}; nothing of the mail is there")
        return Outcome(parcel.id, "accepted", f"added to {self._path}")

    # ------------------------------------------------------------------------------------------- locking

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """The file, open to add to, while no other program has it. Raises OSError where it cannot be had."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        for _ in range(int(self._patience / _PAUSE) + 1):
            held = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
            try:
                locked = self._take(held)
            except OSError:
                os.close(held)
                raise
            if locked is not None:
                break
            os.close(held)
            sleep(_PAUSE)
        else:
            raise OSError(EAGAIN, "another program has it locked")
        try:
            yield held
        finally:
            if locked:
                with suppress(OSError):
                    self._lock.unlink()
            with suppress(OSError):
                os.close(held)

    def _take(self, held: int) -> bool | None:
        """Whether there is a lock of ours beside the file; None where somebody else has the file."""
        try:
            fcntl.lockf(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return None
        try:
            if not os.path.samestat(os.fstat(held), os.stat(self._path)):
                return None  # another file has taken its place meanwhile
        except FileNotFoundError:
            return None
        made = self._path.with_name(f"{self._lock.name}.{os.getpid()}")
        try:
            made.write_text(f"{os.getpid()}\n")
            if self._is_stale(made.stat().st_mtime):
                self._lock.unlink(missing_ok=True)
            os.link(made, self._lock)
        except FileExistsError:
            return None
        except OSError as error:
            if error.errno in (EACCES, EPERM, EROFS):
                return False  # nobody can put a file there, as in /var/mail: the system's lock is the one
            raise
        finally:
            with suppress(OSError):
                made.unlink()
        return True

    def _is_stale(self, now: float) -> bool:
        """Its owner lives no more, or, where it names none, cannot have meant it for that long."""
        try:
            owner = self._lock.read_text(encoding="ascii", errors="replace").strip()
            if not owner.isdecimal() or not int(owner):
                return now - self._lock.stat().st_mtime > STALE
            os.kill(int(owner), 0)
        except (ProcessLookupError, OverflowError):
            return True
        except OSError:
            return False
        return False


def quoted(parcel: Parcel) -> bytes:
    """The mail as an mbox has it: a line `From SENDER DATE`, with the mail's own date, the message, an empty line."""
    found = _DATE.search(parcel.content[:65_536])
    try:
        when = parsedate_to_datetime(found[1].decode()) if found else datetime.fromtimestamp(0, UTC)
    except (ValueError, UnicodeDecodeError):
        when = datetime.fromtimestamp(0, UTC)
    stamp = when.astimezone(UTC).strftime("%a %b %d %H:%M:%S %Y")
    content = _FROM.sub(rb">\1", parcel.content.replace(b"\r\n", b"\n"))
    end = b"\n" if content.endswith(b"\n") else b"\n\n"
    return f"From {parcel.sender or 'MAILER-DAEMON'} {stamp}\n".encode() + content + end


def _line_breaks(end: bytes) -> int:
    """How many of the two that come before a mail a file that ends so has already."""
    return len(end) - len(end.rstrip(b"\n"))


def _write(held: int, content: bytes) -> None:
    while content:
        content = content[os.write(held, content) :]
