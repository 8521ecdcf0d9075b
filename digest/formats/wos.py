"""The Web of Science's tagged text (`savedrecs.txt`, `.ciw`, ISI): lines of a tag of two letters and a space.

    FN Clarivate Analytics Web of Science
    VR 1.0
    PT J
    AU Moreau, A
       Riha, T
    TI Counting papers once
    PY 2026
    ER

    EF

What goes on is indented by three spaces: names one a line, prose wrapped. It looks like RIS and is none.
"""

import re
from collections.abc import Iterator
from typing import Final

from digest.formats.clarivate import listing
from digest.formats.head import Head
from digest.formats.signs import Sign
from digest.formats.tagged import Dialect, gathered, tagged
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern

NAME = "wos"
ABOUT = "the Web of Science's tagged text: FN, PT, AU, TI, SO … ER"
EXAMPLE = """
FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Moreau, A
   Riha, T
AF Moreau, Ada
   Riha, Tomas
TI Counting papers once
SO JOURNAL OF LISTS
AB We measure how reading lists change when repeated papers are counted
   once.
DI 10.1000/lists.7.1
PD MAY 1
PY 2026
UT WOS:000999999900001
ER

EF
"""

_TAG: Final = pattern(r"\n\ufeff?([A-Z][A-Z0-9])(?: |(?=\n|$))")
_DIALECT: Final = Dialect(
    begins=pattern(rb"\n(?:\xef\xbb\xbf)?PT [A-Z]"),
    tag=lambda _: _TAG,
    last="ER",
    ends=True,
    aside=frozenset(("FN", "VR", "EF")),
)
_HEAD: Final = pattern(r"\ufeff?\s*FN [^\n]{3,80}\nVR ")
_RECORD: Final = pattern(
    r"^PT [A-Z]\n(?:(?:(?!PT )[A-Z][A-Z0-9](?: .*+)?+|  .*+)\n){1,400}?(?:TI|SO|AB) ", re.MULTILINE
)
_NAMES: Final = frozenset("AU AF BA BF CA GP BE ED CR RI OI C1 C3 EM FU RP".split())
"""Tags of which each line is a value; the lines of the others are one text."""


def detect(head: Head) -> Sign | None:
    """The head of such a file, or a record of it."""
    return Sign.CERTAIN if _HEAD.match(head.text) or _RECORD.search(head.text) else None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The records, in their order; the file's own lines (FN, VR, EF) list nothing."""
    nothing = True
    for record in tagged(document, _DIALECT):
        nothing = False
        if isinstance(record, Problem):
            yield record
            continue
        told = {
            tag: [line.strip() for value in values for line in value.split("\n")] if tag in _NAMES else values
            for tag, values in gathered(record.fields).items()
        }
        told.pop("ER", None)
        yield listing(told, Position(document.origin, record.line), NAME)
    if nothing:
        yield Problem(document.origin, 1, "there is no record of the Web of Science in it")
