"""Odd cases of the formats that are pages and mails as HTML; what is usual is in the samples."""

import json
import random
import time
from datetime import date
from pathlib import Path

import pytest
from builders import a_document
from formats_scene import SAMPLES

from digest.formats import parse
from digest.formats.alert import is_title
from digest.model import Listing, Problem

FORMATS = ("arxiv_html", "scholar_alert", "pubmed_html", "meta_tags", "alert")


def parsed(content: str | bytes, format: str | None = None) -> tuple[list[Listing], list[Problem]]:
    items = list(parse(a_document(content, "page.html"), format))
    return [x for x in items if isinstance(x, Listing)], [x for x in items if isinstance(x, Problem)]


def page(inside: str) -> str:
    return f"<!DOCTYPE html><html><head><title>arXiv</title></head><body><div id='dlpage'>{inside}</div></body></html>"


def entry(id: str = "2605.00001", mark: str = "", **fields: str) -> str:
    given = {"title": "Counting papers once", "authors": "<a href='/x'>Ada Moreau</a>", **fields}
    parts = "".join(
        f"<div class='list-{name} mathjax'>{value}</div>" for name, value in given.items() if name != "text"
    )
    text = f"<p class='mathjax'>{given['text']}</p>" if "text" in given else ""
    term = f"<dt><a href='/abs/{id}' title='Abstract'>arXiv:{id}</a> {mark}</dt>"
    return f"{term}<dd><div class='meta'>{parts}{text}</div></dd>"


# -------------------------------------------------------------------------------------------------- arXiv


@pytest.mark.parametrize(
    ("heading", "kind", "day"),
    [
        ("New submissions for Fri,  6 May 22", "new", date(2022, 5, 6)),
        ("Cross-lists for Tue, 31 Dec 19", "cross-list", date(2019, 12, 31)),
        ("Replacements for Mon,  1 Jan 24", "replaced", date(2024, 1, 1)),
        ("Cross submissions (continued, showing last 5 of 30 entries)", "cross-list", None),
        ("Replacement submissions (showing 3 of 3 entries)", "replaced", None),
        ("Thu, 2 Mar 2023 (showing 10 of 10 entries )", "new", date(2023, 3, 2)),
        ("Showing new listings for Thursday, 6 March 2025", "new", date(2025, 3, 6)),
        ("Catchup results for Digital Libraries on Fri, 01 May 2026", "new", date(2026, 5, 1)),
        ("Authors and titles for cs.DL in May 2026", None, None),
        ("Something else of 31 Feb 2026", None, None),
    ],
)
def test_a_heading_says_the_kind_and_the_day(heading: str, kind: str | None, day: date | None) -> None:
    """Headings of all the years, with years of two and of four digits."""
    listings, problems = parsed(page(f"<h3>{heading}</h3><dl>{entry()}</dl>"))
    assert problems == []
    assert [(x.kind, x.published) for x in listings] == [(kind, day)]


@pytest.mark.parametrize(
    ("mark", "kind"),
    [("(cross-list from math.CO)", "cross-list"), ("(replaced)", "replaced"), ("(*cross-listing*)", "cross-list")],
)
def test_an_entry_says_its_own_kind(mark: str, kind: str) -> None:
    """What stands beside an id counts more than the heading."""
    assert parsed(page(f"<h3>New submissions</h3><dl>{entry(mark=mark)}</dl>"))[0][0].kind == kind


