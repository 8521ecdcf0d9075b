"""What the whole site shares: the feeds of all public profiles in one, and the list of all feeds."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

import feedparser
import pytest
import tinycss2
from builders import a_paper, a_ranked, a_reason, an_edition
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from rendering_scene import SITE, an_archive

from digest.model import Archive, Edition, Ranked, Rendition
from digest.rendering import FEEDS, everything, render, render_index

ROOT_FILES = ["index.html", "feeds.opml", "rss.xml", "2026-05-26.rss.xml", "atom.xml", "2026-05-26.atom.xml"]


def archive(profile: str, *editions: Edition, folder: str | None = None) -> Archive:
    made = an_archive(*editions, profile=profile, title=profile.title())
    return made._replace(folder=folder or profile)


def shown(number: int, points: float = 1.0, **known: object) -> Ranked:
    return a_ranked(a_paper(f"arxiv:2605.{number:05}", **known), a_reason(points))


def items(*archives: Archive, first: dict[str, date] | None = None) -> list[dict[str, object]]:
    """The entries of the current page of all."""
    return json.loads(render(everything.gathered(archives, first), SITE, ["jsonfeed"])[0].content)["items"]


def numbers(*archives: Archive, first: dict[str, date] | None = None) -> list[int]:
    return [int(str(item["id"])[-5:]) for item in items(*archives, first=first)]


def index(*archives: Archive) -> dict[str, Rendition]:
    return {rendition.path: rendition for rendition in render_index(archives, SITE)}


def test_all_profiles_are_in_one_feed_by_day_and_score() -> None:
    """Newest day first, in each the best score first whatever profile it is from; ties by the paper's id."""
    ana = archive("ana", an_edition(shown(1, 3.0), shown(2, 1.0)), an_edition(shown(5, 9.0), day="2026-05-25"))
    ben = archive("ben", an_edition(shown(4, 2.0), shown(3, 1.0), profile="ben"))
    assert numbers(ana, ben) == numbers(ben, ana) == [1, 4, 2, 3, 5]
    assert list(index(ana, ben))[:6] == ["index.html", "feeds.opml", "rss.xml", "2026-05-26.rss.xml",
                                         "2026-05-25.rss.xml", "atom.xml"]  # fmt: skip


def test_a_paper_in_two_profiles_stands_once_with_its_best_score() -> None:
    """Its reasons are those of the profile where it scores best, its date the earlier of the two."""
    ana = archive("ana", an_edition(shown(2, 9.0), shown(1, 2.0)))
    ben = archive("ben", an_edition(shown(1, 5.0), profile="ben"))
    both = {str(item["id"])[-5:]: item for item in items(ana, ben)}
    assert len(items(ana, ben)) == 2
    assert both["00001"]["_digest"]["score"] == 5.0  # type: ignore[index]
    assert both["00001"]["date_published"] == datetime(2026, 5, 26, 0, 0, 1, tzinfo=UTC).isoformat()


def test_an_entry_stays_on_the_day_that_showed_it_first() -> None:
    """F06: another profile that shows a paper later moves neither its place nor its date, though the first showing
    is so old that only the memory knows of it.
    """
    ana = archive("ana", an_edition(shown(1), day="2026-05-24"))
    ben = archive("ben", an_edition(shown(1), shown(2), profile="ben"))
    assert numbers(ana, ben) == [2, 1]
    alone = items(ana)
    assert items(ana, ben)[1] == alone[0]
    forgotten = ana._replace(recent=())
    first = {"arxiv:2605.00001": date(2026, 5, 24), "arxiv:2605.00002": date(2026, 5, 26)}
    gathered = everything.gathered([forgotten, ben], first)
    pages = [json.loads(page.content) for page in render(gathered, SITE, ["jsonfeed"])]
    assert [[item["id"][-5:] for item in page["items"]] for page in pages] == [["00002"], ["00002"]]
    assert pages[0]["next_url"] == pages[1]["next_url"] == "https://example.org/digest/2026-05-24.feed.json"


def test_private_profiles_are_nowhere() -> None:
    """Neither their papers, nor their titles, nor their addresses stand in any file of the whole site."""
    public = archive("ana", an_edition(shown(1)))
    secret = archive("undercover", an_edition(shown(7), profile="undercover"), folder="private.abcdefgh")
    for rendition in index(public, secret).values():
        for word in (b"undercover", b"Undercover", b"abcdefgh", b"00007"):
            assert word not in rendition.content
    assert (
        list(index(public))
        == list(index(public, secret))
        == [*ROOT_FILES, "feed.json", "2026-05-26.feed.json", "feed.css"]
    )


