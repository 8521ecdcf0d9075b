"""Mails as containers: what a message, or each message of an mbox, carries that may list papers.

    alert.eml           ─▶ alert.eml                    its text, or its HTML
    mails.mbox          ─▶ mails.mbox!1, mails.mbox!2   counted from 1
    digest.eml          ─▶ digest.eml!export.bib        an attachment

Of a text that is there twice, as HTML and plain (multipart/alternative, RFC 2046 section 5.1.4), the one counts of
which a format is surest, HTML first: alerts say more in it. A message in a message (forwarded) is read as it would be
by itself; what stands around a part that is recognised is a covering note, and lists nothing. Texts are UTF-8 whatever
they were sent in, or were said to be.

Mails are broken in known ways, which are mended: boundaries that are not declared or not there, parts that were encoded
twice or not as they say, a byte count (Apple Mail's .emlx) or blank lines before the first field. Outlook's winmail.dat
(TNEF) is named and not read.
"""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, a2b_qp
from collections.abc import Callable, Iterator
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import lru_cache, partial
from io import BytesIO
from typing import BinaryIO, Final

from digest.formats.charsets import decoded
from digest.model import Document, Problem
from digest.patterns import pattern

LONGEST: Final = 1 << 26
"""Bytes. A longer message is left out."""
PARTS: Final = 500
"""So many parts of one message are looked at."""

_FIELD: Final = pattern(rb"([!-9;-~]+)[ \t]*:")
_KNOWN: Final = frozenset(
    b"from to cc subject date received message-id mime-version content-type return-path delivered-to reply-to sender "
    b"list-id list-unsubscribe dkim-signature x-original-to envelope-to content-transfer-encoding arc-seal".split()
)
_PLAIN: Final = frozenset(b"date subject to".split())
"""Other texts begin with these too, as arXiv's listings do."""
_IDLE: Final = ("image/", "audio/", "video/", "font/")
_IDLE_TYPES: Final = frozenset(
    "application/pdf application/pgp-signature application/pkcs7-signature application/x-pkcs7-signature text/calendar "
    "text/x-amp-html message/delivery-status text/css".split()
)

Knows = Callable[[Document], int]
"""How sure a format is that a document is its own; 0 where none is."""


def is_mailbox(data: bytes) -> bool:
    """Whether a document that begins with `data` is a message (RFC 5322) or an mbox (RFC 4155): it begins with fields,
    two of them such as every mail has, and only mails.
    """
    lines = data[_lead(data) :].split(b"\n", 200)
    if lines and _SEPARATOR.match(lines[0]):
        lines = lines[1:]
    seen: set[bytes] = set()
    for line in lines:
        if not line.strip():
            break
        if line[:1] in b" \t" and seen:
            continue
        field = _FIELD.match(line)
        if not field:
            return False
        seen.add(field[1].lower())
    return len(seen & _KNOWN) >= 2 and bool(seen & _KNOWN - _PLAIN)


_SEPARATOR: Final = pattern(rb">?From \S+.*\d\d:\d\d")
_LEAD: Final = pattern(rb"(?:\xef\xbb\xbf)?(?:[ \t]*\r?\n){0,20}(?:\d{1,9}[ \t]*\r?\n(?=[A-Za-z-]{2,40}:))?")


def _lead(data: bytes) -> int:
    """How many bytes stand before a message: a byte order mark, blank lines, and the count of bytes that Apple Mail
    writes there.
    """
    found = _LEAD.match(data)
    return found.end() if found else 0


def parts(document: Document, knows: Knows) -> Iterator[Document | Problem]:
    """The documents that the messages carry, in their order. Raises OSError."""
    with document.open() as stream:
        first = stream.readline(LONGEST)
        if not _SEPARATOR.match(first):
            data = first + stream.read(LONGEST + 1 - len(first))
            lead = _lead(data)
            count = data[:lead].strip(b"\xef\xbb\xbf \t\r\n")
            end = lead + int(count) if count else None
            yield from _parts(document.origin, data[lead:end], document, knows)
            return
        for number, message in enumerate(_messages(stream), 1):
            yield from _parts(f"{document.origin}!{number}", message, document, knows)