@pytest.mark.parametrize(
    ("authors", "names", "truncated", "total"),
    [
        ("<a>Ada Moreau</a>, <a>and Tomás Říha</a>", ("Ada Moreau", "Tomás Říha"), False, None),
        ("<a>Ada Moreau</a>, the ATLAS Collaboration, <a>Zoë Kim</a>", ("Ada Moreau", "ATLAS Collaboration", "Zoë Kim"),
         False, None),
        ("<a>Ada Moreau</a> ((1) Institute A, (2) University of B)", ("Ada Moreau",), False, None),
        ("<a>Ada Moreau</a>, et al. (3 additional authors not shown)", ("Ada Moreau",), True, 4),
        ("<span class='descriptor'>Authors:</span> Ada Moreau, Zoë Kim", ("Ada Moreau", "Zoë Kim"), False, None),
        ("Authors: <span><a>Ada Moreau</a>, <a>Zoë Kim</a></span>", ("Ada Moreau", "Zoë Kim"), False, None),
        ("(author list is unavailable)", (), False, None),
        (r"<a>Adèle Pl\'at</a>", ("Adèle Plát",), False, None),
    ],
)  # fmt: skip
def test_authors_are_the_links_and_the_collaborations_between(
    authors: str, names: tuple[str, ...], truncated: bool, total: int | None
) -> None:
    """Affiliations and numbers are no authors; how many are not shown is told."""
    (found,) = parsed(page(f"<dl>{entry(authors=authors)}</dl>"))[0]
    assert (found.authors, found.authors_truncated, found.author_count) == (names, truncated, total)


def test_parts_of_an_entry_without_labels_or_with_plain_ones_are_read() -> None:
    """`Title:` in plain text goes; other parts are known by their classes."""
    made = entry(
        title="Title: Counting",
        comments="Comments: 8 pages",
        subjects="Subjects: Digital Libraries (cs.DL); 05A15",
        doi="10.1000/Once",
        **{"report-no": "LIST-1", "acm-class": "H.3.7"},
        text="Abstract: We count.",
    )
    (found,) = parsed(page(f"<dl>{made}</dl>"))[0]
    assert (found.title, found.comments, found.abstract) == ("Counting", "8 pages", "We count.")
    assert (found.categories, found.ids["doi"]) == (("cs.DL", "05A15"), "10.1000/once")
    assert found.details == {"report": "LIST-1", "acm": "H.3.7"}


def test_an_entry_that_lacks_something_is_told() -> None:
    """Without an id, without texts, without a title: each is a problem with its line, and the others are read."""
    bad = "<dd>Title: no id</dd>\n<dt>[1] no id here</dt><dd></dd>\n<dt><a href='/abs/2605.00002'>x</a></dt>\n" + entry(
        title=""
    )
    listings, problems = parsed(page(f"<dl>\n{bad}\n{entry('2605.00004')}</dl>"))
    assert [x.ids["arxiv"] for x in listings] == ["2605.00004"]
    assert [x.line for x in problems] == [2, 3, 4, 5]


def test_a_list_that_is_empty_and_says_so_is_no_problem() -> None:
    """A day without papers lists nothing; a page that says nothing at all is told."""
    assert parsed(page("<dl id='articles'><h3>New</h3><p>No updates for this time period.</p></dl>")) == ([], [])
    assert len(parsed(page("<p>Access denied</p>"))[1]) == 1


def test_half_a_page_gives_whole_entries_only() -> None:
    """P08: wherever a page breaks off, what is given is whole, and the break is told."""
    whole = page(
        f"<h3>New submissions</h3><dl>{''.join(entry(f'2605.0000{n}', text='We count.') for n in range(1, 6))}</dl>"
    )
    wanted = parsed(whole)[0]
    assert len(wanted) == 5
    for cut in range(whole.index("<dl>") + 4, whole.index("</body>"), 7):
        listings, problems = parsed(whole[:cut])
        assert listings == wanted[: len(listings)]
        assert len(problems) == 1


def test_the_address_of_a_saved_page_counts() -> None:
    """A page of which the head is all styles is known by the address that the browser wrote into it."""
    styles = "<style>" + "x{}" * 40_000 + "</style>"
    saved = "<!-- Page saved with SingleFile\n url: https://arxiv.org/list/cs.DL/new -->"
    content = f"<!DOCTYPE html>\n{saved}\n<html><head>{styles}</head><body><dl>{entry()}</dl></body></html>"
    assert [x.title for x in parsed(content)[0]] == ["Counting papers once"]


