"""`digest.formats.people`: authors as people, however a source writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.formats.people import bibtex, byline, given_family, inverted, listed, team, vancouver


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Liang Lu, Xiong Xiao, Zhuo Chen, Yifan Gong", ["Liang Lu", "Xiong Xiao", "Zhuo Chen", "Yifan Gong"]),
        ("Marc Voyer and Louis Marchildon (Universite du Quebec)", ["Marc Voyer", "Louis Marchildon"]),
        ('G. A. Kotel\'nikov (RRC "Kurchatov Institute", Moscow, Russia)', ["G. A. Kotel'nikov"]),
        ("A. Bee (1), C. Dee (2, 3) ((1) MIT, (2) ETH, Zurich)", ["A. Bee", "C. Dee"]),
        (r"Bal\'azs Tarj\'an, Gy\"orgy Szasz\'ak", ["Balázs Tarján", "György Szaszák"]),
        ("ATLAS Collaboration", ["ATLAS Collaboration"]),
        ("J. Doe, for the CMS Collaboration", ["J. Doe", "CMS Collaboration"]),
        ("The CMS Collaboration: J. Doe, A. Roe", ["CMS Collaboration", "J. Doe", "A. Roe"]),
        ("John Smith, Jr., Ann Lee", ["John Smith, Jr.", "Ann Lee"]),
        ("Sinha, A.; Kathania, H. K.", ["A. Sinha", "H. K. Kathania"]),
        ("王小明, 李雷", ["王小明", "李雷"]),
        ("A. One$^{1,2}$, B. Two†, C. Three*", ["A. One", "B. Two", "C. Three"]),
        ("", []),
    ],
)
def test_a_list_gives_people(text: str, names: list[str]) -> None:
    """Affiliations and marks are no names; a collaboration is one; a suffix stays with its name."""
    assert list(listed(text).names) == names


def test_a_cut_list_says_so() -> None:
    """`et al.`, and how many there are where that is told."""
    assert listed("A. One, B. Two, et al.")[1:] == (True, None)
    assert listed("A. One, B. Two, et al. (123 additional authors not shown)")[1:] == (True, 125)
    assert listed("A. One et.al.") == (("A. One",), True, None)
    assert listed("A. One, B. Two")[1:] == (False, None)


@pytest.mark.parametrize(
    ("text", "names", "cut"),
    [
        ("Sinha, Abhijit and Kathania, H. K.", ["Abhijit Sinha", "H. K. Kathania"], False),
        ("Sinha, Abhijit and others", ["Abhijit Sinha"], True),
        ("{ATLAS Collaboration} and Doe, J.", ["ATLAS Collaboration", "J. Doe"], False),
        ("{Barnes and Noble, Inc.} and Knuth, Donald E.", ["Barnes and Noble, Inc.", "Donald E. Knuth"], False),
        (r"Schr{\"o}dinger, Erwin AND Erd{\H o}s, P{\'a}l", ["Erwin Schrödinger", "Pál Erdős"], False),
        ("van der Berg, Jr., Lotte", ["Lotte van der Berg, Jr."], False),
        ("王, 小明 and Li, Lei", ["王小明", "Lei Li"], False),
        ("John von Neumann", ["John von Neumann"], False),
        (
            "given=Tomás, prefix=de la, family=Říha and family={Kim}, given={Zoë}",
            ["Tomás de la Říha", "Zoë Kim"],
            False,
        ),
    ],
)
def test_a_bibtex_field_gives_people(text: str, names: list[str], cut: bool) -> None:
    """Names stand apart at ` and ` outside of braces; a comma says that the family name comes first."""
    found = bibtex(text)
    assert (list(found.names), found.truncated) == (names, cut)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Smith JA", "J. A. Smith"),
        ("van der Berg L Jr", "L. van der Berg, Jr"),
        ("Müller-Lüdenscheidt KH", "K. H. Müller-Lüdenscheidt"),
        ("COVID Study Group", "COVID Study Group"),
        ("Plato", "Plato"),
    ],
)
def test_a_name_with_initials_behind_it_is_turned(text: str, name: str) -> None:
    """MEDLINE's short names; a group's stays."""
    assert vancouver(text) == name


def test_parts_become_a_name_in_the_order_in_which_it_is_read() -> None:
    """Given name first, but for East Asian names in their own script."""
    assert given_family("Abhijit", "Sinha") == "Abhijit Sinha"
    assert given_family("小明", "王") == "王小明"
    assert given_family("L.", "Berg", "Jr.", "van der") == "L. van der Berg, Jr."
    assert given_family(None, "Plato") == "Plato"
    assert inverted("Hellinger, Frank R Jr") == "Frank R Hellinger, Jr"
    assert inverted("Given, Curtis A 2nd") == "Curtis A Given, 2nd"
    assert inverted("Coates, JR") == "JR Coates"
    assert inverted("Smith, III") == "Smith, III"
    assert inverted("The LIGO Scientific Collaboration, the Virgo Collaboration") != ""


@given(st.text(max_size=120))
def test_no_text_raises_and_no_name_is_empty(text: str) -> None:
    """Whatever stands in a field of authors, names are clean and on one line."""
    for names in (listed(text).names, bibtex(text).names, (inverted(text), vancouver(text))):
        assert all(name == " ".join(name.split()) for name in names)
    assert all(listed(text).names)
    assert all(bibtex(text).names)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ada Moreau, Tomás Říha", ["Ada Moreau", "Tomás Říha"]),
        ("Moreau, A., Říha, T. K., & Kim, Z.-H.", ["A. Moreau", "T. K. Říha", "Z.-H. Kim"]),
        ("Moreau, Ada", ["Ada Moreau"]),
        ("Moreau, Ada and Říha, Tomás", ["Ada Moreau", "Tomás Říha"]),
        ("van der Berg, Lotte", ["Lotte van der Berg"]),
        ("Ada Moreau, Zoë Kim and Tomás Říha", ["Ada Moreau", "Zoë Kim", "Tomás Říha"]),
        ("John Smith, Jr.", ["John Smith, Jr."]),
        ("Plato", ["Plato"]),
    ],
)
def test_a_byline_may_have_either_order(text: str, names: list[str]) -> None:
    """A comma behind a single word, or before initials, is inside of a name."""
    assert list(byline(text).names) == names


@pytest.mark.parametrize(
    ("told", "names", "cut"),
    [
        (["Ada Moreau", ":", ""], ["Ada Moreau"], False),
        (["Ada Moreau", "et al."], ["Ada Moreau"], True),
        (["Ada Moreau for the LISTS Collaboration"], ["Ada Moreau", "LISTS Collaboration"], False),
        (["on behalf of the LISTS Collaboration"], ["LISTS Collaboration"], False),
        (["The Shelf Group"], ["The Shelf Group"], False),
    ],
)
def test_names_that_are_told_one_by_one(told: list[str], names: list[str], cut: bool) -> None:
    """Punctuation is nobody, who speaks for a collaboration is named beside it, `et al.` says that there are more."""
    found = team(told)
    assert (list(found.names), found.truncated) == (names, cut)