def test_one_profile_has_a_feed_of_all_too() -> None:
    """Its id and its title are not the profile's, and it leads to the front page."""
    ana = archive("ana", an_edition(shown(1)))
    feeds = [feedparser.parse(render(one, SITE, ["atom"])[0].content).feed for one in (everything.gathered([ana]), ana)]
    assert feeds[0].title == "All profiles – Paper digest"
    assert feeds[0].link == "https://example.org/digest/"
    assert feeds[0].id != feeds[1].id


def test_without_editions_there_is_none() -> None:
    """A feed must carry a date, and a list of feeds names only those that there are."""
    assert list(index()) == list(index(archive("ana"))) == ["index.html", "feeds.opml", "feed.css"]
    assert b"<outline" not in index(archive("ana"))["feeds.opml"].content


def test_a_paper_without_an_address_leads_to_the_page_of_the_profile_that_shows_it() -> None:
    """The feed of all has no pages of its own."""
    paper = a_paper("text:1", ids={})
    ana = archive("ana", an_edition(a_ranked(paper, a_reason(1.0))))
    ben = archive("ben", an_edition(a_ranked(paper, a_reason(2.0)), profile="ben"))
    assert [item["url"] for item in items(ana, ben)] == ["https://example.org/digest/ben/2026-05-26.html#text:1"]


def test_days_that_are_not_whole_are_left_as_they_were() -> None:
    """A day of which one profile's edition is not at hand is not rendered, but led to."""
    days = [f"2026-05-{day}" for day in (26, 25, 24)]
    ana = archive("ana", *(an_edition(shown(int(day[-2:])), day=day) for day in days))
    ben = archive("ben", *(an_edition(shown(100 + int(day[-2:])), day=day, profile="ben") for day in days))
    gathered = everything.gathered([ana._replace(recent=ana.recent[:2]), ben._replace(recent=ben.recent[:1])])
    pages = render(gathered, SITE, ["jsonfeed"])
    assert [page.path for page in pages] == ["feed.json", "2026-05-26.feed.json"]
    assert json.loads(pages[0].content)["next_url"] == "https://example.org/digest/2026-05-25.feed.json"


@given(st.data())
@settings(max_examples=25)
def test_walking_the_feed_of_all_reaches_every_public_paper(data: st.DataObject) -> None:
    """F12, F17: run after run, with a window of three editions, whatever the profiles show and when."""
    names = ["ana", "ben", "zoe"]
    plan = data.draw(
        st.lists(
            st.tuples(*(st.lists(st.integers(1, 12), max_size=4, unique=True) for _ in names)), min_size=1, max_size=6
        )
    )
    files: dict[str, dict[str, object]] = {}
    kept: dict[str, list[Edition]] = {name: [] for name in names}
    first: dict[str, date] = {}
    dates: dict[str, str] = {}
    for place, wanted in enumerate(plan):
        day = date(2026, 5, 1) + timedelta(days=place)
        for name, papers in zip(names, wanted, strict=True):
            before = {ranked.paper.id for edition in kept[name] for ranked in edition.digest.ranked}
            fresh = [one for number in papers if (one := shown(number)).paper.id not in before]
            kept[name].insert(0, an_edition(*fresh, day=day.isoformat(), profile=name))
            for ranked in fresh:
                first.setdefault(ranked.paper.id, day)
        archives = [archive(name, *kept[name]) for name in names]
        recent = [one._replace(recent=one.recent[:3]) for one in archives]
        for rendition in render(everything.gathered(recent, first), SITE, ["jsonfeed"]):
            files[f"{SITE.base_url}{rendition.path}"] = json.loads(rendition.content)
        address, walked = f"{SITE.base_url}feed.json", []
        while address:
            page = files[address]
            walked += page["items"]  # type: ignore[operator]
            address = str(page.get("next_url", ""))
        assert {item["id"] for item in walked} == {f"https://arxiv.org/abs/{name[6:]}" for name in first}
        for item in walked:
            # F06: no date of publication ever moves.
            assert dates.setdefault(item["id"], item["date_published"]) == item["date_published"]


def test_a_profile_that_is_later_on_its_day_does_not_move_the_others_dates() -> None:
    """F06: midnight comes to Tokyo first; what was published then stays so when New York's edition comes."""
    tokyo = replace(an_edition(shown(1)), issued=datetime(2026, 5, 25, 15, tzinfo=UTC))
    york = replace(an_edition(shown(1), shown(2), profile="ben"), issued=datetime(2026, 5, 26, 4, tzinfo=UTC))
    before = items(archive("ana", tokyo))[0]
    after = next(item for item in items(archive("ana", tokyo), archive("ben", york)) if item["id"] == before["id"])
    assert after["date_published"] == before["date_published"]


