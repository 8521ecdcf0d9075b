"""JSON Feed 1.1: valid, with the same entries as the other feeds, and safe to show."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import a_paper, a_ranked, an_edition
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from naughty_papers import full_of, naughty, texts
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4
from rendering_scene import SITE, Outline, an_archive, editions, hrefs_outside

from digest.model import Archive, Site
from digest.rendering import everything, feed, render, wording
from digest.rendering.addresses import entry_id

URI = {"type": "string", "pattern": r"^(https?://[^\s<>\"\\\\^`{|}]+|mailto:\S+)$"}
INSTANT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}
TEXT = {"type": "string"}

# The schema of 1.1 leans on that of 1.0, which is not at hand: its parts, as version 1 of the standard has them.
VERSION_1 = {
    "definitions": {
        "uri": URI,
        "extension": {"type": "object"},
        "author": {
            "type": "object",
            "properties": {"name": TEXT, "url": URI, "avatar": URI},
            "additionalProperties": False,
            "minProperties": 1,
        },
        "item": {
            "properties": {
                "url": URI,
                "external_url": URI,
                "title": TEXT,
                "content_html": TEXT,
                "content_text": TEXT,
                "summary": TEXT,
                "image": URI,
                "banner_image": URI,
                "date_published": INSTANT,
                "date_modified": INSTANT,
                "tags": {"type": "array", "items": TEXT},
                "attachments": {"type": "array"},
            }
        },
    },
    "properties": {
        "title": TEXT,
        "home_page_url": URI,
        "feed_url": URI,
        "description": TEXT,
        "user_comment": TEXT,
        "next_url": URI,
        "icon": URI,
        "expired": {"type": "boolean"},
        "hubs": {"type": "array"},
    },
}


@pytest.fixture(scope="session")
def validator(shared: Path) -> Draft4Validator:
    schema = json.loads((shared / "material" / "json-feed-1.1.schema.json").read_text(encoding="utf-8"))
    known = Registry().with_resource(
        "https://json.schemastore.org/feed-1", Resource.from_contents(VERSION_1, default_specification=DRAFT4)
    )
    return Draft4Validator(schema, registry=known)


def pages(archive: Archive, site: Site = SITE) -> list[Any]:
    return [json.loads(rendition.content) for rendition in render(archive, site, ["jsonfeed"])]


def test_every_page_is_valid(validator: Draft4Validator) -> None:
    """F11: against SchemaStore's schema of version 1.1, with and without an address, entries or neighbours."""
    tuesday, monday = editions()
    old = an_edition(a_ranked(), day="2026-05-20")
    for archive in (an_archive(tuesday, monday, old), an_archive(monday), everything.gathered([an_archive(tuesday)])):
        for site in (SITE, replace(SITE, base_url=None)):
            for page in pages(archive, site):
                assert [error.message for error in validator.iter_errors(page)] == []


def test_a_broken_page_is_not_valid(validator: Draft4Validator) -> None:
    """The schema is no formality: each of some small mistakes is seen."""
    for change in (
        {"version": 1},
        {"title": None},
        {"next_url": "/feed.json"},
        {"authors": [{}]},
        {"items": [{"id": 1, "content_html": ""}]},
        {"items": [{"id": "1"}]},
        {"items": [{"id": "1", "content_html": "", "date_published": "26 May 2026"}]},
        {"score": 1},
    ):
        assert list(validator.iter_errors(pages(an_archive(*editions()))[0] | change)), change


@pytest.mark.parametrize("name", ["blns.json", "xss-filter-evasion.md"])
def test_naughty_strings_stay_text(shared: Path, validator: Draft4Validator, name: str) -> None:
    """F11, F18, W08: the feed stays valid, and its HTML has no element but ours and no address but whole ones."""
    archive = an_archive(an_edition(*map(full_of, naughty(shared, name))))
    for page in pages(archive):
        assert not list(validator.iter_errors(page))
        for item in page["items"]:
            content = Outline(item["content_html"])
            assert set(content.tags()) <= {"p", "a"}
            assert all(href.startswith(("http://", "https://", "mailto:")) for href in hrefs_outside(content))


