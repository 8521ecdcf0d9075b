"""Mails as files of a Maildir (https://cr.yp.to/proto/maildir.html): the one channel where once means exactly once.

A file is named by the message's id, written in `tmp` and renamed into `new`. Before it is renamed a mark is put beside
it, and taken away when the ledger knows what became of the mail. So the next run can tell what a killed one did:

    mark   written   the mail
     no      -        was not delivered, unless it is in `new` or `cur`
     yes     yes      was not delivered
     yes     no       was delivered, also where somebody has read, moved or deleted it since
"""

import os
import re
from collections.abc import Callable, Set
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from digest.delivery import Journal
from digest.durable import make_durable_folder
from digest.model import Outcome, Parcel
from digest.patterns import pattern

BATCH = 16
_MESSAGE_ID = pattern(rb"^message-id:\s*<([^>@\r\n]+)[^>\r\n]*>", re.IGNORECASE | re.MULTILINE)


class MaildirCarrier:
    """A `digest.delivery.Carrier` into the Maildir `path`, which is made where it is missing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def carry(self, journal: Journal, stopping: Callable[[], bool]) -> str:
        parcels = journal.step(wanted=BATCH)
        there: Set[str] | None = None
        while parcels:
            settled: list[Outcome] = []
            marks: list[Path] = []
            why = ""
            for parcel in parcels:
                if not why and not stopping():
                    try:
                        if there is None:
                            there = self._opened()
                        settled.append(Outcome(parcel.id, "accepted", self._deliver(parcel, there)))
                        marks.append(self._mark(name_of(parcel)))
                        continue
                    except OSError as error:
                        why = f"{error.filename or self._path}: {error.strerror}; the mails wait for the next run"
                settled.append(Outcome(parcel.id, "rendered", why))
            parcels = journal.step(settled=settled, wanted=0 if why or stopping() else BATCH)
            for mark in marks:
                with suppress(OSError):
                    mark.unlink()
            if why:
                return why
        return ""

    def _opened(self) -> Set[str]:
        """The names of the mails that are there now, without what programs add to them when somebody has read one."""
        for folder in ("tmp", "new", "cur"):
            (self._path / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        # In this order: a mail goes from `new` to `cur` and never back.
        return {re.split("[:;!,]", name)[0] for folder in ("new", "cur") for name in os.listdir(self._path / folder)}

    def _deliver(self, parcel: Parcel, there: Set[str]) -> str:
        """Where the mail is now. Safe to be called again; after an error it is there, or can be delivered again."""
        name = name_of(parcel)
        if name in there:
            return f"{name} was there already"
        made, mark = self._path / "tmp" / name, self._mark(name)
        if mark.exists() and not made.exists():
            return f"{name} was put there before, and somebody has moved it since"
        _clear(mark, made)
        try:
            with open(made, "xb", opener=_private) as file:
                file.write(parcel.content.replace(b"\r\n", b"\n"))
                file.flush()
                os.fsync(file.fileno())
            with open(mark, "xb", opener=_private):
                pass
            made.rename(self._path / "new" / name)
        except OSError:
            with suppress(OSError):
                _clear(mark, made)
            raise
        make_durable_folder(self._path / "new")
        return str(self._path / "new" / name)

    def _mark(self, name: str) -> Path:
        return self._path / "tmp" / f"{name}.going"


def name_of(parcel: Parcel) -> str:
    """A file's name that this very mail has, and no other: it is of this id, for this recipient. Of the id the left
    side counts, which the mail keeps when it is written anew for another sender.
    """
    found = _MESSAGE_ID.search(parcel.content[:65_536])
    told = (found[1] if found else parcel.content) + b"\n" + parcel.recipient.encode("utf-8", "replace")
    return f"0.{blake2b(told, digest_size=16).hexdigest()}.digest"


def _clear(mark: Path, made: Path) -> None:
    """In this order, and not the second without the first: a mark alone would say that the mail was delivered."""
    mark.unlink(missing_ok=True)
    made.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
