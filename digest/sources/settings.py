"""What an operator says of sources, as values. Nothing here opens, connects or reads anything."""

from pathlib import Path
from typing import Any, NamedTuple


class Fetching(NamedTuple):
    """How addresses are asked."""

    contact: str = ""
    """A mail address that services are told, so that they can write before they lock somebody out."""
    every: float = 1.0
    """Hours for which an answer is as good as a new one."""
    deadline: float = 60.0
    """Seconds for one answer, from looking up the host to its last byte."""
    patience: float = 600.0
    """Seconds for all sources of a run together, waits among them."""
    private: bool = False
    """Addresses of this machine and of networks that are not public may be asked, too."""
    authorities: Path | None = None
    """A file of certificates to trust in place of the system's."""


class Feed(NamedTuple):
    """Any feed, or any other page that lists papers, by its address."""

    url: str
    name: str = ""
    """What messages call it; its address without a query where it is empty."""


class Wanted(NamedTuple):
    """One source of the config."""

    kind: str
    """Its name in `digest.sources.SOURCES`."""
    name: str
    """What messages and the ledger of days call it."""
    settings: Any
    """What its kind takes."""


class Arxiv(NamedTuple):
    """arXiv's announcements in some categories, or what a query finds."""

    categories: tuple[str, ...] = ()
    query: str = ""
    """As arXiv's API has it: `all:quantization AND cat:cs.LG`."""
    newest: int = 200
    """So many of what the query finds, the newest first."""
    at: str = ""
    """Where it answers, in place of arXiv's own hosts."""
