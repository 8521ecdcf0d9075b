"""JSON editions: the same data as the command line prints, sound for any parser."""

import json
import re
from dataclasses import replace

import pytest
from builders import a_listing, a_paper, a_ranked, a_reason, an_edition
from hostile import collected, texts
from hypothesis import given
from rendering_scene import SITE, an_archive, editions

from digest.cli import output
from digest.model import Archive, Position, Site
from digest.rendering import render, wording
from digest.rendering.addresses import links
from digest.rendering.citations import key
from digest.text import clean


def refuse(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


def pairs(found: list) -> dict:
    names = [name for name, _ in found]
    assert len(names) == len(set(names)), f"a key stands twice: {names}"
    return dict(found)


def read(archive: Archive, site: Site = SITE) -> dict:
    """The newest edition, read as strictly as RFC 8259 has it: UTF-8, no key twice, no NaN."""
    content = render(archive, site, ["json"])[0].content
    return json.loads(content.decode("utf-8", "strict"), parse_constant=refuse, object_pairs_hook=pairs)


def test_an_edition_has_its_head() -> None:
    """Profile, site, page, day, number, instant, tally and problems, each under its name."""
    tuesday, _ = editions()
    told = read(an_archive(tuesday))
    del told["papers"]
    assert told == {
        "version": 1,
        "profile": {"name": "efficient", "title": "Efficient inference"},
        "site": {"title": "Paper digest", "url": "https://example.org/digest/"},
        "url": "https://example.org/digest/efficient/2026-05-26.html",
        "day": "2026-05-26",
        "issued": "2026-05-26T00:00:00+00:00",
        "number": 2,
        "tally": {
            "considered": 16, "shown": 4, "beyond_limit": 3, "below_threshold": 7, "unmatched": 0, "muted": 2,
            "already_shown": 0, "revised": 0,
        },
        "announced": [],
        "verdict": "delivered",
        "problems": [
            {"file": "monday.txt", "line": 7, "what": "an abstract without authors"},
            {"file": "old.txt", "line": None, "what": "is empty"},
        ],
    }  # fmt: skip


def test_papers_stand_in_the_rankings_order_with_their_reasons() -> None:
    """Rank, score and reasons are those of the ranking, and each paper has what its page and its citation need."""
    tuesday, _ = editions()
    papers = read(an_archive(tuesday))["papers"]
    assert [one["rank"] for one in papers] == [1, 2, 3, 4]
    for one, ranked in zip(papers, tuesday.digest.ranked, strict=True):
        found = links(ranked.paper)
        assert one["score"] == ranked.score.total == round(sum(x["points"] for x in one["reasons"]), 2)
        assert one["url"] == (found[0].href if found else None)
        assert one["key"] == key(ranked.paper)
        assert one["section"] == "Matches"
        assert one["readable"]["title"] == wording.name(ranked.paper)


def test_papers_have_the_shape_of_the_command_line() -> None:
    """What `digest rank --json` prints of a paper is what is published, but for folders and unsafe links."""
    tuesday, _ = editions()
    published = read(an_archive(tuesday))["papers"]
    for rank, ranked in enumerate(tuesday.digest.ranked, start=1):
        printed = json.loads(json.dumps(output.ranked_object(rank, ranked)))
        assert {name: published[rank - 1][name] for name in printed} == printed


def test_folders_and_unsafe_links_are_not_published() -> None:
    """W09: a file is named without its folders, and only http, https and mailto addresses are links."""
    paper = a_paper(
        links={"code": "https://example.org/x", "evil": "javascript:alert(1)"},
        listings=(a_listing(file="/home/ana/private/monday.txt", line=3),),
    )
    told = read(an_archive(an_edition(a_ranked(paper))))["papers"][0]["paper"]
    assert told["links"] == {"code": "https://example.org/x"}
    assert told["listings"] == [{"file": "monday.txt", "line": 3, "format": "abstract_id"}]


def test_texts_are_the_sources_own() -> None:
    """TeX is kept in `paper`, for whoever can read it."""
    paper = a_paper(title=r"Gap of $\Delta$", headline=r"Gap of $\Delta$", abstract=r"A $\beta$ test")
    one = read(an_archive(an_edition(a_ranked(paper))))["papers"][0]
    assert (one["paper"]["title"], one["paper"]["abstract"]) == (r"Gap of $\Delta$", r"A $\beta$ test")
    assert one["readable"]["abstract"] == wording.abstract(paper)


@given(texts, texts)
def test_any_text_comes_back(one: str, two: str) -> None:
    """F05: every text is read back as it was, but for characters that no output may carry."""
    paper = a_paper(f"text:{one}", ids={one: two}, title=one, headline=two, abstract=one, authors=(two,), comments=two)
    ranked = a_ranked(paper, a_reason(1.0, one, two))
    told = read(an_archive(an_edition(ranked, title=two), title=two))["papers"][0]
    assert (told["paper"]["title"], told["paper"]["headline"]) == (clean(one), clean(two))
    assert told["paper"]["authors"] == [clean(two)]
    assert (told["reasons"][0]["term"], told["reasons"][0]["place"]) == (clean(one), clean(two))
    assert re.fullmatch(r"[\x21-\x7e]+", told["key"])


def test_collected_attacks_come_back() -> None:
    """Every naughty string and every XSS vector is read back as it was, but for what no output may carry."""
    attacks = collected()
    if not attacks:
        pytest.skip("the folder of real data, ../shared, is not here")
    papers = [a_ranked(a_paper(f"text:{i}", ids={}, title=said, headline=said)) for i, said in enumerate(attacks)]
    told = read(an_archive(an_edition(*papers)))["papers"]
    assert [one["paper"]["title"] for one in told] == [clean(said) for said in attacks]


@pytest.mark.parametrize("points", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_lacks_are_null(points: float) -> None:
    """RFC 8259 section 6: neither NaN nor infinity is a number."""
    told = read(an_archive(an_edition(a_ranked(a_paper(), a_reason(points)))))["papers"][0]
    assert told["score"] is None
    assert told["reasons"][0]["points"] is None


def test_one_rendition_for_each_recent_edition() -> None:
    """`<folder>/<day>.json`, the same bytes when it is rendered again, ended by a line feed."""
    archive = replace_folder(an_archive(*editions()))
    first, second = render(archive, SITE, ["json"]), render(archive, SITE, ["json"])
    assert [(r.path, r.media_type) for r in first] == [
        ("s3cret/2026-05-26.json", "application/json"),
        ("s3cret/2026-05-25.json", "application/json"),
    ]
    assert first == second
    assert all(r.content.endswith(b"}\n") for r in first)
    assert read(archive)["url"] == "https://example.org/digest/s3cret/2026-05-26.html"


def replace_folder(archive: Archive) -> Archive:
    return archive._replace(folder="s3cret")


def test_without_an_address_of_the_site_there_is_no_url() -> None:
    """Nobody said where the folder is served: then a program is not told either."""
    told = read(an_archive(*editions()), Site())
    assert (told["url"], told["site"]["url"]) == (None, None)


def test_a_title_in_another_profile_is_that_profiles() -> None:
    """What is the same for all readers is made once; what is a reader's own is not mixed up with it."""
    paper = a_paper()
    one = an_archive(an_edition(a_ranked(paper, a_reason(1.0))), profile="one", title="One")
    two = an_archive(an_edition(a_ranked(paper, a_reason(2.0))), profile="two", title="Two")
    assert [read(archive)["papers"][0]["score"] for archive in (one, two, one)] == [1.0, 2.0, 1.0]


def test_positions_are_numbers_of_lines() -> None:
    """A listing says where it begins."""
    listing = replace(a_listing(), position=Position("https://example.org/feed.xml", 12))
    told = read(an_archive(an_edition(a_ranked(a_paper(listings=(listing,))))))["papers"][0]["paper"]
    assert told["listings"] == [{"file": "https://example.org/feed.xml", "line": 12, "format": "abstract_id"}]
