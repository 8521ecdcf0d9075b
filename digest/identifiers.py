"""The names that papers have in the world: read from wherever people write them, in one spelling each.

named("https://doi.org/10.48550/arXiv.2508.03332")    ->  {"arxiv": "2508.03332"}
named("arXiv:hep-th/9901001v3 [hep-th]")               ->  {"arxiv": "hep-th/9901001"}
named("https://openreview.net/forum?id=rJXMpikCZ")     ->  {"openreview": "rJXMpikCZ"}

arxiv             without version and `arXiv:`; old ones with their archive
doi               in lower case, without resolver
pmid, pmcid       digits; `PMC` and digits
openreview        a forum's id
acl               `2020.acl-main.1`, `P18-1001`
handle, isbn      in lower case (RFC 3651); 10 or 13 digits
"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from digest.patterns import pattern

_MONTH = "(?:0[1-9]|1[0-2])"
# The number has 4 digits from 0704 to 1412 and 5 since 1501; before, archive[.SUBJECT]/YYMMNNN.
ARXIV = (
    rf"(?:(?:1[5-9]|[2-9]\d){_MONTH}\.\d{{5}}|(?:0[7-9]|1[0-4]){_MONTH}\.\d{{4}}"
    rf"|[a-z]+(?:-[a-z]+)?(?:\.[A-Z]{{2}})?/\d\d{_MONTH}\d{{3}})"
)
"""A pattern of an arXiv id without its version; needs IGNORECASE for subject classes in lower case."""

_ARXIV = pattern(
    rf"\s*(?:oai:)?(?:arxiv(?:\.org)?\s*[:/]\s*)?(?P<id>{ARXIV})(?:v(?P<version>\d{{1,3}}))?(?:\.pdf)?"
    r"(?:\s*\[[a-z.-]+\])?\s*",
    re.IGNORECASE,
)
_ARXIV_DOI = pattern(r"10\.48550/arxiv\.(?P<id>\S+?)(?:v(?P<version>\d+))?", re.IGNORECASE)
# A DOI may hold nearly anything (ANSI/NISO Z39.84); who writes one into a sentence puts what ends the sentence behind.
_DOI = pattern(r"\s*(?:doi\s*:?\s*|info:doi/|urn:doi:)?(?P<id>10\.\d{4,9}(?:\.\d+)*/\S+?)\s*", re.IGNORECASE)
_ENDS = ".,;:'\"”’"


class Arxiv(NamedTuple):
    """An arXiv id without its version, and the version where one was told."""

    id: str
    version: int | None = None


def arxiv(text: str) -> Arxiv | None:
    """The arXiv id that `text` is: bare, with `arXiv:` or `oai:arXiv.org:`, as arXiv's DOI, or an address of its page.

    Archives are in lower case and subject classes in upper case: `math.GT/0309136`.
    """
    found = _ARXIV.fullmatch(text) or _ARXIV_DOI.fullmatch(_bare_doi(text)) or _ARXIV.fullmatch(_path(text))
    if not found:
        return None
    archive, slash, number = found["id"].rpartition("/")
    if slash:
        archive, dot, subject = archive.partition(".")
        number = f"{archive.lower()}{dot}{subject.upper()}/{number}"
    return Arxiv(number, int(found["version"]) if found["version"] else None)


def doi(text: str) -> str | None:
    """The DOI that `text` is, bare, with `doi:` or as a resolver's address: in lower case. None for what is none."""
    bare = _bare_doi(text)
    return bare.lower() if bare else None


def _bare_doi(text: str) -> str:
    if text.lstrip()[:4].lower() == "http":
        host, path, _ = _address(text)
        if host not in _RESOLVERS:
            return ""
        text = path.lstrip("/")
    found = _DOI.fullmatch(text)
    if not found:
        return ""
    bare = found["id"].rstrip(_ENDS)
    # A bracket that was opened before the DOI.
    for opened, closed in ("()", "[]", "{}", "<>"):
        while bare.endswith(closed) and bare.count(closed) > bare.count(opened):
            bare = bare[:-1].rstrip(_ENDS)
    return bare


_RESOLVERS = frozenset(("doi.org", "dx.doi.org", "www.doi.org", "hdl.handle.net"))
_ARXIV_HOSTS = pattern(r"(?:[a-z0-9-]+\.)?arxiv\.org|(?:www\.)?alphaxiv\.org|ar5iv\.(?:labs\.arxiv\.org|org)")
_PAPERS = pattern(r"/(?:abs|pdf|html|format|ps|src|e-print|papers|overview|list/[^/]+)/(?P<id>.+)", re.IGNORECASE)


def _path(text: str) -> str:
    """The id in the address of a paper's page at arXiv, or at Hugging Face; empty for any other text."""
    if "://" not in text[:12]:
        return ""
    host, path, _ = _address(text)
    if not (_ARXIV_HOSTS.fullmatch(host) or host in ("huggingface.co", "hf.co", "www.huggingface.co")):
        return ""
    found = _PAPERS.fullmatch(path)
    return found["id"] if found else ""