def _messages(stream: BinaryIO) -> Iterator[bytes]:
    """The messages of an mbox, the lines that separate them left out, `>From ` made `From ` again (mboxrd)."""
    lines: list[bytes] = []
    size, blank = 0, False
    while line := stream.readline(LONGEST):
        if blank and line.startswith(b"From ") and _SEPARATOR.match(line):
            yield b"".join(lines)
            lines, size = [], 0
        elif size <= LONGEST:
            lines.append(line[1:] if _QUOTED.match(line) else line)
            size += len(line)
        blank = not line.strip()
    yield b"".join(lines)


_QUOTED: Final = pattern(rb">+From ")


def _parts(origin: str, data: bytes, document: Document, knows: Knows) -> Iterator[Document | Problem]:
    if len(data) > LONGEST:
        yield Problem(origin, None, f"a message of more than {LONGEST >> 20} MB: left out")
        return
    try:
        message = message_from_bytes(data)
        knows = lru_cache(maxsize=PARTS)(knows)
        like = Document(origin=origin, open=document.open, fetched=_sent(message) or document.fetched)
        found = list(_walk(message, like, knows, [PARTS]))
    except RecursionError:
        yield Problem(origin, None, "a message whose parts are nested too deep: left out")
        return
    known = [one for one in found if isinstance(one, Document) and len(found) > 1 and knows(one)]
    for one in found:
        # The text beside what is recognised is what somebody wrote to go with it.
        if not known or one in known or isinstance(one, Problem) or "!" in one.origin.removeprefix(origin):
            yield one
    if not found:
        yield Problem(origin, None, "a message without a text in it")


def _walk(message: Message, like: Document, knows: Knows, left: list[int]) -> Iterator[Document | Problem]:
    left[0] -= 1
    if left[0] < 0:
        if left[0] == -1:
            yield Problem(like.origin, None, f"a message of more than {PARTS} parts: the others were not read")
        return
    kind = message.get_content_type()
    if kind == "message/rfc822":
        for one in _inner(message):
            inside = Document(origin=like.origin, open=like.open, fetched=_sent(one) or like.fetched)
            yield from _walk(one, inside, knows, left)
    elif kind == "multipart/alternative" and len(ways := _inner(message)) > 1:
        yield from _best([[*_walk(one, like, knows, left)] for one in ways], knows)
    elif kind.startswith("multipart/") or _is_bare(message):
        for one in _inner(message):
            yield from _walk(one, like, knows, left)
    elif not kind.startswith(_IDLE) and kind not in _IDLE_TYPES:
        yield _document(message, kind, like)


def _best(ways: list[list[Document | Problem]], knows: Knows) -> list[Document | Problem]:
    """Of ways to say the same that of which a format is surest, and of several the richest, which is the last; the
    first, which is the plainest, where none is known.
    """
    sure = [max((knows(one) for one in way if isinstance(one, Document)), default=0) for way in ways]
    if surest := max(sure, default=0):
        return ways[len(sure) - 1 - sure[::-1].index(surest)]
    return next((way for way in ways if way), [])


# ------------------------------------------------------------------------------------------------ what is mended


def _inner(message: Message) -> list[Message]:
    """The parts of a multipart, or the message in a message, however broken."""
    inside = message.get_payload()
    if isinstance(inside, list):
        found = [one for one in inside if isinstance(one, Message)]
        if message.get_content_type() == "message/rfc822" and _encoding(message) in ("base64", "quoted-printable"):
            # RFC 2046 section 5.2.1 forbids it, and some do it: what was parsed is the encoded text.
            return [message_from_bytes(_again(_body(one), _encoding(message))) for one in found[:1]]
        return found
    # The boundary that is declared does not stand there, or none is declared.
    data = _body(message)
    boundary = _BOUNDARY.search(data)
    if boundary:
        guessed = b'Content-Type: multipart/mixed; boundary="%b"\n\n%b' % (boundary[1], data)
        again = message_from_bytes(guessed).get_payload()
        if isinstance(again, list):
            return [one for one in again if isinstance(one, Message)]
    kind = b"text/html" if data.lstrip()[:1] == b"<" else b"text/plain"
    return [message_from_bytes(b"Content-Type: %b\n\n%b" % (kind, data))] if data.strip() else []


