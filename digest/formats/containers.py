"""What is packed, unpacked: a compressed file, an archive or a mailbox becomes the documents in it, one by one.

    papers.jsonl.gz          ─▶ papers.jsonl.gz              as if it were not compressed
    mails.zip                ─▶ mails.zip!monday.eml, …      each member by itself, unpacked in turn
    monday.eml, mails.mbox   ─▶ the parts of each message that may list papers (digest.formats.messages)
    answer.json              ─▶ what a server answered, where a program recorded it (digest.formats.recordings)
    papers.html              ─▶ the data from which a script draws the page (digest.formats.embedded)

Nothing is held whole and nothing is written but to temporary files that are gone with the reading. A member that grows
out of all proportion (a bomb), archives in archives in archives, and a member that is damaged or locked are Problems;
the others are read.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from importlib import import_module
from io import BufferedReader, RawIOBase
from itertools import islice
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import IO, TYPE_CHECKING, BinaryIO, Final, cast

from digest.errors import SourceError
from digest.formats.embedded import carried, carries
from digest.formats.head import beginning
from digest.formats.messages import Knows, is_mailbox, parts
from digest.formats.recordings import is_recording, recorded
from digest.model import Document, Problem

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

DEPTH: Final = 3
"""So many archives may stand in each other."""
MEMBERS: Final = 10_000
"""So many members of one archive are read."""
FREE: Final = 50_000_000
"""Bytes that may come out of anything; past them no more than RATIO times what went in."""
RATIO: Final = 100
_HELD: Final = 1 << 20
"""Bytes of a member that are held in memory; more of it goes to a temporary file."""
_BLOCK: Final = 1 << 18
_HEAD: Final = 1 << 16

_Member = Iterator[Document | Problem]


def unpacked(document: Document, knows: Knows, depth: int = 0) -> _Member:
    """The documents in `document`; itself where it is no container. What cannot be unpacked is a Problem. `knows` tells
    of a mail's text and its HTML which one to take.
    """
    try:
        with document.open() as stream:
            data = beginning(stream, _HEAD)
    except (OSError, EOFError, SourceError) as error:
        yield Problem(document.origin, None, _said(error))
        return
    kind = _kind(data)
    if kind is None:
        yield document
    elif depth >= DEPTH:
        yield Problem(document.origin, None, f"is packed more than {DEPTH} times over: unpack it first")
    else:
        yield from kind(document, knows, depth)


def _kind(data: bytes) -> Callable[[Document, Knows, int], _Member] | None:
    for magic, name in _COMPRESSED.items():
        if data.startswith(magic):
            return partial(_decompressed, name=name)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped
    if data[257:262] == b"ustar":
        return _tarred
    if is_recording(data):
        return _recorded
    if carries(data):
        return _carried
    return _mailed if is_mailbox(data) else None


def _recorded(document: Document, knows: Knows, depth: int) -> _Member:
    try:
        answer = recorded(document)
    except OSError as error:
        answer = Problem(document.origin, None, _said(error))
    if isinstance(answer, Problem):
        yield answer
    else:
        yield from unpacked(answer, knows, depth + 1)


def _carried(document: Document, knows: Knows, depth: int) -> _Member:
    try:
        inner = carried(document)
    except (OSError, SourceError) as error:
        yield Problem(document.origin, None, _said(error))
        return
    yield inner or document


def _mailed(document: Document, knows: Knows, depth: int) -> _Member:
    for part in parts(document, knows):
        if isinstance(part, Problem):
            yield part
        else:
            yield from unpacked(part, knows, depth + 1)


# -------------------------------------------------------------------------------------------- compressed files

_COMPRESSED: Final = {b"\x1f\x8b": "gzip", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}


def _decompressed(document: Document, knows: Knows, depth: int, name: str) -> _Member:
    inner = Document(
        origin=document.origin,
        open=lambda: _opened(document, name),
        media_type=None,
        fetched=document.fetched,
    )
    yield from unpacked(inner, knows, depth + 1)


def _opened(document: Document, name: str) -> BinaryIO:
    """The bytes of a compressed document as they come out. Raises OSError or SourceError, also when it is read."""
    packed = _Counted(document.open())
    opener = {"gzip": _gzip, "xz": _xz, "zstd": _zstd}[name]
    opened, damage = opener(packed)
    return BufferedReader(_Guarded(opened, lambda: packed.count, packed, damage), _BLOCK)


_Opened = tuple[BinaryIO, tuple[type[Exception], ...]]


def _gzip(packed: RawIOBase) -> _Opened:
    import zlib
    from gzip import GzipFile

    return cast("BinaryIO", GzipFile(fileobj=cast("BinaryIO", packed))), (zlib.error,)


def _xz(packed: RawIOBase) -> _Opened:
    from lzma import LZMAError, LZMAFile

    return cast("BinaryIO", LZMAFile(cast("BinaryIO", packed))), (LZMAError,)


def _zstd(packed: RawIOBase) -> _Opened:
    for place in ("compression.zstd", "backports.zstd"):
        with suppress(ImportError):
            zstd = import_module(place)
            return cast("BinaryIO", zstd.ZstdFile(packed)), (zstd.ZstdError,)
    raise SourceError("is compressed by zstd: pip install 'paperdigest[zstd]' reads it")


class _Counted(RawIOBase):
    """A stream that knows how much of it was read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what RawIOBase is given
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self.count += len(data)
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Guarded(RawIOBase):
    """What comes out of a compressed stream, as long as it stays in proportion to what went in."""

    def __init__(
        self,
        stream: BinaryIO,
        went_in: Callable[[], int],
        under: RawIOBase | None = None,
        damage: tuple[type[Exception], ...] = (),
    ) -> None:
        """`damage`: what the decompressor raises for bytes that it cannot read, beside OSError and EOFError."""
        self._stream = stream
        self._went_in = went_in
        self._under = under
        self._damage = damage
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what RawIOBase is given
        try:
            data = self._stream.read(len(buffer))
        except EOFError as error:
            raise OSError("it is cut off") from error
        except self._damage as error:
            raise OSError(f"it is damaged: {error}") from error
        self._count += len(data)
        if self._count > FREE and self._count > RATIO * self._went_in():
            raise SourceError(f"grows to more than {RATIO} times its size when it is unpacked: refused")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        if self._under:
            self._under.close()
        super().close()


