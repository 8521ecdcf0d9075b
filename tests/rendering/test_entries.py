"""Papers on pages: blocks that are joined are what one rendering gives; mathematics; marks; weight."""

import re
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from builders import a_listing, a_paper, a_ranked, a_reason, an_edition
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup
from rendering_scene import LONG, SITE, Outline, an_archive, editions

from digest.model import Archive, Edition, Ranked, Reason, Section, Site
from digest.rendering import entries, wording
from digest.rendering import html as pages
from digest.rendering.entries import WHOLE, Text, block, entry, formulas, marks_of
from digest.rendering.environment import environment


def at_once(ranked: Ranked, rank: int, level: int, own: str | None = None, *, cited: bool = False) -> Markup:
    """A block as one rendering makes it: nothing kept, nothing put in later."""
    env = environment(own)
    score, reasons = ranked.score, ranked.score.reasons
    why = env.get_template("reasons.html").render(score=wording.points(score.total), reasons=tuple(map(str, reasons)))
    told = entry(replace(ranked.paper), marks_of(reasons), whole=rank <= WHOLE, cited=cited)
    made = env.get_template("paper.html").render(entry=told, level=level, rank=rank, why=Markup(why.strip()))
    return Markup(made.strip())


def edition_page(archive: Archive, site: Site = SITE) -> bytes:
    return pages.render(archive, site)[0].content


