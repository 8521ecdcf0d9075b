"""A lint for RSS 2.0 and Atom 1.0: what the standards, the RSS Profile and the reading programs ask of a feed.

    for message in lint(data): print(message)

Codes have the names that the W3C's feed validator made known; `tests/rendering/test_feedlint.py` compares verdicts
with that validator's own cases. The rules are written from RFC 4287 (Atom), RFC 5005 (paging), the RSS 2.0
specification and the RSS Advisory Board's Profile, RFC 3986/3987, 3339, 5322, 2045, 5646 and 4151.
"""

import re
from datetime import datetime
from typing import Any

from lxml import etree

from feedlint import atom, rss
from feedlint.looking import Lint
from feedlint.messages import Message, is_a
from feedlint.names import ATOM, HTML, PREFIXES, RDF, RSS1, SAFE, XML, name_of, namespace
from feedlint.values import language, reference

__all__ = ["ALLOWED", "Message", "check", "is_a", "lint"]

_OLD_ATOM = ("http://purl.org/atom/ns#", "http://purl.org/atom/")
_STANDARD = ("utf-8", "utf-16", "us-ascii", "ascii")
_COMMON = (
    "iso-8859-1",
    "windows-1252",
    "iso-8859-15",
    "shift_jis",
    "euc-jp",
    "gb2312",
    "big5",
    "koi8-r",
    "windows-1251",
)


