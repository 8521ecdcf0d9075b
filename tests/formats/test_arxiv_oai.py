"""OAI-PMH: arXiv's records, and Dublin Core of others."""

import pytest
from builders import a_document

from digest.formats import parse
from digest.formats.arxiv_oai import Resumption, resumption
from digest.model import Listing, Problem

OAI = 'xmlns="http://www.openarchives.org/OAI/2.0/"'
DC = 'xmlns:o="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'


def answer(inside: str) -> str:
    return f"<OAI-PMH {OAI}><responseDate>x</responseDate><request>y</request>{inside}</OAI-PMH>"


def core(inside: str) -> Listing:
    metadata = f"<metadata><o:dc {DC}>{inside}</o:dc></metadata>"
    record = f"<record {OAI}><header><identifier>x</identifier></header>{metadata}</record>"
    (found,) = parse(a_document(record))
    assert isinstance(found, Listing)
    return found


def test_a_list_goes_on_where_its_token_says() -> None:
    """The token is for who fetches the next part; an empty one ends the list."""
    token = (
        '<ListRecords><record/><resumptionToken cursor="0" completeListSize="1090">6|1</resumptionToken></ListRecords>'
    )
    assert resumption(a_document(answer(token))) == Resumption("6|1", 1090, 0)
    assert resumption(
        a_document(answer("<ListRecords><resumptionToken expirationDate='x'>t</resumptionToken></ListRecords>"))
    ) == (Resumption("t", None, None))
    assert resumption(a_document(answer("<ListRecords><resumptionToken/></ListRecords>"))) is None
    assert resumption(a_document(answer("<GetRecord/>"))) is None


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ('<error code="badVerb">no such verb</error>', "badVerb: no such verb"),
        ("<ListIdentifiers><header/></ListIdentifiers>", "<ListIdentifiers>"),
        (
            '<GetRecord><record><header status="deleted"><identifier>1</identifier></header></record></GetRecord>',
            "deleted",
        ),
        ("<ListRecords><record><header/></record></ListRecords>", "without metadata"),
        ("<ListRecords><record><header/><metadata/></record></ListRecords>", "without metadata"),
        ("<GetRecord><record><metadata><marc/></metadata></record></GetRecord>", "<marc>"),
        (
            "<GetRecord><record><metadata><arXiv><id>2605.00001</id></arXiv></metadata></record></GetRecord>",
            "without a title",
        ),
    ],
)
def test_what_lists_nothing_says_why(inside: str, said: str) -> None:
    """Errors, deleted records, other forms of metadata and empty ones are problems."""
    (problem,) = parse(a_document(answer(inside)))
    assert isinstance(problem, Problem)
    assert said in problem.what


def test_that_no_record_matches_is_an_empty_list() -> None:
    """On a day without news a harvester is told so by an error that is none."""
    assert list(parse(a_document(answer('<error code="noRecordsMatch">none</error>')))) == []


def test_a_record_in_a_record_of_another_form_is_told_once() -> None:
    """MARC calls its records so, too."""
    marc = '<record xmlns="http://www.loc.gov/MARC21/slim"><leader>x</leader></record>'
    found = list(
        parse(a_document(answer(f"<GetRecord><record><header/><metadata>{marc}</metadata></record></GetRecord>")))
    )
    assert len(found) == 1
    assert "<record>" in str(found[0])


def test_dublin_core_tells_texts_dates_and_identifiers_apart() -> None:
    """The longest text is the abstract, a date without a time is that of issue, identifiers are what they look like."""
    found = core(
        "<dc:title>T</dc:title><dc:description>A note.</dc:description><dc:description>A longer text.</dc:description>"
        "<dc:date>2026-05-02T00:00:00Z</dc:date><dc:date>2026-04-30</dc:date>"
        "<dc:identifier>https://doi.org/10.5555/A</dc:identifier><dc:identifier>Lists 7, 1-9</dc:identifier>"
    )
    assert (found.abstract, str(found.published)) == ("A longer text.", "2026-04-30")
    assert (found.ids, found.links) == ({"doi": "10.5555/a"}, {"doi": "https://doi.org/10.5555/A"})
    assert (found.details["description"], found.details["citation"]) == ("A note.", "Lists 7, 1-9")


@pytest.mark.parametrize(
    ("creators", "names"),
    [
        (["Moreau, Ada", "Kim,Zoë"], ("Ada Moreau", "Zoë Kim")),
        (["Moreau, Ada; Kim, Zoë"], ("Ada Moreau", "Zoë Kim")),
        (["王, 小明"], ("王小明",)),
        (["Planck Collaboration"], ("Planck Collaboration",)),
        (["Erd\\H{o}s, P\\'al"], ("Pál Erdős",)),
    ],
)
def test_creators_are_people(creators: list[str], names: tuple[str, ...]) -> None:
    """Family names come first there, one creator in each element or several."""
    assert core("<dc:title>T</dc:title>" + "".join(f"<dc:creator>{x}</dc:creator>" for x in creators)).authors == names


def test_new_and_old_servers_of_arxiv_give_the_same() -> None:
    """Comments are marked as such by the old one only."""
    old, new = (
        core(
            "<dc:title>T</dc:title><dc:description>Text.</dc:description>"
            f"<dc:description>{mark}8 pages</dc:description><dc:identifier>http://arxiv.org/abs/2605.00001</dc:identifier>"
        )
        for mark in ("Comment: ", "")
    )
    assert old == new
    assert (old.abstract, old.comments) == ("Text.", "8 pages")
