"""Every value that crosses the boundary of a stage. All are frozen; none is "filled in later".

    Document -> Listing | Problem -> Paper -> Ranked -> Digest -> Edition -> Rendition -> Receipt
                                                                   Edition -> Delivery -> Outcome

The stages' own values are data classes, named field by field; their parts are named tuples, which cost a start of
the program a fifth of that. Unknown is None, or empty where the field is a collection. Texts are clean (see
`digest.text.clean`): one line, NFC, nothing that XML, a mail header or a terminal could choke on. TeX is kept as the
source wrote it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import fsum
from typing import BinaryIO, Literal, NamedTuple

Kind = Literal["new", "cross-list", "replaced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Something that may list papers: nobody has looked inside yet, and it is never held whole."""

    origin: str
    """What a message calls it: the path as it was given, or an address."""
    open: Callable[[], BinaryIO]
    """Opens its bytes anew, at the start; may raise OSError."""
    media_type: str | None = None
    fetched: datetime | None = None
    moving: bool = False
    """What it lists stands in another line tomorrow, as in a feed: no listing is known by its line."""
    since: date | None = None
    """It lists what was changed on a day: what was created before this one is an older paper, and the rest is new."""


class Position(NamedTuple):
    """Where a listing begins: a document's origin and a line, counted from 1."""

    file: str
    line: int
    """0 where lines say nothing: see `Document.moving`."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Problem(NamedTuple):
    """A failure that did not stop the run: one listing, or one source, that could not be read."""

    file: str
    line: int | None
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}" if self.line else f"{self.file}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bibliographic:
    """What may be known of a paper, by whoever tells it."""

    ids: Mapping[str, str] = field(default_factory=dict)
    """Scheme to identifier: `arxiv` without version, `doi` in lower case without resolver."""
    version: int | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    authors_truncated: bool = False
    """The list of authors was cut (`et al.`): there are more than `authors` names."""
    author_count: int | None = None
    """How many authors the source says there are."""
    abstract: str | None = None
    comments: str | None = None
    categories: tuple[str, ...] = ()
    created: date | None = None
    updated: date | None = None
    published: date | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, int] = field(default_factory=dict)
    kind: Kind | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    """What else a source says, each under its usual name: `venue`, `volume`, `pages`, `publisher`, `language`, `type`,
    `license`, `report`, `date` (one that is no whole day: `2023-05`), …
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Bibliographic):
    """One appearance of a paper in one document."""

    position: Position
    format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper(Bibliographic):
    """What one or more listings turned out to be. It keeps them, so nothing is thrown away."""

    id: str
    """Stable: `arxiv:2508.03332`, `doi:10.1000/x`, or a fingerprint of the text where no id is known."""
    headline: str
    """The title; where no listing has one, a headline made from the abstract."""
    listings: tuple[Listing, ...]

    @property
    def date(self) -> date | None:
        """The day by which a reader files the paper: the first that is known of published, created, updated."""
        return self.published or self.created or self.updated


class Term(NamedTuple):
    """A keyword or a phrase with its weight; `text` is as the person wrote it, without quotes."""

    text: str
    weight: float = 1.0


class Addressee(NamedTuple):
    """Where something is delivered: a mail address, or a webhook by the name that the config gives it."""

    channel: str
    """`mail` or `webhook`."""
    address: str
    name: str = ""
    """A person's, as mail shows it."""


class Schedule(NamedTuple):
    """When a profile's editions are due, by the clocks of its zone."""

    at: time = time(6)
    days: frozenset[int] = frozenset(range(7))
    """Days of the week, 0 is Monday."""
    every: int = 1
    """At least so many days lie between the days of two editions."""
    grace: timedelta | None = None
    """An edition that was missed is made so long after its time, and not later; None: until the next one is due."""
    minimum: int = 0
    """Fewer papers make no edition, and wait for the next one."""
    patience: int = 3
    """But none that is shown waits longer than so many days for others."""
    vacation: tuple[tuple[date, date], ...] = ()
    """First and last days of spans without editions."""


