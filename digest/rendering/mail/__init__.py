"""An edition as mail: one complete message a reader (RFC 5322), its plain text and its HTML the same papers.

    for letter, message in zip(letters, messages(letters, site, sender)): ...

The same values give the same bytes, so that sending again after a failure sends nothing new. A
message is at most `LIMIT` bytes: programs clip what is longer. What ranks lowest gives way first: abstracts are
shortened, then papers are told by their titles, then left out, and the mail says how many.

A paper is escaped, styled and encoded once for all readers (`papers`), the rest of a mail is a form with holes
(`forms`), and a message is a join.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import quote

from digest.model import Archive, Edition, Site
from digest.rendering.mail import headers
from digest.rendering.mail.cover import Cover, cover, in_columns, without
from digest.rendering.mail.fitting import Fitted, fitted, rank_width
from digest.rendering.mail.forms import filled
from digest.rendering.mail.papers import ending, put, section
from digest.text import one_line

LIMIT = 100_000
"""Gmail shows the first 102 kB of a part; a whole message of this size has no part that is cut."""


class Sender(NamedTuple):
    """Whom the mails are from."""

    address: str
    """The domain is also that of the messages' ids."""
    name: str = ""
    """The site's title where it is empty."""
    key: bytes = b""
    """The secret that message ids are made with: without it nobody can tell from an id whose it is."""
    list_id: str = ""
    """Shaped like a host name (RFC 2919), the same for ever; `<profile>.<domain of the address>` where it is empty."""


class Recipient(NamedTuple):
    """Whom a mail is for."""

    address: str
    name: str = ""
    unsubscribe: str = ""
    """An https address: opened, it offers to unsubscribe; a POST of `List-Unsubscribe=One-Click` does so (RFC 8058)."""
    unsubscribe_mail: str = ""
    """A mailto address that does the same; mail to the sender where it is empty."""


class Letter(NamedTuple):
    """What goes to whom."""

    edition: Edition
    archive: Archive
    recipient: Recipient
    at: datetime | None = None
    """When it is written, which is what Date says, by the clocks of the edition's zone; None: when the edition's day
    began.
    """


def message(
    edition: Edition, archive: Archive, site: Site, sender: Sender, recipient: Recipient, at: datetime | None = None
) -> bytes:
    """The edition as one mail: a whole message with CRLF, in ASCII, at most `LIMIT` bytes long.

    `archive` is the one that the edition is published in: the mail links its page where `site` has a base address. `at`
    is as in `Letter`.
    Raises UsageError for an address that cannot stand in a mail's head; nothing that a source said raises.
    """
    return _message(Letter(edition, archive, recipient, at), site, sender)


def identity(letter: Letter, sender: Sender) -> str:
    """The id of the letter's message, without angle brackets."""
    address = headers.address(letter.recipient.address)
    return f"{_identity(letter.edition, address, sender.key)[0]}@{_address(sender.address).rpartition('@')[2]}"


def messages(letters: Iterable[Letter], site: Site, sender: Sender) -> Iterator[bytes]:
    """`message` for each of `letters`, one at a time and in their order. Fastest where editions share their papers."""
    for letter in letters:
        yield _message(letter, site, sender)


class Plan(NamedTuple):
    """A message that is decided, but for its papers not yet put together."""

    head: bytes
    boundary: bytes
    cover: Cover
    around: tuple[bytes, bytes | None, bytes, bytes | None]
    """What stands before and after the papers, in the text and in the HTML; None where a template has no papers."""
    papers: Fitted
    cut: str
    """The sentence about what there is no room for; empty where all fits."""


def planned(letter: Letter, site: Site, sender: Sender) -> Plan:
    """What the message of `letter` says: how much of each paper, and what stands around them."""
    edition, archive, recipient, _ = letter
    own, digest = site.templates, edition.digest
    ranked = digest.ranked
    sent_by, address = _address(sender.address), headers.address(recipient.address)
    name, boundary = _identity(edition, address, sender.key)
    mailto = recipient.unsubscribe_mail or f"mailto:{sent_by}?subject=unsubscribe%20{quote(digest.profile)}"
    ways = headers.uris(recipient.unsubscribe, mailto)
    said = cover(edition, ranked, archive, site, address, ways[0])
    head = _head(letter, site, sender, said.subject, f"{name}@{sent_by.rpartition('@')[2]}", ways, boundary)
    around = *filled("mail.txt", own, in_columns(said, site)), *filled("mail.html", own, said)
    room = LIMIT - _FRAME - len(head) - sum([len(part) for part in around if part])
    room -= sum([section(one.title, own).size for one in digest.sections])
    papers, cut = fitted(ranked, room, own)
    sentence = without(cut, page=bool(said.view), published=bool(archive.published)) if any(cut) else ""
    return Plan(head, boundary, said, around, papers, sentence)


