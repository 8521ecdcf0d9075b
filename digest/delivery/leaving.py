"""How a reader leaves: a token that is theirs alone, in the links of every mail, by which nobody learns who they are.

    token(key, "ana", to)  ->  "q0Yb5W3o9J7nC2mXfL1tRg"      in the mail
    mark(token)            ->  what the store keeps: nobody can make a link of it

A token is a keyed hash and no random number, so that the same reader has the same one in every mail, and mails can be
written again byte for byte. It is good for as long as the store's key is.
"""

import re
from base64 import urlsafe_b64encode
from hashlib import blake2b
from urllib.parse import quote

from digest.model import Addressee
from digest.patterns import pattern
from digest.text import fold_address

PATH = "u/"
"""Where below its address `digest serve` takes tokens."""

_BITS = 128
_TOKEN = pattern(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])")


def token(key: bytes, profile: str, to: Addressee) -> str:
    """22 letters, digits, `-` and `_`: 128 bits by which `to` leaves the profile."""
    secret = blake2b(key, digest_size=32, person=b"digest leave").digest()
    named = "\n".join((profile, to.channel, fold_address(to.address))).encode("utf-8", "replace")
    return urlsafe_b64encode(blake2b(named, key=secret, digest_size=_BITS // 8).digest()).rstrip(b"=").decode()


def mark(token: str) -> str:
    """What is kept of a token, and found by it: a hash in hexadecimal digits."""
    return blake2b(token.encode("utf-8", "replace"), digest_size=16, person=b"digest mark").hexdigest()


def link(base: str, token: str) -> str:
    """The address that offers to unsubscribe, and does so when it is posted to (RFC 8058). `base` ends in `/`."""
    return f"{base}{PATH}{token}"


def mailto(address: str, token: str) -> str:
    """A mailto address whose mail unsubscribes (RFC 6068)."""
    return f"mailto:{quote(address, safe='@+')}?subject=unsubscribe%20{token}"


def read_token(text: str) -> str | None:
    """The token in a subject, an address or a text; None where there is none, or more than one."""
    found = set(_TOKEN.findall(text))
    return found.pop() if len(found) == 1 else None


def verp(envelope: str, token: str) -> str:
    """The envelope's sender that says whose mail came back: `bounces+TOKEN@example.org`."""
    local, _, domain = envelope.rpartition("@")
    return f"{local}+{token}@{domain}"


def read_verp(address: str) -> str | None:
    """The token of an address that `verp` made; None where it has none."""
    local = address.strip().strip("<>").rpartition("@")[0]
    found = re.fullmatch(r".+\+([A-Za-z0-9_-]{22})", local)
    return found[1] if found else None