@given(st.lists(texts, min_size=1, max_size=3, unique=True))
def test_any_text_comes_back_cleaned(fields: list[str]) -> None:
    """F05, F11: whatever the fields hold, the feed is UTF-8 and gives the cleaned text back; ids are strings."""
    papers = list({ranked.paper.id: ranked for ranked in map(full_of, fields)}.values())
    for item, ranked in zip(pages(an_archive(an_edition(*papers)))[0]["items"], papers, strict=True):
        assert item["title"] == wording.name(ranked.paper)
        assert [author["name"] for author in item.get("authors", [])] == wording.names(ranked.paper)
        assert isinstance(item["id"], str)


def test_the_head_says_what_the_feed_is() -> None:
    """F10, F11: version, titles, addresses and language; an address of its own only where one is known."""
    page = pages(an_archive(*editions()))[0]
    assert {name: value for name, value in page.items() if name != "items"} == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Efficient inference – Paper digest",
        "home_page_url": "https://example.org/digest/efficient/",
        "feed_url": "https://example.org/digest/efficient/feed.json",
        "description": "New research papers every day, the best match first, with the reasons why.",
        "authors": [{"name": "Paper digest"}],
        "language": "en",
    }
    assert "feed_url" not in pages(an_archive(*editions()), replace(SITE, base_url=None))[0]


def test_an_item_has_all_that_is_known() -> None:
    """Ids, link, both dates, all authors and categories, and the reasons for programs as well as for people."""
    item = pages(an_archive(*editions()))[0]["items"][0]
    content = item.pop("content_html")
    assert item == {
        "id": "https://arxiv.org/abs/2605.00001",
        "url": "https://arxiv.org/abs/2605.00001",
        "title": "Quantizing once: 4 < 8 & <b>bold</b>",
        "date_published": "2026-05-26T00:00:04+00:00",
        "date_modified": "2026-05-26T00:00:04+00:00",
        "authors": [{"name": "Abhijit Sinha"}, {"name": "Łucja Wiśniewska"}],
        "tags": ["cs.LG", "cs.CL"],
        "_digest": {
            "score": 10.0,
            "reasons": [
                {"signal": "keyword", "term": "quantizing", "place": "title", "points": 3.0},
                {"signal": "keyword", "term": "quantization", "place": "abstract", "points": 1.5},
                {"signal": "keyword", "term": "quantization", "place": "comments", "points": 0.5},
                {"signal": "author", "term": "Sinha, A.", "place": "authors", "points": 5.0},
            ],
        },
    }
    assert content.startswith("<p>Models are costly to serve")
    assert '<p>Score 10.0: +3.0 "quantizing" in title; ' in content


def test_paper_without_authors_and_categories_names_none() -> None:
    """F11: an empty list says nothing, so it is left out."""
    item = pages(an_archive(an_edition(a_ranked(a_paper(authors=())))))[0]["items"][0]
    assert "authors" not in item
    assert "tags" not in item


def test_media_type_is_the_one_of_the_standard() -> None:
    """F11: application/feed+json, at `<profile>/feed.json`; nothing before the first edition."""
    rendition = render(an_archive(*editions()), SITE, ["jsonfeed"])[0]
    assert (rendition.path, rendition.media_type) == ("efficient/feed.json", "application/feed+json")
    assert render(an_archive(), SITE, ["jsonfeed"]) == []


@given(st.lists(texts, min_size=1, max_size=3, unique=True))
def test_entries_are_what_one_dump_gives(fields: list[str]) -> None:
    """What is written once of a paper and joined for each reader is, byte for byte, one `json.dumps` of the entry."""
    archive = an_archive(an_edition(*{ranked.paper.id: ranked for ranked in map(full_of, fields)}.values()))
    lines = render(archive, SITE, ["jsonfeed"])[0].content.decode().split('"items": [\n')[1].removesuffix("\n]}\n")
    for line, entry in zip(lines.split(",\n"), feed.current(archive, SITE).entries, strict=True):
        names, tags = feed.authors(entry.paper), feed.categories(entry.paper)
        reasons = [
            {key: feed.part_of_reason(one) if isinstance(one, str) else one for key, one in reason._asdict().items()}
            for reason in entry.score.reasons
        ]
        whole = {
            "id": entry_id(entry.paper),
            "url": entry.link,
            "title": feed.title(entry.paper),
            "content_html": feed.content(entry.paper, entry.score),
            "date_published": entry.published.isoformat(),
            "date_modified": entry.updated.isoformat(),
            **({"authors": [{"name": name} for name in names]} if names else {}),
            **({"tags": tags} if tags else {}),
            "_digest": {"score": entry.score.total, "reasons": reasons},
        }
        assert line == json.dumps(whole, ensure_ascii=False)
