"""Daily digests in Markdown, as many programs publish them: a heading for each paper, labelled lines under it.

The three shapes of notes in Markdown and what they have in common are in `digest.formats.notes`. What a model wrote
about a paper (TL;DR, summary, motivation) is kept in the details: an abstract is what is called one.
"""

from collections.abc import Iterator

from digest.formats import notes
from digest.formats.head import Head
from digest.formats.signs import Sign
from digest.model import Document, Listing, Problem

NAME = "daily_markdown"
ABOUT = "a daily digest in Markdown: headings that are papers, with authors, abstract and links labelled under them"
EXAMPLE = """\
### [1] [Counting papers once](https://arxiv.org/abs/2605.00001)
*Ada Moreau, Tomás Říha*

Main category: cs.DL

TL;DR: Lists are shorter than they look.

Abstract: We measure how reading lists change when repeated papers are counted once …
"""


def detect(head: Head) -> Sign | None:
    """Certain where most of it are headings with a paper's labels under them."""
    return notes.detect(head, "section")


def parse(document: Document) -> Iterator[Listing | Problem]:
    """Every section that is about a paper, and items and rows that are, in their order."""
    yield from notes.parse(document, NAME)
