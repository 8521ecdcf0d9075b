"""Reading lists, as Markdown or as plain text: items that lead to papers, awesome-lists, lists of bare ids.

The three shapes of notes in Markdown and what they have in common are in `digest.formats.notes`.
"""

from collections.abc import Iterator

from digest.formats import notes
from digest.formats.head import Head
from digest.formats.signs import Sign
from digest.model import Document, Listing, Problem

NAME = "reading_list"
ABOUT = "a list of papers in Markdown or plain text: a title, a link, perhaps authors, a venue, notes under it"
EXAMPLE = """\
## Counting

- [Counting papers once](https://arxiv.org/abs/2605.00001) — Ada Moreau, Tomás Říha, ICLR 2026
- **Sparse reading lists** [[paper]](https://arxiv.org/abs/2605.00002) [[code]](https://github.com/example/lists)
"""


def detect(head: Head) -> Sign | None:
    """Certain where a good part of it are items that lead to papers; prose that names a few is no list."""
    return notes.detect(head, "item")


def parse(document: Document) -> Iterator[Listing | Problem]:
    """Every item that leads to a paper, and rows and sections that do, in their order."""
    yield from notes.parse(document, NAME)
