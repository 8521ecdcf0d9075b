"""CSV and TSV with a header: a table of papers, its columns in any order and under the names people give them.

    Title;Authors;Year;DOI
    "Counting papers once";"Moreau, Ada; Říha, Tomás";2026;10.1000/lists.7.1

RFC 4180, and what spreadsheets and exports make of it: commas, tabs, semicolons or bars, whichever the header shows;
lines in quoted cells; `sep=;` and a few lines before the header; the header again where files were put together; rows
with names that the header has no cell for; cells that spreadsheets guard (`="0123"`, `'=a`). Scopus, Zotero, PubMed and
others name their columns (`columns`), the Web of Science writes its two-letter tags (`clarivate`).
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from digest.formats import clarivate
from digest.formats.columns import fitting, listing, lists_papers
from digest.formats.head import Head
from digest.formats.lines import LONGEST_LINE, Line, Lines
from digest.formats.signs import Sign
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern
from digest.text import clean

NAME = "csv"
ABOUT = "a table with a header row: CSV, TSV, semicolons; Scopus, Zotero, PubMed, the Web of Science"
EXAMPLE = """
Title,Authors,Year,Source title,DOI,Abstract
Counting papers once,"Moreau, Ada; Říha, Tomás",2026,Journal of Lists,10.1000/lists.7.1,"We measure how
reading lists change when repeated papers are counted once."
"""

_DELIMITERS: Final = ",\t;|"
_BEFORE: Final = 12
"""So many rows may stand before the header."""
_LONGEST: Final = 1 << 20
"""Characters of one row."""
_MOST_LINES: Final = 2000
"""Lines of one row: a quote that is never closed would take all that follows."""
_TAGS: Final = frozenset("PT AU TI SO UT PY DI AB AF J9 VL BP EP DT LA".split())
"""Columns of the Web of Science: with TI and four more of them, a table is its."""
_TAG: Final = pattern(r"[A-Z][A-Z0-9]")


class _Shape(NamedTuple):
    """How the rows of a table are to be read."""

    delimiter: str
    quoting: bool
    """Quotes are a table's own, as they are everywhere but in the Web of Science's."""
    header: tuple[str, ...]
    shift: int
    """Cells before the first one that has a name: R writes the names of rows without a name of their column."""
    spare: int = 0
    """Empty cells behind the last one that has a name, in every row."""


# ------------------------------------------------------------------------------------------------ the header


def detect(head: Head) -> Sign | None:
    """A header that names what papers have, and a row that fits it."""
    lines = [Line(number, clean(text)) for number, text in enumerate(head.lines, 1)]
    return Sign.CERTAIN if _found(lines[:200]) else None


def _found(lines: Sequence[Line]) -> tuple[int, _Shape] | None:
    """The index of the line of the header among the first lines of a document, and what it says of the rows."""
    seen = 0
    for index, line in enumerate(lines):
        if line.blank:
            continue
        if (shape := _shape(line.text)) and (told := _fitting(shape, lines[index + 1 :])):
            return index, told
        seen += 1
        if seen > _BEFORE:
            break
    return None


def _shape(text: str) -> _Shape | None:
    """What a line says if it is a header of papers."""
    if len(text) > 20_000 or text.startswith("|"):
        return None
    best: _Shape | None = None
    most = 1
    for delimiter in _DELIMITERS:
        if delimiter not in text:
            continue
        cells = tuple(_bare(cell) for cell in next(csv.reader([text], delimiter=delimiter), []))
        tags = _TAGS & set(cells)
        if "TI" in tags and len(tags) > 4 and all(_TAG.fullmatch(cell) for cell in cells if cell):
            return _Shape(delimiter, delimiter != "\t", cells, 0)
        known = _known(cells)
        if known > most:
            best, most = _Shape(delimiter, True, cells, 0), known
    return best


def _known(cells: Sequence[str]) -> int:
    """How many cells name a field of papers; none where that is not enough to tell a table of papers."""
    if any(len(cell) > 60 for cell in cells):
        return 0
    fields = fitting(cells)
    if lists_papers(cells) or ("title" in fields and len(fields) > 1 and len(fields) * 2 >= len(cells)):
        return len(fields)
    return 0


def _fitting(shape: _Shape, lines: Sequence[Line]) -> _Shape | None:
    """The shape as the first rows show it; None where none has as many cells."""
    texts = [line.text + "\n" for line in lines if not line.blank]
    rows = _first(shape, texts)
    width = len(shape.header)
    if rows and all(len(row) == width + 1 and row[-1].strip() for row in rows[:-1] or rows):
        return shape._replace(shift=1)
    if not any(_fits(row, width) for row in rows):
        # A quote that is not closed takes all that follows; each line by itself may be a row.
        rows = [row for text in texts[:10] for row in _first(shape, [text])]
    shape = shape._replace(spare=min((max(len(row) - width, 0) for row in rows), default=0))
    return shape if any(_fits(row, width) for row in rows) else None


def _first(shape: _Shape, texts: Sequence[str]) -> list[list[str]]:
    try:
        return [row for _, row in zip(range(10), _reader(shape, iter(texts)), strict=False)]
    except csv.Error:
        return []


def _fits(row: Sequence[str], width: int) -> bool:
    """As many cells as there are columns; empty ones at the end may be left out, or be too many."""
    return 2 * len(row) > max(width, 3) and not any(cell.strip() for cell in row[width:])


def _reader(shape: _Shape, lines: Iterator[str]) -> Iterator[list[str]]:
    if shape.quoting:
        return csv.reader(lines, delimiter=shape.delimiter)
    return csv.reader(lines, delimiter=shape.delimiter, quoting=csv.QUOTE_NONE)


# ------------------------------------------------------------------------------------------------ the rows


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The rows, in their order. Raises SourceError for what is empty or no text; OSError."""
    with Lines(document) as lines:
        found = _found(lines.peek(200))
        if not found:
            first = lines.next_filled(200)
            yield Problem(
                document.origin, first.number if first else 1, "there is no header that names what papers have"
            )
            return
        index, shape = found
        for _ in range(index + 1):
            lines.take()
        nothing = True
        for item in _rows(lines, shape):
            nothing = False
            yield item
        if nothing:
            yield Problem(document.origin, lines.number or 1, "there is no row under the header")


