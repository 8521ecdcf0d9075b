"""Messages to chats: each parcel is one JSON document that is posted to one address.

A parcel is marked before it is posted. What broke before the request was out is given back; what broke after it is in
doubt, for a chat has no way to be asked. Redirects are not followed: the address is a secret, and goes nowhere else.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Timer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.delivery import Journal
from digest.delivery.settings import Secret, Webhook
from digest.errors import UsageError
from digest.model import Outcome, Parcel

if TYPE_CHECKING:
    from http.client import HTTPConnection

DEADLINE = 30.0
"""Seconds for one post, from connecting to the answer."""

_MOST = 500
"""How much of an answer's text is kept."""


class WebhookCarrier:
    """A `digest.delivery.Carrier`. The addresses are read now: raises UsageError for one that is none."""

    def __init__(self, hooks: Sequence[Webhook], reveal: Callable[[Secret], str], deadline: float = DEADLINE) -> None:
        self._urls = {hook.name: _checked(reveal(hook.url), hook.name) for hook in hooks}
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

        connection = _connection(url, self._deadline)
        watchdog = Timer(self._deadline, _cut, [connection])
        watchdog.daemon = True
        watchdog.start()
        marked = False
        try:
            connection.connect()
            journal.step(marked=[parcel.id])
            marked = True
            parts = urlsplit(url)
            connection.request(
                "POST",
                f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}",
                body=parcel.content,
                headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "paperdigest"},
            )
            answer = connection.getresponse()
            text = _printable(answer.read(_MOST))
            return _outcome(parcel.id, answer.status, text, answer.getheader("Retry-After") or "")
        except (OSError, HTTPException, ValueError, AttributeError) as error:
            # AttributeError: the watchdog took the socket away from under http.client.
            what = _reason(error, url)
            return Outcome(parcel.id, "in doubt" if marked else "deferred", what)
        finally:
            watchdog.cancel()
            connection.close()


def _outcome(seq: int, status: int, text: str, later: str) -> Outcome:
    told = f"HTTP {status}{f': {text}' if text else ''}"
    if 200 <= status < 300:
        return Outcome(seq, "accepted", told)
    if status in (408, 425, 429) or status >= 500:
        return Outcome(seq, "deferred", f"{told}{f' (retry after {_printable(later.encode())})' if later else ''}")
    if 300 <= status < 400:
        return Outcome(seq, "refused", f"HTTP {status}: it leads elsewhere, and is not followed; use the new address")
    return Outcome(seq, "refused", told)


def _checked(url: str, name: str) -> str:
    try:
        parts = urlsplit(url)
        good = bool(parts.hostname) and parts.port != 0
    except ValueError:
        good, parts = False, urlsplit("")
    if not good or not url.isascii() or re.search(r"[\s\0-\x1f]", url):
        raise UsageError(f"the address of the webhook {name} is none; it is as https://hooks.example.org/...")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(parts.hostname or "")):
        raise UsageError(f"the address of the webhook {name} must begin with https://")
    return url


def _is_here(host: str) -> bool:
    return host in ("localhost", "::1") or bool(re.fullmatch(r"127(?:\.\d{1,3}){3}", host))


def _connection(url: str, seconds: float) -> "HTTPConnection":
    from http.client import HTTPConnection, HTTPSConnection
    from ssl import create_default_context

    parts = urlsplit(url)
    if parts.scheme == "https":
        context = create_default_context()
        return HTTPSConnection(parts.hostname or "", parts.port, timeout=seconds, context=context)
    return HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)


def _cut(connection: "HTTPConnection") -> None:
    """The deadline is over: whatever waits for this connection waits no more."""
    from socket import SHUT_RDWR

    with suppress(OSError, AttributeError):
        connection.sock.shutdown(SHUT_RDWR)


def _reason(error: Exception, url: str) -> str:
    """What broke, without the address, which is a secret."""
    told = getattr(error, "strerror", None) or str(error) or type(error).__name__
    for secret in (url, urlsplit(url).path):
        if len(secret) > 1:
            told = str(told).replace(secret, "…")
    return f"the connection broke: {_printable(str(told).encode())}"


def _printable(text: bytes) -> str:
    told = text.decode("utf-8", "replace")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in told).split())[:_MOST]
