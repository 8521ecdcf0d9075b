"""What is told of a measurement, and how it is set out for a person to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import linear_regression


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A cold start, beside a Python that does as good as nothing."""

    command: str
    cpu: float
    base: str
    """What the Python beside it ran."""
    ratio: float
    least: float
    most: float
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """A whole daily run of one tool."""

    tool: str
    papers: int
    cpu: float
    wall: float
    peak: float
    """Greatest resident size, in MB."""
    ratio: float
    """Of its CPU time to ours."""
    limit: float
    """The least that this may be; 0 where nobody set one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Many:
    """A whole daily run of many readers, beside the plain way."""

    readers: int
    papers: int
    cpu: float
    wall: float
    peak: float
    """Greatest resident size, in MB."""
    plain: float
    """The CPU seconds that all these readers would take the plain way."""
    ratio: float
    limit: float
    """The least that this may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage inside a process, beside its baseline."""

    stage: str
    count: int
    """How many listings, papers or entries it worked through."""
    cpu: float
    ratio: float
    size: int
    """How many bytes it read, looked at or made."""
    peak: float
    """Greatest resident size of its process, in MB."""
    rise: float
    """How much of that was not there before the stage began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A command over one page, beside a Python that reads that page."""

    command: str
    count: int
    cpu: float
    ratio: float
    peak: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """A kind of thing that is made for each of many readers, beside the plain way."""

    kind: str
    count: int
    cpu: float
    """Seconds for a reader, the median over blocks of them."""
    plain: float
    ratio: float
    size: int
    """Bytes for a reader, on average."""
    rise: float
    """MB by which the process grew after the first hundred readers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Large:
    """One large edition in one format."""

    format: str
    count: int
    cold: float
    """Seconds from nothing."""
    cpu: float
    """Seconds when other editions of the day have shown its papers before."""
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """Mails on their way into a server of this machine, with every guarantee; ratios are ours to theirs, in turn."""

    connections: int
    count: int
    cpu: float
    """Seconds for a mail, from its finished bytes to its outcome on disk."""
    freezing: float
    """Of these: until its bytes are on disk."""
    to_bytes: float
    """To the CPU of smtplib over one connection, given bytes; text; a message."""
    to_text: float
    to_message: float
    to_each: float
    """To that of smtplib with a connection for each mail."""
    carrying: float
    """As `to_bytes`, without freezing."""
    to_source_cpu: float
    rate: float
    """Mails a second."""
    to_source: float
    """To the rate of smtp-source with as many connections."""
    to_kept: float
    """To that of smtplib over one."""
    rise: float
    """MB by which the process grew after the first tenth."""
    log: float
    """MB of the store's log in the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Far:
    """One connection to a server that is far away."""

    delay: float
    """Seconds there and back."""
    count: int
    rate: float
    """Mails a second."""
    plain: float
    """Of smtplib over one connection."""
    ratio: float
    to_each: float
    """To the rate of smtplib with a connection for each mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A format's parser over a long document, beside another reader of such documents, in turn."""

    format: str
    made: str
    """What the document was made of."""
    size: int
    count: int
    """How many listings there were."""
    problems: int
    cpu: float
    peer: str
    plain: float
    """CPU seconds of the peer."""
    ratio: float
    """How many times as fast as the peer."""
    limit: float | None
    """How many times it must be at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What reading a file takes of memory."""

    format: str
    size: int
    count: int
    peak: float
    """Greatest resident size of its process, in MB."""
    rise: float
    """How much of that was not there before it began."""


def exponent(sizes: Sequence[int], times: Sequence[float]) -> float:
    """By which power of the size the time grows: least squares over the logarithms. At least two sizes."""
    return linear_regression([log(size) for size in sizes], [log(time) for time in times]).slope


def verdict(value: float, limit: float) -> str:
    return "ok" if value <= limit else "OVER"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with aligned columns: the first and words to the left, figures to the right."""
    columns = list(zip(header, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    aligned = [str.rjust if any(cell[:1].isdigit() for cell in column) else str.ljust for column in columns]
    aligned[0] = str.ljust
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join(
        f"| {' | '.join(pad(cell, width) for cell, width, pad in zip(line, widths, aligned, strict=True))} |"
        for line in lines
    )
