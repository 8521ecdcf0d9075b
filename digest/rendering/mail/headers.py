"""The fields of a message's head: folded, encoded where they must be, and never more of them than were meant.

Whatever comes in, no field holds a line break, a control or a bidirectional mark. Addresses are
checked rather than cleaned: mail to half an address goes to somebody else.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime

from digest.errors import UsageError
from digest.patterns import pattern
from digest.rendering.addresses import href
from digest.rendering.mail.quoted import whole
from digest.text import one_line, shorten

_MOST = 76
"""The longest line of a field with encoded words (RFC 2047 section 2); others follow it too where they can."""

_ATOM = pattern(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_TEXT = pattern(r"[ -~]*\Z")
_LITERAL = pattern(r"[^A-Za-z0-9!*+/ -]+")  # RFC 2047 section 5 (3): what may stand as it is in a phrase too
_ADDRESS = pattern(
    r"(?P<local>[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)@"
    r"(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)\Z"
)


def address(text: str) -> str:
    """A mail address as it is written in a field (RFC 5322 section 3.4.1, without quoted local parts and comments);
    a domain beyond ASCII becomes its IDNA form.

    Raises UsageError for what is none, and for one whose local part is not ASCII, which not every server takes.
    """
    local, at, domain = text.strip().rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode()
        except UnicodeError:
            at = ""
    found = _ADDRESS.match(f"{local}{at}{domain}")
    if not found or len(found["local"]) > 64 or len(found[0]) > 254:
        raise UsageError(f"{text!r} is no mail address; write it as ana@example.org")
    return found[0]


def unstructured(name: str, text: str) -> str:
    """A field of free text: `Subject: …`. Text of plain ASCII stays as it is, else all of it is encoded."""
    text = one_line(text)
    if _TEXT.match(text) and "=?" not in text:
        folded = _folded(f"{name}:", text.split(" "))
        if folded:
            return folded
    return f"{name}: {_encoded(text, len(name) + 2)}"


def mailbox(name: str, display: str, address: str) -> str:
    """A field with one address: `From: "Paper digest, daily" <digest@example.org>`."""
    display = shorten(one_line(display), 70)
    if not display:
        return f"{name}: {address}"
    if _ATOM.match(display) and "=?" not in display:
        phrase = display
    elif _TEXT.match(display):
        phrase = '"' + re.sub(r'(["\\])', r"\\\1", display) + '"'
    else:
        phrase = _encoded(display, len(name) + 2)
    last = phrase.rpartition("\r\n")[2]
    fits = len(last) + len(address) + 3 + (len(name) + 2 if last == phrase else 0) <= _MOST
    return f"{name}: {phrase}{' ' if fits else f'{_FOLD} '}<{address}>"


def listed(name: str, uris: Iterable[str]) -> str:
    """A field of addresses in angle brackets (RFC 2369 section 2), each on a line of its own and none ever encoded."""
    return f"{name}: " + f",{_FOLD} ".join([f"<{uri}>" for uri in uris])


def uris(*addresses: str) -> tuple[str, ...]:
    """Those of `addresses` that are not empty, fit for `listed`.

    Raises UsageError for one that is neither http(s) nor mailto, is not ASCII, or is longer than a line can be.
    """
    return tuple([_uri(address) for address in addresses if address])


def _uri(uri: str) -> str:
    written = href(uri)
    if written is None or len(written) > 900 or not written.isascii() or _SEPARATORS.search(written):
        raise UsageError(f"{uri!r} cannot stand in List-Unsubscribe; write an https or mailto address in ASCII")
    return written


_SEPARATORS = pattern(r"[,()]")


def list_id(name: str) -> str:
    """A list's id (RFC 2919 section 3): labels with dots between them. Raises UsageError for what is none."""
    if len(name) > 255 or not re.fullmatch(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+", name):
        raise UsageError(f"{name!r} is no List-Id; write it as ana.digest.example.org")
    return name


def date(instant: datetime) -> str:
    """`Tue, 26 May 2026 00:00:00 +0200` (RFC 5322 section 3.3). An offset with seconds, which mail cannot write,
    becomes UTC.
    """
    from email.utils import format_datetime

    offset = instant.utcoffset()
    if offset is None or offset.total_seconds() % 60:
        instant = instant.astimezone(UTC)
    return format_datetime(instant)


_FOLD = "\r\n"


def _folded(head: str, words: Iterable[str]) -> str:
    """`head` and `words` on lines of at most 76 characters; empty where a word is longer than that."""
    lines = [head]
    for word in words:
        if len(lines[-1]) + 1 + len(word) <= _MOST:
            lines[-1] += f" {word}"
        elif len(word) < _MOST and lines[-1] != head:
            lines.append(f" {word}")
        else:
            return ""
    return _FOLD.join(lines)


def _encoded(text: str, used: int) -> str:
    """`text` as encoded words of whole characters, one a line, after `used` columns of the first (RFC 2047)."""
    plain = text.encode("utf-8", "replace")
    coded = _LITERAL.sub(_bytes, text).replace(" ", "_")
    room = _MOST - len("=?utf-8?q??=")
    if len(coded) <= -(-len(plain) // 3) * 4:
        pieces, at = [], 0
        while len(coded) - at > room - used:
            end = whole(coded, at, at + room - used)
            pieces.append(coded[at:end])
            at, used = end, 1
        return f"{_FOLD} ".join(f"=?utf-8?q?{piece}?=" for piece in [*pieces, coded[at:]])
    runs, left = [b""], (room - used) // 4 * 3
    for character in text:
        octets = character.encode("utf-8", "replace")
        if len(octets) > left:
            runs.append(b"")
            left = (room - 1) // 4 * 3
        runs[-1] += octets
        left -= len(octets)
    return f"{_FOLD} ".join(f"=?utf-8?b?{b64encode(run).decode()}?=" for run in runs)


def _bytes(found: re.Match[str]) -> str:
    return "=" + found[0].encode("utf-8", "replace").hex("=").upper()
