"""`digest.formats.reading_list`: items of lists, as people write them."""

import pytest
from builders import a_document

from digest.formats import parse, recognise
from digest.formats.head import head
from digest.model import Listing, Problem


def read(text: str, format: str | None = "reading_list") -> list[Listing | Problem]:
    return list(parse(a_document(text), format))


def only(text: str) -> Listing:
    (item,) = read(text)
    assert isinstance(item, Listing)
    return item


def formats(text: str | bytes) -> list[str]:
    return [one.NAME for one in recognise(head(text.encode() if isinstance(text, str) else text))]


ABS = "https://arxiv.org/abs/2605.00001"


@pytest.mark.parametrize(
    ("line", "title", "authors", "details"),
    [
        (f"- [Counting papers]({ABS}) — Ada Moreau, Tomás Říha", "Counting papers", ("Ada Moreau", "Tomás Říha"), {}),
        (f"- [Counting papers]({ABS}), Ada Moreau et al., ICLR 2026", "Counting papers", ("Ada Moreau",), "ICLR"),
        (f"* **Counting papers** [[paper]]({ABS}) [[code]](https://github.com/a/b)", "Counting papers", (), {}),
        (
            f"+ **Counting papers**<br>*Ada Moreau*<br>CVPR 2026<br>[[arXiv]({ABS})]",
            "Counting papers",
            ("Ada Moreau",),
            "CVPR",
        ),
        (
            f"1. Counting papers. Ada Moreau. Journal of Lists, 2026. {ABS}",
            "Counting papers",
            ("Ada Moreau",),
            "Journal of Lists",
        ),
        (f"2) Moreau, A., & Říha, T. (2026). Counting papers. {ABS}", "Counting papers", ("A. Moreau", "T. Říha"), {}),
        (f'[3] A. Moreau, "Counting papers," {ABS}', "Counting papers", ("A. Moreau",), {}),
        (f"- [ ] Counting papers (Moreau et al., 2026) {ABS}", "Counting papers", ("Moreau",), {}),
        (
            f"- [x] Counting papers by Ada Moreau and Keiko Mori: {ABS}",
            "Counting papers",
            ("Ada Moreau", "Keiko Mori"),
            {},
        ),
        (f"- Counting papers {ABS}.", "Counting papers", (), {}),
        (f"- (ICLR 2026) [Counting papers]({ABS})", "Counting papers", (), "ICLR"),
        (f"• [Counting $x_1$ and *papers*]({ABS})", "Counting $x_1$ and papers", (), {}),
        (f"- [Schr\\\"odinger's \\[papers\\]]({ABS})", "Schrödinger's [papers]", (), {}),
        (f'- <a href="{ABS}">Counting &amp; papers</a>', "Counting & papers", (), {}),
        ("- Counting papers. Ada Moreau. arXiv:2605.00001", "Counting papers", ("Ada Moreau",), {}),
    ],
)
def test_an_item_tells_its_title_and_its_authors(line, title, authors, details) -> None:
    """The usual ways to write an item; each is recognised by itself too."""
    found = only(line)
    assert (found.title, found.authors) == (title, authors)
    assert found.ids == {"arxiv": "2605.00001"}
    if isinstance(details, str):
        assert found.details["venue"] == details
    assert formats(line) == ["reading_list"]


@pytest.mark.parametrize(
    ("address", "ids"),
    [
        ("https://doi.org/10.1000/ABC.(1)2", {"doi": "10.1000/abc.(1)2"}),
        ("https://openreview.net/forum?id=rJXMpikCZ", {"openreview": "rJXMpikCZ"}),
        ("https://aclanthology.org/P18-1001.pdf", {"acl": "P18-1001"}),
        ("https://pubmed.ncbi.nlm.nih.gov/123456/", {"pmid": "123456"}),
        ("https://www.biorxiv.org/content/10.1101/2020.01.01.000001v2.full", {"doi": "10.1101/2020.01.01.000001"}),
        ("https://huggingface.co/papers/2605.00001", {"arxiv": "2605.00001"}),
        ("https://proceedings.mlr.press/v139/moreau21a.html", {}),
        ("https://people.example.org/counting.pdf", {}),
    ],
)
def test_a_link_to_a_paper_is_known_by_its_address(address, ids) -> None:
    """An id where the address says one; a press or a PDF lists a paper without."""
    found = only(f"- [Counting papers]({address})")
    assert (found.title, dict(found.ids)) == ("Counting papers", ids)
    assert address in found.links.values()