PUBLISHED = ("rss", "atom", "jsonfeed", "html", "txt", "md", "json", "bib", "ris")
"""The formats that a profile can be published in, as `digest.rendering.RENDERERS` names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Whom an edition is for and what they want to read."""

    name: str
    """A slug, `[a-z0-9-]{1,64}`: it is a folder's name and part of addresses."""
    title: str
    terms: tuple[Term, ...] = ()
    authors: tuple[Term, ...] = ()
    mutes: tuple[str, ...] = ()
    limit: int = 30
    threshold: float = 0.0
    """The least score that is shown. A score of 0 or less is never shown, whatever the threshold."""
    zone: str = "UTC"
    revised: bool = False
    """Papers are shown too of which only new versions are listed."""
    private: bool = False
    """Published under an address that nobody can guess, and named nowhere else."""
    recipients: tuple[Addressee, ...] = ()
    """Who is sent each edition."""
    publish: tuple[str, ...] = PUBLISHED
    """In which formats; empty: nothing is published of it. Where there is any, `html` is among them."""
    schedule: Schedule = field(default_factory=Schedule)
    """When `digest run --due` and `digest schedule` make its editions."""


class Reason(NamedTuple):
    """One part of a score: `+3.0 "quantization" in title`."""

    signal: str
    term: str
    place: str
    points: float

    def __str__(self) -> str:
        return f"{self.points:+.2f}".removesuffix("0") + f' "{self.term}" in {self.place}'


class Score(NamedTuple):
    """A number made of named parts; the total is exactly their sum, in hundredths."""

    reasons: tuple[Reason, ...] = ()

    @property
    def total(self) -> float:
        return round(fsum(reason.points for reason in self.reasons), 2)


class Ranked(NamedTuple):
    """A paper and why it stands where it stands."""

    paper: Paper
    score: Score


