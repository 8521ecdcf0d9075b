"""Rules for single values: each function gives the codes that a text earns, none where it is as its standard says."""

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

# ------------------------------------------------------------------------------------------------ addresses

# The schemes of http://www.iana.org/assignments/uri-schemes that feeds have ever been seen with.
SCHEMES = frozenset(
    """
    acap afs cid data dav dict dns fax file ftp geo go gopher h323 http https iax icap im imap info ipp iris
    jabber ldap ldaps mailto magnet mid modem msrp mupdate news nfs nntp opaquelocktoken pop pres prospero
    rtsp service shttp sip sips sms snmp soap tag tel telnet tftp tip tn3270 tv urn vemmi view-source wais ws wss
    xmlrpc.beep xmpp z39.50r z39.50s
    """.split()
)
_PORTS = {"http": "80", "https": "443", "ftp": "21", "gopher": "70", "nntp": "119", "telnet": "23", "news": "119"}

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# RFC 3986 appendix A, taken together; square brackets stand in hosts only.
_URI = re.compile(r"(?:[\w:/?#@!$&'()*+,;=.~\[\]-]|%[0-9A-Fa-f]{2})*", re.ASCII)
_IRI = re.compile(r"(?:[\w:/?#@!$&'()*+,;=.~\[\]-]|%[0-9A-Fa-f]{2}|[^\x00-\x9f\s])*", re.ASCII)
_TAG = re.compile(
    r"tag:[\w.+-]*[\w-](?:@[\w.-]+)?,\d{4}(?:-\d\d(?:-\d\d)?)?:(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*"
    r"(?:#(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?",
    re.ASCII,
)
_TAG_AUTHORITY = re.compile(r"tag:(?:[\w.+-]+@)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?,", re.ASCII)
_URN = re.compile(
    r"urn:(?!urn:)[A-Za-z0-9][A-Za-z0-9-]{0,31}:(?:[A-Za-z0-9()+,.:=@;$_!*'/-]|%[0-9A-Fa-f]{2})+", re.IGNORECASE
)
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def has_scheme(text: str) -> bool:
    return bool(_SCHEME.match(text))


def reference(text: str) -> list[str]:
    """A URI or a relative reference (RFC 3986), in IRI form (RFC 3987)."""
    if re.search(r"\s", text) or not _IRI.fullmatch(text):
        return ["InvalidUriChar"]
    if _SCHEME.match(text) and not text.isascii() and text.split(":")[0].lower() in _PORTS:
        host = text.partition("//")[2].partition("/")[0]
        if not host.isascii():
            return []
    return absolute(text) if _SCHEME.match(text) else []


def absolute(text: str) -> list[str]:
    """A URI with a scheme (RFC 3986)."""
    found = _SCHEME.match(text)
    if not _IRI.fullmatch(text) and not re.match(r"(?:tag|urn):", text, re.IGNORECASE):
        return ["InvalidUriChar"] if found and not re.search(r"\s", text) else ["InvalidLink"]
    if not found:
        return ["InvalidFullLink"]
    scheme = found[0][:-1].lower()
    if scheme == "tag":
        return [] if _TAG.fullmatch(text) and _TAG_AUTHORITY.match(text) and _real_day(text) else ["InvalidTAG"]
    if scheme == "urn":
        if text.lower().startswith("urn:uuid:"):
            return [] if _UUID.fullmatch(text) else ["InvalidUUID"]
        return [] if _URN.fullmatch(text) else ["InvalidURN"]
    if scheme in _PORTS and not re.match(r"[a-z]+://[^/?#]", text, re.IGNORECASE):
        return ["InvalidLink"]
    if scheme in _PORTS:
        try:
            _ = urlsplit(text).port
        except ValueError:
            return ["InvalidLink"]
    if scheme not in SCHEMES:
        return ["SchemeNotIANARegistered"]
    return []


def absolute_attribute(text: str) -> list[str]:
    """A URI with a scheme, of which a bad letter is told before that it has none."""
    return ["InvalidUriChar"] if not _IRI.fullmatch(text) else absolute(text)


def _real_day(tag: str) -> bool:
    found = re.search(r",(\d{4})(?:-(\d\d))?(?:-(\d\d))?:", tag)
    try:
        return bool(found and date(*(int(part or 1) for part in found.groups())))
    except ValueError:
        return False