# --------------------------------------------------------------------------------------------------- archives


def _zipped(document: Document, knows: Knows, depth: int) -> _Member:
    from zipfile import BadZipFile, ZipFile

    try:
        with document.open() as stream, _seekable(stream) as file, ZipFile(file) as archive:
            listed = [info for info in archive.infolist() if not info.is_dir() and not _is_furniture(info.filename)]
            for info in listed[:MEMBERS]:
                yield from _member(document, info.filename, partial(_unzipped, archive, info), knows, depth)
    except (BadZipFile, OSError, SourceError, NotImplementedError, ValueError) as error:
        # What zipfile raises for broken directories, odd compressions and names, and what unpacking refuses.
        yield Problem(document.origin, None, f"its zip archive cannot be read: {_said(error)}")
        return
    if len(listed) > MEMBERS:
        yield _too_many(document)


def _unzipped(archive: "ZipFile", info: "ZipInfo") -> BinaryIO:
    import zlib
    from zipfile import BadZipFile

    if info.flag_bits & 1:
        raise SourceError("is locked with a password")
    opened = cast("BinaryIO", archive.open(info))
    return cast("BinaryIO", _Guarded(opened, lambda: info.compress_size, damage=(zlib.error, BadZipFile)))


def _tarred(document: Document, knows: Knows, depth: int) -> _Member:
    import tarfile

    try:
        with document.open() as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            files = (info for info in archive if info.isfile() and not _is_furniture(info.name))
            for info in islice(files, MEMBERS):
                content = archive.extractfile(info)
                if content:
                    yield from _member(document, info.name, partial(cast, "BinaryIO", content), knows, depth)
            if next(files, None):
                yield _too_many(document)
    except (tarfile.TarError, OSError, EOFError, SourceError, ValueError) as error:
        yield Problem(document.origin, None, f"its tar archive cannot be read: {_said(error)}")


def _member(document: Document, name: str, opened: Callable[[], BinaryIO], knows: Knows, depth: int) -> _Member:
    """A member as a document, which lies in a temporary file for as long as it is read."""
    origin = f"{document.origin}!{name}"
    with SpooledTemporaryFile(_HELD) as kept:
        try:
            with closing(opened()) as content:
                while data := content.read(_BLOCK):
                    kept.write(data)
        except (OSError, EOFError, SourceError, NotImplementedError, RuntimeError, ValueError) as error:
            # What archives raise for members that are cut, encrypted (RuntimeError) or packed in an unknown way.
            yield Problem(origin, None, _said(error))
            return
        member = Document(origin=origin, open=lambda: _again(kept), fetched=document.fetched)
        yield from unpacked(member, knows, depth + 1)


def _again(kept: IO[bytes]) -> BinaryIO:
    """The kept bytes from their start; closing what comes back leaves them."""
    return BufferedReader(_View(kept), _BLOCK)


class _View(RawIOBase):
    """A reader with a place of its own in a file that others read too."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 2:
            self._at = self._file.seek(offset, 2)
        else:
            self._at = max(0, offset + (self._at if whence == 1 else 0))
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what RawIOBase is given
        self._file.seek(self._at)
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _seekable(stream: BinaryIO) -> BinaryIO:
    """`stream`, or a temporary copy of one in which nobody can go back. Raises OSError or SourceError."""
    if stream.seekable():
        return stream
    copy = TemporaryFile()  # noqa: SIM115  # closed by who asked
    while data := stream.read(_BLOCK):
        copy.write(data)
    copy.seek(0)
    return cast("BinaryIO", copy)


def _is_furniture(name: str) -> bool:
    """What programs put into archives beside what people do."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(".")


def _too_many(document: Document) -> Problem:
    return Problem(document.origin, None, f"has more than {MEMBERS:,} members: the others were not read")


def _said(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror}"
    told = str(error) or type(error).__name__
    return told if isinstance(error, SourceError) else f"cannot be read: {told}"
