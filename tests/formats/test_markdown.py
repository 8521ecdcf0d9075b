"""`digest.formats.markdown` and `digest.formats.references`: a line of Markdown, and a reference as people write it."""

import pytest

from digest.formats.markdown import cells, heading, item, links, plain
from digest.formats.references import cited, described, names


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("**Counting** *papers* [once](https://example.org)", "Counting papers once"),
        ("at $a_1*b_2$ and __x__ and snake_case_name", "at $a_1*b_2$ and x and snake_case_name"),
        ("3*mu_s*m*g is a product", "3*mu_s*m*g is a product"),
        ("`code` and \\*stars\\* &amp; <b>bold</b>", "code and *stars* & bold"),
        ("![a badge](https://example.org/b.svg) text <!-- hidden --> more", "text more"),
        ("Schr\\\"odinger", "Schrödinger"),
        ("[a [b] c](https://example.org/x_(y))", "a [b] c"),
        ("It costs $5 and n < m", "It costs $5 and n < m"),
    ],
)  # fmt: skip
def test_markup_becomes_plain_text(text: str, told: str) -> None:
    """Emphasis, links, code, images and escapes; formulas and products stay."""
    assert plain(text) == told


def test_links_are_found_in_all_their_ways() -> None:
    """Inline, in angle brackets, bare without what ends the sentence, and as HTML."""
    found = links(
        'a [b](https://x.org/1 "t"), <https://x.org/2>, https://x.org/3_(4)). <a href="https://x.org/5">c</a>'
    )
    assert [link.target for link in found] == [f"https://x.org/{n}" for n in ("1", "2", "3_(4)", "5")]
    assert [link.text for link in found] == ["b", "https://x.org/2", "https://x.org/3_(4)", "c"]


def test_lines_are_told_apart() -> None:
    """Headings, items by all their marks, cells with bars in them."""
    assert heading("## A #") == (2, "A")
    assert heading("#5 is no heading but for CommonMark") is not None
    assert [item(text) for text in ("- a", "  * a", "3. a", "[3] a", "• a", "- [x] a", "1.5 a", "---")] == [
        (0, "a"), (2, "a"), (0, "a"), (0, "a"), (0, "a"), (0, "a"), None, None,
    ]  # fmt: skip
    assert cells(r"| a \| b | c | |") == ["a | b", "c", ""]


@pytest.mark.parametrize(
    ("text", "title", "authors", "venue"),
    [
        (
            "Counting papers. Ada Moreau, Keiko Mori. ICLR, 2026.",
            "Counting papers",
            ("Ada Moreau", "Keiko Mori"),
            "ICLR",
        ),
        (
            "Moreau, A., & Mori, K. (2026). Counting. J. Lists, 3(2).",
            "Counting",
            ("A. Moreau", "K. Mori"),
            "J. Lists, 3(2)",
        ),
        ("Moreau A, Mori K. Counting. J Lists. 2026;3(2):1-9.", "Counting", ("A. Moreau", "K. Mori"), "J Lists"),
        ('A. Moreau and K. Mori, "Counting," in Proc. ICML, 2025.', "Counting", ("A. Moreau", "K. Mori"), "Proc. ICML"),
        ("Is counting all? A study", "Is counting all?", (), None),
        ("Counting (Moreau et al., 2026)", "Counting", ("Moreau",), None),
    ],
)
def test_a_reference_is_parted(text: str, title: str, authors: tuple[str, ...], venue: str | None) -> None:
    """The usual orders of a title, names, a date and a venue."""
    found = cited(text)
    assert (found.title, found.team.names, found.venue or None) == (title, authors, venue)


def test_prose_is_nobody() -> None:
    """A piece of a sentence is no list of names; a name that is also a word is one among others."""
    assert names("a nice survey of everything") is None
    assert names("Deep Learning") is None
    assert names("Mijin Yoo, In Cho, Subin Jeon").names == ("Mijin Yoo", "In Cho", "Subin Jeon")
    assert described("to be read first").note == "to be read first"
