"""Messages to chats: each parcel is one JSON document that is posted to one address.

A parcel is marked before it is posted. What broke before the request was out is put off; what broke after it is in
doubt, for a chat has no way to be asked. Redirects are not followed: the address is a secret, and goes nowhere else.
"""

import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from email.utils import parsedate_to_datetime
from math import isfinite
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import unquote, urlsplit

from digest import clock
from digest.delivery import Journal
from digest.delivery.settings import Secret, Webhook
from digest.errors import UsageError
from digest.model import Outcome, Parcel

if TYPE_CHECKING:
    from http.client import HTTPConnection

T = TypeVar("T")

DEADLINE = 30.0
"""Seconds for one post, from looking up the host to the answer."""

_MOST = 500
"""How much of an answer's text is kept."""
_READ = 4096


class Answer(NamedTuple):
    """What a chat said."""

    status: int
    text: str
    after: float
    """Seconds for which it wants to be left alone."""


class WebhookCarrier:
    """A `digest.delivery.Carrier`. The addresses are read now: raises UsageError for one that is none.

    `clock` gives seconds that only go up.
    """

    def __init__(
        self,
        hooks: Sequence[Webhook],
        reveal: Callable[[Secret], str],
        *,
        clock: Callable[[], float] = clock.monotonic,
        deadline: float = DEADLINE,
    ) -> None:
        self._urls = {hook.name: _checked(reveal(hook.url), hook.name) for hook in hooks}
        self._clock = clock
        self._deadline = deadline

    def carry(self, journal: Journal, stopping: Callable[[], bool]) -> str:
        parcels = journal.step(wanted=1)
        while parcels:
            (parcel,) = parcels
            outcome = self._deliver(parcel, journal)
            parcels = journal.step(settled=[outcome], wanted=0 if stopping() else 1)
        return ""

    def _deliver(self, parcel: Parcel, journal: Journal) -> Outcome:
        url = self._urls.get(parcel.recipient)
        if url is None:
            return Outcome(parcel.id, "refused", f"the config has no webhook {parcel.recipient} any more")
        from http.client import HTTPException

        until = self._clock() + self._deadline
        connection = _connection(url, self._deadline)
        try:
            _within(self._deadline, connection.connect)
        except (OSError, HTTPException, ValueError) as error:
            _let_go(connection)
            return Outcome(parcel.id, "deferred", _veiled(f"no connection: {_reason(error)}", url))
        journal.step(marked=[parcel.id])
        try:
            answer = _within(until - self._clock(), lambda: _posted(connection, url, parcel.content))
        except (OSError, HTTPException, ValueError) as error:
            return Outcome(parcel.id, "in doubt", _veiled(f"the connection broke: {_reason(error)}", url))
        finally:
            _let_go(connection)
        return _outcome(parcel.id, answer._replace(text=_veiled(answer.text, url)))


# -------------------------------------------------------------------------------------------------- the post


def _within(seconds: float, work: Callable[[], T]) -> T:
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


def _posted(connection: "HTTPConnection", url: str, content: bytes) -> Answer:
    parts = urlsplit(url)
    connection.request(
        "POST",
        f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}",
        body=content,
        headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "paperdigest"},
    )
    answer = connection.getresponse()
    text = answer.read(_READ)
    after = _after(answer.getheader("Retry-After") or "", answer.getheader("Date") or "") or _after_in(text)
    return Answer(answer.status, _printable(text), after)


def _connection(url: str, seconds: float) -> "HTTPConnection":
    from http.client import HTTPConnection, HTTPSConnection
    from ssl import create_default_context

    parts = urlsplit(url)
    if parts.scheme == "https":
        context = create_default_context()
        return HTTPSConnection(parts.hostname or "", parts.port, timeout=seconds, context=context)
    return HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)


def _let_go(connection: "HTTPConnection") -> None:
    """Whatever still waits for it waits no more."""
    from socket import SHUT_RDWR

    with suppress(OSError, AttributeError):  # it may have no socket yet
        connection.sock.shutdown(SHUT_RDWR)
    connection.close()


# ------------------------------------------------------------------------------------------------ the answer


def _outcome(seq: int, answer: Answer) -> Outcome:
    status = answer.status
    told = f"HTTP {status}{f': {answer.text}' if answer.text else ''}"
    if 200 <= status < 300:
        return Outcome(seq, "accepted", told)
    if status in (408, 425, 429) or status >= 500:
        return Outcome(seq, "deferred", told, after=answer.after)
    if 300 <= status < 400:
        return Outcome(seq, "refused", f"HTTP {status}: it leads elsewhere, and is not followed; use the new address")
    return Outcome(seq, "refused", told)


def _after(field: str, date: str) -> float:
    """Seconds to wait by a field `Retry-After` (RFC 9110 section 10.2.3), whose date is compared with the answer's own;
    0 where it says nothing.
    """
    if field.strip().isdecimal():
        return float(field)
    try:
        return max((parsedate_to_datetime(field) - parsedate_to_datetime(date)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return 0.0


def _after_in(text: bytes) -> float:
    """The same by a chat's JSON: Discord's `retry_after`, Telegram's `parameters: retry_after`."""
    try:
        said = json.loads(text)
    except ValueError:
        return 0.0
    for table in (said, said.get("parameters")) if isinstance(said, dict) else ():
        seconds = table.get("retry_after") if isinstance(table, dict) else None
        if isinstance(seconds, int | float) and isfinite(seconds) and seconds > 0:
            return float(seconds)
    return 0.0


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _veiled(text: str, url: str) -> str:
    """`text` without the address, which is a secret, and without any part of it that could be one."""
    parts = urlsplit(url)
    pieces = {url, parts.path, parts.query, *re.split("[/&=]", f"{parts.path}&{parts.query}")}
    for piece in sorted(pieces | set(map(unquote, pieces)), key=len, reverse=True):
        if len(piece) >= 4:
            text = text.replace(piece, "…")
    return _printable(text.encode("utf-8", "replace"))


def _printable(text: bytes) -> str:
    told = text.decode("utf-8", "replace")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in told).split())[:_MOST]


# ----------------------------------------------------------------------------------------------- the address


def _checked(url: str, name: str) -> str:
    try:
        parts = urlsplit(url)
        good = bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        good, parts = False, urlsplit("")
    if not good or not url.isascii() or re.search(r"[\s\0-\x1f]", url):
        raise UsageError(f"the address of the webhook {name} is none; it is as https://hooks.example.org/...")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(parts.hostname or "")):
        raise UsageError(f"the address of the webhook {name} must begin with https://")
    return url


def _is_here(host: str) -> bool:
    return host in ("localhost", "::1") or bool(re.fullmatch(r"127(?:\.\d{1,3}){3}", host))