def test_what_stands_under_an_item_belongs_to_it() -> None:
    """Labels are fields, links are links, all else is a note; another paper under it is one by itself."""
    one, two = read(
        f"- [Counting papers]({ABS})\n  - Authors: Ada Moreau, Keiko Mori\n  - TL;DR: shorter\n"
        f"  - **Abstract**: We count.\n"
        "    And go on.\n  - [code](https://github.com/a/b)\n  - worth a look\n"
        "  - [Another paper](https://arxiv.org/abs/2605.00002)\n"
    )
    assert (one.authors, one.abstract) == (("Ada Moreau", "Keiko Mori"), "We count. And go on.")
    assert one.details == {"tldr": "shorter", "note": "worth a look"}
    assert one.links == {"abs": ABS, "code": "https://github.com/a/b"}
    assert two.title == "Another paper"


def test_headings_and_groups_are_categories() -> None:
    """All but the document's title, and what says only that there are papers."""
    (found,) = read(f"# Awesome lists\n## Papers\n## Counting\n### Once\n- Group\n  - [Counting papers]({ABS})\n")
    assert found.categories == ("Counting", "Once", "Group")


def test_ids_alone_are_counted_in_one_problem() -> None:
    """What cannot be known is told once, with how many it concerns."""
    items = read("arXiv:2605.00001\n2605.00002v3\nhttps://arxiv.org/pdf/2605.00003\n10.1000/xyz\n", None)
    assert [dict(x.ids) for x in items[:4]] == [
        {"arxiv": "2605.00001"},
        {"arxiv": "2605.00002"},
        {"arxiv": "2605.00003"},
        {"doi": "10.1000/xyz"},
    ]
    assert str(items[4]).startswith("page.txt:1: 4 entries are ids without a title")


def test_a_paper_that_cannot_be_named_is_a_problem() -> None:
    """A link that says it is a paper's, without title and id, is told with its line."""
    (problem,) = read("\n- [paper](https://example.org/x)\n")
    assert isinstance(problem, Problem)
    assert problem.line == 2


def test_code_comments_and_contents_list_nothing() -> None:
    """What is shown as code, what is not shown, and where something stands in the document."""
    text = (
        f"- [Contents](#contents)\n```\n- [In code]({ABS})\n```\n<!-- - [Hidden]({ABS})\n- [too]({ABS}) -->\n"
        f"- [Counting papers]({ABS})\n"
    )
    assert [x.title for x in read(text)] == ["Counting papers"]


def test_code_that_does_not_end_is_told() -> None:
    """What stands behind it cannot be read: it is no listing, and not passed over."""
    one, problem = read(f"- [Counting papers]({ABS})\n\n```\n- [In code]({ABS})\n")
    assert one.title == "Counting papers"
    assert "does not end" in problem.what
    assert problem.line == 3


@pytest.mark.parametrize("text", [
    ("# tool\n\nA library.\n\n- fast\n- small\n- good\n\n"
    "We follow [Moreau](https://arxiv.org/abs/2605.00001).\n\nIt works.\n"),
    "Dear all,\n\nthe talk is on Monday. See https://arxiv.org/abs/2605.00001 and bring questions.\n",
    "# Post\n\nLists are long. As [a paper](https://arxiv.org/abs/2605.00001) says, they need not be.\n\nSo be it.\n",
    "- one\n- two\n- [a tool](https://github.com/a/b)\n",
    "* text\n* more text\n\n1. a step\n2. another\n",
])  # fmt: skip
def test_prose_that_names_papers_is_no_list(text: str) -> None:
    """A few links make no reading list: such a document is refused whole."""
    assert formats(text) == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_do_not_matter(encoding: str, ends: str) -> None:
    """The same list in any of them."""
    text = f"- [Counting papers]({ABS}) — Zoë Kim{ends}- [Sparse](https://arxiv.org/abs/2605.00002){ends}"
    items = list(parse(a_document(text.encode(encoding))))
    assert [(x.title, x.authors) for x in items] == [("Counting papers", ("Zoë Kim",)), ("Sparse", ())]
