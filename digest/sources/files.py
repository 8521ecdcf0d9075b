"""Files, folders and patterns on this machine."""

import errno
from collections.abc import Iterable, Iterator
from glob import has_magic, iglob
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from digest.model import Document, Problem


def fetch(names: Iterable[str]) -> Iterator[Document | Problem]:
    """A document for each file that `names` name: a file, every file of a folder, or those that a pattern finds
    (`**` too), in the order of the names and within a name by path; a file named twice comes once.

    What is not there is a Problem, as is a folder or pattern without a file: an empty day looks different.
    """
    seen: set[Path] = set()
    for name in names:
        try:
            files, trouble = _files(name)
        except OSError as error:
            files, trouble = [], f"cannot be read: {error.strerror or error}"
        if trouble:
            yield Problem(name, None, trouble)
        for path in files:
            if (same := path.resolve()) not in seen:
                seen.add(same)
                yield document(path)


def document(path: Path) -> Document:
    """The document that a file is. A pipe gives its bytes once, so what came is kept for the next time."""
    if path.is_file():
        return Document(origin=str(path), open=lambda: path.open("rb"))
    kept: list[bytes] = []

    def again() -> BinaryIO:
        if not kept:
            with path.open("rb") as pipe:
                data = pipe.read(MOST_PIPED + 1)
            if len(data) > MOST_PIPED:
                raise OSError(errno.EFBIG, f"more than {MOST_PIPED >> 20} MB came through a pipe; save it to a file")
            kept.append(data)
        return BytesIO(kept[0])

    return Document(origin=str(path), open=again)


MOST_PIPED = 1 << 28
"""Bytes. What comes through a pipe is held, so that it can be read twice."""


def _files(name: str) -> tuple[list[Path], str]:
    """The files that a name means, and what is wrong where it means none."""
    if not name:
        return [], "an empty name is no file"
    path = Path("/dev/stdin" if name == "-" else name)
    if path.is_dir():
        inside = sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
        return inside, "" if inside else "is a folder without files"
    if path.exists():
        return [path], ""
    if has_magic(name):
        found = sorted(p for p in map(Path, iglob(name, recursive=True)) if p.is_file())
        return found, "" if found else "no file fits this pattern"
    return [], "there is no such file"
