"""What an operator says of sources, as values. Nothing here opens, connects or reads anything."""

from pathlib import Path
from typing import Any, NamedTuple

from digest.delivery.settings import Imap, Maildir, Secret


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
    """Any feed by its address, or any other page that lists papers."""

    url: str
    page: bool = False
    """It may be anything; a feed is XML or JSON, and a web page in its place says that something is wrong."""


class Wanted(NamedTuple):
    """One source of the config."""

    kind: str
    """Its name in `digest.sources.SOURCES`."""
    name: str
    """What messages and the ledger of days call it."""
    settings: Any
    """What its kind takes."""

    @property
    def secret(self) -> Secret | None:
        """Where the key or the password is that it needs; None where it needs none."""
        match self.settings:
            case Mailbox(where=Imap() as server):
                return server.password
            case Pubmed(key=key) | SemanticScholar(key=key):
                return key
        return None

    @property
    def is_service(self) -> bool:
        """It is asked at somebody else's, who may want to know whom to write to."""
        return not isinstance(self.settings, Folder | Mailbox)

    @property
    def has_days(self) -> bool:
        """It can be asked for a day that is past; what the others list is whatever they list now."""
        return self.kind in ("huggingface", "biorxiv", "medrxiv", "pubmed") or self.announces

    @property
    def announces(self) -> bool:
        """It has arXiv's announcements, each on the day after its evening."""
        return isinstance(self.settings, Arxiv) and not self.settings.query


class Arxiv(NamedTuple):
    """arXiv's announcements in some categories, or what a query finds."""

    categories: tuple[str, ...] = ()
    query: str = ""
    """As arXiv's API has it: `all:quantization AND cat:cs.LG`."""
    newest: int = 200
    """So many of what the query finds, the newest first."""
    at: str = ""
    """Where it answers, in place of arXiv's own hosts."""


class HuggingFace(NamedTuple):
    """Hugging Face's Daily Papers."""

    at: str = ""


class Rxiv(NamedTuple):
    """What was posted at bioRxiv or medRxiv."""

    server: str
    """`biorxiv` or `medrxiv`."""
    categories: tuple[str, ...] = ()
    """All where there are none."""
    at: str = ""


class Pubmed(NamedTuple):
    """What PubMed finds among its new records."""

    query: str
    key: Secret | None = None
    at: str = ""


class OpenReview(NamedTuple):
    """Submissions to venues, by the ids that OpenReview gives these."""

    venues: tuple[str, ...]
    newest: int = 1000
    """So many of each venue, those that changed last first."""
    at: str = ""


class SemanticScholar(NamedTuple):
    """What Semantic Scholar finds among recent papers."""

    query: str
    subjects: tuple[str, ...] = ()
    """Its fields of study; all where there are none."""
    days: int = 14
    """So many days back by the date of publication."""
    key: Secret | None = None
    at: str = ""


class Mailbox(NamedTuple):
    """A folder of mails that list papers."""

    where: Imap | Maildir


class Folder(NamedTuple):
    """A folder into which files are dropped."""

    path: Path
