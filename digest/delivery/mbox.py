"""Mails in one mbox file, in the `mboxrd` form of RFC 4155: a line that begins with `From ` has a `>` before it.

A mail is marked before it is added: a run that is killed in between leaves it in doubt, for what a program that reads
the file has moved away meanwhile cannot be looked for.
"""

import fcntl
import os
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from digest.delivery import Journal
from digest.model import Outcome, Parcel

_FROM = re.compile(rb"^(>*From )", re.MULTILINE)
_DATE = re.compile(rb"^date:\s*([^\r\n]+)", re.IGNORECASE | re.MULTILINE)


class MboxCarrier:
    """A `digest.delivery.Carrier` into the file `path`, which is made where it is missing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def carry(self, journal: Journal, stopping: Callable[[], bool]) -> str:
        parcels = journal.step(wanted=1)
        while parcels:
            (parcel,) = parcels
            journal.step(marked=[parcel.id])
            try:
                self._add(parcel)
            except OSError as error:
                why = f"{self._path}: {error.strerror}; the mail was not added"
                # What was written of it has been taken away again.
                journal.step(settled=[Outcome(parcel.id, "deferred", why)])
                return why
            settled = [Outcome(parcel.id, "accepted", f"added to {self._path}")]
            parcels = journal.step(settled=settled, wanted=0 if stopping() else 1)
        return ""

    def _add(self, parcel: Parcel) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        held = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.lockf(held, fcntl.LOCK_EX)
            before = os.fstat(held).st_size
            os.lseek(held, 0, os.SEEK_END)
            try:
                _write(held, quoted(parcel))
                os.fsync(held)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(held, before)
                raise
        finally:
            os.close(held)


def quoted(parcel: Parcel) -> bytes:
    """The mail as an mbox has it: a line `From SENDER DATE`, with the mail's own date, the message, an empty line."""
    found = _DATE.search(parcel.content[:65_536])
    try:
        when = parsedate_to_datetime(found[1].decode()) if found else datetime.fromtimestamp(0, UTC)
    except (ValueError, UnicodeDecodeError):
        when = datetime.fromtimestamp(0, UTC)
    stamp = when.astimezone(UTC).strftime("%a %b %d %H:%M:%S %Y")
    content = _FROM.sub(rb">\1", parcel.content.replace(b"\r\n", b"\n"))
    return f"From {parcel.sender or 'MAILER-DAEMON'} {stamp}\n".encode() + content.rstrip(b"\n") + b"\n\n"


def _write(held: int, content: bytes) -> None:
    while content:
        content = content[os.write(held, content) :]