def _message(letter: Letter, site: Site, sender: Sender) -> bytes:
    plan = planned(letter, site, sender)
    before_text, after_text, before_html, after_html = plan.around
    texts, htmls = _papers(letter.edition, plan, site.templates)
    frame = b"--" + plan.boundary
    pieces = [plan.head, frame, _TEXT, before_text]
    if after_text is not None:
        pieces += (*texts, after_text)
    pieces += (b"\r\n", frame, _HTML, before_html)
    if after_html is not None:
        pieces += (*htmls, after_html)
    pieces += (b"\r\n", frame, b"--\r\n")
    return b"".join(pieces)


@lru_cache(maxsize=64)
def _ranks(count: int, width: int) -> list[bytes]:
    return [b"%*d" % (width, rank) for rank in range(1, count + 1)]


def _papers(edition: Edition, plan: Plan, own: str | None) -> tuple[list[bytes], list[bytes]]:
    """The papers in their sections, for both parts, as pieces to join."""
    texts: list[bytes] = []
    htmls: list[bytes] = []
    _, pieces, told, brief = plan.papers
    why_texts, why_htmls, ends, openings, closing = told.texts, told.htmls, told.ends, told.openings, told.closing
    width = rank_width(len(told.ends))
    ranks = _ranks(len(pieces), width)
    at = start = 0
    for one in edition.digest.sections:
        until = min(at + len(one.ranked), len(pieces))
        if one.ranked and at == until:
            continue  # there is no room for any of them
        heading = section(one.title, own)
        texts.append(heading.text)
        htmls.append(heading.html)
        for here in range(at, until):
            (before, between, after), html, _, _ = pieces[here]
            rank, end, short = ranks[here], ends[here], brief[here]
            if short is None:
                opening_text, opening_html, _, _ = openings[here]
                text_lines = opening_text, *why_texts[start:end], closing.text
                html_lines = opening_html, *why_htmls[start:end], closing.html
            else:
                text_lines, html_lines = (short.text,), (short.html,)
            start = end
            texts += (before, rank, between, *text_lines, after) if between else put(before, rank, text_lines)
            before, between, after = html
            htmls += (before, rank, between, *html_lines, after) if between else put(before, rank, html_lines)
        at = until
    if plan.cut:
        last = ending(plan.cut, own)
        texts.append(last.text)
        htmls.append(last.html)
    return texts, htmls


# -------------------------------------------------------------------------------------------------- head

_TEXT = b"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
_HTML = b"\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
_FRAME = len(_TEXT) + len(_HTML) + 3 * 40 + 8


def _head(
    letter: Letter, site: Site, sender: Sender, subject: str, name: str, ways: tuple[str, ...], boundary: bytes
) -> bytes:
    """The fields, and the empty line after them."""
    sent_by = _address(sender.address)
    recipient, digest = letter.recipient, letter.edition.digest
    list_id = sender.list_id or f"{_label(digest.profile)}.{sent_by.rpartition('@')[2]}"
    fields = [
        _from(sender.name or one_line(site.title), sent_by),
        headers.mailbox("To", recipient.name, headers.address(recipient.address)),
        headers.unstructured("Subject", subject),
        f"Date: {_date(letter.at or letter.edition.issued, letter.edition.issued.tzinfo)}",
        f"Message-ID: <{name}>",
        f"List-Id: <{headers.list_id(list_id)}>",
        headers.listed("List-Unsubscribe", ways),
    ]
    if ways[0].lower().startswith("https:"):
        fields.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    fields += [
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        "Content-Language: en",
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary.decode()}"',
    ]
    return "\r\n".join([*fields, "", ""]).encode("ascii")


def _identity(edition: Edition, address: str, key: bytes) -> tuple[str, bytes]:
    """The left side of the message's id, and its boundary, which quoted-printable cannot hold: `=_` is none of its
    escapes.
    """
    digest = edition.digest
    named = "\n".join((digest.profile, digest.day.isoformat(), str(edition.number), address)).encode("utf-8", "replace")
    made = blake2b(named, key=_key(key), digest_size=32).hexdigest()
    return made[:32], f"=_{made[32:64]}".encode("ascii")


def _label(profile: str) -> str:
    return re.sub("[^A-Za-z0-9_-]+", "-", profile) or "digest"


@lru_cache(maxsize=8)
def _key(key: bytes) -> bytes:
    return blake2b(key, digest_size=32).digest()


_address = lru_cache(maxsize=8)(headers.address)


@lru_cache(maxsize=8)
def _from(name: str, address: str) -> str:
    return headers.mailbox("From", name, address)


@lru_cache(maxsize=64)
def _date(at: datetime, zone: tzinfo | None) -> str:
    return headers.date(at.astimezone(zone))