def canonical(text: str) -> list[str]:
    """An address that is compared as a string is written as RFC 3986 section 6 and RFC 4287 section 4.2.6.1 ask."""
    found = re.fullmatch(r"([A-Za-z][A-Za-z0-9+.-]*):(?://([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?", text)
    if not found:
        return []
    scheme, authority, path, _, _ = found.groups()
    host = (authority or "").rpartition("@")[2]
    odd = scheme != scheme.lower() or host != host.lower()
    odd |= any(code != code.upper() for code in re.findall(r"%..", text))
    odd |= any(
        re.fullmatch(r"[\w.~-]", chr(int(code, 16)), re.ASCII) for code in re.findall(r"%([0-9A-Fa-f]{2})", text)
    )
    if authority is not None:
        name, _, port = host.partition(":") if "[" not in host else (host, "", "")
        odd |= ":" in host and "[" not in host and (not port or port == _PORTS.get(scheme.lower()))
        odd |= authority.startswith(("@", ":@"))
        odd |= bool(set(path.split("/")) & {".", ".."})
        odd |= scheme.lower() in _PORTS and not path
        odd |= not name and scheme.lower() in _PORTS
    return ["NonCanonicalURI"] if odd else []


# ---------------------------------------------------------------------------------------------------- dates

_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)")
_W3C = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?)?")
_ZONES = {
    "UT": 0,
    "GMT": 0,
    "Z": 0,
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
}
_RFC822 = re.compile(
    r"(?:(?P<dow>Mon|Tue|Wed|Thu|Fri|Sat|Sun), +)?(?P<day>\d{1,2}) +(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|"
    r"Nov|Dec) +(?P<year>\d{4}) +(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d))? +"
    r"(?P<zone>[+-]\d{4}|UT|GMT|Z|EST|EDT|CST|CDT|MST|MDT|PST|PDT)"
)
_OLD822 = re.compile(
    r"\s*(?:(?P<dow>mon|tue|wed|thu|fri|sat|sun)[a-z]*\s*,?\s*)?(?P<day>\d{1,2})\s+(?P<month>jan|feb|mar|apr|may|jun|jul|aug|"
    r"sep|oct|nov|dec)[a-z]*\s+(?P<year>\d{2}|\d{4})\s+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?\s*"
    r"(?P<zone>(?:[a-z]{1,4}|[+-]\d{4})?(?:[+-]\d{4})?)",
    re.IGNORECASE,
)
_MONTHS = [name.lower() for name in calendar.month_abbr]
_DAYS = [name.lower() for name in calendar.day_abbr]


def rfc3339(text: str, now: datetime | None = None) -> list[str]:
    """`2026-05-26T00:00:04+00:00` (RFC 3339, RFC 4287 section 3.3)."""
    found = _RFC3339.fullmatch(text)
    if not found:
        return ["InvalidRFC3339Date"]
    try:
        instant = datetime.fromisoformat(re.sub(r"\.\d+", "", text).replace(":60", ":59").replace("Z", "+00:00"))
    except ValueError:
        return ["InvalidRFC3339Date"]
    return plausible(instant, now)


