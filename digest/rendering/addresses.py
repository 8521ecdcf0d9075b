"""Where things are: the addresses of papers, entries and pages, and which of them may be written.

Only http, https and mailto addresses ever reach a feed or a page.
"""

import re
from datetime import date
from hashlib import sha1
from typing import NamedTuple
from urllib.parse import quote

from digest.model import Archive, Edition, Paper, Site
from digest.patterns import pattern
from digest.rendering.once import once
from digest.text import clean, one_line

LOCAL = "http://localhost:8000/"
"""The address of `python -m http.server` in the published folder: what feeds use while nobody has said where
that folder is served. RSS wants an absolute address, and this one works for whoever tries it at home."""

_WEB = pattern(r"(https?)://([^/?#]+)([^?#]*)(\?[^#]*)?(#.*)?", re.IGNORECASE | re.DOTALL)
_MAIL = pattern(r"mailto:([^?#]+)(\?[^#]*)?", re.IGNORECASE | re.DOTALL)
# What RFC 3986 has no place for in a path (section 3.3), and in a query or a fragment (3.4, 3.5).
_NOT_IN_PATH = pattern(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9._~!$&'()*+,;=:@/%-]")
_NOT_IN_QUERY = pattern(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9._~!$&'()*+,;=:@/%?-]")
_AUTHORITY = pattern(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:@]+)(?::([0-9]{0,5}))?")
_NAME = pattern(r"(?=.{1,253}$)(?:(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!$)|\.?$))+")
_NUMBER = pattern(r"(?:[0-9]+|0x[0-9a-f]*)\.?$")
_IPV4 = pattern(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?!$)|$)){4}")
_REST = "/:;,@!$&'()*+=-._~"  # what RFC 3986 allows in a path beside letters and digits


class Feed(NamedTuple):
    """A kind of feed that a profile can have."""

    format: str
    """As in `digest.model.PUBLISHED`."""
    label: str
    name: str
    """The file's, in the profile's folder."""
    media_type: str


FEEDS = (
    Feed("rss", "RSS", "rss.xml", "application/rss+xml"),
    Feed("atom", "Atom", "atom.xml", "application/atom+xml"),
    Feed("jsonfeed", "JSON Feed", "feed.json", "application/feed+json"),
)


class Link(NamedTuple):
    """An address and what to call it."""

    label: str
    href: str


def href(address: str) -> str | None:
    """`address` fit to be written: ASCII, and valid by RFC 3986 and by what browsers read (the URL standard).

    None for a scheme other than http, https and mailto, for no address, and for one that leads nowhere: a host that
    cannot be, a port that is none, a name and a password before the host.
    """
    address = clean(address).strip()
    if web := _WEB.fullmatch(address):
        scheme, authority, path, query, fragment = web.groups(default="")
        if not (where := _authority(authority)):
            return None
        past = "".join(f"{part[0]}{_NOT_IN_QUERY.sub(_quoted, part[1:])}" for part in (query, fragment) if part)
        return f"{scheme.lower()}://{where}{_NOT_IN_PATH.sub(_quoted, path)}{past}"
    if mail := _MAIL.fullmatch(address):
        to, query = mail.groups(default="")
        mailboxes = [box.rpartition("@") for box in to.split(",")]
        if not all(local and ":" not in host and _authority(host) for local, _, host in mailboxes):
            return None
        people = ",".join(f"{_NOT_IN_PATH.sub(_quoted, local)}@{_authority(host)}" for local, _, host in mailboxes)
        return f"mailto:{people}{query[:1]}{_NOT_IN_QUERY.sub(_quoted, query[1:])}"
    return None


def _quoted(found: re.Match[str]) -> str:
    return quote(found[0], safe="")


def _authority(text: str) -> str | None:
    """Host and port, the host in ASCII; None where a browser would not go there."""
    found = _AUTHORITY.fullmatch(text)
    if not found or int(found[2] or 0) > 65535:
        return None
    host = found[1].lower()
    if host.startswith("["):
        from ipaddress import IPv6Address

        try:
            IPv6Address(host[1:-1])
        except ValueError:
            return None
    else:
        if not host.isascii():
            try:
                host = host.encode("idna").decode()
            except UnicodeError:
                return None
        # A last label that is a number makes the whole an IPv4 address, of which there is one way to write it.
        if not _NAME.fullmatch(host) or (_NUMBER.search(host.rpartition(".")[2]) and not _IPV4.fullmatch(host)):
            return None
    return f"{host}:{found[2]}" if found[2] else host