# ------------------------------------------------------------------------------------------------ Scholar


def mail(byline: str, title: str = "Counting papers once", mark: str = "", href: str = "https://example.org/p") -> str:
    return (
        f'<html><body><h3>{mark}<a class="gse_alrt_title" href="http://scholar.google.com/scholar_url?url={href}&hl=en"'
        f'>{title}</a></h3><div style="color:#006621">{byline}</div><div class="gse_alrt_sni">We count …</div></body>'
        "</html>"
    )


@pytest.mark.parametrize(
    ("byline", "names", "truncated", "details"),
    [
        ("A Moreau - 2019", ("A Moreau",), False, {"date": "2019"}),
        ("A Moreau, T Říha", ("A Moreau", "T Říha"), False, {}),
        ("A Moreau, T Říha…\u00a0- Journal of Counting, 2026", ("A Moreau", "T Říha"), True,
         {"venue": "Journal of Counting", "date": "2026"}),
        ("A Moreau-Říha - J Count - Part B, 2026", ("A Moreau-Říha",), False,
         {"venue": "J Count", "publisher": "Part B, 2026"}),
        ("A Moreau, T. & Říha - 2026", ("A Moreau", "T. & Říha"), False, {"date": "2026"}),
        ("2019", (), False, {"date": "2019"}),
        ("- 2019", (), False, {"date": "2019"}),
        ("A Moreau - bioRxiv, 2026 - biorxiv.org", ("A Moreau",), False,
         {"venue": "bioRxiv", "date": "2026", "publisher": "biorxiv.org"}),
        ("王小明, 李雷 - 计数学报, 2026", ("王小明", "李雷"), False, {"venue": "计数学报", "date": "2026"}),
        ("", (), False, {}),
    ],
)  # fmt: skip
def test_the_line_under_a_title_is_names_venue_and_year(
    byline: str, names: tuple[str, ...], truncated: bool, details: dict[str, str]
) -> None:
    """Names as Scholar shortens them; a hyphen in a name parts nothing."""
    (found,) = parsed(mail(byline))[0]
    assert (found.authors, found.authors_truncated) == (names, truncated)
    assert found.details == {**details, "snippet": "We count …"}
    assert found.abstract is None


@pytest.mark.parametrize(
    ("href", "ids"),
    [
        ("https://arxiv.org/pdf/2605.00001", {"arxiv": "2605.00001"}),
        ("https://www.biorxiv.org/content/10.1101/2020.01.01.000001v1.abstract", {"doi": "10.1101/2020.01.01.000001"}),
        ("https://link.springer.com/article/10.1007/s00000-026-00001-2", {"doi": "10.1007/s00000-026-00001-2"}),
        ("https%3A%2F%2Fopenreview.net%2Fforum%3Fid%3DrJXMpikCZ", {"openreview": "rJXMpikCZ"}),
        ("https://example.org/paper", {}),
    ],
)
def test_ids_are_read_from_where_a_link_leads(href: str, ids: dict[str, str]) -> None:
    """Through Scholar's own counter, quoted or not."""
    assert parsed(mail("A Moreau", href=href))[0][0].ids == ids


def test_the_same_article_twice_in_a_mail_is_told_twice() -> None:
    """Merging makes one paper of them; the mail has two places."""
    one = mail("A Moreau").removesuffix("</body></html>")
    assert len(parsed(one + one.partition("<body>")[2] + "</body></html>")[0]) == 2


