r"""BibTeX and biblatex, as reference managers, publishers and indexes write them.

    @article{moreau2026counting,
      title         = {Counting papers once in {SQL}},
      author        = {Moreau, Ada and {\v{R}}{\'i}ha, Tom{\'a}s},
      journal       = {Journal of Lists},
      year          = 2026,
      month         = may,
      eprint        = {2605.00001},
      archivePrefix = {arXiv},
      primaryClass  = {cs.DL},
    }

`bibtex_entries` reads the syntax; here the fields get their meaning: BibTeX's own (btxdoc), biblatex's (its manual,
section 2.2), and those that Zotero, Mendeley, JabRef, Scopus, the Web of Science, the ADS, INSPIRE and DBLP add.
"""

import re
from collections.abc import Iterator
from typing import Final

from digest.formats import people
from digest.formats.bibtex_entries import Entry, entries
from digest.formats.head import Head
from digest.formats.journals import JOURNALS
from digest.formats.signs import Sign
from digest.formats.tex import plain, verbatim
from digest.formats.works import Work, subjects
from digest.identifiers import ARXIV, arxiv
from digest.model import Document, Listing, Position, Problem
from digest.patterns import pattern

NAME = "bibtex"
ABOUT = "BibTeX and biblatex: @article{key, title = {…}, …}"
EXAMPLE = r"""
@article{moreau2026counting,
  title = {Counting papers once in {SQL}},
  author = {Moreau, Ada and {\v{R}}{\'i}ha, Tom{\'a}s and others},
  journal = {Journal of Lists}, volume = 7, pages = {1--12},
  year = 2026, month = may,
  doi = {10.1000/lists.7.1}
}
"""

_ENTRY: Final = pattern(
    r"^[ \t]*+@[ \t]*+(?!comment|preamble)[A-Za-z][\w:+-]*+\s*+[{(]\s*+"
    r"(?:(?:[^\s,={}\"][^,={}\"\n]{0,300}+)?(?:,|(?=\n)))?\s*+(?:%[^\n]*+\s*+)*+[A-Za-z][\w:+.-]*+\s*+=\s*+[\w{\"]",
    re.MULTILINE | re.IGNORECASE,
)
_BEFORE: Final = 30
"""So many lines may stand before the first entry that are neither blank nor a comment."""


