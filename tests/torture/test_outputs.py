"""Everything that every registered renderer makes of all archives: sound, legible to its standard, and complete."""

import json
import re
from collections import defaultdict
from datetime import UTC, datetime
from functools import cache
from typing import Any, NoReturn

import feedlint
import pytest
from jsonschema import Draft4Validator
from lxml import etree

from digest.model import Rendition
from digest.rendering import RENDERERS, render_index
from torture import blocks, naughty
from torture.archives import ALL, Made, an_archive
from torture.faults import Faults

# XML 1.0 section 2.2, and more: controls, what is no character, and what turns the line around.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)

_MARK = re.compile("qz[a-z]+[0-9]+[ae]")

_PAPER = {"title", "headline", "abstract", "comments", "author", "category"}

# Which texts of a paper, and which of the whole, must be found in what a renderer makes. The webhooks' services take
# little of each: what is there of a paper begins with its title.
SHOWN = {
    "html": (_PAPER | {"term", "place", "listing"}, {"profile", "site", "file", "problem"}),
    "rss": (_PAPER | {"term", "place"}, {"profile", "site"}),
    "atom": (_PAPER | {"term", "place"}, {"profile", "site"}),
    "jsonfeed": (_PAPER | {"term", "place"}, {"profile", "site"}),
    "md": (_PAPER | {"term", "place"}, {"profile", "site"}),
    "txt": (_PAPER | {"term", "place"}, {"profile", "site"}),
    "json": (_PAPER | {"term", "place", "signal", "listing"}, {"profile", "site", "section", "file", "problem"}),
    "bib": ({"title", "headline", "author"}, set()),
    "ris": ({"title", "headline", "author", "abstract"}, set()),
}

SHORTENED = {"rss", "atom", "jsonfeed", "txt"}
LONGEST = {"title": 2000, "headline": 2000, "site": 150, "profile": 150, "place": 0}
LONGEST |= dict.fromkeys(("term", "author", "category"), 90)
"""So many characters of such a text these formats must have: what is longer is no such thing, and is shortened. A place
stands behind its term, however long that is.
"""

OF_THE_TEXTS = {
    "BadCharacters": "a text may hold U+FFFD, as its source wrote it",
    "ContainsEmail": "somebody's name may hold an address, as its source wrote it",
}
"""The warnings besides `feedlint.ALLOWED` that texts may draw which no feed of ours wrote."""

PRESENT = datetime(2026, 11, 22, tzinfo=UTC)
"""After all the archives' editions: what is later is a date of the future."""

AGAIN = 10
"""Of so many archives one is made and rendered a second time."""