@once
def links(paper: Paper) -> list[Link]:
    """Where a paper can be read: its arXiv page and PDF, its DOI, then what the listings link to, each once.

    The first is the one to open; there may be none.
    """
    found = []
    arxiv, doi = (paper.ids[scheme] if _stays(paper.ids.get(scheme, "")) else "" for scheme in ("arxiv", "doi"))
    if arxiv:
        found += [Link(f"arXiv:{clean(arxiv)}", _arxiv(arxiv)), Link("PDF", f"https://arxiv.org/pdf/{_path(arxiv)}")]
    if doi and not (arxiv and doi.lower().startswith("10.48550/arxiv")):  # arXiv's own DOI leads to the same page
        found.append(Link("DOI", _doi(doi)))
    for label, address in sorted(paper.links.items(), key=lambda item: item[0] != "url"):
        if written := href(address):
            found.append(Link(_LABELS.get(label.lower(), one_line(label) or "Link"), written))
    once: dict[str, Link] = {}
    for link in found:
        once.setdefault(_target(link.href), link)
    return list(once.values())


_LABELS = {"url": "Page", "abs": "Abstract", "html": "HTML", "pdf": "PDF", "doi": "DOI", "code": "Code"}


def _target(address: str) -> str:
    """Equal for addresses that lead to the same thing: scheme, mirror, arXiv version and `.pdf` left out."""
    host, _, path = re.sub(r"^https?://(?:www\.|export\.|dx\.)?", "", address).rstrip("/").partition("/")
    if host.lower() == "arxiv.org":
        path = re.sub(r"(?:v\d+)?(?:\.pdf)?$", "", path)
    return f"{host.lower()}/{path.lower() if host.lower() == 'doi.org' else path}"


def entry_id(paper: Paper) -> str:
    """What a feed calls a paper for ever: made from `paper.id` alone, so that nothing learnt later changes it.

    `https://arxiv.org/abs/<id>` without version, `https://doi.org/<doi>`, else `urn:uuid:…` (RFC 9562).
    """
    scheme, _, value = paper.id.partition(":")
    if scheme == "arxiv" and _stays(value):
        return _arxiv(value)
    if scheme == "doi" and _stays(value):
        return _doi(value)
    return _urn(clean(paper.id))


def _urn(name: str) -> str:
    """`urn:uuid:…` of version 5 in the name space of addresses (RFC 9562 sections 5.5 and 6.6), as the module uuid
    makes it, whose import costs more than all the rest here.
    """
    digits = bytearray(sha1(_ADDRESSES + name.encode(), usedforsecurity=False).digest()[:16])
    digits[6] = digits[6] & 0x0F | 0x50
    digits[8] = digits[8] & 0x3F | 0x80
    text = digits.hex()
    return f"urn:uuid:{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


_ADDRESSES = bytes.fromhex("6ba7b8119dad11d180b400c04fd430c8")


def feed_id(archive: Archive, site: Site) -> str:
    """`urn:uuid:…` of a profile at one place; it stays when titles change, and when a private folder does."""
    return _urn(absolute(f"{archive.profile}/", site))


def profile_page(archive: Archive, site: Site) -> str:
    """The absolute address of a profile's folder, which shows its index."""
    return absolute(archive.at(""), site)


def feeds(archive: Archive) -> list[Feed]:
    """The kinds of feed that a profile has."""
    return [one for one in FEEDS if one.format in archive.published]


def edition_page(day: date, archive: Archive, site: Site) -> str:
    """The absolute address of the page of an edition; empty where it has none, and where nobody has said where the
    folder is served.
    """
    return absolute(archive.path(day), site) if site.base_url and "html" in archive.published else ""


def entry_link(paper: Paper, edition: Edition, archive: Archive, site: Site) -> str:
    """What a feed's entry opens: the paper where it can be read, else its place in the edition."""
    found = links(paper)
    return found[0].href if found else f"{absolute(archive.path(edition.digest.day), site)}#{anchor(paper)}"


def anchor(paper: Paper) -> str:
    """The id of a paper's element in its edition's page; it is also its fragment, as it stands."""
    return _path(paper.id) or "paper"


def absolute(path: str, site: Site) -> str:
    """The address of a published file."""
    return (site.base_url or LOCAL) + quote(path, safe=_REST)


def _stays(value: str) -> bool:
    """Whether an id, put at the end of an address, leads below it: `..` would lead up and out."""
    return bool(clean(value).strip()) and not any(part in (".", "..") for part in clean(value).split("/"))


def _arxiv(value: str) -> str:
    return f"https://arxiv.org/abs/{_path(value)}"


def _doi(value: str) -> str:
    return f"https://doi.org/{_path(value)}"


def _path(value: str) -> str:
    return quote(clean(value), safe=_REST)