def detect(head: Head) -> Sign | None:
    """An entry with a field at the beginning of a line; far behind other things, or in a fence of Markdown, it may be
    there for the sake of something else.
    """
    found = _ENTRY.search(head.text) if "@" in head.text else None
    if not found:
        return None
    before = [line for line in head.text[: found.start()].split("\n") if line.strip() and line.strip()[0] not in "%@}"]
    fenced = any(line.startswith(("```", "~~~", "# ", "## ")) for line in before)
    return Sign.LIKELY if fenced or len(before) > _BEFORE else Sign.CERTAIN


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The entries, in their order; what stands between them lists nothing."""
    nothing = True
    for entry in entries(document):
        nothing = False
        yield entry if isinstance(entry, Problem) else _listing(document.origin, entry)
    if nothing:
        yield Problem(document.origin, 1, "there is no entry of BibTeX in it")


_VENUES: Final = ("journal", "journaltitle", "booktitle", "maintitle", "eventtitle")
_DETAILS: Final = {
    "volume": "volume",
    "publisher": "publisher",
    "series": "series",
    "edition": "edition",
    "language": "language",
    "langid": "language",
    "issn": "issn",
    "copyright": "license",
    "license": "license",
    "rights": "license",
    "reportnumber": "report",
    "urldate": "accessed",
    "shortjournal": "venue_short",
    "institution": "institution",
    "school": "institution",
    "organization": "organization",
    "annote": "annotation",
    "annotation": "annotation",
    "type": "document_type",
}
"""What is kept under another name than its own, or before others."""
_VERBATIM: Final = frozenset("file doi url eprint pdf ee biburl adsurl pmid pmcid isbn issn".split())
_ADDRESSES: Final = ("url", "ee", "link", "pdf", "code", "html", "howpublished", "adsurl", "biburl", "opturl")
_NAMES_OF_LINKS: Final = {"pdf": "pdf", "code": "code", "html": "html", "adsurl": "ads", "biburl": "dblp"}
_KEYWORDS: Final = ("keywords", "keyword", "author_keywords", "keywords-plus")
_METRICS: Final = {"times-cited": "citations", "number-of-cited-references": "references"}


def _listing(file: str, entry: Entry) -> Listing | Problem:
    fields = dict(entry.fields)
    for name, value in entry.again:
        # Keywords go on; what else is told twice keeps its first value, as BibTeX has it, and the other is a detail.
        place = name if name in _KEYWORDS else f"{name}_2"
        fields[place] = f"{fields[place]}, {value}" if place in fields else value
    work = Work()
    work.details["type"] = entry.kind
    if entry.key:
        work.tell("key", plain(entry.key))
    take = fields.pop
    title = _with_subtitle(fields, "title")
    team = people.bibtex(plain(take("author", ""), braces=True))
    abstract = plain(take("abstract", ""))
    keywords = subjects([plain(value) for name in _KEYWORDS if (value := take(name, ""))], ";,")
    note = plain(take("note", ""))
    comments = " ".join(filter(None, (plain(take(name, "")) for name in ("comment", "comments"))))
    _venue(work, fields)
    classes = _ids(work, fields)
    _dates(work, fields)
    _places(work, fields, entry.kind)
    if editor := people.bibtex(plain(take("editor", ""), braces=True)):
        work.tell("editor", *editor.names, *(["et al."] if editor.truncated else []))
    for name, metric in _METRICS.items():
        if name in fields and work.count(metric, plain(fields[name])):
            del fields[name]
    for name in _DETAILS:
        if name in fields:
            work.tell(_DETAILS[name], verbatim(take(name)) if name in _VERBATIM else plain(take(name)))
    for text in (note, work.told("annotation")):
        _mentioned(work, text)
    for name, value in fields.items():
        work.tell(name, verbatim(value) if name in _VERBATIM else plain(value))
    if note and not comments:
        # What a bibliography adds for its readers: `8 pages, to appear`; an index adds how often it was cited.
        if _INDEXED.search(note):
            work.note(note)
        else:
            comments = note
    elif note:
        work.note(note)
    if annotation := work.told("annotation"):
        _counted(work, annotation)
    return work.listing(
        Position(file, entry.line),
        NAME,
        title=title,
        authors=team,
        abstract=abstract,
        comments=comments,
        categories=(*classes, *keywords),
    )


_INDEXED: Final = pattern(r"\b(?:times cited|cited by|cited reference count|export date)\b", re.IGNORECASE)


def _counted(work: Work, annotation: str) -> None:
    counting = Work()
    counting.note(annotation)
    work.metrics.update({name: count for name, count in counting.metrics.items() if name not in work.metrics})


def _with_subtitle(fields: dict[str, str], name: str) -> str:
    """A title, with its subtitle and what else is put beside it (biblatex)."""
    title, subtitle, addon = (plain(fields.pop(part, "")) for part in (name, f"sub{name}", f"{name}addon"))
    if title and subtitle:
        title = f"{title} {subtitle}" if title[-1] in ":.?!" else f"{title}: {subtitle}"
    return f"{title or subtitle}. {addon}" if (title or subtitle) and addon else title or subtitle or addon


def _venue(work: Work, fields: dict[str, str]) -> None:
    """Where it appeared: a journal, else a book; a volume of `abs/…` of CoRR is arXiv (as DBLP has it)."""
    for name in _VENUES:
        if name not in fields:
            continue
        macro = _MACRO.fullmatch(fields[name].strip())
        subname = {"journal": "journalsubtitle", "journaltitle": "journalsubtitle"}.get(
            name, name.replace("title", "subtitle")
        )
        subtitle = plain(fields.pop(subname, ""))
        venue = plain(fields.pop(name))
        if macro and macro[1] in JOURNALS:
            venue = JOURNALS[macro[1]]
        elif subtitle:
            venue = f"{venue}: {subtitle}"
        if not venue:
            continue
        if found := _IN_TEXT.search(venue):
            work.identify(found[1])
        work.tell("venue" if "venue" not in work.details else name, venue)
    if work.details.get("venue", "").lower() == "corr" and (found := _IN_CORR.match(fields.get("volume", ""))):
        work.identify(found[1])


_MACRO: Final = pattern(r"\{*\\([A-Za-z]+)\s*(?:\{\})?\}*")
_IN_TEXT: Final = pattern(
    rf"\barxiv\s*[:\s]\s*(?:preprint\s+)?(?:arxiv\s*:\s*)?({ARXIV}(?:v\d+)?)(?![\w.]*\d)", re.IGNORECASE
)
_IN_CORR: Final = pattern(r"abs/(\S+)")
_PREFIXES: Final = {"pubmed": "pmid", "pmid": "pmid", "pmcid": "pmcid", "pmc": "pmcid", "hdl": "handle"}


def _ids(work: Work, fields: dict[str, str]) -> tuple[str, ...]:
    """Identifiers and addresses; the subject class of an arXiv paper comes back."""
    for name, scheme in (("doi", "doi"), ("pmid", "pmid"), ("pmcid", "pmcid"), ("pmc", "pmcid"), ("isbn", "isbn")):
        told = verbatim(fields.pop(name, ""))
        if told and not work.identify(told, scheme):
            # Books have several.
            parts = [part for part in re.split(r"[;,\s]\s*", told) if part]
            if not [part for part in parts[:20] if work.identify(part, scheme)] or len(parts) > 1:
                work.tell(name, told)
    eprint = verbatim(fields.pop("eprint", ""))
    prefixes = [verbatim(fields.pop(name, "")) for name in ("archiveprefix", "eprinttype")]
    prefix = next(filter(None, prefixes), "")
    classes = [verbatim(fields.pop(name, "")) for name in ("primaryclass", "eprintclass")]
    if eprint and not _eprint(work, eprint, prefix, next(filter(None, classes), "")):
        work.tell(
            "eprint", f"{prefix}:{eprint}" if prefix and not eprint.lower().startswith(prefix.lower()) else eprint
        )
    for name in ("arxivid", "arxiv", "arxiv_id", "arxivnumber"):
        if (told := verbatim(fields.pop(name, ""))) and not work.identify(told):
            work.tell(name, told)
    for name in _ADDRESSES:
        if name not in fields:
            continue
        parts = verbatim(fields[name]).split()
        if parts and all(part.startswith(("http://", "https://")) for part in parts):
            del fields[name]
            left = [part for part in parts if not work.link(part, _NAMES_OF_LINKS.get(name, ""))]
            work.tell(name, *left)
    return tuple(dict.fromkeys(filter(None, classes))) if "arxiv" in work.ids else tuple(filter(None, classes[:1]))


def _eprint(work: Work, eprint: str, prefix: str, primary: str) -> bool:
    scheme = _PREFIXES.get(prefix.lower())
    if scheme == "handle":
        return work.identify(f"https://hdl.handle.net/{eprint}")
    if scheme:
        return work.identify(eprint, scheme)
    if prefix and prefix.lower() not in ("arxiv", "arxiv.org") and not arxiv(f"{prefix}/{eprint}"):
        return False
    # Before 2007 the archive was the prefix, or the class.
    return any(work.identify(told) for told in (eprint, f"{prefix}/{eprint}", f"{primary}/{eprint}") if arxiv(told))


def _dates(work: Work, fields: dict[str, str]) -> None:
    """`date`, else `year` with `month` and `day`; what is not understood stays a field."""
    told = plain(fields.get("date", ""))
    if told and work.date(told):
        day = work.published.isoformat() if work.published else work.details.get("date", "")
        if told.startswith(day) and len(told) - len(day) in (0, len("T00:00:00"), len("T00:00:00Z")):
            del fields["date"]
        else:
            fields["date_told"] = fields.pop("date")
    year, month, day = (plain(fields.get(name, "")) for name in ("year", "month", "day"))
    if not _PLAIN_YEAR.search(year):
        return
    if month.isdecimal():
        work.date(f"{year} {month} {day}".strip())
    elif month:
        work.date(f"{month} {day}".strip(), year)
    else:
        work.date(year)
    if _PLAIN_YEAR.fullmatch(year):
        del fields["year"]
    if work.published or "-" in work.details.get("date", ""):
        fields.pop("month", None)
    if work.published:
        fields.pop("day", None)


_PLAIN_YEAR: Final = pattern(r"(?:1[4-9]|20)\d\d")


def _places(work: Work, fields: dict[str, str], kind: str) -> None:
    """Pages and the number, which is an issue's, or a report's."""
    pages = plain(fields.pop("pages", ""))
    if pages:
        work.details["pages"] = re.sub(r"\s*[-‐‑–—]+\s*", "-", pages)
    for name in ("number", "issue"):
        if told := plain(fields.pop(name, "")):
            is_report = name == "number" and kind in ("techreport", "report", "manual", "patent", "standard")
            work.tell("report" if is_report else "issue", told)


def _mentioned(work: Work, text: str) -> None:
    """The arXiv id and the PMID that a note names."""
    if found := _IN_TEXT.search(text):
        work.identify(found[1])
    if found := _PMID.search(text):
        work.identify(found[1], "pmid")


_PMID: Final = pattern(r"\bPMID\s*:?\s*(\d{1,9})\b", re.IGNORECASE)
