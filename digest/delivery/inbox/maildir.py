"""An inbox that is a Maildir on this machine (https://cr.yp.to/proto/maildir.html).

A message is unread while its name has no flag S. To mark it, it is renamed, from `new` into `cur`, as mail programs do.
"""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from digest.delivery.inbox import LARGEST, MOST_MESSAGES, PATIENCE, too_many

_SEEN, _TRASHED = "S", "T"


class _Letter(NamedTuple):
    came: float
    path: Path


class MaildirInbox:
    """A `digest.delivery.inbox.Inbox`. `clock` gives seconds; `largest` is how many bytes of a message are read."""

    def __init__(
        self, path: Path, *, clock: Callable[[], float], patience: float = PATIENCE, largest: int = LARGEST
    ) -> None:
        self._path = path
        self._largest = largest
        self._clock = clock
        self._patience = patience

    def read(
        self, look: Callable[[bytes], bool], act: Callable[[bytes], bool], stopping: Callable[[], bool]
    ) -> list[str]:
        until = self._clock() + self._patience
        try:
            unread = sorted(self._unread(), reverse=True)
        except OSError as error:
            return [f"{error.filename or self._path} cannot be read: {error.strerror}"]
        problems, unreadable = too_many(len(unread)), 0
        for letter in unread[:MOST_MESSAGES]:
            if stopping():
                break
            if self._clock() > until:
                problems.append(f"it took longer than {self._patience:g} s, and the rest is read next time")
                break
            try:
                content = _beginning(letter.path, self._largest)
            except FileNotFoundError:
                continue
            except OSError as error:
                unreadable += 1
                if unreadable == 1:
                    problems.append(f"{letter.path} cannot be read: {error.strerror}")
                continue
            if content and look(content) and act(content):
                try:
                    self._mark(letter.path)
                except FileNotFoundError:
                    continue
                except OSError as error:
                    return [*problems, f"{letter.path} cannot be marked as read: {error.strerror}"]
        return [*problems, f"{unreadable:,} mails cannot be read"] if unreadable > 1 else problems

    def _unread(self) -> Iterator[_Letter]:
        for folder in ("new", "cur"):
            with os.scandir(self._path / folder) as entries:
                for entry in entries:
                    flags = _flags(entry.name) if folder == "cur" else ""
                    if entry.name.startswith(".") or _SEEN in flags or _TRASHED in flags:
                        continue
                    with suppress(FileNotFoundError):  # another program has moved it meanwhile
                        if entry.is_file(follow_symlinks=False):
                            yield _Letter(entry.stat(follow_symlinks=False).st_mtime, Path(entry.path))

    def _mark(self, path: Path) -> None:
        name = path.name.partition(":2,")[0]
        flags = "".join(sorted({*_flags(path.name), _SEEN}))
        marked = self._path / "cur" / f"{name}:2,{flags}"
        if not marked.exists():  # names are unique; where one is not, nothing is lost by it
            path.rename(marked)


def _flags(name: str) -> str:
    return name.partition(":2,")[2]


def _beginning(path: Path, largest: int) -> bytes:
    """The message's first bytes; none of what is no file."""
    held = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(held, "rb") as file:
        return file.read(largest) if stat.S_ISREG(os.fstat(held).st_mode) else b""
