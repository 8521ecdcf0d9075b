"""Pages of authors and abstracts, where nothing but the look of a line tells where a paper begins."""

import pytest
from builders import a_document

from digest.formats import parse
from digest.formats.pages.shapes import people
from digest.model import Listing, Problem

PROSE = "We measure how reading lists change when repeated papers are counted once, and why."
WRAPPED = """\
We measure how reading lists change when repeated papers are counted once, and
find that a tenth of what a careful reader opens in a week was opened before by
the same reader. The tools are Deep Blending, Structure from Motion and
Gaussian Splatting."""


def listings(text: str) -> list[Listing]:
    items = list(parse(a_document(text)))
    assert not [x for x in items if isinstance(x, Problem)]
    return [x for x in items if isinstance(x, Listing)]


@pytest.mark.parametrize(
    "line",
    [
        "Zicong Tang, Ziyang Ma, Suqing Wang",
        "Ninh Tran",
        "Hyun-Jic Oh, Peter K. Sorger, Won-Ki Jeong",
        "Sebastian Musiał, Bartosz Zieliński",
        "L. van der Berg, J.-P. d'Alembert, M. de la Cruz",
        "Karl-Robert Müller and Ada Moreau",
        "Ada Moreau; Tomás Říha; Keiko Mori",
        "In So Kweon, Bo An, We Li",
        'M\\"uller Hans, Paul Erd\\H{o}s, \\O ystein Ore',
        "ATLAS Collaboration",
        "The LIGO Scientific Collaboration, the Virgo Collaboration",
        "Planck Collaboration: N. Aghanim, Y. Akrami",
        "J. Smith (MIT), A. Jones (University of Somewhere)",
        "Martin Luther King, Jr., Henry Louis Gates III, Ada Moreau",
        "王伟, 李娜, 张敏",
        "Jiankang Wang, Zhihan zhang, Zhihang Liu, Yang Li, Jiannan Ge",
        "Suharto, Ada Moreau, Keiko Mori",
        "Smith J, Doe AB, Moreau C",
        "JOHN SMITH, JANE DOE",
        "Y. Shen, G. -S. Zhou, D. -M. Lu",
        "किरण देसाई, राम शर्मा",
        "Suharto, Ada Moreau",
        "The Anh Nguyen, Bo Li",
        "Maria de la Luz van der Berg y Mendoza, Ada Moreau",
        "Ada Moreau, the Virgo Collaboration",
    ],
)
def test_names_are_names(line):
    """Names of many kinds are known as a line of authors."""
    assert people(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "We study graphs, trees and forests.",
        "Wav2Vec2, HuBERT, Data2Vec, WavLM in improving the performance of ASR",
        "tables in main manuscript, 5 figures in main manuscript, 2 tables in",
        "Accepted by EMNLP 2025",
        "ICML 2025 Spotlight",
        "The Results",
        "Python, Java, Perl",
        "https://example.org/code, https://example.org/data",
        "total 17 pages, main manuscript 12 pages",
        "Is this a title?",
        "x",
    ],
)
def test_other_lines_are_no_names(line):
    """Prose, comments and lists of things are no line of authors."""
    assert people(line) is None


@pytest.mark.parametrize(
    ("line", "names", "truncated"),
    [
        ("Ada Moreau, Keiko Mori et al.", ("Ada Moreau", "Keiko Mori"), True),
        ("Ada Moreau, Keiko Mori, et al", ("Ada Moreau", "Keiko Mori"), True),
        ("Ada Moreau, Keiko Mori and 12 others", ("Ada Moreau", "Keiko Mori"), True),
        ("Ada Moreau, Keiko Mori, …", ("Ada Moreau", "Keiko Mori"), True),
        ("Ada Moreau and Keiko Mori", ("Ada Moreau", "Keiko Mori"), False),
        ("Ada Moreau, Luis García, Jr.", ("Ada Moreau", "Luis García, Jr."), False),
        ("Ada Moreau†, Keiko Mori*", ("Ada Moreau", "Keiko Mori"), False),
    ],
)
def test_a_list_is_taken_apart(line, names, truncated):
    """A line of authors gives each name, and says whether it was cut."""
    found = people(line)
    assert found
    assert (found.names, found.truncated) == (names, truncated)


