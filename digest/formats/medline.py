"""MEDLINE, as PubMed and PubMed Central export it (`.nbib`, "PubMed format"): tags of four characters and a hyphen.

    PMID- 33782057
    TI  - Counting papers once: what a title that is longer than a line
          looks like.
    FAU - Moreau, Ada
    AU  - Moreau A
    DP  - 2026 May 1
    SO  - J Lists. 2026 May 1;7(1):1-12.

The tags are the National Library of Medicine's ("MEDLINE/PubMed Data Element (Field) Descriptions"). What goes on is
indented by six spaces. `published` is the day of the electronic publication (DEP), else of the issue if that is told;
`created` and `updated` are when the paper was received and revised (PHST).
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from digest.formats.dates import parse_date
from digest.formats.head import Head
from digest.formats.people import Team, inverted, is_company, name, team, vancouver
from digest.formats.signs import Sign
from digest.formats.tagged import Dialect, Tagged, gathered, tagged
from digest.formats.works import Work, when
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern
from digest.text import one_line

NAME = "medline"
ABOUT = "MEDLINE and .nbib: PMID-, TI  -, FAU -, AB  - …, from PubMed and PubMed Central"
EXAMPLE = """
PMID- 33782057
DP  - 2026 May 1
TI  - Counting papers once: what a title that is longer than a line
      looks like.