def w3c(text: str, now: datetime | None = None) -> list[str]:
    """`2026`, `2026-05`, `2026-05-26` or a whole instant (the W3C's note on dates, for Dublin Core)."""
    found = _W3C.fullmatch(text)
    if not found:
        return ["InvalidW3CDTFDate"]
    year, month, day, hour, minute, second, _ = found.groups()
    try:
        date(int(year), int(month or 1), int(day or 1))
        time(int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        return ["InvalidW3CDTFDate"]
    return []


def rfc822(text: str, now: datetime | None = None) -> list[str]:
    """`Tue, 26 May 2026 00:00:04 +0000` (RFC 5322 section 3.3, four digits of the year as RSS has it)."""
    bare, before = re.sub(r"\\.", "", text), ""
    while bare != before:  # comments may stand in comments
        bare, before = re.sub(r"\([^()]*\)", " ", bare), bare
    found = _RFC822.fullmatch(text) or _OLD822.fullmatch(bare.strip())
    if not found:
        return ["InvalidRFC2822Date"]
    year = int(found["year"])
    year += 0 if len(found["year"]) == 4 else 2000 if year < 50 else 1900
    try:
        month = _MONTHS.index(found["month"].lower())
        instant = datetime(year, month, int(found["day"]), int(found["hour"]), int(found["minute"]), tzinfo=UTC)
        instant += timedelta(seconds=int(found["second"] or 0) % 61)
        if int(found["second"] or 0) > 60:
            return ["InvalidRFC2822Date"]
    except ValueError:
        return ["InvalidRFC2822Date"]
    if found["dow"] and _DAYS[instant.weekday()] != found["dow"].lower():
        return ["IncorrectDOW"]
    zone = found["zone"] or ""
    if re.fullmatch(r"[+-]\d{4}", zone):
        if int(zone[3:]) > 59 or int(zone[1:3]) > 14:
            return ["InvalidRFC2822Date"]
        minutes = int(zone[0] + "1") * (int(zone[1:3]) * 60 + int(zone[3:]))
        if int(zone[3:]) % 15:
            return ["ProblematicalRFC822Date"]
    else:
        minutes = 60 * _ZONES.get(zone.upper(), 0)
    odd = [] if _RFC822.fullmatch(text) else ["ProblematicalRFC822Date"]
    return odd + plausible(instant - timedelta(minutes=minutes), now)


def plausible(instant: datetime, now: datetime | None) -> list[str]:
    """Neither before the first feed nor in the future."""
    late = now is not None and instant > now + timedelta(days=1)
    return ["ImplausibleDate"] if late or instant.year < 1970 else []


# ------------------------------------------------------------------------------------------------ the rest

_TOKEN = r"[A-Za-z0-9!#$&^_.+-]+"
_MIME = re.compile(rf"{_TOKEN}/{_TOKEN}(?:\s*;\s*{_TOKEN}=(?:{_TOKEN}|\"[^\"]*\"))*")
_LANGUAGE = re.compile(r"(?:[A-Za-z]{2,3}|[ix])(?:-[A-Za-z0-9]{1,8})*")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def mime(text: str) -> list[str]:
    """`text/html; charset=utf-8` (RFC 2045 section 5.1)."""
    return [] if _MIME.fullmatch(text) else ["InvalidMIMEType"]


def language(text: str) -> list[str]:
    """`en-GB` (RFC 5646, as far as its shape goes; of two letters only ISO 639's)."""
    if not _LANGUAGE.fullmatch(text):
        return ["InvalidLanguage"]
    first = text.split("-")[0].lower()
    return ["InvalidLanguage"] if len(first) == 2 and first not in _LANGUAGES else []


_LANGUAGES = frozenset(
    """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el
    en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu
    iw ja ji jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms
    mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk
    sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo
    za zh zu
    """.split()
)


def address(text: str) -> list[str]:
    """`ana@example.org` (RFC 5322 section 3.4.1), for Atom."""
    if not _ADDRESS.fullmatch(text):
        return ["InvalidAddrSpec"]
    return ["UnknownHost"] if "." not in text.rpartition("@")[2] else []


def contact(text: str) -> list[str]:
    """`ana@example.org (Ana Říha)` (RSS 2.0, the Profile's "E-mail Addresses")."""
    if not text:
        return ["NotBlank"]
    mail = _ADDRESS.pattern
    if re.fullmatch(rf"{mail} \([^()]+\)", text):
        return []
    if re.fullmatch(mail, text):
        return ["MissingRealName"]
    if re.fullmatch(r"mailto:[^\s@]+(?:@|%40)\S+", text, re.IGNORECASE):
        return ["EmailFormat"]
    if re.fullmatch(rf"[^@<>]*<{mail}>|[^@<>,]+, {mail}|{mail}\s*\(.*\)", text):
        return ["EmailFormat"]
    return ["InvalidContact"]


def integer(text: str, least: int | None = None) -> list[str]:
    """A whole number, of at least `least`."""
    if not text:
        return ["NotBlank"]
    if not re.fullmatch(r"[+-]?\d+", text):
        return ["InvalidInteger"]
    if least is not None and int(text) < least:
        return ["InvalidPositiveInteger" if least else "InvalidNonNegativeInteger"]
    return []
