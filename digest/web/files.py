"""The published folder, read so that nothing else can be.

A path is walked one name at a time, each opened below the folder that was opened before, and links are not followed:
no path leads out, whatever is moved meanwhile. What is read is one open file, so that one which is replaced at that
moment is read whole, old or new.
"""

import errno
import gzip
import os
import stat
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Final, Literal, NamedTuple

from digest.errors import StorageError
from digest.web import media

LARGEST: Final = 32_000_000
"""So many bytes has a file at most that is served: none that `digest` publishes comes near."""
KEPT: Final = 32_000_000
"""So many bytes of files are kept in memory, with their gzipped forms and tags."""
_LEAST: Final = 256
"""What is smaller is not worth gzipping."""

_NOT_THERE: Final = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EACCES, errno.ENXIO}


class Copy(NamedTuple):
    """A file as it was read."""

    name: str
    content: bytes
    zipped: bytes | None
    """The same, gzipped; None where that is no smaller."""
    tag: str
    """A hash of the content."""
    modified: int
    """In seconds since 1970."""
    policy: str
    """The Content-Security-Policy that it needs."""

    @property
    def weight(self) -> int:
        return len(self.content) + len(self.zipped or b"")


class Files:
    """The files below `root`, for several threads at a time."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._kept: OrderedDict[tuple[int, ...], Copy] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def find(self, path: str) -> Copy | Literal["folder"] | None:
        """The file at a path relative to the root, or the `index.html` of a folder where the path ends in `/` or is
        empty; `folder` where only the `/` is missing. None where nothing is there for others to see: no file, no
        regular one, a link, a name that begins with a dot.

        Raises StorageError where it cannot be read.
        """
        names = path.split("/")
        names[-1] = names[-1] or "index.html"
        if any(not name or name.startswith(".") or "\0" in name for name in names):
            return None
        try:
            held = self._open(names)
        except ValueError:  # a name that no file can have
            return None
        except OSError as error:
            if error.errno in _NOT_THERE:
                return None
            raise StorageError(f"{self._root}: cannot be read: {error.strerror}") from error
        try:
            about = os.fstat(held)
            if stat.S_ISDIR(about.st_mode):
                return "folder"
            if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST:
                return None
            return self._copy(names[-1], held, about)
        except OSError as error:
            raise StorageError(f"{self._root}: cannot be read: {error.strerror}") from error
        finally:
            os.close(held)

    def _open(self, names: Sequence[str]) -> int:
        held = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
        for name in names:
            try:
                # Without O_NONBLOCK, opening a pipe would wait for whoever writes to it.
                below = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=held)
            finally:
                os.close(held)
            held = below
        return held

    def _copy(self, name: str, held: int, about: os.stat_result) -> Copy:
        # A file is replaced and never written to, so that these tell one content from another.
        key = (about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)
        with self._lock:
            if (kept := self._kept.get(key)) and kept.name == name:
                self._kept.move_to_end(key)
                return kept
        with open(held, "rb", closefd=False) as file:
            content = file.read(LARGEST)
        zipped = gzip.compress(content, 6, mtime=0) if media.is_text(name) and len(content) >= _LEAST else None
        copy = Copy(
            name=name,
            content=content,
            zipped=zipped if zipped and len(zipped) < len(content) else None,
            tag=blake2b(content, digest_size=16).hexdigest(),
            modified=int(about.st_mtime),
            policy=media.policy(name, content),
        )
        with self._lock:
            if copy.weight <= KEPT // 4 and key not in self._kept:
                self._kept[key] = copy
                self._weight += copy.weight
                while self._weight > KEPT:
                    self._weight -= self._kept.popitem(last=False)[1].weight
        return copy