# ------------------------------------------------------------------------------------------------- OPML


@pytest.mark.parametrize("base", ["https://example.org/digest/", None])
def test_all_feeds_are_listed_for_readers_to_import(base: str | None) -> None:
    """OPML 2.0: one outline a feed with type, text and xmlUrl, and none of a run's date."""
    archives = [archive("ana", an_edition(shown(1))), archive("ben", an_edition(shown(2), profile="ben"))]
    rendition = {one.path: one for one in render_index(archives, replace(SITE, base_url=base))}["feeds.opml"]
    root = etree.fromstring(rendition.content)
    assert (root.tag, root.get("version"), root.findtext("head/title")) == ("opml", "2.0", "Paper digest")
    outlines = root.findall("body/outline")
    where = base or "http://localhost:8000/"
    assert [outline.get("xmlUrl") for outline in outlines] == [
        f"{where}rss.xml",
        f"{where}ana/rss.xml",
        f"{where}ben/rss.xml",
    ]
    assert [outline.get("htmlUrl") for outline in outlines] == [where, f"{where}ana/", f"{where}ben/"]
    assert [outline.get("text") for outline in outlines] == ["All profiles", "Ana", "Ben"]
    assert {outline.get("type") for outline in outlines} == {"rss"}
    assert all(outline.get("title") and outline.get("description") for outline in outlines)
    assert "dateCreated" not in rendition.content.decode()


@given(st.text(st.characters(exclude_categories=()), max_size=30), st.text(max_size=30))
def test_any_title_can_be_listed(profile: str, site: str) -> None:
    """F05: whatever the titles hold, the list is well-formed and says what the feeds say."""
    one = archive("ana", an_edition(shown(1)))._replace(title=profile)
    where = replace(SITE, title=site)
    root = etree.fromstring({r.path: r for r in render_index([one], where)}["feeds.opml"].content)
    title = root.findall("body/outline")[1].get("title")
    assert title == etree.fromstring(render(one, where, ["rss"])[0].content).findtext("channel/title")


def test_the_root_is_the_same_bytes_every_time() -> None:
    """F15: a hundred renderings of equal values, in whatever order the profiles come for what they share."""

    def build() -> list[Archive]:
        return [archive("ana", an_edition(shown(1))), archive("ben", an_edition(shown(1, 2.0), profile="ben"))]

    first = render_index(build(), SITE)
    assert all(render_index(build(), SITE) == first for _ in range(99))
    feeds = [render(everything.gathered(order), SITE, FEEDS) for order in (build(), build()[::-1])]
    assert feeds[0] == feeds[1]


def test_days_without_a_paper_are_no_pages() -> None:
    """A quiet day of all profiles is left out of the chain."""
    quiet, busy = an_edition(), an_edition(shown(1), day="2026-05-25")
    pages = render(everything.gathered([archive("ana", quiet, busy)]), SITE, ["rss"])
    assert [page.path for page in pages] == ["rss.xml", "2026-05-25.rss.xml"]


def test_every_feed_names_the_style_sheet_that_is_published() -> None:
    """Who opens a feed in a browser sees what it is: the address is relative, from whatever folder."""
    ana = archive("ana", an_edition(shown(1)))
    files = {rendition.path for rendition in render_index([ana], SITE)}
    for rendition in [*render(ana, SITE, ["rss", "atom"]), *render(everything.gathered([ana]), SITE, ["rss", "atom"])]:
        style = etree.fromstring(rendition.content).getprevious()
        assert style.target == "xml-stylesheet"
        address = urljoin(f"https://example.org/{rendition.path}", style.get("href"))
        assert address.removeprefix("https://example.org/") in files


def test_the_operator_may_style_the_feeds(tmp_path: Path) -> None:
    """A file of the name `feed.css` among the operator's templates takes the place of ours."""
    (tmp_path / "feed.css").write_text("feed { color: red }", encoding="utf-8")
    files = {rendition.path: rendition for rendition in render_index([], replace(SITE, templates=str(tmp_path)))}
    assert files["feed.css"].content == b"feed { color: red }"
    assert tinycss2.parse_stylesheet_bytes(index()["feed.css"].content)[0]
    assert not [
        rule for rule in tinycss2.parse_stylesheet_bytes(index()["feed.css"].content)[0] if rule.type == "error"
    ]
