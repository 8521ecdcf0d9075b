"""Documents -> listings. A family of layouts, each recognised by what it looks like, never by a file's name.

A format is a module with a `NAME`, a line `ABOUT` it, and two functions:

    detect(lines: Sequence[Line]) -> int | None     the first of these lines that only this layout has
    parse(lines: Lines) -> Iterator[Listing | Problem]

`parse` takes lines until the document ends or another layout begins; then it gives the lines that are not its
own back and returns. A package adds a format under the entry point group `digest.formats`.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from digest.errors import SourceError
from digest.formats.lines import LONGEST_LINE, Line, Lines
from digest.model import Document, Listing, Problem
from digest.plugins import Registry

__all__ = ["FORMATS", "Format", "parse"]


class Format(Protocol):
    """How one layout is recognised and read."""

    NAME: str
    ABOUT: str

    def detect(self, lines: Sequence[Line]) -> int | None: ...

    def parse(self, lines: Lines) -> Iterator[Listing | Problem]: ...


FORMATS: Registry[Format] = Registry(
    "digest.formats",
    {
        "authors_abstract": "digest.formats.authors_abstract",
        "abstract_id": "digest.formats.abstract_id",
        "hf_page": "digest.formats.hf_page",
    },
)

_LOOK_AHEAD = 400
"""Lines in which a layout must show itself."""


def parse(document: Document, format: str | None = None) -> Iterator[Listing | Problem]:
    """Everything that `document` lists, in its order, and a Problem for each thing in it that cannot be read.

    No bytes raise; memory does not grow with the document. With `format` nothing is guessed: the name of one of
    FORMATS (UsageError otherwise).
    """
    only = FORMATS[format] if format else None
    try:
        with Lines(document) as lines:
            yield from _whole(_sections(lines, only), lines)
    except SourceError as error:
        yield Problem(document.origin, None, str(error))
    except OSError as error:
        yield Problem(document.origin, None, f"cannot be read: {error.strerror or error}")


def _sections(lines: Lines, only: Format | None) -> Iterator[Listing | Problem]:
    """The items of each stretch of lines in one layout, as long as there are any."""
    while ahead := lines.peek(_LOOK_AHEAD):
        layout = only or _recognise(ahead)
        if not layout:
            if any(not line.blank for line in ahead):
                first = next(line for line in ahead if not line.blank)
                yield Problem(lines.document.origin, first.number, _unknown(first))
            return
        yield from layout.parse(lines)
        if (left := lines.peek(1)) and left[0] is ahead[0]:
            lines.take()
            yield Problem(lines.document.origin, left[0].number, f"not understood: '{left[0].text[:60]}'")


def _recognise(ahead: Sequence[Line]) -> Format | None:
    """The layout that shows itself first; built-in ones before those that packages add."""
    for names in (list(FORMATS), None):
        seen = {name: FORMATS[name].detect(ahead) for name in names or FORMATS.strangers()}
        signs = {name: index for name, index in seen.items() if index is not None}
        if signs:
            return FORMATS[min(signs, key=lambda name: signs[name])]
    return None


def _unknown(line: Line) -> str:
    return (
        f"no listing that is known here: '{line.text.strip()[:60]}' … "
        f"(known are {', '.join(FORMATS)}; `digest parse --help` says what they look like)"
    )


def _whole(items: Iterator[Listing | Problem], lines: Lines) -> Iterator[Listing | Problem]:
    """`items`, with a Problem in place of each listing that has a line which was too long to be read."""
    held: Listing | Problem | None = None
    for item in items:
        if held:
            yield _checked(held, item, lines)
        held = item
    if held:
        yield _checked(held, None, lines)
    for number in lines.oversize:
        yield _too_long(lines.document.origin, number)


def _checked(item: Listing | Problem, following: Listing | Problem | None, lines: Lines) -> Listing | Problem:
    start = _line(item)
    end = _line(following) if following else None
    hit = None
    while lines.oversize and (end is None or lines.oversize[0] < end):
        number = lines.oversize.popleft()
        hit = number if number >= start else hit
    if hit and isinstance(item, Listing):
        return _too_long(item.position.file, hit)
    return item


def _line(item: Listing | Problem) -> int:
    return item.position.line if isinstance(item, Listing) else item.line or 0


def _too_long(file: str, number: int) -> Problem:
    return Problem(file, number, f"a line of more than {LONGEST_LINE >> 10} kB: the listing it belongs to was left out")
