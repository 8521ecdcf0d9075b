"""One HTTP request to an address that is a secret, and its answer, both within a deadline.

Redirects are not followed: the address goes nowhere else. No text that leaves this module has the address in it, or a
part of it that could open something.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import unquote, urlsplit

from digest import clock
from digest.errors import UsageError

if TYPE_CHECKING:
    from http.client import HTTPConnection

T = TypeVar("T")

DEADLINE = 30.0
"""Seconds for one request, from looking up the host to the answer."""

LONGEST_REST = 86_400.0
"""Seconds. Who asks to be left alone for longer than a day is asked after a day."""

_MOST = 500
"""How much of an answer's text is kept."""
_READ = 4096


class Answer(NamedTuple):
    """What was said."""

    status: int
    content: bytes
    """The beginning of it."""
    after: float
    """Seconds for which `Retry-After` wants us to stay away; 0 where it says nothing."""

    @property
    def text(self) -> str:
        """The same on one line, for people."""
        return printable(self.content)


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` gives or raises, or a TimeoutError. A thread: sockets know how long one byte may take, and the
    system's resolver knows no time at all.
    """
    from http.client import HTTPException

    found: list[T] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            found.append(work())
        except (OSError, HTTPException, ValueError) as error:
            failed.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(max(seconds, 0.0))
    if failed:
        raise failed[0]
    if not found:
        raise TimeoutError("it took too long")
    return found[0]


def asked(connection: "HTTPConnection", url: str, content: bytes | None = None) -> Answer:
    """The answer to a POST of a JSON document, or, where there is none, to a GET."""
    parts = urlsplit(url)
    connection.request(
        "GET" if content is None else "POST",
        f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}",
        body=content,
        headers={"User-Agent": "paperdigest"}
        | ({} if content is None else {"Content-Type": "application/json; charset=utf-8"}),
    )
    answer = connection.getresponse()
    after = retry_after(answer.getheader("Retry-After") or "", answer.getheader("Date") or "", clock.now())
    return Answer(answer.status, answer.read(_READ), after)


def opened(url: str, seconds: float) -> "HTTPConnection":
    """A connection that is not made yet."""
    from http.client import HTTPConnection, HTTPSConnection
    from ssl import create_default_context

    parts = urlsplit(url)
    if parts.scheme == "https":
        context = create_default_context()
        return HTTPSConnection(parts.hostname or "", parts.port, timeout=seconds, context=context)
    return HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)


def let_go(connection: "HTTPConnection") -> None:
    """Whatever still waits for it waits no more."""
    from socket import SHUT_RDWR

    with suppress(OSError, AttributeError):  # it may have no socket yet
        connection.sock.shutdown(SHUT_RDWR)
    connection.close()


def retry_after(field: str, date: str, now: datetime) -> float:
    """Seconds to wait by a field `Retry-After`, seconds or a date (RFC 9110 section 10.2.3); 0 where it says nothing.
    A date is compared with the answer's own: clocks differ. At most a day, whatever it says.
    """
    field = field.strip()
    if field.isascii() and field.isdecimal():
        return float(min(int(field[:9]), LONGEST_REST))
    until = _instant(field)
    if not until:
        return 0.0
    return min(max((until - (_instant(date) or now)).total_seconds(), 0.0), LONGEST_REST)


def _instant(field: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(field)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def veiled(text: str, url: str) -> str:
    """`text` without the address, which is a secret, and without any part of it that could be one."""
    parts = urlsplit(url)
    pieces = {url, parts.path, parts.query, *re.split("[/&=]", f"{parts.path}&{parts.query}")}
    for piece in sorted(pieces | set(map(unquote, pieces)), key=len, reverse=True):
        if len(piece) >= 4:
            text = text.replace(piece, "…")
    return printable(text.encode("utf-8", "replace"))


def printable(text: bytes) -> str:
    told = text.decode("utf-8", "replace")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in told).split())[:_MOST]


# ----------------------------------------------------------------------------------------------- the address


def checked(url: str, whose: str) -> str:
    """The address itself. Raises UsageError for one that is none, or that would be asked for in clear text."""
    try:
        parts = urlsplit(url)
        good = bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        good, parts = False, urlsplit("")
    if not good or not url.isascii() or re.search(r"[\s\0-\x1f]", url):
        raise UsageError(f"the address of {whose} is none; it is as https://hooks.example.org/...")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(parts.hostname or "")):
        raise UsageError(f"the address of {whose} must begin with https://")
    return url


def _is_here(host: str) -> bool:
    return host in ("localhost", "::1") or bool(re.fullmatch(r"127(?:\.\d{1,3}){3}", host))