AB  - We measure how reading lists change when repeated papers are counted once.
FAU - Moreau, Ada
AU  - Moreau A
FAU - Říha, Tomás
AU  - Říha T
AID - 10.1000/lists.7.1 [doi]
SO  - J Lists. 2026 May 1;7(1):1-12. doi: 10.1000/lists.7.1.
"""

_TAG: Final = pattern(r"\n\ufeff?([A-Z][A-Z0-9 ]{3})-(?: |(?=\n|$))")
# In PubMed Central's export PMC stands before PMID, in PubMed's it is one of the last.
_DIALECT: Final = Dialect(
    begins=pattern(
        rb"\n(?:\xef\xbb\xbf)?PMC - [^\n]{0,60}\n(?:PMID|PMCID?)- ?|(?<=\n)\nPMC - |\n(?:\xef\xbb\xbf)?PMID- ?"
    ),
    tag=lambda _: _TAG,
    last="SO  ",
    ends=False,
)
_FIRST: Final = pattern(r"^\ufeff?(?:PMID- ?\d{1,9}|PMC - ?PMC\d+)[ \t]*$", re.MULTILINE)
_OTHER: Final = pattern(r"^(?:TI  |AB  |OWN |STAT|DP  |SO  |JT  |FAU |AU  )- ", re.MULTILINE)


def detect(head: Head) -> Sign | None:
    """A number of PubMed under its tag, and another tag of MEDLINE's."""
    return Sign.CERTAIN if _FIRST.search(head.text) and _OTHER.search(head.text) else None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The records, in their order."""
    nothing = True
    for record in tagged(document, _DIALECT):
        nothing = False
        yield record if isinstance(record, Problem) else _listing(document.origin, record)
    if nothing:
        yield Problem(document.origin, 1, "there is no record of MEDLINE in it")


_TOLD: Final = (
    "VI volume IP issue PB publisher LA language PT type PL country TA venue_short IS issn SB subset "
    "JID journal_id OWN owner STAT status DCOM completed LR last_revision DA entered CRDT entered EDAT added "
    "MHDA mesh_date GR grants AD affiliations AUID author_ids IR investigators FIR investigators RN substances "
    "NM substances PST publication_status CI copyright COIS conflicts SI data SO source TT original_title "
    "CTI series EN edition GN note OTO keywords_by DEP electronic PUBM publication_model MID manuscript "
    "CP chapter PS subject_name FPS subject_name OAB abstract_other OABL abstract_language CON comment_on "
    "CIN comment_in EIN erratum_in EFR erratum_for RIN retraction_in ROF retraction_of UIN update_in "
    "UOF update_of PRIN partial_retraction_in PROF partial_retraction_of RPI republished_in RPF republished_from "
    "ECI concern_in ECF concern_for SPIN summary_for_patients CTDT contributed PHST history"
).split()
_DETAILS: Final = dict(zip(_TOLD[::2], _TOLD[1::2], strict=True))
"""Tags, and under which name what they tell is kept."""


def _listing(file: str, record: Tagged) -> Listing | Problem:
    fields = [(tag.strip(), one_line(value)) for tag, value in record.fields]
    told = gathered((tag, value) for tag, value in fields if tag not in ("FAU", "AU", "CN", "FED", "ED"))
    work = Work()
    for tag, scheme in (("PMID", "pmid"), ("PMC", "pmcid"), ("PMCR", ""), ("ISBN", "isbn")):
        for value in told.pop(tag, []):
            if not (scheme and work.identify(value.partition(" ")[0], scheme)):
                work.tell(scheme or "pmc_release", value)
    _locations(work, told)
    _dates(work, told)
    title = " ".join(told.pop("TI", []))
    book = " ".join(told.pop("BTI", []))
    title = title or book
    if title.startswith("[") and title.rstrip(".").endswith("]"):
        # A translation of the title (TT) stands in brackets.
        work.tell("translated", "yes")
    venue = told.pop("JT", []) or told.pop("TA", []) or [book if book != title else ""]
    work.tell("venue", *venue)
    pages = " ".join(told.pop("PG", []))
    work.pages(pages)
    keywords = [*told.pop("MH", []), *told.pop("OT", [])]
    abstract = " ".join(told.pop("AB", []))
    if not abstract and (other := " ".join(told.get("OAB", []))) and not other.startswith("Publisher:"):
        abstract = other
        told.pop("OAB")
    if editors := _names(fields, "FED", "ED").names:
        work.tell("editor", *editors)
    for value in told.pop("RF", []):
        work.count("references", value)
    for tag, values in told.items():
        work.tell(_DETAILS.get(tag) or tag.lower(), *values)
    received, revised = _history(work)
    return work.listing(
        Position(file, record.line),
        NAME,
        title=title,
        authors=_names(fields, "FAU", "AU", "CN"),
        abstract=abstract,
        categories=keywords,
        created=received,
        updated=revised,
    )


def _names(fields: list[tuple[str, str]], full: str, short: str, group: str = "") -> Team:
    """The people, in their order: by their full names, and by the short one where that is all there is."""
    names: list[str] = []
    is_told = False
    for tag, value in fields:
        if tag == full and value:
            names.append(name(value) if is_company(value) else inverted(value))
            is_told = True
        elif tag == short and value:
            if not is_told:
                names.append(vancouver(value))
            is_told = False
        elif group and tag == group and value:
            names.append(name(value))
    return team(names)


def _locations(work: Work, told: dict[str, list[str]]) -> None:
    """Identifiers with what they are in brackets: `10.1000/x [doi]`, `S0001 [pii]`."""
    for tag in ("AID", "LID"):
        for value in told.pop(tag, []):
            found = _LOCATION.fullmatch(value)
            kind = found[2].lower() if found else ""
            if found and kind in ("doi", "pmid", "pmcid", "pmc") and work.identify(found[1], kind):
                continue
            work.tell(kind if kind and kind != "doi" else "location", found[1] if found else value)


_LOCATION: Final = pattern(r"(.*\S)\s*\[([\w-]+)\]")


def _dates(work: Work, told: dict[str, list[str]]) -> None:
    """The day of the electronic publication, which comes first, else of the issue, whose date is kept as told."""
    for value in told.get("DEP", []):
        work.published = work.published or parse_date(value)
    if issued := " ".join(told.pop("DP", [])):
        work.date(issued)
        day, part = when(issued)
        if (day != work.published) if day else not (issued == part or _YEAR_AND_MONTH.fullmatch(issued)):
            work.tell("date_told", issued)


_YEAR_AND_MONTH: Final = pattern(r"\d{4} [A-Z][a-z]{2}")


def _history(work: Work) -> tuple[date | None, date | None]:
    """When the manuscript was received, and last revised."""
    told = {stage: day for entry in work.told("history").split("; ") if (found := _STAGE.fullmatch(entry))
            for day, stage in [(parse_date(found[1]), found[2])]}  # fmt: skip
    return told.get("received"), told.get("revised")


_STAGE: Final = pattern(r"(\d{4}/\d\d/\d\d)[^\[]*\[([\w-]+)\]")
