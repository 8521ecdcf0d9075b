"""A plain letter to one person: word to the operator, or a test."""

import re
from datetime import datetime
from hashlib import blake2b

from digest.rendering.mail import headers
from digest.rendering.mail.quoted import quoted


def letter(subject: str, text: str, sender: str, to: str, date: datetime, *, name: str = "") -> bytes:
    """A whole message with CRLF, in ASCII. Its id is made of what it says, to whom and when.

    Raises UsageError for an address that cannot stand in a mail's head.
    """
    sent_by, address = headers.address(sender), headers.address(to)
    told = "\n".join((subject, text, address, date.isoformat())).encode("utf-8", "replace")
    domain = sent_by.rpartition("@")[2]
    fields = [
        headers.mailbox("From", name, sent_by),
        headers.mailbox("To", "", address),
        headers.unstructured("Subject", subject),
        f"Date: {headers.date(date)}",
        f"Message-ID: <{blake2b(told, digest_size=16).hexdigest()}@{domain}>",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
    ]
    body = quoted(re.sub(r"\r\n?|\n", "\n", text).rstrip("\n") + "\n")
    return "\r\n".join([*fields, "", ""]).encode("ascii") + body
