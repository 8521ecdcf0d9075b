import pytest
from builders import a_paper

from digest.store.naming import has_words, names


@pytest.mark.parametrize(
    "text",
    [
        "2508.03332",
        "2508.03332v2",
        "arXiv:2508.03332",
        "arxiv: 2508.03332v12",
        "https://arxiv.org/abs/2508.03332v1",
        "http://export.arxiv.org/abs/2508.03332",
        "arxiv.org/pdf/2508.03332v2.pdf",
        "https://arxiv.org/pdf/2508.03332",
        "https://arxiv.org/html/2508.03332v1/",
        "https://huggingface.co/papers/2508.03332",
        "10.48550/arXiv.2508.03332",
        "https://doi.org/10.48550/ARXIV.2508.03332",
        "  2508.03332 ",
    ],
)
def test_every_spelling_of_an_arxiv_id_is_one_name(text: str) -> None:
    """An arXiv id is understood bare, with version, in an address and as the DOI that arXiv gives."""
    assert "arxiv:2508.03332" in names(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("hep-th/9901001", "arxiv:hep-th/9901001"),
        ("arXiv:HEP-TH/9901001v3", "arxiv:hep-th/9901001"),
        ("https://arxiv.org/abs/math.GT/0309136", "arxiv:math.GT/0309136"),
        ("math.gt/0309136", "arxiv:math.GT/0309136"),
        ("math.GT/0309136", "arxiv:math/0309136"),
    ],
)
def test_ids_before_2007_are_understood(text: str, name: str) -> None:
    """An old arXiv id is found in any case, with and without its subject class."""
    assert name in names(text)


@pytest.mark.parametrize(
    "text", ["10.1000/X.1", "doi:10.1000/x.1", "DOI: 10.1000/X.1", "https://dx.doi.org/10.1000/x.1"]
)
def test_every_spelling_of_a_doi_is_one_name(text: str) -> None:
    """A DOI is understood bare, with its scheme and in an address; case makes no difference."""
    assert "doi:10.1000/x.1" in names(text)


@pytest.mark.parametrize("text", ["", "   ", "reading lists", "arXiv papers of 2508.03332"])
def test_words_are_no_name(text: str) -> None:
    """Plain words name no paper."""
    assert names(text) == []


def test_a_word_may_be_an_id() -> None:
    """An id that is neither of arXiv nor a DOI is taken as it is written."""
    assert names(" text:5f3a ") == ["text:5f3a"]


def test_words_are_looked_for_in_title_headline_and_abstract() -> None:
    """All words must stand somewhere in the three, as whole words, folded."""
    paper = a_paper(title="Über lists", headline="Counting once", abstract="A tenth of it.")
    assert has_words(paper, ["uber", "counting", "tenth"])
    assert not has_words(paper, ["count"])
    assert not has_words(paper, ["lists", "missing"])
