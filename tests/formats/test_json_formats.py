"""Everything JSON: what each format is recognised by, odd values in it, and files that are cut, mixed or broken."""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from builders import a_document, a_listing
from conftest import ROOT
from formats_scene import SAMPLES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.formats import FORMATS, parse, recognise
from digest.formats.head import head
from digest.model import Listing, Problem
from digest.rendering.objects import listing_object

NAMES = (
    "kaggle hf_daily biorxiv crossref openalex semantic_scholar openreview europepmc pubmed_json dblp_json inspire "
    "datacite aps csl_json json_feed digest_json json_lines"
).split()
FILES = [
    p for name in NAMES for p in sorted((SAMPLES / name).iterdir()) if not p.name.endswith((".json.json", "l.json"))
]


def parsed(content: str | bytes | dict[str, Any] | list[Any], format: str | None = None) -> list[Listing | Problem]:
    return list(parse(a_document(json.dumps(content) if isinstance(content, dict | list) else content), format))


def one(content: dict[str, Any] | list[Any], format: str) -> Listing:
    """The only listing of a document that is recognised as what it is."""
    (found,) = parsed(content)
    assert isinstance(found, Listing)
    assert found.format == format
    return found


# --------------------------------------------------------------------------------------------------- recognition


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_recognised_and_read(name):
    """The example of a format is one."""
    example = FORMATS[name].EXAMPLE
    assert [found.NAME for found in recognise(head(example.encode()))] == [name]
    assert all(isinstance(found, Listing) for found in parsed(example))


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_sample_is_of_one_format_only(path):
    """No two formats are as sure of a sample, also where only its beginning is seen."""
    data = path.read_bytes()
    for seen in (data, data[: max(len(data) // 2, 400)]):
        assert [found.NAME for found in recognise(head(seen))] in ([path.parent.name], [])


@pytest.mark.parametrize(
    "content",
    [
        "{}",
        "[]",
        '{"a": 1}',
        '["2605.00001", "2605.00002"]',
        '{"name": "paperdigest", "version": "1.0", "dependencies": {"x": "1"}, "author": "Ada Moreau"}',
        '{"openapi": "3.0.0", "info": {"title": "An interface", "version": "1"}, "paths": {}}',
        '{"$schema": "http://json-schema.org/draft-07/schema#", "title": "A schema", "type": "object"}',
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": "x"}}]}',
        '{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": ["# Title"]}]}',
        '[{"title": "A product", "price": 3, "stock": 1}]',
        '[{"id": 1, "title": "A task", "completed": false, "userId": 7}]',
        '{"meta": {"count": 1}, "results": [{"id": "https://openalex.org/A1", "display_name": "Ada Moreau"}]}',
        '{"log": {"version": "1.2", "entries": []}}',
    ],
)
def test_what_lists_no_papers_is_no_format(content):
    """JSON of other kinds is told as what nobody knows."""
    (problem,) = parsed(content)
    assert isinstance(problem, Problem)
    assert "no listing that is known" in problem.what


def test_a_better_known_format_comes_before_usual_names():
    """An object that has a format's own keys is not read as one of unknown make."""
    work = {"id": "https://openalex.org/W1", "title": "A title", "doi": None, "publication_year": 2026, "keywords": []}
    assert one(work, "openalex").details["openalex"] == "W1"


# ---------------------------------------------------------------------------------------------------- odd values


def test_a_number_where_a_text_is_expected_loses_no_paper():
    """Ids, years and volumes come as numbers or as texts."""
    found = one({"id": 2605.12345, "title": 7, "authors_parsed": [], "categories": 1, "versions": {}}, "kaggle")
    assert (found.ids, found.title, found.categories) == ({"arxiv": "2605.12345"}, "7", ("1",))


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ({"author": [{"given": "Ada"}]}, ("Ada",)),
        ({"author": [{"family": "Moreau"}, {}, None, "x"]}, ("Moreau",)),
        ({"author": [{"given": "Ada", "family": "Moreau", "prefix": "de"}]}, ("Ada de Moreau",)),
        ({"author": [{"name": "The <b>CAT</b> Collaboration"}]}, ("The CAT Collaboration",)),
        ({"author": {"given": "Ada", "family": "Moreau"}}, ("Ada Moreau",)),
        ({"author": None}, ()),
    ],
)
def test_people_of_crossref(content, names):
    """Given, family and prefix; organisations; and what is missing."""
    assert one({"DOI": "10.1000/1", "title": ["A title"], **content}, "crossref").authors == names


@pytest.mark.parametrize(
    ("dates", "day", "part"),
    [
        ({"issued": {"date-parts": [[2026, 5, 1]]}}, date(2026, 5, 1), None),
        ({"issued": {"date-parts": [[2026, 5]]}, "published-print": {"date-parts": [[2026]]}}, None, "2026-05"),
        ({"issued": {"date-parts": [[2026]]}, "posted": {"date-parts": [[2026, 2, 3]]}}, date(2026, 2, 3), None),
        ({"issued": {"date-parts": [[2026, 13, 45]]}}, None, "2026"),
        ({"issued": {"date-parts": [[None]]}}, None, None),
        ({"issued": "2026"}, None, None),
    ],
)
def test_dates_of_crossref(dates, day, part):
    """A whole day wherever one is told, else the part that tells most."""
    found = one({"DOI": "10.1000/1", "title": ["A title"], **dates}, "crossref")
    assert (found.published, found.details.get("date")) == (day, part)


def test_a_chapter_has_its_book_for_a_venue():
    """Of a chapter's containers the first is the series."""
    told = {"DOI": "10.1000/1", "type": "book-chapter", "title": ["A title"], "container-title": ["Notes", "The Book"]}
    found = one(told, "crossref")
    assert (found.details["venue"], found.details["series"]) == ("The Book", "Notes")


def test_an_abstract_in_parts_keeps_its_headings_but_not_its_label():
    """`Abstract` above an abstract says nothing; the headings of its parts do."""
    told = "<jats:title>Abstract</jats:title><jats:sec><jats:title>Aims</jats:title><jats:p>Short.</jats:p></jats:sec>"
    assert one({"DOI": "10.1000/1", "title": ["A title"], "abstract": told}, "crossref").abstract == "Aims Short."


@pytest.mark.parametrize(
    ("item", "names"),
    [
        ({"author": [{"family": "Gogh", "given": "Vincent", "non-dropping-particle": "van"}]}, ("Vincent van Gogh",)),
        ({"author": [{"family": "Humboldt", "given": "A.", "dropping-particle": "von"}]}, ("A. von Humboldt",)),
        ({"author": [{"literal": "Ada Moreau"}]}, ("Ada Moreau",)),
        ({"author": [{"family": "Müller", "suffix": "Jr."}]}, ("Müller, Jr.",)),
        ({"author": ["Ada Moreau"], "container-title": "X"}, ("Ada Moreau",)),
    ],
)
def test_people_of_csl(item, names):
    """Particles stand before the family name, literal names as they are."""
    assert (
        one([{"id": "x", "type": "book", "title": "A title", "container-title": "B", **item}], "csl_json").authors
        == names
    )


@pytest.mark.parametrize(
    ("issued", "day", "part"),
    [
        ({"date-parts": [["2026", "05", "01"]]}, date(2026, 5, 1), None),
        ({"date-parts": [[2026, 5, 1], [2026, 6, 1]]}, date(2026, 5, 1), None),
        ({"raw": "2026-05"}, None, "2026-05"),
        ({"literal": "May 1, 2026"}, date(2026, 5, 1), None),
        ({"date-parts": [], "raw": "2026"}, None, "2026"),
        ("2026-05-01", date(2026, 5, 1), None),
    ],
)
def test_dates_of_csl(issued, day, part):
    """In parts, raw, literal, or a text."""
    found = one([{"id": "x", "type": "book", "title": "A title", "container-title": "B", "issued": issued}], "csl_json")
    assert (found.published, found.details.get("date")) == (day, part)


def test_the_index_of_an_abstract_may_lie():
    """Places that are huge, negative, repeated or no numbers give a text all the same."""
    index = {"b": [5, 5], "a": [-1], "c": [10**18, "x"], "d": 3, "e": None}
    assert (
        one({"id": "https://openalex.org/W1", "title": "x", "abstract_inverted_index": index}, "openalex").abstract
        == "a b b c"
    )


@pytest.mark.parametrize(
    ("item", "abstract"),
    [
        ({"content_html": "<p>One.</p><p>Two &lt; three.</p>"}, "One. Two < three."),
        ({"content_text": "n<m <b>x</b>"}, "n<m <b>x</b>"),
        ({"content_text": "Long.", "summary": "Short."}, "Long."),
        ({"content_html": "<p>" + "word " * 3000 + "</p>", "summary": "Short."}, "Short."),
        ({"content_text": "", "title": "Only a title"}, None),
    ],
)
def test_the_abstract_of_an_item(item, abstract):
    """The content, or the summary where the content is an article."""
    feed = {"version": "https://jsonfeed.org/version/1", "items": [{"id": "1", **item}]}
    assert one(feed, "json_feed").abstract == abstract


def test_an_empty_list_lists_nothing_and_is_no_problem():
    """A search that found nothing is an answer."""
    assert parsed({"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": []}) == []
    assert parsed({"version": "6.9", "resultList": {"result": []}}, "europepmc") == []


def test_a_json_feed_without_its_items_is_told():
    """The array is required (JSON Feed 1.1, "Top-level")."""
    [problem] = parsed({"version": "https://jsonfeed.org/version/1.1", "title": "A feed"})
    assert problem.what == "a JSON Feed without `items`"


def test_records_of_several_pages_are_read_one_after_the_other():
    """Answers of a service that were saved one behind the other, or a line each, give all their records."""
    page = {"meta": {"count": 2}, "results": [{"id": "https://openalex.org/W1", "title": "x"}] * 2}
    for content in (
        json.dumps(page) + "\n" + json.dumps(page),
        json.dumps([page, page]),
        json.dumps(page, indent=1) * 2,
    ):
        assert len(parsed(content)) == 4


def test_every_fault_has_its_line():
    """Of a pretty-printed array each record, and each fault, is told with the line on which it begins."""
    records: list[Any] = [{"id": "https://openalex.org/W1", "title": "x"}, {"id": "https://openalex.org/W2"}, None]
    content = json.dumps(records, indent=1)
    first, second, third = parsed(content)
    assert isinstance(first, Listing)
    assert isinstance(second, Problem)
    assert isinstance(third, Problem)
    lines = content.split("\n")
    assert (first.position.line, second.line, third.line) == (2, 6, lines.index(" null") + 1)


# ---------------------------------------------------------------------------------------------- read back, our own

LISTINGS = st.builds(
    a_listing,
    ids=st.dictionaries(st.sampled_from(["arxiv", "doi", "pmid"]), st.sampled_from(["2605.00001", "10.1000/1", "7"])),
    version=st.none() | st.integers(1, 20),
    title=st.none() | st.sampled_from(["Counting $O(n)$ <b>papers</b> & lists", "Ü"]),
    authors=st.lists(st.sampled_from(["Ada Moreau", "Říha", "王小明", "L. van der Berg, Jr."])),
    authors_truncated=st.booleans(),
    author_count=st.none() | st.integers(0, 5000),
    comments=st.none() | st.just("8 pages"),
    categories=st.lists(st.sampled_from(["cs.DL", "lists, and more"])).map(tuple),
    created=st.none() | st.dates(date(1990, 1, 1)),
    updated=st.none() | st.dates(date(1990, 1, 1)),
    published=st.none() | st.dates(date(1990, 1, 1)),
    links=st.dictionaries(st.sampled_from(["abs", "pdf"]), st.just("https://lists.example/1")),
    metrics=st.dictionaries(st.sampled_from(["upvotes", "citations"]), st.integers(0, 10**9)),
    kind=st.sampled_from([None, "new", "cross-list", "replaced"]),
    details=st.dictionaries(st.sampled_from(["venue", "date"]), st.sampled_from(["J. Lists", "2023"])),
)


@given(st.lists(LISTINGS, min_size=1, max_size=4))
def test_what_parse_writes_is_read_back(listings):
    """A listing comes back as it was, but for its place."""
    content = "\n".join(json.dumps(listing_object(listing), ensure_ascii=False) for listing in listings)
    expected = [
        replace(listing, format="digest_json", position=listing.position._replace(line=number))
        for number, listing in enumerate(listings, 1)
    ]
    assert parsed(content) == expected


def test_the_published_day_and_feed_are_read_back():
    """The sample edition's JSON gives its papers as they were, and its feed the same ids, titles and people."""
    day = json.loads((ROOT / "feeds" / "sample" / "2026-05-26.json").read_text(encoding="utf-8"))
    feed = json.loads((ROOT / "feeds" / "sample" / "2026-05-26.feed.json").read_text(encoding="utf-8"))
    papers = [entry["paper"] for entry in day["papers"]]
    told = [listing_object(x) for x in parsed(day) if isinstance(x, Listing)]
    assert [{**x, "source": 0} for x in told] == [
        {key: p[key] for key in told[0] if key in p} | {"source": 0} for p in papers
    ]
    items = [x for x in parsed(feed) if isinstance(x, Listing)]
    assert [x.ids for x in items] == [p["ids"] for p in papers]
    assert [x.abstract for x in items] == [entry["readable"]["abstract"] for entry in day["papers"]]
    assert [list(x.authors) for x in items] == [p["authors"] for p in papers]


# ------------------------------------------------------------------------------------------------ broken and mixed


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_sample_is_the_same_in_every_encoding(path, encoding):
    """UTF-8 with a mark, UTF-16 with and without one, and UTF-32 give the same."""
    text = path.read_text(encoding="utf-8")
    assert parsed(text.encode(encoding)) == parsed(text)


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_sample_is_the_same_however_it_is_laid_out(path):
    """Indented or on one line, the listings are those of the sample, but for their lines."""
    text = path.read_text(encoding="utf-8")
    try:
        values = [json.loads(text)]
    except ValueError:
        values = [json.loads(line) for line in text.split("\n") if line.strip() and _is_json(line)]
    told = [replace(x, position=x.position._replace(line=0)) for x in parsed(text) if isinstance(x, Listing)]
    for indent in (None, 3):
        content = "\n".join(json.dumps(value, indent=indent) for value in values)
        found = [replace(x, position=x.position._replace(line=0)) for x in parsed(content) if isinstance(x, Listing)]
        assert found == told


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_sample_that_is_cut_gives_its_first_listings(path):
    """Cut anywhere, a sample gives the first of its listings, whole, and is told to be cut."""
    data = path.read_bytes()
    whole = [x for x in parsed(data, path.parent.name) if isinstance(x, Listing)]
    for end in range(len(data) // 12, len(data) - 2, max(1, len(data) // 12)):
        found = parsed(data[:end], path.parent.name)
        listings = [x for x in found if isinstance(x, Listing)]
        assert listings == whole[: len(listings)]
        assert len(found) > len(listings) or data[:end].endswith(b"\n")


def _changed(value: Any, chance: random.Random) -> Any:
    """A value of which about one in ten parts is of another type."""
    if chance.random() < 0.1:
        odd = (None, True, -1, 1e300, float("nan"), "", "x", [], {}, [[]], [None, {}], {"value": {}}, "\ud800", 10**400)
        return chance.choice(odd)
    if isinstance(value, dict):
        return {name: _changed(inner, chance) for name, inner in value.items()}
    if isinstance(value, list):
        return [_changed(inner, chance) for inner in value]
    return value


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_values_of_any_type_raise_nothing(path):
    """Whatever is where a text, a list or an object is expected, each record is a listing or a problem."""
    records = [json.loads(line) for line in _records(path)]
    chance = random.Random(path.name)
    for _ in range(60):
        content = "\n".join(json.dumps(_changed(record, chance)) for record in records)
        for found in parsed(content, path.parent.name):
            assert isinstance(found, Listing | Problem)
            if isinstance(found, Listing):
                json.dumps(listing_object(found)).encode()


def _records(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    yield from filter(_is_json, [text] if path.suffix == ".json" else text.split("\n"))


def mutated(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """The bytes of a sample with some of them changed, cut out, doubled, or replaced by a piece of another sample."""
    for _ in range(chance.randint(1, 6)):
        at, end = sorted(chance.randint(0, len(data)) for _ in range(2))
        end = min(end, at + chance.choice((1, 1, 20, 2000)))
        match chance.randint(0, 4):
            case 0:
                data = data[:at] + bytes(chance.choice(b'{}[]",:\\0a\n\x00\xff ') for _ in range(end - at)) + data[end:]
            case 1:
                data = data[:at] + data[end:]
            case 2:
                data = data[:end] + data[at:end] + data[end:]
            case 3:
                other = chance.choice(others)
                start = chance.randint(0, len(other))
                data = data[:at] + other[start : start + 500] + data[end:]
            case _:
                data = data[: max(end, 1)]
    return data


@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=40)
@given(st.integers(0, 2**32))
def test_broken_samples_raise_nothing_and_take_no_time(seed):
    """Samples with bytes changed, cut, doubled and spliced give listings and problems, in a moment; at least one of
    them, unless what is left is an empty list.
    """
    chance = random.Random(seed)
    contents = [path.read_bytes() for path in FILES]
    path = chance.choice(FILES)
    data = mutated(path.read_bytes(), contents, chance)
    for name in (None, path.parent.name):
        started = time.process_time()
        found = parsed(data, name)
        assert time.process_time() - started < 1
        assert found or not data.strip() or name


@pytest.mark.slow
def test_ten_thousand_broken_samples_raise_nothing():
    """The same, many times."""
    contents = [path.read_bytes() for path in FILES]
    for seed in range(10_000):
        chance = random.Random(seed)
        path = chance.choice(FILES)
        parsed(mutated(path.read_bytes(), contents, chance), chance.choice((None, path.parent.name)))
