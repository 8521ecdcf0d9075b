"""The lint agrees with the W3C validator's own cases, and finds nothing to say of any feed of ours."""

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from builders import a_ranked, an_edition
from feedlint import Message, check, is_a, lint
from hypothesis import given
from hypothesis import strategies as st
from naughty_papers import full_of, naughty, texts
from rendering_scene import SITE, an_archive, editions

from digest.model import Archive, Site
from digest.rendering import everything, render
from digest.rendering.addresses import entry_id

SUITE = "http://www.feedvalidator.org/testcases/"
NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Case(NamedTuple):
    """One document of the validator's suite: a message that it must, or must not, earn."""

    name: str
    data: bytes
    wanted: bool
    code: str
    params: dict[str, str]


def cases(folder: Path, part: str) -> Iterator[Case]:
    for path in sorted((folder / part).rglob("*.xml")):
        data = path.read_bytes()
        found = re.search(rb"Expect:\s*(!?)(\w+)(?:\{([^}]*)\})?", data)
        if found:
            pairs = (pair.partition(":") for pair in (found[3] or b"").decode().split(",") if pair)
            params = {name.strip(): value.strip().replace("rdf_RDF", "rdf:RDF") for name, _, value in pairs}
            yield Case(str(path.relative_to(folder)), data, not found[1], found[2].decode(), params)


def agrees(case: Case, messages: list[Message]) -> bool:
    """The verdict on the message that the case is about.

    That a value is good, which the validator says with a message of its own, is here that nothing is wrong with it.
    """
    wanted = case.code
    if wanted in ("Error", "Warning"):
        levels = ("error",) if wanted == "Error" else ("error", "warning")
        return any(message.level in levels for message in messages) == case.wanted
    if wanted.startswith("Valid"):
        wrong = any(
            message.level == "error"
            and concerns(message, case.params)
            and ("attr" in case.params) <= bool(message.attr)
            for message in messages
        )
        return wrong != case.wanted
    return any(is_a(message.code, wanted) and concerns(message, case.params) for message in messages) == case.wanted


def concerns(message: Message, params: dict[str, str]) -> bool:
    """The message is of what the case names. Of an attribute some cases speak as of a child of its element."""
    element, parent, attr = (params.get(name) for name in ("element", "parent", "attr"))
    if attr and message.attr and attr != message.attr:
        return False
    if message.attr and element == message.attr:
        return parent in (None, message.element, message.parent)
    return element in (None, message.element) and parent in (None, message.parent)


@pytest.mark.parametrize(("part", "least"), [("atom", 0.98), ("rss20", 0.98), ("rss", 0.95), ("ext", 0.3)])
def test_verdicts_are_those_of_the_validators_own_cases(shared: Path, part: str, least: float) -> None:
    """F01: on the documents that the W3C's validator is tested with, but for those of RSS 1.0, which is another
    format; few of the extensions' rules are here, for no feed of ours has any.
    """
    known = [case for case in cases(shared / "material" / "feedvalidator", part) if b"<rdf:RDF" not in case.data]
    assert len(known) > 150
    unlike = [case for case in known if not agrees(case, lint(case.data, NOW, f"{SUITE}{case.name}"))]
    share = 1 - len(unlike) / len(known)
    told = [f"{case.name} expects {'' if case.wanted else 'no '}{case.code} {case.params}" for case in unlike]
    sys.stdout.write("\n".join([*told, f"{part}: {share:.1%} of {len(known)}", ""]))
    assert share >= least


@pytest.mark.parametrize("part", ["atom", "rss20", "rss"])
def test_messages_that_must_be_given_are_given(shared: Path, part: str) -> None:
    """A lint that is silent would agree with every case of what must not be said: of the others it has to find 95 %."""
    known = [
        case
        for case in cases(shared / "material" / "feedvalidator", part)
        if b"<rdf:RDF" not in case.data and case.wanted and not case.code.startswith("Valid")
    ]
    found = [case for case in known if agrees(case, lint(case.data, NOW, f"{SUITE}{case.name}"))]
    sys.stdout.write(f"{part}: {len(found)} of {len(known)} messages\n")
    assert len(found) >= 0.95 * len(known)


# ------------------------------------------------------------------------------------------- our own feeds


def remarks(archive: Archive, site: Site = SITE) -> list[str]:
    return [
        remark
        for rendition in render(archive, site, ["rss", "atom"])
        for remark in check(rendition.path, rendition.content, site.base_url, NOW)
    ]


def test_our_feeds_draw_no_remark() -> None:
    """F01, F02, F10, F18: every page of a feed, current and archived, of one profile and of all, with an address and
    without.
    """
    tuesday, monday = editions()
    old = an_edition(a_ranked(), day="2026-05-20", profile="efficient")
    known = replace(tuesday.digest.ranked[3].paper, title="Another title", updated=date(2026, 5, 26))
    archive = an_archive(tuesday, monday, old)
    for one in (
        archive,
        archive._replace(revised={known.id: known}),
        an_archive(monday),
        everything.gathered([archive, an_archive(an_edition(a_ranked()), profile="ana")]),
    ):
        assert remarks(one) == []
        assert remarks(one, replace(SITE, base_url=None)) == []


@pytest.mark.parametrize("name", ["blns.json", "xss-filter-evasion.md"])
def test_naughty_strings_draw_no_remark(shared: Path, name: str) -> None:
    """F01, F03, F18, W08: whatever stands in the fields of a paper, nothing of it is markup."""
    papers = list({entry_id(ranked.paper): ranked for ranked in map(full_of, naughty(shared, name))}.values())
    for start in range(0, len(papers), 50):
        assert remarks(an_archive(an_edition(*papers[start : start + 50]))) == []


@given(st.lists(texts, min_size=1, max_size=4, unique=True), texts)
def test_any_text_draws_no_remark(fields: list[str], title: str) -> None:
    """F01, F05: whatever the fields and the titles hold."""
    papers = {entry_id(ranked.paper): ranked for ranked in map(full_of, fields)}
    archive = an_archive(an_edition(*papers.values()), title=title)
    assert remarks(archive, replace(SITE, title=title)) == []


def test_a_broken_feed_of_ours_would_draw_remarks() -> None:
    """The check is no formality: each of some small mistakes is seen."""
    current = render(an_archive(*editions()), SITE, ["rss"])[0]
    for sound, broken, code in (
        (b"<guid isPermaLink", b"<guid isPermalink", "UnexpectedAttribute"),
        (b"Tue, 26 May", b"Mon, 26 May", "IncorrectDOW"),
        (b"May 2026", b"May 2037", "ImplausibleDate"),
        (b"&lt;p&gt;", b"&lt;script&gt;", "SecurityRisk"),
        (b"href=&quot;https://arxiv.org/", b"href=&quot;/", "ContainsRelRef"),
        (b'href="https://arxiv.org/', b'href="/', "ContainsRelRef"),
        (b"efficient/rss.xml", b"efficient/rss2.xml", "SelfDoesntMatchLocation"),
        (b"<language>en<", b"<language>english<", "InvalidLanguage"),
        (b"<title>Many hands</title>", b"<title></title>", "NotBlank"),
        (b"</item>", b"</item><item/>", "ItemMustContainTitleOrDescription"),
        (b"</rss>", b"", "SAXError"),
    ):
        found = check(current.path, current.content.replace(sound, broken), SITE.base_url, NOW)
        if sound in current.content:
            assert any(code in remark for remark in found), (code, found)
