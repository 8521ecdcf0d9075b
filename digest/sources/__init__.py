"""Where documents come from. A source gives documents that nobody has looked inside yet, or a Problem.

    for document in visit(wanted, trip): …

`files` reads this machine; the others are asked over the network, by the client in `web`, and what is known of their
days afterwards is told by `days.found`.
"""

from typing import TYPE_CHECKING, Any, Protocol

from digest.plugins import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.model import Document, Problem
    from digest.sources.settings import Wanted
    from digest.sources.trip import Trip


class Source(Protocol):
    """One kind of source."""

    def __call__(self, settings: Any, trip: "Trip") -> "Iterator[Document | Problem]":
        """What it lists: see `digest.sources.trip`. May raise DigestError where it cannot be asked at all.

        `settings` are a value of `digest.sources.settings`; of a package's source they are what stands in the config,
        as texts, lists and mappings.
        """
        ...


SOURCES: Registry[Source] = Registry(
    "digest.sources",
    {
        "feed": "digest.sources.feed:fetch",
        "page": "digest.sources.feed:fetch",
        "arxiv": "digest.sources.arxiv:fetch",
        "huggingface": "digest.sources.huggingface:fetch",
        "biorxiv": "digest.sources.biorxiv:fetch",
        "medrxiv": "digest.sources.biorxiv:fetch",
        "pubmed": "digest.sources.pubmed:fetch",
        "openreview": "digest.sources.openreview:fetch",
        "semantic_scholar": "digest.sources.semantic_scholar:fetch",
        "imap": "digest.sources.mailbox:fetch",
        "maildir": "digest.sources.mailbox:fetch",
        "folder": "digest.sources.folder:fetch",
    },
)


def visit(wanted: "Wanted", trip: "Trip") -> "Iterator[Document | Problem]":
    """What one source lists. Raises DigestError where it cannot be asked at all."""
    return SOURCES[wanted.kind](wanted.settings, trip)