def test_what_stands_below_the_last_result_is_no_part_of_it() -> None:
    """A citation has no snippet, and the sentence that says why the mail was sent is none."""
    foot = "<div style='border-top:1px solid'>&nbsp;</div><p>This message was sent because you follow A Moreau.</p>"
    head = (
        "<span>[CITATION]</span> <a class='gse_alrt_title' href='https://scholar.google.com/citations?x=1'>A list</a>"
    )
    content = f"<html><body><h3>{head}</h3><div>A Moreau - 2026</div>{foot}</body></html>"
    assert [x.details for x in parsed(content)[0]] == [{"date": "2026", "type": "citation"}]
    bare = content.replace("class='gse_alrt_title' ", "")
    assert [x.details for x in parsed(bare, "scholar_alert")[0]] == [{"date": "2026", "type": "citation"}]


@pytest.mark.parametrize(
    ("mark", "links", "kind"),
    [
        ("<span>[PDF]</span> ", ["pdf"], None),
        ("<span>[HTML]</span> ", ["html"], None),
        ("<span>[BOOK]</span><span>[B]</span> ", ["url"], "book"),
        ("<span>[LIBRO]</span> ", ["url"], "libro"),
        ("", ["url"], None),
    ],
)
def test_what_stands_before_a_title_says_what_it_is(mark: str, links: list[str], kind: str | None) -> None:
    """A mark of a file is the name of the link, another is the type, in the mail's language."""
    (found,) = parsed(mail("A Moreau", mark=mark))[0]
    assert (list(found.links), found.details.get("type"), found.title) == (links, kind, "Counting papers once")


# ------------------------------------------------------------------------------------------------- alerts


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("Counting papers once", True),
        ("Attention economics", True),
        ("The paper that reads itself", True),
        ("计数论文与列表的方法", True),
        ("論文", False),
        ("Read the full article", False),
        ("View PDF", False),
        ("View this email in your browser", False),
        ("Unsubscribe from all updates", False),
        ("https://doi.org/10.1000/once", False),
        ("arXiv:2605.00001", False),
        ("10.1000/once.more.times", False),
        ("Moreau et al. 2026", False),
        ("[12]", False),
        ("", False),
        ("Word", False),
        ("x " * 400, False),
    ],
)
def test_words_are_a_title_or_a_button(words: str, title: bool) -> None:
    """Two words that say something are a title; what buttons, ids and references are made of is none."""
    assert is_title(words) is title


def test_one_link_makes_no_list() -> None:
    """A page that leads to one paper may be about anything."""
    listings, problems = parsed("<p><a href='https://doi.org/10.1000/a'>Counting papers once</a></p>")
    assert (listings, len(problems)) == ([], 1)


def test_the_same_paper_twice_is_one() -> None:
    """A picture, a title and a button that lead to the same paper are one listing."""
    row = (
        "<tr><td><a href='https://doi.org/10.1000/{0}'><img src=x></a><a href='https://doi.org/10.1000/{0}?utm=1'>"
        "Counting the {0} paper</a> <a href='https://doi.org/10.1000/{0}'>Read online</a></td></tr>"
    )
    listings, problems = parsed(f"<table>{row.format('first')}{row.format('second')}</table>")
    assert [x.title for x in listings] == ["Counting the first paper", "Counting the second paper"]
    assert problems == []


def test_a_page_of_one_paper_is_no_alert() -> None:
    """The references at its end lead to many papers; its head says that it is one."""
    links = "".join(f"<a href='https://doi.org/10.1000/{n}'>On the counting of {n} papers</a>" for n in range(5))
    content = f"<html><head><meta name='citation_title' content='Counting'></head><body>{links}</body></html>"
    assert [(x.format, x.title) for x in parsed(content)[0]] == [("meta_tags", "Counting")]


def test_the_data_that_a_page_carries_is_a_document() -> None:
    """Hugging Face's page is drawn from JSON, which is read in its place, as its API's would be."""
    from digest.formats.containers import unpacked

    props = json.dumps({"dailyPapers": [{"title": "Counting <b> & more"}]})
    quoted = props.replace("&", "&amp;").replace('"', "&quot;")
    content = f'<html><body><div data-target="DailyPapers" data-props="{quoted}"></div></body></html>'
    (inner,) = unpacked(a_document(content, "papers.html"), lambda _: 0)
    assert not isinstance(inner, Problem)
    assert inner.origin == "papers.html!DailyPapers"
    assert inner.open().read().decode() == props


