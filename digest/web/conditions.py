"""What a request knows already and in which coding it takes the rest (RFC 9110): decided from its headers alone.

A file has two representations, as it is and gzipped. Their bytes differ, so each has a strong entity tag of its own
(section 8.8.3), and what a client kept is compared with the representation that it would be sent now.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from digest.patterns import pattern

_TAG = pattern(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_ELEMENT = pattern(r"\s*([^\s;,]+)\s*(?:;\s*[qQ]\s*=\s*([01](?:\.\d{0,3})?)\s*)?")


def status(headers: Mapping[str, str], tag: str, modified: int) -> int:
    """What a GET or HEAD is answered that has these headers (names in lower case): 200, 304 where the client has it
    already, or 412 where it wanted another one. `tag` is quoted; `modified` is in seconds since 1970.

    An entity tag is looked at first, and then a date is not (section 13.2.2).
    """
    if (wanted := headers.get("if-match")) is not None:
        if not _has(wanted, tag, weak=False):
            return 412
    elif (since := _instant(headers.get("if-unmodified-since"))) is not None and modified > since:
        return 412
    if (known := headers.get("if-none-match")) is not None:
        return 304 if _has(known, tag, weak=True) else 200
    since = _instant(headers.get("if-modified-since"))
    return 304 if since is not None and modified <= since else 200


def _has(listed: str, tag: str, *, weak: bool) -> bool:
    """Whether a list of tags has this strong one: by the weak comparison, or by the strong one (section 8.8.3.2)."""
    if listed.strip() == "*":
        return True
    return any(opaque == tag and (weak or not mark) for mark, opaque in _TAG.findall(listed))


def _instant(date: str | None) -> int | None:
    """An HTTP date in any of its three forms (section 5.6.7); None for what is none, which is then ignored."""
    if not date:
        return None
    try:
        found = parsedate_to_datetime(date)
        return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None


def takes_gzip(accepted: str | None) -> bool:
    """Whether an Accept-Encoding asks for gzip (section 12.5.3): named or by `*`, and liked no less than the plain."""
    if not accepted:
        return False
    weights: dict[str, float] = {}
    for element in accepted.split(","):
        if found := _ELEMENT.fullmatch(element):
            weights.setdefault(found[1].lower(), float(found[2] or 1))
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def http_date(instant: int) -> str:
    """Seconds since 1970 as HTTP writes them (section 5.6.7)."""
    return datetime.fromtimestamp(instant, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
