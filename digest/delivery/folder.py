"""The published folder: files that a web server or a static host serves.

A reader never sees part of a file, and a run that fails or is killed leaves every file whole, old or
new: each is written beside its place, made durable, and renamed over it (POSIX `rename`). Nothing is renamed before
everything is written, and what is linked to comes before what links to it.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile

from digest.durable import make_durable_folder
from digest.errors import StorageError
from digest.model import Receipt, Rendition

_TEMPORARY = ".digest-new"
"""How the name of a file ends that is being written; it begins with a dot, so that servers do not show it."""


def publish(renditions: Iterable[Rendition], folder: Path) -> list[Receipt]:
    """Write the renditions below `folder`, which is made where it is missing; a receipt each, in their order. They are
    taken one by one, and none is held.

    A file whose bytes are there already is left alone; files that no rendition names stay as they are. Raises
    StorageError, naming the path and what to do: before anything is replaced, whenever that can be known. Whatever is
    raised on the way, also by `renditions`, leaves all files as they were.
    """
    at = folder
    targets: dict[Path, Path | None] = {}
    """With what is to take their places, where something is."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _turn(folder):
            ready: set[Path] = set()
            for rendition in renditions:
                at = _target(rendition.path, folder)
                if at in targets:
                    raise StorageError(f"cannot publish {at}: two renditions have this path; give one another")
                targets[at] = None
                _make_ready(at.parent, folder, ready)
                if not _holds(at, rendition.content):
                    targets[at] = _write(at, rendition.content)
            for at in sorted((one for one, new in targets.items() if new), key=_linked_first):
                new = targets[at]
                assert new, "these are changed"
                new.replace(at)
            for at in _folders([one for one, new in targets.items() if new], folder):
                make_durable_folder(at)
    except BaseException as error:
        for new in targets.values():
            with suppress(OSError):
                if new:
                    new.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise StorageError(f"cannot publish {error.filename or at}: {_sentence(error)}") from error
        raise
    return [
        Receipt(channel="folder", recipient=str(target), outcome="delivered" if new else "unchanged")
        for target, new in targets.items()
    ]


def withdraw(name: str, folder: Path, ours: Callable[[Path], bool] = lambda _: True) -> bool:
    """Remove the folder `name` below `folder` with all that is in it; False where there is none.

    It vanishes in one step; but where something in it is not `ours`, that stays, and the rest goes file by file. Raises
    StorageError, naming the path and what to do.
    """
    place = _target(name, folder)
    if not place.is_dir():
        return False
    _refuse_escape(place, folder)
    gone = place.with_name(f".{place.name}{_TEMPORARY}")
    try:
        inside = list(place.iterdir())
        if not all(map(ours, inside)):
            remove((one.name for one in inside if ours(one)), place)
            return True
        with _turn(folder):
            shutil.rmtree(gone, ignore_errors=True)
            place.rename(gone)
            make_durable_folder(folder)
            shutil.rmtree(gone)
    except OSError as error:
        raise StorageError(f"cannot withdraw {error.filename or place}: {_sentence(error)}") from error
    return True


def remove(names: Iterable[str], folder: Path) -> None:
    """Remove the files of these names in `folder`, what links to others first. Raises StorageError."""
    at = folder
    try:
        with _turn(folder):
            for at in sorted((folder / name for name in names), key=_linked_first, reverse=True):
                at.unlink(missing_ok=True)
            make_durable_folder(folder)
    except OSError as error:
        raise StorageError(f"cannot withdraw {error.filename or at}: {_sentence(error)}") from error


# ----------------------------------------------------------------------------------------------- places


def can_be_written(folder: Path) -> str:
    """Why no file can be made in `folder`, or in the nearest folder above it where it is missing; empty where one can.
    Nothing is left there.
    """
    place = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    try:
        with TemporaryFile(dir=place):
            return ""
    except OSError as error:
        return _sentence(error)


def _target(path: str, folder: Path) -> Path:
    parts = PurePosixPath(path).parts
    if not parts or parts[0] == "/" or ".." in parts or "\0" in path:
        raise StorageError(f"cannot publish {path!r}: a rendition's path is relative and stays below its folder")
    return folder.joinpath(*parts)


def _folders(targets: Sequence[Path], folder: Path) -> list[Path]:
    """The folders that the targets stand in, and those on the way to them, from the top."""
    found = {folder}
    for target in targets:
        found.update(parent for parent in target.parents if parent.is_relative_to(folder))
    return sorted(found)


def _make_ready(place: Path, folder: Path, ready: set[Path]) -> None:
    """Make `place`, and what is missing on the way to it from `folder`, and sweep them; once for those in `ready`."""
    if place in ready:
        return
    for one in _folders([place / "file"], folder):
        if one not in ready:
            one.mkdir(exist_ok=True)
            _refuse_escape(one, folder)
            _sweep(one)
            ready.add(one)


def _refuse_escape(place: Path, folder: Path) -> None:
    if not place.resolve().is_relative_to(folder.resolve()):
        raise StorageError(f"cannot publish {place}: it is a link that leads out of {folder}; remove it")


def _linked_first(target: Path) -> tuple[bool, bool, int, str]:
    """Pages of editions, then feeds, then the indexes from the deepest, the front page last."""
    return target.name == "index.html", target.suffix != ".html", -len(target.parts), str(target)


# ------------------------------------------------------------------------------------------------ steps


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Wait until no other process publishes here; it may not sweep what this one is writing."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # NFS locks no folders: there two runs at once can fail, with all files whole
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _sweep(place: Path) -> None:
    """Remove what a killed run left behind."""
    for leftover in place.glob(f".*{_TEMPORARY}"):
        if leftover.is_dir() and not leftover.is_symlink():
            shutil.rmtree(leftover)
        else:
            leftover.unlink(missing_ok=True)


def _holds(target: Path, content: bytes) -> bool:
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    try:
        return not target.is_symlink() and target.stat().st_size == len(content) and target.read_bytes() == content
    except FileNotFoundError:
        return False


def _write(target: Path, content: bytes) -> Path:
    """A new file beside `target` that holds `content` on disk, with the permissions that the umask gives."""
    temporary = target.with_name(f".{target.name}{_TEMPORARY}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


_ADVICE = {
    errno.ENOSPC: "make room and run again",
    errno.EDQUOT: "make room and run again",
    errno.EFBIG: "files may not grow this large here; raise the limit (ulimit -f) and run again",
    errno.ENOTDIR: "something on the way to it is a file; remove that or publish to another folder",
    errno.EEXIST: "it is a file where a folder is wanted; remove it or publish to another folder",
    errno.EISDIR: "it is a folder where a file is wanted; remove it",
    errno.EACCES: "let this user write there or publish to another folder",
    errno.EPERM: "let this user write there or publish to another folder",
    errno.EROFS: "publish to a folder that can be written",
}


def _sentence(error: OSError) -> str:
    what = error.strerror or str(error)
    advice = _ADVICE.get(error.errno or 0, "what was there before is still whole; run again once this is mended")
    return f"{what}; {advice}"