# -------------------------------------------------------------------------------------------- broken pages


def samples() -> list[Path]:
    return [p for name in FORMATS for p in sorted((SAMPLES / name).iterdir()) if p.suffix != ".json"]


@pytest.mark.parametrize("sample", samples(), ids=lambda p: p.name)
def test_a_broken_sample_is_answered(sample: Path) -> None:
    """Bytes flipped, cut, doubled and spliced with other samples: nothing raises, hangs, or is passed over."""
    chance = random.Random(sample.name)
    others = [p.read_bytes() for p in samples()]
    whole = sample.read_bytes()
    for number in range(60):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(data) or 1)
            way = chance.randrange(5)
            if way == 0 and data:
                data[at] ^= 1 << chance.randrange(8)
            elif way == 1:
                del data[at : at + chance.randrange(200)]
            elif way == 2:
                data[at:at] = data[at : at + 300]
            elif way == 3:
                data = data[: at + 1]
            else:
                other = chance.choice(others)
                begin = chance.randrange(len(other))
                data[at:at] = other[begin : begin + 400]
        started = time.process_time()
        listings, problems = parsed(bytes(data), None if number % 2 else sample.parent.name)
        assert time.process_time() - started < 3
        assert listings or problems or not data.strip()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "content", [b"", b"x", b"<", b"<html>", b"\0" * 50, b"<dl><dt><dd>", b"<h3>[", b"\xff\xfe<\0a\0"]
)
def test_nothing_much_is_answered(format: str, content: bytes) -> None:
    """Next to nothing, read as any of the formats, is a problem."""
    listings, problems = parsed(content, format)
    assert (listings, len(problems) >= 1) == ([], True)


SIZE = 300_000
HOSTILE = {
    "entries without end": "<dt><a href=/abs/2605.00001>x" * (SIZE // 30),
    "results without end": "<li class=arxiv-result><p class=title>" * (SIZE // 38),
    "headings in each other": "<div><h3><a class=gse_alrt_title href=x>t" * (SIZE // 41),
    "titles in each other": "<div><a class=docsum-title>x" * (SIZE // 28),
    "titles beside each other": "<a class=docsum-title>x</a>" * (SIZE // 28),
    "papers in each other": "".join(
        f"<div><a href=https://doi.org/10.1000/{n}>Counting many papers</a>" for n in range(4500)
    ),
    "papers without titles": "<div>" * 300
    + "<h2>Counting papers once</h2>"
    + "".join(f"<a href=https://doi.org/10.1000/{n}>PDF</a>" for n in range(6500)),
    "names without end": "<dt><a href=/abs/2605.00001>x</a><dd><div class=list-title>t</div><div class=list-authors>"
    + "<a>A</a>, the B Collaboration, " * 9000,
    "brackets without end": "<dt><a href=/abs/2605.00001>x</a><dd><div class=list-title>t</div><div class=list-authors>"
    + "(" * 290_000,
    "authors without end": "<meta name=citation_author content=x>" * 8000 + "<meta name=citation_title content=y>",
    "a title of tags": "<meta name=citation_title content='" + "<b>" * 90_000 + "'>",
    "a link that is not closed": "<a href=https://doi.org/10.1000/x " * 9000,
}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_page_that_is_made_to_hurt_is_answered_in_a_moment(name: str, format: str) -> None:
    """300 kB of what would be quadratic are answered in less than a second, whatever they are read as."""
    started = time.process_time()
    listings, problems = parsed(HOSTILE[name], format)
    assert time.process_time() - started < 3
    assert listings or problems