@pytest.mark.parametrize("abstract", [PROSE, WRAPPED])
@pytest.mark.parametrize("comments", [None, "Accepted", "12 pages, accepted at the Conference on\nComputer Vision"])
@pytest.mark.parametrize("authors", ["Ninh Tran", "Ada Moreau, Tomás Říha", "Ada Moreau, Keiko Mori et al."])
def test_papers_are_told_apart_whatever_stands_before(abstract, comments, authors):
    """One author or many, comments or none, wrapped or not: each paper begins at its authors."""
    label = f"Authors' comments: {comments}\n" if comments else ""
    one, two, three = listings(f"{authors}\n{abstract}\n{label}" * 3)
    assert one.authors == two.authors == three.authors
    assert two.abstract == " ".join(abstract.split())
    assert two.comments == (" ".join(comments.split()) if comments else None)
    assert two.authors_truncated == ("et al." in authors)


def test_names_in_a_wrapped_abstract_begin_no_paper():
    """A wrapped line of capitalised words, the end of its paragraph, does not begin a paper."""
    text = f"Ada Moreau\n{WRAPPED.removesuffix('Gaussian Splatting.')}Gaussian Splatting\nNinh Tran\n{PROSE}\n"
    one, two = listings(text)
    assert (one.abstract or "").endswith("Gaussian Splatting")
    assert two.authors == ("Ninh Tran",)


@pytest.mark.parametrize("label", ["Authors' comments:", "Authors’ comments:", "Author's comments:", "Comments:"])
def test_the_label_of_comments_has_several_spellings(label):
    """Straight and curly apostrophes, one author or several: the comments are read."""
    (one,) = listings(f"Ada Moreau, Keiko Mori\n{PROSE}\n{label} 5 pages,\n3 figures\n")
    assert one.comments == "5 pages, 3 figures"


def test_text_before_the_first_authors_is_a_problem():
    """What stands before the first line of authors is told with its line, and the papers after it are read."""
    items = list(parse(a_document(f"from yesterday\nAda Moreau, Keiko Mori\n{PROSE}\nNinh Tran\n{PROSE}\n")))
    assert [type(x) for x in items] == [Problem, Listing, Listing]
    assert isinstance(items[0], Problem)
    assert items[0].line == 1
    assert "from yesterday" in items[0].what


def test_authors_without_an_abstract_are_a_problem():
    """A line of authors at the end of a file, with nothing below it, is told and not lost in the abstract above."""
    items = list(parse(a_document(f"Ada Moreau, Keiko Mori\n{PROSE}\nNgozi Okafor, Lars Iyer\n")))
    assert [type(x) for x in items] == [Listing, Problem]
    assert "without an abstract" in str(items[1])


def test_a_text_without_end_is_refused_and_not_held():
    """Thousands of lines without a new line of authors are one problem, and the next paper is read."""
    endless = "and so it goes on and on without an end in sight\n" * 5000
    text = f"Ada Moreau, Keiko Mori\n{endless}the end.\nNinh Tran\n{PROSE}\n"
    items = list(parse(a_document(text)))
    assert [type(x) for x in items] == [Problem, Listing]


def test_an_abstract_may_end_with_an_address():
    """An abstract whose last words are an address, without a full stop, is over there."""
    text = f"Ada Moreau\n{PROSE} Code is at\nhttps://example.org/a/rather/long/address/of/code/and/data/for/papers\n"
    one, two = listings(f"{text}Ngozi Okafor, Lars Iyer\n{PROSE}\n")
    assert (one.abstract or "").endswith("for/papers")
    assert two.authors == ("Ngozi Okafor", "Lars Iyer")


@pytest.mark.parametrize("name", ["Plato", "NVIDIA", "Srinivasa", "王伟"])
def test_a_single_name_of_a_single_word_is_an_author(name):
    """A word by itself above prose, where a paper has ended, begins a paper."""
    one, two, three = listings(f"Ada Moreau\n{WRAPPED}\n{name}\n{PROSE}\nNinh Tran\n{PROSE}\n")
    assert two.authors == (name,)
    assert (one.authors, three.authors) == (("Ada Moreau",), ("Ninh Tran",))


def test_headings_within_an_abstract_begin_no_paper():
    """An abstract in parts keeps them, and their headings."""
    (one,) = listings(f"Ada Moreau, Keiko Mori\nBackground\n{PROSE}\nMethods\n{PROSE}\nResults\n{PROSE}\n")
    assert (one.abstract or "").startswith("Background We measure")
    assert "Methods We measure" in (one.abstract or "")
