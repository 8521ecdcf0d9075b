"""Editions in plain text: complete, in columns, and readable whatever a source said."""

from dataclasses import replace

import pytest
from builders import a_listing, a_paper, a_ranked, a_reason, an_edition
from hypothesis import given
from hypothesis import strategies as st
from rendering_scene import LONG, SITE, an_archive, editions

from digest.model import Edition, Problem, Section, Site
from digest.rendering.columns import COLUMNS, width, wrapped
from digest.rendering.txt import render


def text(edition: Edition, site: Site = SITE) -> str:
    (found,) = render(an_archive(edition, profile=edition.digest.profile, title=edition.digest.title), site)
    return found.content.decode()


def test_every_recent_edition_has_a_text() -> None:
    """Each edition of the archive is a file beside its page, in UTF-8."""
    found = render(an_archive(*editions()), SITE)
    assert [one.path for one in found] == ["efficient/2026-05-26.txt", "efficient/2026-05-25.txt"]
    assert {(one.format, one.media_type) for one in found} == {("txt", "text/plain")}
    assert render(an_archive(*editions()), SITE) == found


def test_paper_is_told_whole() -> None:
    """Rank, title, authors, facts, score with reasons, abstract, comments, links and listings stand in this order."""
    said = " ".join(text(editions()[0]).split())
    wanted = [
        "Efficient inference Tuesday, 26 May 2026 Edition 2 · 4 of 16 papers; 7 more below the threshold",
        "https://example.org/digest/efficient/2026-05-26.html",
        "1 Quantizing once: 4 < 8 & <b>bold</b>",
        "Abhijit Sinha, Łucja Wiśniewska et al.",
        "24 May 2026 · revised 25 May 2026 · version 2 · replaced · cs.LG, cs.CL",
        'Score 10.0 +3.0 "quantizing" in title +1.5 "quantization" in abstract',
        LONG,
        "Comments: 12 pages; quantization code inside",
        "arXiv:2605.00001 https://arxiv.org/abs/2605.00001",
        "Code https://example.org/code?a=1&b=2",
        "Listed in 2 places: monday.txt:3, tuesday.txt:40",
        "2 We present a way to read less",
        "8 authors",
        "3 Many hands",
        "4 Old ids have a slash",
        "- tell [Ana](mailto:ana@example.org)",
        "1 source and 1 listing could not be read: - monday.txt:7: an abstract without authors - old.txt: is empty",
        "Paper digest · made by paperdigest",
    ]
    at = [said.index(one) for one in wanted]
    assert at == sorted(at)


def test_quiet_day_says_why() -> None:
    """An edition without papers has a sentence in their place."""
    assert "A quiet day. 4 papers were listed: 3 without a match, 1 muted.\n" in text(editions()[1])


def test_lines_stay_within_the_columns() -> None:
    """Only an address, which must stay whole, is longer than a line; no line ends in white space."""
    for edition in editions():
        for line in text(edition).splitlines():
            assert width(line) <= COLUMNS or "://" in line
            assert line == line.rstrip()


def test_sections_are_named_where_there_are_several() -> None:
    """One section needs no heading; of two each has one, underlined, and ranks run on."""
    parts = tuple(Section(title=t, ranked=(a_ranked(a_paper(f"arxiv:2605.{t}")),)) for t in ("00001", "00002"))
    edition = an_edition()
    two = text(replace(edition, digest=replace(edition.digest, sections=parts)))
    assert "\n00001\n-----\n\n 1  Counting papers once\n" in two
    assert "\n00002\n-----\n\n 2  Counting papers once\n" in two
    assert "-----\n\n 1  " not in text(replace(edition, digest=replace(edition.digest, sections=parts[:1])))


def test_no_address_of_the_page_where_nobody_said_it() -> None:
    """Without a base address the text does not pretend that there is a page."""
    assert "localhost" not in text(editions()[0], Site())


def test_long_list_of_authors_is_counted() -> None:
    """Of five thousand authors twenty are named and the others counted."""
    said = " ".join(text(an_edition(a_ranked(a_paper(authors=[f"A. {n}" for n in range(5000)])))).split())
    assert "A. 19 and 4,980 more" in said
    assert "A. 20," not in said


def test_own_template_sets_papers_out_otherwise(tmp_path) -> None:
    """An operator's own template of a paper is the one that is printed."""
    (tmp_path / "edition-paper.txt").write_text("<{{ rank | trim }}|{{ title }}>\n{{ why }}\n", encoding="utf-8")
    assert "<1|Quantizing once: 4 < 8 & <b>bold</b>>\n    Score 10.0\n" in text(
        editions()[0], replace(SITE, templates=str(tmp_path))
    )


# ------------------------------------------------------------------------------------------------ columns


@pytest.mark.parametrize(
    ("said", "columns"),
    [
        ("", 0),
        ("abc", 3),
        ("é", 1),
        ("e\u0301", 1),
        ("深度", 4),
        ("ｆ", 2),
        ("a\u200bb", 2),
        ("\U0001f600", 2),
        ("－", 2),
    ],
)
def test_width_is_what_a_terminal_shows(said: str, columns: int) -> None:
    """Wide characters take two columns, combining and invisible ones none."""
    assert width(said) == columns


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("", [""]),
        ("aaaa bbbb cccc", ["aaaa bbbb", "cccc"]),
        ("aaaaaaaaaaaaaaaaaaaaaaaaa", ["aaaaaaaaaa", "aaaaaaaaaa", "aaaaa"]),
        ("see https://example.org/a/b?c=d now", ["see", "https://example.org/a/b?c=d", "now"]),
        ("深度学习的模型压缩", ["深度学习的", "模型压缩"]),
        ("ab 深度学习的模型", ["ab 深度学", "习的模型"]),
        ("e\u0301" * 12, ["e\u0301" * 10, "e\u0301" * 2]),
    ],
)
def test_lines_end_where_they_may(said: str, lines: list[str]) -> None:
    """At spaces, inside of wide characters, and inside of a word only where it is longer than a line."""
    assert wrapped(said, columns=10).split("\n") == lines


@given(st.text(max_size=200), st.integers(4, 40), st.sampled_from(["", "  ", "- "]))
def test_wrapping_loses_nothing(said: str, columns: int, first: str) -> None:
    """Every character comes back in order, every line fits, and none ends in a blank."""
    said = " ".join(said.split())
    lines = wrapped(said, first, " " * len(first), columns).split("\n")
    assert "".join("".join(line[len(first) :] for line in lines).split()) == "".join(said.split())
    assert all(width(line) <= max(columns, len(first) + 2) or "://" in line for line in lines)
    assert all(not line[len(first) :].endswith(" ") for line in lines)


@given(st.text(max_size=80))
def test_any_text_gives_a_text(said: str) -> None:
    """Whatever stands in every field, a text comes out, in UTF-8 and without a control character."""
    paper = a_paper(
        f"text:{said}", ids={"doi": said}, title=said, headline=said, abstract=said, authors=[said], comments=said,
        categories=[said], links={said: said, "url": f"https://example.org/{said}"}, listings=(a_listing(file=said),),
    )  # fmt: skip
    edition = an_edition(a_ranked(paper, a_reason(1.0, said)), title=said, problems=(Problem(said, None, said),))
    found = text(edition, replace(SITE, title=said, note=said))
    assert not [c for c in found if ord(c) < 32 and c != "\n"]