class Section(NamedTuple):
    """A run of ranked papers under one heading; the order over all sections is the ranking's."""

    title: str
    ranked: tuple[Ranked, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of the papers that were considered for a digest. `considered` is the sum of the others."""

    shown: int = 0
    beyond_limit: int = 0
    below_threshold: int = 0
    unmatched: int = 0
    muted: int = 0
    already_shown: int = 0
    revised: int = 0
    """Only new versions of them were listed."""

    @property
    def considered(self) -> int:
        left_out = self.beyond_limit + self.below_threshold + self.unmatched + self.muted + self.revised
        return self.shown + left_out + self.already_shown


Verdict = Literal[
    "delivered", "quiet day", "holiday", "all filtered", "source failed", "source stale", "delivery failed", "in doubt"
]
"""How a day or a run ended: see `digest.verdicts`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The content of an edition, without identity."""

    profile: str
    title: str
    day: date
    sections: tuple[Section, ...]
    tally: Tally
    problems: tuple[Problem, ...] = ()
    verdict: Verdict = "delivered"
    """Why it shows nothing, where it shows nothing."""
    announced: tuple[date, ...] = ()
    """The evenings in New York of arXiv's announcements that it covers; empty where it shows no paper of arXiv's."""

    @property
    def ranked(self) -> tuple[Ranked, ...]:
        """All papers in the order of the ranking."""
        return tuple(ranked for section in self.sections for ranked in section.ranked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A digest that was kept: one per (profile, local day), never changed afterwards."""

    digest: Digest
    number: int
    """1 for the profile's first edition, counted up without gaps."""
    issued: datetime
    """The first instant of its local day, with that day's offset from UTC: the date that feeds and pages carry."""


PRIVATE = "private"
"""How the name of a private profile's folder begins, before a dot: no profile can have a name with a dot."""


class ArchiveDay(NamedTuple):
    """One line of a profile's archive."""

    day: date
    number: int
    shown: int
    headline: str | None
    """The first paper's, where there was one."""


class ShownPaper(NamedTuple):
    """A paper that an edition showed, as a search over past editions needs it."""

    day: date
    """The edition's."""
    id: str
    headline: str
    authors: tuple[str, ...]


class Archive(NamedTuple):
    """What is published of one profile: its newest editions whole, and a line for each it ever had."""

    profile: str
    title: str
    recent: tuple[Edition, ...]
    """Newest first."""
    days: tuple[ArchiveDay, ...]
    """Newest first."""
    folder: str
    """Where it is published below the site's root: the profile's name, or a folder that nobody can guess."""
    revised: Mapping[str, Paper] = {}
    """Papers of the recent editions of which more is known by now than the edition says, by the id they have there."""
    first: Mapping[str, date] = {}
    """The day of the first edition that showed a paper, where that is not the first of `recent` that does."""
    lines: tuple[ShownPaper, ...] = ()
    """The papers of every edition in the months of the recent ones, newest day first, each in its edition's order;
    empty where nobody asked a store for them.
    """

    published: tuple[str, ...] = PUBLISHED
    """In which formats it is published."""

    @property
    def private(self) -> bool:
        """Its address is for who knows it: nothing else that is published names it."""
        return self.folder.startswith(f"{PRIVATE}.")

    @property
    def public(self) -> bool:
        """Everybody may find it."""
        return bool(self.published) and not self.private

    def path(self, day: date, suffix: str = ".html") -> str:
        """Where the edition of that day stands below the site's root: `ana/2026-05-26.html`."""
        return f"{self.folder}/{day.isoformat()}{suffix}" if self.folder else f"{day.isoformat()}{suffix}"

    def at(self, name: str) -> str:
        """Where a file of the whole archive stands below the site's root: `ana/rss.xml`."""
        return f"{self.folder}/{name}" if self.folder else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What all pages and feeds share."""

    title: str = "Paper digest"
    base_url: str | None = None
    """Where the published folder is served, ending in `/`; None where nobody has said."""
    note: str = ""
    """The operator's words to the readers, in Markdown."""
    templates: str | None = None
    """The operator's own templates: a folder whose files take the place of the shipped ones of their names."""


class Rendition(NamedTuple):
    """An edition, a page or a feed as bytes, ready to travel; it knows nothing of who carries it."""

    format: str
    media_type: str
    path: str
    """Relative to the site's root, with `/`: `ana/rss.xml`."""
    content: bytes


State = Literal[
    "planned", "rendered", "claimed", "dot sent", "accepted", "deferred", "refused", "suppressed", "expired", "in doubt"
]
"""How far one edition has come on its way to one recipient.

    planned ─▶ rendered ─▶ claimed ─▶ dot sent ─▶ accepted | refused | deferred ─▶ claimed …
       └──────────┴──────────┴── suppressed, expired         └─▶ in doubt

What is rendered or deferred, and was never `dot sent`, is planned again where the config that it was written with has
changed.

`dot sent` is committed just before what completes the message is sent: what is claimed without it is certainly
unsent, and what has it without an answer is in doubt (RFC 1047). `accepted`, `refused`, `suppressed`, `expired` and
`in doubt` are outcomes: nothing is sent any more, unless an operator says so.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One edition on its way to one recipient: a row of the ledger."""

    id: int
    profile: str
    day: date
    """The edition's."""
    to: Addressee
    state: State
    attempts: int = 0
    """How many tries the server put off; one that never got an answer of its own does not count."""
    message_id: str = ""
    """Without angle brackets; empty before it is rendered."""
    detail: str = ""
    """The server's last words, or why there are none."""
    changed: datetime
    due: datetime | None = None
    """Not to be tried before."""
    expires: datetime
    carried_into: int | None = None
    """The later delivery that took these papers along, because this one may not have arrived; or that leaves them."""
    decided: Literal["", "carry", "drop", "left"] = ""
    """The operator's word on these papers: the next delivery takes them along, or none does. `left`: none does any
    more, because too many with them were refused.
    """


class Parcel(NamedTuple):
    """What a channel is given to deliver: bytes that were frozen, and whom they are for."""

    id: int
    """The delivery's."""
    sender: str
    """The envelope's, where a bounce goes; empty for what is no mail."""
    recipient: str
    content: bytes


class Outcome(NamedTuple):
    """What became of a parcel."""

    id: int
    """The delivery's."""
    state: Literal["accepted", "refused", "deferred", "in doubt", "rendered"]
    """`rendered`: given back untried, because the server stopped to serve us; it burns no attempt."""
    detail: str = ""
    """The server's reply, or what happened instead."""
    hard: bool = False
    """It was refused because of this very address: a hard bounce (RFC 3463 5.1.x)."""
    after: float = 0.0
    """It was deferred, and wants to be left alone for so many seconds (`Retry-After`)."""


class Receipt(NamedTuple):
    """What became of handing something to a channel."""

    channel: str
    recipient: str
    outcome: Literal["delivered", "unchanged", "failed"]
    detail: str = ""
