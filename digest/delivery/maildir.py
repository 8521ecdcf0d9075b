"""Mails as files of a Maildir (https://cr.yp.to/proto/maildir.html): the one channel where once means exactly once.

A file is named by the message's id and put into place in one step, so a mail that a killed run had delivered already is
found there, and is not delivered again.
"""

import os
import re
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from digest.delivery import Journal
from digest.model import Outcome, Parcel

BATCH = 16
_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^>\r\n]+)>", re.IGNORECASE | re.MULTILINE)


class MaildirCarrier:
    """A `digest.delivery.Carrier` into the Maildir `path`, which is made where it is missing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def carry(self, journal: Journal, stopping: Callable[[], bool]) -> str:
        parcels = journal.step(wanted=BATCH)
        while parcels:
            settled: list[Outcome] = []
            why = ""
            for parcel in parcels:
                if not why and not stopping():
                    try:
                        settled.append(Outcome(parcel.id, "accepted", self._deliver(parcel)))
                        continue
                    except OSError as error:
                        why = f"{error.filename or self._path}: {error.strerror}; nothing of this mail is there"
                settled.append(Outcome(parcel.id, "rendered", why))
            parcels = journal.step(settled=settled, wanted=0 if why or stopping() else BATCH)
            if why:
                return why
        return ""

    def _deliver(self, parcel: Parcel) -> str:
        """Where the mail is now. Safe to be called again."""
        name = name_of(parcel)
        for folder in ("tmp", "new", "cur"):
            (self._path / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._is_there(name):
            return f"{name} was there already"
        made = self._path / "tmp" / name
        with suppress(FileNotFoundError):
            made.unlink()  # a killed run's
        held = os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(held, "wb") as file:
                file.write(parcel.content.replace(b"\r\n", b"\n"))
                file.flush()
                os.fsync(file.fileno())
            made.rename(self._path / "new" / name)
        except OSError:
            with suppress(OSError):
                made.unlink()
            raise
        _make_durable(self._path / "new")
        return str(self._path / "new" / name)

    def _is_there(self, name: str) -> bool:
        """Also where somebody has read it: programs move it to `cur` and add flags to its name."""
        if (self._path / "new" / name).exists() or (self._path / "cur" / name).exists():
            return True
        return any(entry.name.partition(":")[0] == name for entry in os.scandir(self._path / "cur"))


def name_of(parcel: Parcel) -> str:
    """A file's name that this very mail has, and no other: it is of this id, for this recipient."""
    found = _MESSAGE_ID.search(parcel.content[:65_536])
    told = (found[1] if found else parcel.content) + b"\n" + parcel.recipient.encode("utf-8", "replace")
    return f"0.{blake2b(told, digest_size=16).hexdigest()}.digest"


def _make_durable(place: Path) -> None:
    held = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
