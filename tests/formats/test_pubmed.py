"""PubMed's XML."""

from datetime import date

import pytest
from builders import a_document

from digest.formats import parse
from digest.model import Listing, Problem


def one(article: str, more: str = "") -> Listing:
    article = f"<Article><ArticleTitle>T</ArticleTitle>{article}</Article>"
    citation = f"<MedlineCitation><PMID>1</PMID>{article}{more}</MedlineCitation>"
    (found,) = parse(a_document(f"<PubmedArticleSet><PubmedArticle>{citation}</PubmedArticle></PubmedArticleSet>"))
    assert isinstance(found, Listing)
    return found


@pytest.mark.parametrize(
    ("told", "published", "part"),
    [
        ("<Year>2026</Year><Month>May</Month><Day>2</Day>", date(2026, 5, 2), None),
        ("<Year>2026</Year><Month>05</Month>", None, "2026-05"),
        ("<Year>2026</Year><Season>Spring</Season>", None, "2026"),
        ("<Year>2026</Year>", None, "2026"),
        ("<MedlineDate>2026 May-Jun</MedlineDate>", None, "2026"),
        ("<MedlineDate>Spring 1998</MedlineDate>", None, "1998"),
        ("<Year>2026</Year><Month>Feb</Month><Day>31</Day>", None, "2026-02"),
    ],
)
def test_an_issue_has_a_day_or_less(told: str, published: date | None, part: str | None) -> None:
    """Months, seasons and stretches of time are no days."""
    found = one(f"<Journal><JournalIssue><PubDate>{told}</PubDate></JournalIssue></Journal>")
    assert (found.published, found.details.get("date")) == (published, part)


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("<LastName>Moreau</LastName><ForeName>Ada B</ForeName><Initials>AB</Initials>", "Ada B Moreau"),
        ("<LastName>Moreau</LastName><Initials>AB</Initials>", "A. B. Moreau"),
        ("<LastName>Moreau</LastName>", "Moreau"),
        ("<LastName>王</LastName><ForeName>小明</ForeName>", "王小明"),
        ("<LastName>Moreau</LastName><ForeName>Ada</ForeName><Suffix>3rd</Suffix>", "Ada Moreau, 3rd"),
        ("<CollectiveName>LISTS Study Group</CollectiveName>", "LISTS Study Group"),
    ],
)
def test_authors_are_people(author: str, name: str) -> None:
    """Forenames where they are told, else initials; groups stay whole."""
    assert one(f"<AuthorList><Author>{author}</Author></AuthorList>").authors == (name,)


def test_a_list_that_is_not_complete_says_so() -> None:
    """CompleteYN."""
    assert one('<AuthorList CompleteYN="N"><Author><LastName>A</LastName></Author></AuthorList>').authors_truncated


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<eFetchResult><ERROR>Cannot process ID list</ERROR></eFetchResult>", "Cannot process"),
        ("<eSearchResult><Count>2</Count><IdList><Id>1</Id><Id>2</Id></IdList></eSearchResult>", "2 PubMed ids"),
        ("<PubmedArticleSet><PubmedArtikel/></PubmedArticleSet>", "<PubmedArtikel>"),
        ("<PubmedArticle><MedlineCitation><PMID>3</PMID></MedlineCitation></PubmedArticle>", "PMID 3: without"),
        ("<PubmedArticle/>", "PMID ?: without"),
        ("<PubmedArticleSet><PubmedArticle><Medline", "breaks off"),
    ],
)
def test_what_lists_nothing_says_why(content: str, said: str) -> None:
    """Errors, ids alone, unknown elements and empty articles are problems."""
    (problem,) = parse(a_document(content))
    assert isinstance(problem, Problem)
    assert said in problem.what


def test_an_empty_set_is_no_problem() -> None:
    """A search that found nothing."""
    assert list(parse(a_document("<PubmedArticleSet></PubmedArticleSet>"))) == []
    assert list(parse(a_document("<eSearchResult><Count>0</Count><IdList/></eSearchResult>"))) == []


def test_citations_may_stand_alone() -> None:
    """The yearly files once had them without PubMed's own data."""
    citation = "<MedlineCitation><PMID>{}</PMID><Article><ArticleTitle>T</ArticleTitle></Article></MedlineCitation>"
    found = list(
        parse(a_document(f"<MedlineCitationSet>{citation.format(1)}{citation.format(2)}</MedlineCitationSet>"))
    )
    assert [x.ids for x in found if isinstance(x, Listing)] == [{"pmid": "1"}, {"pmid": "2"}]
