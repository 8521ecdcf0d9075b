"""Pages as plain text: layouts that nothing marks, each recognised by what its lines look like; several in one file.

A layout is a module with a `NAME`, a line `ABOUT` it, an `EXAMPLE`, and two functions:

    detect(lines: Sequence[Line]) -> int | None     the first of these lines that only this layout has
    parse(lines: Lines) -> Iterator[Listing | Problem]

`parse` takes lines until the document ends or another layout begins; then it gives the lines that are not its own back
and returns. All of them together are the format `page`; each is one by itself too, for who names it.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from digest.formats.head import Head, unknown
from digest.formats.lines import LONGEST_LINE, Line, Lines
from digest.formats.signs import Sign
from digest.model import Document, Listing, Problem
from digest.plugins import Registry
from digest.text import clean

NAME = "page"
ABOUT = "a page as plain text in any of the layouts below, or several of them"
EXAMPLE = ""


class Layout(Protocol):
    """How one layout is recognised and read."""

    NAME: str
    ABOUT: str
    EXAMPLE: str

    def detect(self, lines: Sequence[Line]) -> int | None: ...

    def parse(self, lines: Lines) -> Iterator[Listing | Problem]: ...


LAYOUTS: Registry[Layout] = Registry(
    "digest.layouts",
    {
        "authors_abstract": "digest.formats.pages.authors_abstract",
        "abstract_id": "digest.formats.pages.abstract_id",
        "hf_page": "digest.formats.pages.hf_page",
    },
)

_LOOK_AHEAD = 400
"""Lines in which a layout must show itself."""


def detect(head: Head) -> Sign | None:
    """Likely where a layout shows itself; a look at lines is never certain."""
    lines = [Line(number, clean(text)) for number, text in enumerate(head.lines[:_LOOK_AHEAD], 1)]
    return Sign.LIKELY if _recognise(lines) else None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """Every stretch of the document in the layout that shows itself there. Raises SourceError or OSError."""
    yield from _read(document, None)


class Only(NamedTuple):
    """One layout as a format that is read when it is asked for by name."""

    NAME: str

    @property
    def ABOUT(self) -> str:  # noqa: N802  # as a module has it
        return LAYOUTS[self.NAME].ABOUT

    @property
    def EXAMPLE(self) -> str:  # noqa: N802  # as a module has it
        return LAYOUTS[self.NAME].EXAMPLE

    def detect(self, head: Head) -> None:
        """Never: `page` finds all layouts."""

    def parse(self, document: Document) -> Iterator[Listing | Problem]:
        yield from _read(document, LAYOUTS[self.NAME])


AUTHORS_ABSTRACT = Only("authors_abstract")
ABSTRACT_ID = Only("abstract_id")
HF_PAGE = Only("hf_page")


def _read(document: Document, only: Layout | None) -> Iterator[Listing | Problem]:
    with Lines(document) as lines:
        nothing = True
        for item in _whole(_sections(lines, only), lines):
            nothing = False
            yield item
        if nothing:
            yield Problem(document.origin, None, "looks like a page of papers, and there is none on it")


def _sections(lines: Lines, only: Layout | None) -> Iterator[Listing | Problem]:
    """The items of each stretch of lines in one layout, as long as there are any."""
    while ahead := lines.peek(_LOOK_AHEAD):
        layout = only or _recognise(ahead)
        if not layout:
            if any(not line.blank for line in ahead):
                first = next(line for line in ahead if not line.blank)
                yield Problem(lines.document.origin, first.number, unknown(first.text))
            return
        yield from layout.parse(lines)
        if (left := lines.peek(1)) and left[0] is ahead[0]:
            lines.take()
            yield Problem(lines.document.origin, left[0].number, f"not understood: '{left[0].text[:60]}'")


def _recognise(ahead: Sequence[Line]) -> Layout | None:
    """The layout that shows itself first."""
    seen = {name: LAYOUTS[name].detect(ahead) for name in LAYOUTS}
    signs = {name: index for name, index in seen.items() if index is not None}
    return LAYOUTS[min(signs, key=lambda name: signs[name])] if signs else None


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