def lint(data: bytes, now: datetime | None = None, base: str = "") -> list[Message]:
    """What is wrong with the feed `data`: errors, warnings, and what is only worth to know ("info").

    `base` is the address that it was fetched from, where there is one; `now` is when: later dates are implausible.
    """
    found: list[Message] = []
    text = _decoded(data, found)
    if text is None:
        return found
    _document(text, found)
    marked = text
    for sign, mark in SAFE.items():
        marked = re.sub(f"&#x(?i:{ord(sign):x});", mark, marked)
    marked = re.sub(r"\A\s*<\?xml[^>]*\?>", "", marked)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, load_dtd=False)
    try:
        root = etree.fromstring(marked.lstrip("\ufeff").encode("utf-8", "surrogatepass"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        start = re.search(r"<([A-Za-z_][\w:.-]*)", re.sub(r"(?s)<!--.*?-->", "", marked))
        if start and start[1].rpartition(":")[2] not in ("rss", "feed", "RDF", "entry"):
            found.append(Message("error", "UndefinedElement", "neither RSS nor Atom", start[1], "root"))
        return [*found, Message("error", "SAXError", str(error))]
    linted = _Feed(now, base)
    linted.found = found
    _root(linted, root)
    _everywhere(linted, root)
    return list(dict.fromkeys(linted.found))


ALLOWED = {
    "DuplicateUpdated": "papers that were revised on one day have one date of update",
    "ContainsEmail": "the name of an author stays as its source gave it",
    "BadCharacters": "what a source misread stays as it said it",
    "CharacterData": "a title may hold `<tag`, which the Profile's references carry safely",
    "ContainsHTML": "a title may hold `</tag>` or `&amp;`, which the Profile's references carry safely",
}
"""The warnings that a feed of ours may draw, and why."""


def check(path: str, content: bytes, base_url: str | None, now: datetime | None = None) -> list[str]:
    """What is wrong with a feed of ours that is published at `path`: nothing, but for what is `ALLOWED`. Where nobody
    has said where it is served it has no address of its own to name.
    """
    allowed = ALLOWED.keys() | ({"MissingSelf", "MissingAtomSelfLink"} if base_url is None else set())
    found = lint(content, now, f"{base_url}{path}" if base_url else "")
    return [str(message) for message in found if message.level != "info" and message.code not in allowed]


class _Feed(Lint):
    """What looks at Atom's elements inside RSS as at those of Atom."""

    def atom(self, element: Any) -> None:
        name = element.tag.rpartition("}")[2]
        rule = atom.RULES.get(name)
        if name == "link" and element.get("rel") not in (None, "self", "alternate"):
            atom.atom_link(self, element)
        elif rule:
            rule(self, element)


def _decoded(data: bytes, found: list[Message]) -> str | None:
    declared = re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']", data)
    encoding = declared[1].decode().lower() if declared else "utf-8"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif data.startswith(b"\xef\xbb\xbf") and encoding not in ("utf-8", "utf8"):
        found.append(Message("error", "UnicodeError", f"a mark of UTF-8 before {encoding}"))
        encoding = "utf-8"
    if encoding not in (*_STANDARD, *_COMMON):
        found.append(Message("warning", "ObscureEncoding", encoding))
    if encoding not in _STANDARD:
        found.append(Message("info", "NonstdEncoding", encoding))
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        found.append(Message("error", "UnicodeError", str(error)))
        return None


def _document(text: str, found: list[Message]) -> None:
    """What stands before the root."""
    version = re.match(r"\ufeff?\s*<\?xml\s+version\s*=\s*[\"']([^\"']*)", text)
    if version and version[1] != "1.0":
        found.append(Message("error", "BadXmlVersion", version[1]))
    doctype = re.search(r"<!DOCTYPE\s+(\w+)[^>\[]*", text)
    if doctype:
        if "netscape.com" in doctype[0].lower():
            if "my.netscape.com/publish/formats/rss-0.91.dtd" in doctype[0]:
                found.append(Message("error", "DeprecatedDTD", doctype[0]))
            if not re.search(r"<rss[^>]*version=[\"']0\.91", text):
                found.append(Message("error", "InvalidDoctype", doctype[0]))
        if re.search(r"<!ENTITY\s+\S+\s+SYSTEM", text):
            found.append(Message("info", "ContainsSystemEntity", doctype[0]))


def _root(linted: _Feed, root: Any) -> None:
    space, local = namespace(root), root.tag.rpartition("}")[2]
    if space == ATOM and local == "feed":
        atom.atom_feed(linted, root)
    elif space == ATOM and local == "entry":
        atom.atom_entry(linted, root, has_author=False)
    elif local == "rss" and not space:
        rss.rss(linted, root)
    elif local == "rss":
        linted.say("InvalidNamespace", root, space)
    elif local == "feed" and not space:
        linted.say("MissingNamespace", root)
        for child in linted.children(root):
            if child.tag not in atom.CHILDREN:
                linted.say("UndefinedElement", child)
    elif local == "feed":
        linted.say("ObsoleteNamespace" if space in _OLD_ATOM else "InvalidNamespace", root, space)
    elif space != RDF:
        linted.say("UndefinedElement", root)


# C1 characters, and UTF-8 that somebody read as Latin-1 or windows-1252.
_MISREAD = re.compile("[\x80-\x9f\ufffd]|[ÂÃ][\x80-¿]|â€")


def _everywhere(linted: _Feed, root: Any) -> None:
    """What holds for every element, wherever it stands."""
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        for attr, text in [("", element.text or ""), *element.attrib.items()]:
            if _MISREAD.search(text):
                linted.say("BadCharacters", element, text[:60], attr=attr)
        if (base := element.get(f"{{{XML}}}base")) is not None and reference(base):
            linted.say("InvalidUriChar", element, base, attr="xml:base")
        if (lang := element.get(f"{{{XML}}}lang")) and language(lang):
            linted.say("InvalidLanguage", element, lang, attr="xml:lang")
        if namespace(element) == ATOM and element.prefix and namespace(root) == ATOM:
            linted.say("AvoidNamespacePrefix", element)
        prefix = PREFIXES.get(namespace(element))
        if element.prefix and prefix and element.prefix != prefix and prefix not in ("atom", "xhtml"):
            linted.found.append(Message("info", "NonstdPrefix", element.prefix, name_of(element)))
        if element.prefix in PREFIXES.values() and prefix is None and namespace(element) not in (HTML, RSS1):
            linted.say("ReservedPrefix", element, element.prefix)
