"""Entries are written once a paper and spliced into what feedgen wrote: byte for byte what feedgen alone writes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from builders import a_paper, a_ranked, a_reason, an_edition
from feed_oracle import by_feedgen, unlike
from hypothesis import given
from hypothesis import strategies as st
from naughty_papers import full_of, naughty, texts
from rendering_scene import SITE, an_archive, editions

from digest.model import Archive, Edition, Paper, Site
from digest.rendering import channel, everything, render

KINDS = ("rss", "atom")
NOWHERE = replace(SITE, base_url=None)


def differences(archive: Archive, site: Site = SITE) -> list[str]:
    return [line for kind in KINDS for line in unlike(render(archive, site, [kind]), by_feedgen(archive, site, kind))]


def test_the_small_site_is_as_feedgen_writes_it() -> None:
    """Every page of every shape: current or archived, with and without neighbours and a base address."""
    tuesday, monday = editions()
    old = an_edition(*tuesday.digest.ranked[:1], day="2026-05-20", profile="efficient")
    for archive in (
        an_archive(tuesday, monday),
        an_archive(monday),
        an_archive(tuesday, monday, old),
        everything.gathered([an_archive(tuesday, monday, old), an_archive(an_edition(a_ranked()), profile="ana")]),
    ):
        assert differences(archive) == []
        assert differences(archive, NOWHERE) == []


def test_revised_papers_are_as_feedgen_writes_them() -> None:
    """What is known now, and a date of update of its own, are spliced as well."""
    tuesday, monday = editions()
    known = replace(tuesday.digest.ranked[1].paper, title="A <b>new</b> title", updated=date(2026, 5, 26))
    archive = an_archive(tuesday, monday)._replace(revised={known.id: known})
    assert differences(archive) == []


def test_dates_of_any_zone_are_as_feedgen_writes_them() -> None:
    """Offsets of half an hour, negative ones, and every month and weekday."""
    for number in range(400):
        zone = timezone(timedelta(minutes=15 * (number % 97 - 48)))
        issued = datetime(2026, 1, 1, tzinfo=zone) + timedelta(days=number)
        edition = replace(an_edition(a_ranked(), day=issued.date().isoformat()), issued=issued)
        assert number % 10 or differences(an_archive(edition)) == []


@given(st.lists(texts, min_size=1, max_size=4), texts, texts)
def test_any_text_in_any_field_is_as_feedgen_writes_it(fields: list[str], title: str, site: str) -> None:
    """F05, W08: whatever the fields hold."""
    papers = [full_of(text) for text in dict.fromkeys(fields)]
    edition = an_edition(*papers, title=title)
    assert differences(an_archive(edition, title=title), replace(SITE, title=site)) == []


@pytest.mark.parametrize("name", ["blns.json", "xss-filter-evasion.md"])
def test_naughty_strings_are_as_feedgen_writes_them(shared: Path, name: str) -> None:
    """F05, W08: the Big List of Naughty Strings and OWASP's vectors in every field."""
    papers = list({ranked.paper.id: ranked for ranked in map(full_of, naughty(shared, name))}.values())
    for start in range(0, len(papers), 50):
        archive = an_archive(an_edition(*papers[start : start + 50]))
        assert differences(archive) == []


def test_one_paper_in_many_feeds_has_each_readers_reasons() -> None:
    """What is kept of a paper is none of its score, its date or its reader's page."""
    paper = a_paper("text:x", ids={})
    for number in range(3):
        edition: Edition = replace(
            an_edition(a_ranked(paper, a_reason(number + 1.0, f"term {number}")), profile=f"p{number}"),
            issued=datetime(2026, 5, 26, number, tzinfo=UTC),
        )
        archive = an_archive(edition, profile=f"p{number}")
        assert differences(archive) == []
        for rendition in render(archive, SITE, KINDS):
            assert f"term {number}".encode() in rendition.content
            assert f"/p{number}/2026-05-26.html#text:x".encode() in rendition.content


def test_a_paper_that_is_equal_to_another_is_another() -> None:
    """Papers are told apart by identity, and equal ones give equal bytes."""
    one = a_paper("arxiv:2605.00001")
    other: Paper = replace(one)
    first, second = (render(an_archive(an_edition(a_ranked(paper))), SITE, KINDS) for paper in (one, other))
    assert first == second


def test_feedgen_writes_once_for_all_profiles() -> None:
    """Whatever the number of profiles and sites, feedgen is asked once for each shape that a page can have."""
    before = channel._shape.cache_info().misses
    for number in range(40):
        name = f"p{number}"
        archive = an_archive(
            an_edition(a_ranked(), profile=name), an_edition(a_ranked(), day="2026-05-25", profile=name)
        )
        render(archive, SITE, KINDS)
        render(archive, NOWHERE, KINDS)
    assert channel._shape.cache_info().misses - before <= 2 * 2 * 3
