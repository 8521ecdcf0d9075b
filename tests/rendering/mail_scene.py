"""Mails for the tests: whom they are from and for, and what two readers of mail find in them."""

import email
import email.policy
from email.message import EmailMessage
from typing import NamedTuple

from maillint.parsing import parse
from rendering_scene import SITE, an_archive

from digest.model import Edition, Site
from digest.rendering.mail import Letter, Recipient, Sender, message

SENDER = Sender("digest@example.org", "Paper digest", b"a secret")
ANA = Recipient("ana@example.net", "Ana Říhová", "https://example.org/unsubscribe/0f1e2d3c4b5a69788796a5b4c3d2e1f0")


class Mail(NamedTuple):
    """What is in a message."""

    raw: bytes
    message: EmailMessage
    text: str
    html: str
    headers: list[tuple[str, str]]


def letter(edition: Edition, recipient: Recipient = ANA) -> Letter:
    digest = edition.digest
    return Letter(edition, an_archive(edition, profile=digest.profile, title=digest.title), recipient)


def mail(edition: Edition, site: Site = SITE, sender: Sender = SENDER, recipient: Recipient = ANA) -> Mail:
    """The edition's mail, read by the standard library and by the strict reader, which must agree."""
    one = letter(edition, recipient)
    raw = message(one.edition, one.archive, site, sender, recipient)
    return read(raw)


def read(raw: bytes) -> Mail:
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    assert not [part.defects for part in found.walk() if part.defects]
    strict = parse(raw)
    text, html = found.iter_parts()
    bodies = tuple(part.get_content().replace("\r\n", "\n") for part in (text, html))
    assert bodies == tuple(part.text for part in strict.parts)
    assert [part.get_content_type() for part in found.walk()] == [
        strict.media_type, *(part.media_type for part in strict.parts)
    ]  # fmt: skip
    headers = [(name.lower(), str(value)) for name, value in found.items()]
    for name in ("subject", "date", "message-id", "list-id"):
        assert [v for n, v in headers if n == name] == strict.all(name)
    return Mail(raw, found, *bodies, headers)
