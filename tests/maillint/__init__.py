"""A lint for mails: what the standards forbid, what programs do not support, and what readers could not read.

    for message in lint(mail): print(message)

The rules have names, E01 to E14, of which each message begins with one.
"""

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import NamedTuple

from maillint import markup
from maillint.parsing import Malformed, Part, parse

ONCE = ("from", "to", "subject", "date", "message-id", "mime-version", "list-id", "list-unsubscribe",
        "list-unsubscribe-post", "auto-submitted", "content-type", "content-language")  # fmt: skip
MOST = 100_000

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ADDRESS = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+"
_DATE = re.compile(
    rf"({'|'.join(_DAYS)}), (\d\d?) ({'|'.join(_MONTHS)}) (\d{{4}}) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d [+-]\d{{4}}"
)
# C0 but what folds lines, DEL and C1; line and paragraph separators; bidirectional controls.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NEVER = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]"
)


class Message(NamedTuple):
    """Something that is wrong with a mail."""

    rule: str
    """The requirement, as `E04`."""
    what: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}"


def lint(mail: bytes) -> list[Message]:
    """Everything that is wrong with a mail; empty for a good one."""
    try:
        read = parse(mail)
    except Malformed as error:
        return [Message("E01", str(error))]
    return [*_head(mail, read), *_lines(mail), *_body(mail, read)]


def _head(mail: bytes, read: Part) -> Iterator[Message]:
    names = [name for name, _ in read.fields]
    for name in ONCE:
        if names.count(name) != 1 and (name != "list-unsubscribe-post" or name in names):
            yield Message("E06", f"{name} stands {names.count(name)} times")
    for name in sorted(set(names) - set(ONCE)):
        yield Message("E06", f"an unknown field: {name}")
    head = mail.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
    if re.search(r"[^\r\n -~]", head):
        yield Message("E08", "a control or an octet beyond ASCII in the head")
    for name, value in read.fields:
        if found := _UNWANTED.search(value):
            yield Message("E08", f"{name} has the character U+{ord(found[0]):04X}")
    for line in head.split("\r\n"):
        if "=?" in line and len(line) > 76:
            yield Message("E02", f"a line with an encoded word has {len(line)} characters")
        if not line.strip():
            yield Message("E01", "a line of a field that is blank")
    raw = read.raw
    for name in ("list-id", "list-unsubscribe", "list-unsubscribe-post", "message-id", "date"):
        if "=?" in raw.get(name, ""):
            yield Message("E03", f"{name} is encoded")
    for name in ("from", "to"):
        if not re.fullmatch(rf"(?:.* )?<{_ADDRESS}>|{_ADDRESS}", raw.get(name, "")):
            yield Message("E02", f"{name} has no plain address at its end: {raw.get(name)!r}")
        elif re.search(r'"[^"]*=\?[^"]*"', raw[name]):
            yield Message("E02", f"{name} has an encoded word in quotes")
    yield from _list(head, raw)
    yield from _identity(raw)


def _list(head: str, raw: dict[str, str]) -> Iterator[Message]:
    ways = re.findall(r"<([^<>]*)>", raw.get("list-unsubscribe", ""))
    schemes = sorted(way.partition(":")[0] for way in ways)
    if schemes != ["https", "mailto"]:
        yield Message("E04", f"the way out is by {schemes}, not by https and mailto")
    if raw.get("list-unsubscribe-post") != "List-Unsubscribe=One-Click":
        yield Message("E04", "no one-click unsubscribe")
    for way in ways:
        if re.search(r"[^!-~]", way) or not any(f"<{way}>" in line for line in head.split("\r\n")):
            yield Message("E03", f"a way out that is folded or not plain: {way}")
    if not re.fullmatch(r"<[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+>", raw.get("list-id", "")):
        yield Message("E05", f"List-Id {raw.get('list-id')!r}")
    if raw.get("auto-submitted") != "auto-generated":
        yield Message("E05", f"Auto-Submitted {raw.get('auto-submitted')!r}")


def _identity(raw: dict[str, str]) -> Iterator[Message]:
    found = _DATE.fullmatch(raw.get("date", ""))
    if not found:
        yield Message("E06", f"Date {raw.get('date')!r}")
    else:
        weekday, day, month, year = found[1], int(found[2]), _MONTHS.index(found[3]) + 1, int(found[4])
        if _DAYS[date(year, month, day).weekday()] != weekday:
            yield Message("E06", f"the wrong day of the week in {found[0]}")
    domain = re.search(r"@([^>@]+)>?$", raw.get("from", ""))
    if not domain or not re.fullmatch(rf"<[0-9a-f]{{32}}@{re.escape(domain[1])}>", raw.get("message-id", "")):
        yield Message("E07", f"Message-ID {raw.get('message-id')!r} is no hash at the sender's domain")
    if not len(raw.get("subject", "")) >= 20:
        yield Message("E06", "a subject that says nothing")


def _lines(mail: bytes) -> Iterator[Message]:
    for line in mail.partition(b"\r\n\r\n")[2].split(b"\r\n"):
        if len(line) > 76:
            yield Message("E01", f"a line of {len(line)} octets in the body")
        if line.startswith((b".", b"From ")):
            yield Message("E01", f"a line that servers change: {line[:20]!r}")


def _body(mail: bytes, read: Part) -> Iterator[Message]:
    if len(mail) > MOST:
        yield Message("E10", f"{len(mail):,} octets")
    if read.media_type != "multipart/alternative" or [part.media_type for part in read.parts] != [
        "text/plain",
        "text/html",
    ]:
        yield Message("E09", f"{read.media_type} of {[part.media_type for part in read.parts]}")
        return
    text, html = (part.text for part in read.parts)
    for name, body in (("text", text), ("HTML", html)):
        if found := _NEVER.search(body):
            yield Message("E08", f"the {name} has the character U+{ord(found[0]):04X}")
    way_out = (re.findall(r"<([^<>]*)>", read.raw.get("list-unsubscribe", "")) or [""])[0]
    for what in dict.fromkeys(markup.check(html, way_out)):
        yield Message("E11", what)
    if text.count(way_out) < 2:
        yield Message("E10", "the way out does not stand twice in the text")
    # Lines may end inside of words of wide characters: nothing but blanks may differ.
    flat, at = re.sub(r"\s", "", text), 0
    for title in re.findall(r"(?s)<h3[^>]*>(.*?)</h3>", html):
        wanted = re.sub(r"\s", "", unescape(re.sub(r"<[^>]*>", "", title)))
        found_at = flat.find(wanted, at)
        if found_at < 0:
            yield Message("E09", f"the text has not, or elsewhere, the paper {wanted[:60]!r}")
        else:
            at = found_at + len(wanted)
