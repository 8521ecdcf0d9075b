"""`digest.identifiers`: the names of papers in one spelling, from wherever they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.identifiers import Arxiv, arxiv, doi, named


@pytest.mark.parametrize(
    ("text", "id", "version"),
    [
        ("2508.03332", "2508.03332", None),
        ("arXiv:2508.03332v12", "2508.03332", 12),
        ("arxiv: 0704.0001v1", "0704.0001", 1),
        ("oai:arXiv.org:math/0306266", "math/0306266", None),
        ("math.gt/0309136", "math.GT/0309136", None),
        ("arXiv:hep-th/9901001v3 [hep-th]", "hep-th/9901001", 3),
        ("https://arxiv.org/abs/2508.03332v2", "2508.03332", 2),
        ("http://export.arxiv.org/pdf/astro-ph/0601001v1.pdf", "astro-ph/0601001", 1),
        ("https://huggingface.co/papers/2510.23538", "2510.23538", None),
        ("https://doi.org/10.48550/ARXIV.2508.03332", "2508.03332", None),
        ("10.48550/arXiv.2508.03332v2", "2508.03332", 2),
    ],
)
def test_an_arxiv_id_is_read_wherever_it_stands(text: str, id: str, version: int | None) -> None:
    """Old and new ids, with prefix, version, category, as an address or arXiv's own DOI, have one spelling."""
    assert arxiv(text) == Arxiv(id, version)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2508.3332",
        "0803.00001",
        "2513.00001",
        "1308.12345",
        "quant/123",
        "2508.03332 is a paper",
        "10.1000/2508.03332",
    ],
)
def test_what_is_no_arxiv_id_is_none(text: str) -> None:
    """Numbers of another length for their year, months that are none, and prose are no ids."""
    assert arxiv(text) is None


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("10.1103/PhysRevD.76.013009", "10.1103/physrevd.76.013009"),
        ("doi:10.1000/ABC", "10.1000/abc"),
        ("DOI: 10.1000/182.", "10.1000/182"),
        ("https://dx.doi.org/10.1002/(SICI)1097-0258(19980815)17:15%3C1661::AID-SIM968%3E3.0.CO;2-2",
         "10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2"),
        ("10.1000/x).", "10.1000/x"),
        ("10.1016/0021-9045(92)90101-A", "10.1016/0021-9045(92)90101-a"),
        ("info:doi/10.1000.10/123", "10.1000.10/123"),
    ],
)  # fmt: skip
def test_a_doi_is_in_lower_case_and_without_resolver(text: str, id: str) -> None:
    """What ends a sentence or closes a bracket that was opened before is no part of a DOI."""
    assert doi(text) == id


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("https://pubmed.ncbi.nlm.nih.gov/33782057/", {"pmid": "33782057"}),
        ("PMID: 33782057", {"pmid": "33782057"}),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC7997936/", {"pmcid": "PMC7997936"}),
        ("pmc7997936", {"pmcid": "PMC7997936"}),
        ("https://openreview.net/forum?id=rJXMpikCZ&noteId=x", {"openreview": "rJXMpikCZ"}),
        ("https://aclanthology.org/2020.acl-main.703/", {"acl": "2020.acl-main.703"}),
        ("https://www.aclweb.org/anthology/P18-1001.pdf", {"acl": "P18-1001"}),
        ("https://www.biorxiv.org/content/10.1101/2020.01.01.000001v2.full", {"doi": "10.1101/2020.01.01.000001"}),
        ("https://dl.acm.org/doi/pdf/10.1145/3292500.3330701", {"doi": "10.1145/3292500.3330701"}),
        ("https://link.springer.com/article/10.1007/s11263-021-01513-4", {"doi": "10.1007/s11263-021-01513-4"}),
        ("https://hdl.handle.net/2027/uc1.B2848219", {"handle": "2027/uc1.b2848219"}),
        ("ISBN 978-3-16-148410-0", {"isbn": "9783161484100"}),
        ("https://example.org/abs/2508.03332", {}),
        ("http://[::1", {}),
        ("a sentence", {}),
        ("https://www.nature.com/articles/s41586-020-2649-2", {"doi": "10.1038/s41586-020-2649-2"}),
        ("https://www.nature.com/articles/d41586-026-00001-2.pdf", {"doi": "10.1038/d41586-026-00001-2"}),
        ("https://www.nature.com/articles/nature.2026", {}),
        (
            "https://www.biorxiv.org/cgi/content/abstract/2020.01.01.000001v1?ct=ct",
            {"doi": "10.1101/2020.01.01.000001"},
        ),
        ("http://biorxiv.org/content/early/2017/06/01/123456", {"doi": "10.1101/123456"}),
        ("https://www.biorxiv.org/cgi/content/abstract/2026.01.01.000001v1", {}),
        ("https://journals.plos.org/plosone/article?id=10.1371/Journal.pone.1", {"doi": "10.1371/journal.pone.1"}),
        ("https://academic.oup.com/nar/article/doi/10.1093/nar/gkaa1", {"doi": "10.1093/nar/gkaa1"}),
        ("https://www.frontiersin.org/journals/x/articles/10.3389/fx.2026.1/full", {"doi": "10.3389/fx.2026.1"}),
        ("https://onlinelibrary.wiley.com/doi/pdfdirect/10.1002/x.1", {"doi": "10.1002/x.1"}),
    ],
)
def test_addresses_and_prefixes_say_what_a_paper_is_called(text: str, ids: dict[str, str]) -> None:
    """The page of a paper, at those who have one, has its id in its address."""
    assert named(text) == ids


@given(st.text(max_size=80))
def test_no_text_raises_and_a_spelling_is_final(text: str) -> None:
    """Whatever is read, an id that was found is found again, and is the same."""
    for found in (text, f"https://doi.org/{text}", f"arXiv:{text}"):
        for scheme, value in named(found).items():
            again = named(value) or named(f"{scheme}:{value}")
            assert again in ({}, {scheme: value})
