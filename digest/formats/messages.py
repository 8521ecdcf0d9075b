"""Mails as containers: what a message, or each message of an mbox, carries that may list papers.

    alert.eml           ─▶ alert.eml                    its text, or its HTML
    mails.mbox          ─▶ mails.mbox!1, mails.mbox!2   counted from 1
    digest.eml          ─▶ digest.eml!export.bib        an attachment

Of a text that is there twice, as HTML and plain (multipart/alternative, RFC 2046 section 5.1.4), the one counts in
which something is recognised, HTML first: alerts say more in it. Texts are UTF-8 whatever they were sent in.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import partial
from io import BytesIO
from typing import BinaryIO, Final

from digest.model import Document, Problem

LONGEST: Final = 1 << 26
"""Bytes. A longer message is left out."""
PARTS: Final = 500
"""So many parts of one message are looked at."""

_FIELD: Final = re.compile(rb"([!-9;-~]+)[ \t]*:")
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
    lines = data.split(b"\n", 200)
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


_SEPARATOR: Final = re.compile(rb"From \S+.*\d\d:\d\d")


def parts(document: Document, knows: Knows) -> Iterator[Document | Problem]:
    """The documents that the messages carry, in their order. Raises OSError."""
    with document.open() as stream:
        first = stream.readline(LONGEST)
        if not _SEPARATOR.match(first):
            data = first + stream.read(LONGEST + 1 - len(first))
            yield from _parts(document.origin, data, document, knows)
            return
        for number, message in enumerate(_messages(stream), 1):
            yield from _parts(f"{document.origin}!{number}", message, document, knows)


def _messages(stream: BinaryIO) -> Iterator[bytes]:
    """The messages of an mbox, the lines that separate them left out, `>From ` made `From ` again (mboxrd)."""
    lines: list[bytes] = []
    size, blank = 0, False
    while line := stream.readline(LONGEST):
        if blank and _SEPARATOR.match(line):
            yield b"".join(lines)
            lines, size = [], 0
        elif size <= LONGEST:
            lines.append(line[1:] if _QUOTED.match(line) else line)
            size += len(line)
        blank = not line.strip()
    yield b"".join(lines)


_QUOTED: Final = re.compile(rb">+From ")


def _parts(origin: str, data: bytes, document: Document, knows: Knows) -> Iterator[Document | Problem]:
    if len(data) > LONGEST:
        yield Problem(origin, None, f"a message of more than {LONGEST >> 20} MB: left out")
        return
    message = message_from_bytes(data)
    like = Document(origin=origin, open=document.open, fetched=_sent(message) or document.fetched)
    found = list(_walk(message, like, knows, [PARTS]))
    yield from found
    if not found:
        yield Problem(origin, None, "a message without a text in it")


def _walk(message: Message, like: Document, knows: Knows, left: list[int]) -> Iterator[Document | Problem]:
    left[0] -= 1
    if left[0] < 0:
        return
    kind = message.get_content_type()
    if kind == "message/rfc822" or kind.startswith("multipart/"):
        inside = message.get_payload()
        inner = [one for one in inside if isinstance(one, Message)] if isinstance(inside, list) else []
        if kind == "multipart/alternative":
            ways = [[*_walk(one, like, knows, left)] for one in inner]
            yield from _best(ways, knows)
        else:
            for one in inner:
                yield from _walk(one, like, knows, left)
    elif not kind.startswith(_IDLE) and kind not in _IDLE_TYPES:
        yield _document(message, kind, like)


def _best(ways: list[list[Document | Problem]], knows: Knows) -> list[Document | Problem]:
    """Of ways to say the same the richest one that is known; the first, which is the plainest, where none is."""
    for way in reversed(ways):
        if any(isinstance(one, Document) and knows(one) for one in way):
            return way
    return next((way for way in ways if way), [])


def _document(message: Message, kind: str, like: Document) -> Document | Problem:
    name = _name(message)
    origin = f"{like.origin}!{name}" if name else like.origin
    try:
        payload = message.get_payload(decode=True)
    except (MessageError, ValueError, LookupError, AssertionError) as error:
        return Problem(origin, None, f"a part of the message cannot be decoded: {error}")
    data = payload if isinstance(payload, bytes) else b""
    if kind.startswith("text/"):
        data = _as_utf8(data, message)
    return Document(origin=origin, open=partial(BytesIO, data), media_type=kind, fetched=like.fetched)


def _as_utf8(data: bytes, message: Message) -> bytes:
    try:
        charset = message.get_content_charset() or ""
        if charset in ("", "utf-8", "us-ascii", "ascii"):
            return data
        return data.decode(charset, "replace").encode("utf-8", "replace")
    except (LookupError, ValueError):
        return data


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