# What the address of a paper's page says, by its host: the path, and how an id stands in it.
_PLACES: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("pubmed.ncbi.nlm.nih.gov", pattern(r"/(\d{1,9})"), "pmid"),
    ("www.ncbi.nlm.nih.gov", pattern(r"/pubmed/(\d{1,9})"), "pmid"),
    ("www.ncbi.nlm.nih.gov", pattern(r"/pmc/articles/(PMC\d+)"), "pmcid"),
    ("pmc.ncbi.nlm.nih.gov", pattern(r"/articles/(PMC\d+)"), "pmcid"),
    ("europepmc.org", pattern(r"/(?:article|abstract)/MED/(\d{1,9})", re.IGNORECASE), "pmid"),
    ("aclanthology.org", pattern(r"/([A-Za-z0-9][A-Za-z0-9.-]*?\d)(?:\.pdf|\.bib)?"), "acl"),
    ("www.aclweb.org", pattern(r"/anthology/([A-Za-z0-9][A-Za-z0-9.-]*?\d)(?:\.pdf|\.bib)?"), "acl"),
    ("hdl.handle.net", pattern(r"/(\d[\d.]*/.+)"), "handle"),
)
# biorxiv.org/content/10.1101/2020.01.01.000001v2.full and publishers that have the DOI in the path.
_DOI_IN_PATH = pattern(
    r"/(?:content/|doi/(?:abs/|full/|pdf/|epdf/|book/|pdfdirect/|epub/|reader/|ref/)?|(?:[\w-]+/)?article/(?:doi/)?|"
    r"(?:journals/[\w-]+/)?articles/|chapter/)?(10\.\d{4,9}(?:\.\d+)*/.+)"
)
# What a journal's own number of an article makes of a DOI: nature.com/articles/s41586-020-2649-2.
_NATURE = pattern(r"/articles/([sd]\d{5}-\d{3}-\d{4,5}-[0-9a-z]{1,2})(?:[./].*)?")
# biorxiv.org/cgi/content/abstract/2020.01.01.000001v1, as its mails have it, all of them while its prefix was 10.1101.
_NUMBERED = pattern(
    r"/(?:cgi/)?content/(?:(?:abstract|short|full)/|early/\d{4}/\d\d/\d\d/)((?:20(?:19|2[0-4])\.\d\d\.\d\d\.)?\d{6,8})"
    r"(?:v\d+)?(?:\.[a-z.-]+)?"
)
_PREPRINT = pattern(r"(10\.(?:1101|64898)/[\d.]+?)(?:v\d+)?(?:\.(?:full|abstract|full-text|full\.pdf|article-info))*")
_PMID = pattern(r"\s*(?:pmid|pubmed)\s*:?\s*(\d{1,9})\s*", re.IGNORECASE)
_PMCID = pattern(r"\s*(?:pmcid\s*:?\s*)?(PMC\d+)\s*", re.IGNORECASE)
_ISBN = pattern(r"\s*(?:urn:)?isbn(?:-1[03])?\s*:?\s*((?:97[89][- ]?)?(?:\d[- ]?){9}[\dXx])\s*", re.IGNORECASE)


def named(text: str) -> dict[str, str]:
    """The id that `text` (an address, or an id with or without its scheme) says, by its scheme; empty for none."""
    text = text.strip()
    if found := arxiv(text):
        return {"arxiv": found.id}
    if bare := doi(text):
        return {"doi": bare}
    if "://" in text[:12]:
        return _at(text)
    for form, scheme in ((_PMID, "pmid"), (_PMCID, "pmcid"), (_ISBN, "isbn")):
        if match := form.fullmatch(text):
            return {scheme: re.sub(r"[- ]", "", match[1]).upper()}
    return {}


def _anthology(text: str) -> str:
    """Of before 2020 in upper case, since then in lower case."""
    return text.upper() if re.fullmatch(r"[A-Za-z]\d\d-\d{4,5}", text) else text.lower()


_SPELLED = {"acl": _anthology, "handle": str.lower}


class _Address(NamedTuple):
    host: str
    path: str
    """Unquoted, without a slash at its end."""
    query: str


@lru_cache(maxsize=256)
def _address(text: str) -> _Address:
    """The parts of an address; empty ones for what is none. Asked for by several of the above, one after the other."""
    try:
        parts = urlsplit(text.strip())
        return _Address((parts.hostname or "").lower(), unquote(parts.path).rstrip("/"), parts.query)
    except ValueError:
        return _Address("", "", "")


def _at(address: str) -> dict[str, str]:
    host, path, query = _address(address)
    if host == "openreview.net" and path in ("/forum", "/pdf", "/attachment"):
        told = parse_qs(query).get("id", [])
        return {"openreview": told[0]} if told else {}
    for place, form, scheme in _PLACES:
        if host == place and (found := form.fullmatch(path)):
            return {scheme: _SPELLED.get(scheme, str)(found[1])}
    if host.endswith(("biorxiv.org", "medrxiv.org")):
        inside = _DOI_IN_PATH.fullmatch(path)
        preprint = _PREPRINT.fullmatch(inside[1]) if inside else None
        if numbered := _NUMBERED.fullmatch(path):
            return {"doi": f"10.1101/{numbered[1]}"}
        return {"doi": preprint[1].lower()} if preprint else {}
    if host in ("www.nature.com", "nature.com") and (found := _NATURE.fullmatch(path)):
        return {"doi": f"10.1038/{found[1]}"}
    if found := _DOI_IN_PATH.fullmatch(path):
        bare = re.sub(r"(?:/(?:full|abstract|pdf|meta|fulltext|html|epdf|summary)|\.pdf)+$", "", found[1])
        return {"doi": bare.lower()}
    if "10." in query:
        # journals.plos.org/plosone/article?id=10.1371/journal.pone.0000001
        for name in ("id", "doi"):
            told = parse_qs(query, max_num_fields=20).get(name, []) if query.count("&") < 20 else []
            if told and (bare := _bare_doi(told[0])):
                return {"doi": bare.lower()}
    return {}