class _Row(NamedTuple):
    """The lines of one row, and its cells; none where it is not closed."""

    lines: list[Line]
    cells: list[str] | None


def _rows(lines: Lines, shape: _Shape) -> Iterator[Listing | Problem]:
    file = lines.document.origin
    reading = _Reading(lines, shape)
    lost = False
    while row := reading.row():
        number, last = row.lines[0].number, row.lines[-1].number
        long = 0
        while lines.oversize and lines.oversize[0] <= last:
            long = lines.oversize.popleft()
        if long >= number:
            yield Problem(file, long, f"a line of more than {LONGEST_LINE >> 10} kB: its row was left out")
        elif row.cells is None:
            # What follows the first line may be rows, or lines of a cell: it is read on from the first whole one.
            if not lost:
                yield Problem(file, number, _LOST)
            lines.give_back(row.lines[1:])
            lost = True
        elif any(cell.strip() for cell in row.cells):
            cells = row.cells[shape.shift :]
            if again := _again(row, cells, shape):
                if again != shape:
                    shape, reading = again, _Reading(lines, again)
            elif not lost or len(cells) == len(shape.header):
                lost = False
                is_last = len(cells) < len(shape.header) and not lines.peek(1)
                yield _listing(file, number, cells, shape, last=is_last)


def _again(row: _Row, cells: Sequence[str], shape: _Shape) -> _Shape | None:
    """What a row says that is a header once more, the same or another: files were put behind each other."""
    if len(row.lines) > 1 or max(map(len, cells), default=99) > 62:
        return None
    told = tuple(map(_bare, cells))
    if told == shape.header:
        return shape
    return _shape(row.lines[0].text) if lists_papers(told) else None


