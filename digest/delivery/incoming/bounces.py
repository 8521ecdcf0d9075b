"""What servers say of mails that they could not deliver: RFC 3464, RFC 6533, and what was usual before.

Reports of the standard are read here; for others there is a second opinion, `flufl.bounce` (of the extra `mail`), which
knows what many servers used to write.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from email.message import Message
from email.parser import HeaderParser
from typing import Literal, NamedTuple

from digest.delivery.incoming.parts import Part, plain
from digest.delivery.incoming.severity import STATUS, is_hard
from digest.patterns import pattern
from digest.text import fold_address, one_line

STATUSES = ("message/delivery-status", "message/global-delivery-status")
MOST_RECIPIENTS = 100
FLUFL_READS = (16_384, 300)
"""Bytes of a message, and of each of its lines: the time that the patterns of others take grows with their squares."""

_SILENT = logging.NullHandler()
_NEAR = 600
"""So many characters from where an address is named are about it."""


class Fate(NamedTuple):
    """What became of a mail at one of its recipients."""

    addresses: frozenset[str]
    """The one that it was for and the one that it went to in the end, folded; empty where nobody said."""
    became: Literal["hard", "soft", "underway"]
    """It failed for the address's sake, or for another; or it has not failed: delayed, delivered, relayed, expanded."""
    said: str
    """The status and the server's words, on one line."""


def told(parts: Sequence[Part]) -> list[Fate]:
    """What the reports in `parts` say of each recipient (RFC 3464 section 2.3)."""
    text = next((part.text[:10_000] for part in parts if part.kind == "text/plain"), "")
    blocks = [block for part in parts if part.kind in STATUSES for block in _blocks(part)]
    return [fate for block in blocks[:MOST_RECIPIENTS] if (fate := _fate(block, text))]


def _blocks(part: Part) -> Iterator[Message]:
    """The groups of fields with empty lines between them: of the message, then of each recipient."""
    content = part.decoded.decode("utf-8", "replace").replace("\r\n", "\n")
    for block in re.split(r"\n[ \t]*\n", content)[: MOST_RECIPIENTS + 1]:
        yield HeaderParser().parsestr(block.lstrip("\n") + "\n\n")


def _fate(block: Message, text: str) -> Fate | None:
    """None for a group of fields that is of no recipient."""
    named = [_address(_field(block, name)) for name in ("original-recipient", "final-recipient")]
    action = _field(block, "action").lower()
    status = STATUS.search(_field(block, "status"))
    if not (action or status) or not (any(named) or action):
        return None
    diagnostic = _field(block, "diagnostic-code").partition(";")[2].strip() or _field(block, "diagnostic-code")
    code = status[0] if status else ""
    addresses = frozenset(filter(None, named))
    if not action.startswith(("fail", "error")) and (action or not code.startswith("5")):
        became: Literal["hard", "soft", "underway"] = "underway"
    else:
        # Words of ours decide where the server's are missing: what Exim found out by itself has no diagnostic.
        said = diagnostic or near(text, addresses)
        became = "hard" if is_hard(code, said) else "soft"
    return Fate(addresses, became, one_line(f"{code} {diagnostic}".strip())[:500])


def _field(block: Message, name: str) -> str:
    return plain(str(block.get(name, "")))


def _address(field: str) -> str:
    """The address of `rfc822; ana@example.org`, or `utf-8; …` (RFC 6533), folded; also where the type is missing."""
    written = field.rpartition(";")[2].strip().strip("<>").strip()
    written = re.sub(r"\\x\{([0-9A-Fa-f]{1,6})\}", _character, written)
    return fold_address(written) if "@" in written else ""


def _character(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return chr(number) if number < 0x11_0000 else found[0]


def near(text: str, addresses: frozenset[str]) -> str:
    """What is said right after one of `addresses` is named, up to another address, a rule or a returned mail; on one
    line.
    """
    places = [found.end() for one in addresses if (found := re.search(re.escape(one), text, re.IGNORECASE))]
    if not places:
        return ""
    about = re.split(r"\n\s*-{2,}|\n(?:Return-Path|Received|Message-ID):", text[min(places) :][:_NEAR], maxsplit=1)[0]
    for found in _ANOTHER.finditer(about):
        if fold_address(found[1]) not in addresses:
            about = about[: found.start()]
            break
    return one_line(about).lstrip(">:. ")


_ANOTHER = pattern(r"\n\s*<?([^\s<>:]+@[^\s<>:]+)")


def second_opinion(content: bytes, text: str) -> list[Fate]:
    """What flufl.bounce makes of a message; `text` is what that says. Empty where it knows nothing, or is not here."""
    try:
        from flufl.bounce import all_failures
    except ImportError:
        return []
    from email import message_from_bytes

    # It logs what it raises, and without this the terminal would show that.
    logging.getLogger("flufl.bounce").addHandler(_SILENT)
    try:
        most, longest = FLUFL_READS
        # It stumbles over bytes beyond ASCII in a head, and knows no address that has some.
        plain_content = content[:most].decode("ascii", "replace").encode("ascii", "replace")
        lines = [line[:longest] for line in plain_content.splitlines()]
        delayed, failed = all_failures(message_from_bytes(b"\n".join(lines)))
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return []  # what others wrote for messages that they had seen may stumble over one that nobody has
    fates = [Fate(_named(address), "underway", "") for address in sorted(delayed - failed)]
    for address in sorted(failed):
        said = near(text, _named(address))
        fates.append(Fate(_named(address), "hard" if is_hard("", said, permanent=True) else "soft", said[:500]))
    return fates[:MOST_RECIPIENTS]


def _named(address: bytes) -> frozenset[str]:
    return frozenset({fold_address(address.decode("ascii", "replace"))})
