"""Papers by number, the same in every process that a test starts."""

from builders import a_listing

from digest.merging import merge
from digest.model import Paper


def papers(first: int, count: int, file: str = "page.txt") -> list[Paper]:
    """`count` papers of some 1.5 kB with the arXiv ids 2605.00001 and so on, counted from `first`."""
    return merge(
        a_listing(
            file=file,
            line=number,
            arxiv=f"2605.{number:05d}",
            abstract=f"Paper number {number}, told from the others by its number. " * 30,
        )
        for number in range(first, first + count)
    )