_LOST: Final = "a quote that is not closed, or a cell that is too long: left out up to the next whole row"


class _Reading:
    """Takes lines, a row's at a time."""

    def __init__(self, lines: Lines, shape: _Shape) -> None:
        self._lines = lines
        self._shape = shape
        self._taken: list[Line] = []
        self._size = 0
        self._ended = False
        self._cells = _reader(shape, self._texts())

    def row(self) -> _Row | None:
        """The next row that is not blank; None at the end."""
        self._taken, self._size, self._ended = [], 0, False
        try:
            cells = next(self._cells, None)
        except csv.Error:
            cells, self._ended = None, True
        if self._ended:
            # Only a row whose quote is open asks for more than there is.
            cells, self._cells = None, _reader(self._shape, self._texts())
        return _Row(self._taken, cells) if self._taken else None

    def _texts(self) -> Iterator[str]:
        while (line := self._lines.take()) is not None:
            if not self._taken and line.blank:
                continue
            self._taken.append(line)
            self._size += len(line.text)
            if self._size > _LONGEST or len(self._taken) > _MOST_LINES:
                break
            yield line.text + "\n"
        self._ended = True


def _listing(file: str, line: int, cells: Sequence[str], shape: _Shape, *, last: bool) -> Listing | Problem:
    width = len(shape.header)
    if len(cells) > width + shape.spare or any(cell.strip() for cell in cells[width:]):
        # A comma without quotes, most likely: where, nobody can say.
        return Problem(file, line, f"a row of {len(cells)} cells under a header of {width}: which is which is not told")
    if 2 * len(cells) <= width:
        what = shape.delimiter.join(cells)[:60].strip()
        return Problem(file, line, f"a row of {len(cells)} cells under a header of {width}: '{what}'")
    if last and len(cells) < width:
        return Problem(file, line, f"the last row has {len(cells)} cells of {width}: it may have been cut off")
    position = Position(file, line)
    if not shape.quoting or "TI" in shape.header:
        told: dict[str, list[str]] = {}
        for name, cell in zip(shape.header, cells, strict=False):
            if name and cell.strip():
                told.setdefault(name, []).append(_bare(cell))
        return clarivate.listing(told, position, NAME)
    found = listing(_record(shape.header, cells), position, NAME)
    if found.title or found.abstract:
        return found
    return Problem(file, line, f"a row without a title and an abstract: '{shape.delimiter.join(cells)[:60].strip()}'")


def _record(header: Sequence[str], cells: Sequence[str]) -> Mapping[str, str]:
    """Cells by the names of their columns; of two of one name the first that says something."""
    record: dict[str, str] = {}
    reference_manager = "Item Type" in header and "Date Added" in header
    for number, (name, cell) in enumerate(zip(header, cells, strict=False), 1):
        if value := _bare(cell):
            if reference_manager and name == "Date Modified":
                name = "Entry Modified"  # Zotero's own entry, not the paper
            linked = _HYPERLINK.fullmatch(value)
            if linked:
                record.setdefault("url", linked[1])
                value = linked[2] or linked[1]
            record.setdefault(name or f"column {number}", value)
    return record


def _bare(cell: str) -> str:
    """A cell without what guards it from a spreadsheet's formulas."""
    cell = cell.strip()
    if cell[:1] not in ("=", "'"):
        return cell
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 2:
        return cell[2:-1].replace('""', '"')
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") and len(cell) > 1 else cell


_HYPERLINK: Final = pattern(r'=HYPERLINK\(\s*"([^"]{1,2000})"\s*(?:[,;]\s*"([^"]*)")?\s*\)', re.IGNORECASE)
