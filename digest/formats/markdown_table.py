"""Tables of papers in Markdown (GitHub's, GFM 4.10), with cells over several lines as generators write them.

The three shapes of notes in Markdown and what they have in common are in `digest.formats.notes`.
"""

from collections.abc import Iterator

from digest.formats import notes
from digest.formats.head import Head
from digest.formats.signs import Sign
from digest.model import Document, Listing, Problem

NAME = "markdown_table"
ABOUT = "a table of papers in Markdown, its columns in any order"
EXAMPLE = """\
## Papers for 2026-05-26

| Title | Authors | Summary | Link |
|-------|---------|---------|------|
| Counting papers once | Ada Moreau | Lists are short. | [Read more](https://arxiv.org/abs/2605.00001) |
"""


def detect(head: Head) -> Sign | None:
    """Certain where most of it are rows under a header that papers have."""
    return notes.detect(head, "row")


def parse(document: Document) -> Iterator[Listing | Problem]:
    """Every row that is about a paper, and items and sections that are, in their order."""
    yield from notes.parse(document, NAME)