def test_no_renderer_raises_on_a_few_archives_of_every_kind():
    """The quick part: archives from all over, through every renderer, with every check."""
    faults = Faults()
    for number in range(7, ALL, ALL // 10):
        _tried(an_archive(number), faults)
    faults.settle()


@pytest.mark.slow
@blocks.each
def test_everything_that_is_made_is_sound_and_complete(block, figure):
    """No renderer raises; what it makes has no control character, is well-formed, valid by the standard's own rules and
    the same when it is made again; and the texts that a format shows come out with their first and their last word.
    """
    faults = Faults()
    editions = documents = size = 0
    for one in blocks.archives(block):
        renditions = _tried(one, faults)
        editions += len(one.archive.recent)
        documents += len(renditions)
        size += sum(len(rendition.content) for rendition in renditions)
        if one.number % AGAIN == 0 or blocks.WHOLE:
            twin = an_archive(one.number)
            again = [rendition for name in RENDERERS for rendition in _made(twin, name, Faults())]
            same = [rendition for rendition in renditions if rendition in again]
            if len(again) != len(same):
                odd = [rendition.path for rendition in again if rendition not in same]
                faults.add(str(one.number), [f"made again it is another: {odd[:3]}"])
    faults.settle()
    figure("{count:,} editions rendered in every format", count=editions)
    figure("{count:,} documents checked", count=documents)
    figure("{count:,} bytes checked", count=size)


def _tried(one: Made, faults: Faults) -> list[Rendition]:
    """What every renderer makes of an archive, all of it checked."""
    whole: list[Rendition] = []
    for name in RENDERERS:
        renditions = _made(one, name, faults)
        for rendition in renditions:
            with faults.of(f"{one.number} {rendition.path}"):
                faults.add(f"{one.number} {rendition.path}", unsound(rendition, one.site.base_url))
        faults.add(f"{one.number} {name}", lost(one, name, renditions))
        whole += renditions
    with faults.of(f"{one.number} render_index"):
        for rendition in render_index([one.archive], one.site):
            faults.add(f"{one.number} {rendition.path}", unsound(rendition, one.site.base_url))
    paths = [rendition.path for rendition in whole]
    faults.add(str(one.number), [f"{path} is made twice" for path in set(paths) if paths.count(path) > 1])
    return whole


def _made(one: Made, name: str, faults: Faults) -> list[Rendition]:
    with faults.of(f"{one.number} {name}"):
        return blocks.made(one, name)
    return []


# --------------------------------------------------------------------------------------------- one document


def unsound(rendition: Rendition, base_url: str | None) -> list[str]:
    """What is wrong with a document by itself, on a site at `base_url`."""
    text = rendition.content.decode()
    found = [f"it has U+{ord(one):04X}" for one in sorted(set(_FORBIDDEN.findall(text)))]
    if not re.fullmatch(r"(?:[\w-]+/)?[\w.-]+", rendition.path, re.ASCII) or ".." in rendition.path:
        found.append(f"its path is {rendition.path!r}")
    kind = rendition.media_type.partition(";")[0]
    if kind.endswith("json"):
        value = json.loads(text, parse_constant=_no_constant)
        found += [f"a string has U+{ord(one):04X}" for one in set(_FORBIDDEN.findall("".join(_strings(value))))]
    if kind == "application/feed+json":
        found += [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in _schema().iter_errors(value)]
    if kind.endswith("xml") or rendition.path.endswith((".xml", ".opml")):
        # Well-formed by a second parser than the one that wrote it, which forgives nothing.
        etree.fromstring(rendition.content, etree.XMLParser(resolve_entities=False, huge_tree=True))
    if kind in ("application/rss+xml", "application/atom+xml"):
        said = feedlint.check(rendition.path, rendition.content, base_url, PRESENT)
        found += [message for message in said if not any(code in message for code in OF_THE_TEXTS)]
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not in RFC 8259")


def _strings(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [*value, *(one for each in value.values() for one in _strings(each))]
        case list():
            return [one for each in value for one in _strings(each)]
    return []


# The schema of version 1.1 refers to that of version 1.0, which is not here, for these.
_TEXT = {"type": "string"}
_URI = {"type": "string", "pattern": "^(https?|mailto|urn):"}
_INSTANT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$"}
_AUTHOR = {"type": "object", "minProperties": 1, "properties": {"name": _TEXT, "url": _URI, "avatar": _URI}}
_VERSION_1 = {
    "definitions": {
        "author": _AUTHOR,
        "extension": {"type": "object"},
        "uri": _URI,
        "item": {
            "properties": {
                "attachments": {"type": "array"},
                "banner_image": _URI,
                "content_html": _TEXT,
                "content_text": _TEXT,
                "date_modified": _INSTANT,
                "date_published": _INSTANT,
                "external_url": _URI,
                "image": _URI,
                "summary": _TEXT,
                "tags": {"type": "array", "items": _TEXT},
                "title": _TEXT,
                "url": _URI,
            }
        },
    },
    "properties": {
        "description": _TEXT,
        "expired": {"type": "boolean"},
        "feed_url": _URI,
        "home_page_url": _URI,
        "hubs": {"type": "array"},
        "icon": _URI,
        "next_url": _URI,
        "title": _TEXT,
        "user_comment": _TEXT,
    },
}


@cache
def _schema() -> Draft4Validator:
    path = naughty.MATERIAL / "json-feed-1.1.schema.json"
    if not path.exists():
        return Draft4Validator({})
    text = path.read_text(encoding="utf-8").replace("feed-1#", "#/version-1")
    return Draft4Validator({**json.loads(text), "id": "", "version-1": _VERSION_1})


# ------------------------------------------------------------------------------------------------- all of it


def lost(one: Made, name: str, renditions: list[Rendition]) -> list[str]:
    """The texts that what a renderer made does not have, of those that it must."""
    if name not in SHOWN or not one.archive.recent:
        return []
    there = set(_MARK.findall("\n".join(rendition.content.decode() for rendition in renditions)))
    of_papers, of_the_whole = SHOWN[name]
    missing: dict[str, list[str]] = defaultdict(list)
    for paper, marks in one.marks.items():
        for mark in marks:
            if mark.field not in (of_papers if paper else of_the_whole):
                continue
            if name in SHORTENED and mark.length > LONGEST.get(mark.field, mark.length):
                continue
            # Of a file's path readers see the name.
            words = {mark.end} if mark.field in ("file", "listing") else {mark.start, mark.end}
            missing[mark.field] += sorted(words - there)
    return [f"{field}: it has lost {words[:4]}" for field, words in missing.items() if words]
