"""IEEE's exchange format and EndNote's XML."""

from datetime import date

import pytest
from builders import a_document

from digest.formats import parse
from digest.model import Listing, Problem


def endnote(inside: str) -> Listing:
    (found,) = parse(
        a_document(f"<xml><records><record><titles><title>T</title></titles>{inside}</record></records></xml>")
    )
    assert isinstance(found, Listing)
    return found


def ieee(inside: str) -> Listing:
    article = f"<article><title>T</title><articleinfo>{inside}</articleinfo></article>"
    (found,) = parse(a_document(f"<publication><volume>{article}</volume></publication>"))
    assert isinstance(found, Listing)
    return found


@pytest.mark.parametrize(
    ("dates", "published", "part"),
    [
        ("<year>2026</year><pub-dates><date>May 2</date></pub-dates>", date(2026, 5, 2), None),
        ("<year>2026</year><pub-dates><date>2026-05-02</date></pub-dates>", date(2026, 5, 2), None),
        ("<year>2026</year><pub-dates><date>Dec</date></pub-dates>", None, "2026-12"),
        ("<year>2026</year><pub-dates><date>May-Jun</date></pub-dates>", None, "2026"),
        ("<year>2026</year>", None, "2026"),
        ("<year>in press</year>", None, None),
    ],
)
def test_an_endnote_date_has_two_parts(dates: str, published: date | None, part: str | None) -> None:
    """A year, and a day or less of it."""
    found = endnote(f"<dates>{dates}</dates>")
    assert (found.published, found.details.get("date")) == (published, part)


@pytest.mark.parametrize(
    ("inside", "ids"),
    [
        ("<electronic-resource-num>https://doi.org/10.5555/A</electronic-resource-num>", {"doi": "10.5555/a"}),
        ("<accession-num>123</accession-num>", {}),
        ("<accession-num>123</accession-num><remote-database-provider>NLM</remote-database-provider>", {"pmid": "123"}),
        ("<accession-num>123</accession-num><remote-database-name>PubMed</remote-database-name>", {"pmid": "123"}),
        ("<isbn>978-0-306-40615-7 (pbk)</isbn>", {"isbn": "9780306406157"}),
        ("<isbn>1234-5678</isbn>", {}),
        ("<custom2>PMC12</custom2>", {"pmcid": "PMC12"}),
        ("<custom2>Sponsor</custom2>", {}),
    ],
)
def test_endnote_ids_are_what_the_record_says(inside: str, ids: dict[str, str]) -> None:
    """An accession number is PubMed's only where the record says so."""
    assert endnote(inside).ids == ids


def test_styles_are_no_part_of_a_text() -> None:
    """Texts stand in one style or in several, or in none."""
    authors = "<author><style>Kim, Z.</style></author><author>LISTS Group,</author>"
    found = endnote(
        f"<contributors><authors>{authors}</authors></contributors><abstract><style>H</style><style>2</style></abstract>"
    )
    assert (found.authors, found.abstract) == (("Z. Kim", "LISTS Group"), "H2")


@pytest.mark.parametrize(
    ("author", "name"),
    [
        (
            "<firstname>Goncalves</firstname><unicodefirstname>A.</unicodefirstname><unicodesurname>Gon&amp;#x00E7;alves</unicodesurname>",
            "A. Gonçalves",
        ),
        ("<normname>Kim, Z.</normname><nonnormname>Zoë Kim</nonnormname>", "Zoë Kim"),
        ("<firstname>Zoë</firstname><surname>Kim</surname>", "Zoë Kim"),
    ],
)
def test_ieee_names_have_their_letters(author: str, name: str) -> None:
    """The Unicode form goes before the plain one."""
    assert ieee(f"<authorgroup><author>{author}</author></authorgroup>").authors == (name,)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<publication><publicationinfo/></publication>", "without articles"),
        ("<xml><records><other/><record><titles/></record></records></xml>", "record ?: without a title"),
        (
            "<publication><volume><article><articleinfo><articledoi>10.5555/A</articledoi></articleinfo></article></volume></publication>",
            "10.5555/A",
        ),
    ],
)
def test_what_lists_nothing_says_why(content: str, said: str) -> None:
    """References and articles without texts are problems."""
    (problem,) = parse(a_document(content))
    assert isinstance(problem, Problem)
    assert said in problem.what
