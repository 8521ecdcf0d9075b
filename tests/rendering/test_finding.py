"""The search over past editions: its files, and in a browser, that it finds with nothing but files to ask."""

import json
from pathlib import Path

import pytest
from browser import CHROMIUM, dom, served
from builders import a_paper, a_ranked, an_edition
from rendering_scene import SITE, Outline, an_archive, editions

from digest.model import Archive, Edition, ShownPaper
from digest.rendering import finding, html


def files(archive: Archive) -> dict[str, dict[str, list[list[str]]]]:
    found = finding.render(archive)
    assert {(r.format, r.media_type) for r in found} <= {("search", "application/json")}
    return {rendition.path: json.loads(rendition.content) for rendition in found}


def on(day: str, *titles: str) -> Edition:
    papers = [a_paper(f"arxiv:{title}", title=title, headline=title) for title in titles]
    return an_edition(*map(a_ranked, papers), day=day, profile="efficient")


def test_month_has_a_file_of_all_papers_it_showed() -> None:
    """Days newest first, papers in their edition's order: anchor, readable title, authors."""
    paper = a_paper("doi:10.1000/a<b>", title="x", headline=r"Schr\"odinger's <b>", authors=("Ada Moreau", "T. Říha"))
    archive = an_archive(an_edition(a_ranked(paper), day="2026-05-27"), on("2026-05-26", "one", "two"))
    assert files(archive) == {
        "efficient/search-2026-05.json": {
            "2026-05-27": [["doi:10.1000/a%3Cb%3E", "Schrödinger's <b>", "Ada Moreau, T. Říha"]],
            "2026-05-26": [
                ["arxiv:one", "one", "Ada Moreau, Tomás Říha"],
                ["arxiv:two", "two", "Ada Moreau, Tomás Říha"],
            ],
        }
    }


def test_anchors_lead_to_the_papers() -> None:
    """Every line's anchor is an element of its day's page."""
    archive = an_archive(*editions())
    pages = {r.path: r.content.decode() for r in html.render(archive, SITE)}
    for name, days in files(archive).items():
        assert name in pages
        for day, lines in days.items():
            ids = Outline(pages[f"efficient/{day}.html"]).values("id")
            assert lines
            assert {anchor for anchor, _, _ in lines} <= set(ids)


def test_only_months_of_recent_editions_are_written_again() -> None:
    """Two months touched are two files; a quiet month is none; the page names every month that has shown a paper."""
    recent = (on("2026-06-01", "a"), on("2026-05-31", "b"), on("2026-04-01"))
    older = on("2026-01-01", "old")
    archive = an_archive(*recent, older)._replace(recent=recent)
    assert set(files(archive)) == {"efficient/search-2026-06.json", "efficient/search-2026-05.json"}
    assert finding.months(archive) == ["2026-06", "2026-05", "2026-01"]
    assert finding.paths(archive)[::2] == ["efficient/search-2026-06.json", "efficient/search-2026-01.json"]


def test_whole_month_comes_from_the_store() -> None:
    """Days before the recent editions are in the file of their month; a recent day is told as its edition has it."""
    lines = (
        ShownPaper(on("2026-05-26").digest.day, "arxiv:stale", "stale", ()),
        ShownPaper(on("2026-05-02").digest.day, "arxiv:first", "first", ("Ada Moreau",)),
        ShownPaper(on("2026-05-02").digest.day, "arxiv:second", "second", ()),
        ShownPaper(on("2026-04-30").digest.day, "arxiv:april", "april", ()),
    )
    assert files(an_archive(on("2026-05-26", "new"))._replace(lines=lines)) == {
        "efficient/search-2026-05.json": {
            "2026-05-26": [["arxiv:new", "new", "Ada Moreau, Tomás Říha"]],
            "2026-05-02": [["arxiv:first", "first", "Ada Moreau"], ["arxiv:second", "second", ""]],
        }
    }


def test_collaboration_does_not_fill_the_file() -> None:
    """Of three thousand authors the first twelve can be searched for."""
    paper = a_paper(authors=[f"Author {n}" for n in range(3000)])
    [[line]] = files(an_archive(an_edition(a_ranked(paper))))["efficient/search-2026-05.json"].values()
    assert line[2].endswith("Author 11 et al.")


def test_nothing_shown_is_nothing_to_search() -> None:
    """Without a paper there is no file, and the page offers no search."""
    archive = an_archive(on("2026-05-26"))
    assert files(archive) == {}
    page = html.render(archive, SITE)[1].content
    assert b"<script" not in page
    assert b"search" not in page.partition(b"</style>")[2]


def test_page_without_scripts_keeps_the_calendar(tmp_path: Path) -> None:
    """Until the script runs the field is hidden, and a sentence leads to the calendar."""
    outline = Outline(published(tmp_path).read_text("utf-8"))
    (form,) = [attributes for tag, attributes in outline.elements if tag == "form"]
    assert "hidden" in form
    assert outline.texts("p", of="quiet") == ["Searching needs JavaScript. The calendar below leads to every edition."]
    assert outline.tags().count("table") == 2


# ------------------------------------------------------------------------------------------ in a browser


def published(folder: Path) -> Path:
    may = on("2026-05-26", "Counting papers once", "Schrödinger's <cat>")
    april = on("2026-04-30", "Papers from April")
    site = folder / "below" / "digest"
    for rendition in html.render(an_archive(may, april), SITE):
        path = site / rendition.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(rendition.content)
    return site / "efficient" / "index.html"


def results(page: str) -> tuple[str, list[str]]:
    outline = Outline(page.partition("<script>")[0] + page.rpartition("</script>")[2])
    (told,) = [text for (_, a), text in zip(outline.elements, outline._texts, strict=True) if a.get("id") == "told"]
    found = page.partition('<ol id="found">')[2].partition("</ol>")[0]
    return "".join(told), Outline(f"<ol>{found}</ol>").values("href") if found else []


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here")
def test_search_finds_under_a_sub_path(tmp_path: Path) -> None:
    """Words in any order, without accents, also their beginnings, in titles and authors; newest first; the page's own
    policy lets it.
    """
    published(tmp_path)
    with served(tmp_path) as root:
        for query, found in {
            "papers": ["2026-05-26.html#arxiv:Counting%20papers%20once", "2026-04-30.html#arxiv:Papers%20from%20April"],
            "RIHA+schrodinger": ["2026-05-26.html#arxiv:Schr%C3%B6dinger's%20%3Ccat%3E"],
            "pap+apr": ["2026-04-30.html#arxiv:Papers%20from%20April"],
            "nowhere": [],
        }.items():
            told, links = results(dom(f"{root}/below/digest/efficient/index.html?q={query}"))
            noun = "paper" if len(found) == 1 else "papers"
            assert (told, links) == (f"{len(found)} {noun} found.", found)


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here")
def test_search_of_a_page_that_is_a_file_says_what_is_wrong(tmp_path: Path) -> None:
    """A browser lets no file ask for another: the result line says so, calmly, and points to the calendar."""
    told, links = results(dom(f"{published(tmp_path).as_uri()}?q=papers"))
    assert told.startswith("A page that was opened as a file cannot be searched")
    assert links == []