def _is_bare(message: Message) -> bool:
    """Whether a multipart has lost the field that says that it is one."""
    if "Content-Type" in message or message.is_multipart():
        return False
    data = _body(message).lstrip()
    return bool(_BOUNDARY.match(data)) and b"\n--" in data


def _body(message: Message) -> bytes:
    """What stands behind the fields, as it was sent."""
    try:
        data = message.get_payload(decode=True)
    except (MessageError, ValueError, LookupError, AssertionError):
        return b""
    return data if isinstance(data, bytes) else b""


_BOUNDARY: Final = pattern(rb"^--([^\s\"]{1,70})[ \t]*\r?\n(?=(?:[A-Za-z-]+:|\r?\n))", re.MULTILINE)


def _encoding(message: Message) -> str:
    return str(message.get("Content-Transfer-Encoding", "")).strip().lower()


def _again(data: bytes, encoding: str) -> bytes:
    """Bytes that were encoded, as they were before; themselves where they cannot have been."""
    try:
        return a2b_base64(data) if encoding == "base64" else a2b_qp(data)
    except Base64Error:
        return data


def _unfolded(data: bytes) -> bytes:
    """A text that is still encoded once more than it says: in base64, or quoted-printable."""
    for _ in range(2):
        start = data[:4096]
        if len(data) > 60 and _BASE64.fullmatch(start) and b" " not in start.strip():
            inside = _again(data, "base64")
            # What is meant to be a text is one.
            if inside == data or not _is_text(inside[:4096]):
                break
            data = inside
        elif start.count(b'=3D"') > 2 and _SOFT.search(start):
            data = _again(data, "quoted-printable")
        else:
            break
    return data


def _is_text(data: bytes) -> bool:
    """Mostly printed characters of ASCII, or UTF-8."""
    if len(_PRINTED.findall(data)) > len(data) * 0.6:
        return True
    return _CONTROL.search(data) is None and "\ufffd" not in data.decode("utf-8", "replace")[:-1]


_BASE64: Final = pattern(rb"\s*[A-Za-z0-9+/]{20}[A-Za-z0-9+/=\r\n]*\s*")
_CONTROL: Final = pattern(rb"[\x00-\x08\x0e-\x1f]")
_PRINTED: Final = pattern(rb"[\t\n\r -~]")
_SOFT: Final = pattern(rb"=\r?\n")

# ------------------------------------------------------------------------------------------------ one part


def _document(message: Message, kind: str, like: Document) -> Document | Problem:
    name = _name(message)
    origin = f"{like.origin}!{name}" if name else like.origin
    try:
        payload = message.get_payload(decode=True)
    except (MessageError, ValueError, LookupError, AssertionError) as error:
        return Problem(origin, None, f"a part of the message cannot be decoded: {error}")
    data = payload if isinstance(payload, bytes) else b""
    if data.startswith(_TNEF) or kind in ("application/ms-tnef", "application/vnd.ms-tnef"):
        what = "is in Outlook's own format (winmail.dat), which is not read: ask for the mail as HTML or text"
        return Problem(origin, None, what)
    if kind.startswith("text/"):
        data = _as_utf8(_unfolded(data), message)
    return Document(origin=origin, open=partial(BytesIO, data), media_type=kind, fetched=like.fetched)


_TNEF: Final = b"\x78\x9f\x3e\x22"


def _as_utf8(data: bytes, message: Message) -> bytes:
    try:
        charset = message.get_content_charset()
    except (LookupError, ValueError):
        charset = None
    return decoded(data, charset).encode("utf-8", "replace")


def _name(message: Message) -> str:
    """An attachment's file name, without folders; empty for what stands in the message itself."""
    try:
        name = message.get_filename() or ""
    except (ValueError, LookupError, TypeError):
        return ""
    return re.sub(r"[\x00-\x1f/\\!]", "_", name.strip())[:100]


def _sent(message: Message) -> datetime | None:
    try:
        sent = parsedate_to_datetime(str(message.get("Date", "")))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return sent if sent.utcoffset() is not None else None