def same(edition: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = an_archive(edition, profile=edition.digest.profile)
    twice = [edition_page(archive), edition_page(archive)]
    with monkeypatch.context() as patch:
        patch.setattr(pages, "block", at_once)
        assert [edition_page(archive)] * 2 == twice


def test_joined_page_is_what_one_rendering_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte, from cold and from what was kept, with and without section headings."""
    for edition in editions():
        same(edition, monkeypatch)
    tuesday = editions()[0]
    first, second, *others = tuesday.digest.ranked
    sections = (Section("Top", (first,)), Section("", (second,)), Section("Rest", tuple(others)))
    same(replace(tuesday, digest=replace(tuesday.digest, sections=sections)), monkeypatch)


TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
RANKED = st.builds(
    lambda title, abstract, name, reasons: a_ranked(
        a_paper("text:1", ids={}, title=title or None, headline=title, abstract=abstract, authors=(name,) * 9), *reasons
    ),
    TEXT,
    TEXT,
    TEXT,
    st.lists(
        st.builds(
            a_reason,
            st.sampled_from([0.5, 1.0, -1.0]),
            TEXT,
            st.sampled_from(["title", "abstract", "comments", "authors"]),
            st.sampled_from(["keyword", "author"]),
        ),
        max_size=3,
    ),
)


@given(st.lists(RANKED, max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_join_is_what_one_rendering_gives(ranked: list[Ranked]) -> None:
    """Whatever sources and keywords say, also the characters that hold places in blocks."""
    for rank, one in enumerate(ranked, 1):
        assert block(one, rank, 2) == at_once(one, rank, 2)
        assert block(one, rank, 3, cited=True) == at_once(one, rank, 3, cited=True)


def test_text_cannot_take_the_place_of_a_rank() -> None:
    """The characters that hold places are no text: they never reach a page."""
    held = "\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4\ufdd5"
    paper = a_paper(title=f"Counting{held} papers", headline=f"Counting{held} papers", abstract=held * 3, comments=held)
    made = block(a_ranked(paper, a_reason(1.0, f"papers{held}", "title")), 7, 2)
    assert not set(held) & set(made)
    assert made.count(">7<") == 1


def test_work_on_a_paper_is_done_once_for_all_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers share a paper's block, whatever their keywords, weights, scores and ranks."""
    paper = a_paper("text:shared", ids={}, abstract=LONG)
    asked = count()
    real = entries.entry
    monkeypatch.setattr(entries, "entry", lambda *a, **k: (next(asked), real(*a, **k))[1])
    one = block(a_ranked(paper, a_reason(3.0, "quantization")), 5, 2)
    other = block(a_ranked(paper, a_reason(0.5, "quantization")), 9, 2)
    assert next(asked) == 1
    assert (">5<" in one, ">9<" in other, "<b>3.0</b>" in one, "<b>0.5</b>" in other) == (True,) * 4
    other = block(a_ranked(paper, a_reason(3.0, "laptop")), 5, 2)
    assert next(asked) == 2
    assert ("<mark>laptop</mark>" in other, "<mark>Quantization</mark>" in other) == (True, False)


def test_own_template_of_a_paper_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    """An operator changes one part of a paper, or what is said of the reasons; the shipped ones stay for others."""
    (tmp_path / "paper.html").write_text(
        '{% extends "shipped/paper.html" %}{% block links %}<p>{{ entry.key }} {{ rank }}</p>{% endblock %}', "utf-8"
    )
    (tmp_path / "reasons.html").write_text("<p>{{ score }} of {{ reasons | length }}</p>", "utf-8")
    ranked = a_ranked(a_paper("text:own", ids={}), a_reason(2.0))
    made = block(ranked, 4, 3, str(tmp_path))
    assert "<h3>" in made
    assert "<p>2.0 of 1</p>" in made
    assert re.search(r"<p>moreaucounting-[0-9a-f]{8} 4</p>\s*</article>$", made)
    assert made == at_once(ranked, 4, 3, str(tmp_path))
    assert "<p>2.0" not in block(ranked, 4, 3)


# ------------------------------------------------------------------------------------------- mathematics


def test_formulas_are_mathml_and_the_rest_is_escaped() -> None:
    """What was TeX between dollars is a `<math>` element with its readable text; prose around it stays text."""
    paper = a_paper(abstract=r"For $\frac{a}{b} < 1$ & <b> we win.")
    told = entry(paper, marks_of([a_reason(1.0, "win")]), whole=True)
    found = re.search(r"For (<math.*</math>) &amp; &lt;b&gt; we <mark>win</mark>\.", told.lead)
    assert found
    assert "<mfrac>" in found[1]
    assert wording.abstract(paper) == formulas(paper.abstract or "").text


def test_formula_is_marked_whole_or_not_at_all() -> None:
    """A mark that begins or ends in a formula takes all of it; one beside it none."""
    text = Text(
        "the l2 norm of x", (entries.Formula(4, 6, "<math>F</math>"), entries.Formula(15, 16, "<math>X</math>"))
    )
    for phrase, written in {
        "l2 norm": "the <mark><math>F</math> norm</mark> of <math>X</math>",
        "norm": "the <math>F</math> <mark>norm</mark> of <math>X</math>",
        "norm of x": "the <math>F</math> <mark>norm of <math>X</math></mark>",
    }.items():
        assert entries._written(text, entries._spans(text, (phrase,)), 0, len(text.text)) == written
    assert entries._widened(text, [(5, 7), (15, 16)]) == [(4, 7), (15, 16)]


def test_long_formula_is_text_that_wraps() -> None:
    """A formula wider than a telephone is not set as MathML, which no browser breaks over lines."""
    long = " + ".join(rf"\alpha_{{{n}}}" for n in range(30))
    told = formulas(f"We show ${long}$ here.")
    assert told.formulas == ()
    assert told.text.startswith("We show α")


def test_abstract_is_never_cut_inside_a_formula() -> None:
    """Both parts of a folded abstract together are all of it, and each formula stands whole in one of them."""
    abstract = " ".join(f"Sentence number {n} has $x_{{{n}}} = \\frac{{1}}{{{n}}}$ in it. It ends." for n in range(20))
    told = entry(a_paper(abstract=abstract), marks_of([]), whole=False)
    assert told.rest
    for part in (told.lead, told.rest):
        assert part.count("<math") == part.count("</math>") > 0
    text = formulas(abstract)
    assert told.lead.count("<math") + told.rest.count("<math") == len(text.formulas)


@given(st.text(max_size=600), st.lists(st.text(max_size=6), max_size=3))
@settings(max_examples=100, deadline=None)
def test_nothing_of_an_abstract_is_lost(abstract: str, phrases: list[str]) -> None:
    """Without its markup, what is shown and what is folded are the readable abstract."""
    paper = a_paper(abstract=abstract * 3)
    told = entry(paper, marks_of([a_reason(1.0, phrase) for phrase in phrases]), whole=False)
    shown = " ".join(filter(None, (plain(told.lead), plain(told.rest))))
    assert "".join(shown.split()) == "".join(wording.abstract(paper).split())


def plain(markup: Markup) -> str:
    """The text that people read: of a formula its `alttext`."""
    return Markup(re.sub(r'<math[^>]*? alttext="([^"]*)".*?</math>', r"\1", markup)).striptags() if markup else ""


# --------------------------------------------------------------------------------------------------- weight


def typical(number: int) -> Ranked:
    """A paper of the usual size: an abstract of 1,500 characters with two formulas, six authors, four reasons."""
    first = "We count papers once and find that a tenth of what a careful reader opens was opened before. "
    more = "Every step is told, with what went wrong on the way and how long it took on a small machine. "
    formulas = r"It takes $\mathcal{O}(n \log n)$ steps where $n > 10^{3}$, and loses nothing at all to speak of."
    abstract = f"{(first + more * 20)[: 1500 - len(formulas)]}{formulas}"
    return a_ranked(
        a_paper(
            f"arxiv:2605.{number:05}",
            title="Counting papers once and for all, with an application to the reading of many papers",
            abstract=abstract,
            authors=("Ada Moreau", "Tomás Říha", "Siiri Lepistö", "Chidinma Ezeokoli", "Anand Rao", "Jo Fjeld"),
            comments="12 pages, 4 figures",
            categories=("cs.DL", "cs.IR"),
            listings=(a_listing(line=number),),
        ),
        *(Reason("keyword", term, place, 1.5) for term in ("reader", "paper") for place in ("title", "abstract")),
    )


def test_page_of_thirty_papers_is_light() -> None:
    """Thirty typical papers with whole abstracts and MathML weigh less than 100 kB."""
    edition = an_edition(*map(typical, range(30)))
    page = edition_page(an_archive(edition, profile="ana"))
    assert len(page) < 100_000
    assert page.count(b"<math") == 60


def test_page_of_many_papers_is_sound() -> None:
    """A crowded day has every paper once, in order, and a picture that stays small."""
    page = edition_page(an_archive(an_edition(*map(typical, range(200))), profile="ana")).decode()
    assert re.findall(r'<span class="rank">(\d+)</span>', page) == [str(rank) for rank in range(1, 201)]
    outline = Outline(page)
    assert outline.tags().count("article") == 200
