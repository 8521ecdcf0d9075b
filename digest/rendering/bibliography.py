"""An edition's papers as a bibliography: `<day>.bib` for BibTeX, `<day>.ris` for reference managers."""

from collections.abc import Iterator

from digest.model import Archive, Edition, Paper, Rendition, Site
from digest.rendering import citations, wording


def bib(archive: Archive, site: Site) -> list[Rendition]:
    """`<day>.bib` for each recent edition, in UTF-8: a line that says whose it is, then an entry a paper, in order."""
    return [
        Rendition(
            format="bib",
            media_type="application/x-bibtex",
            path=archive.path(edition.digest.day, ".bib"),
            content="\n".join([_head(edition), *map(citations.bibtex, _papers(edition))]).encode(),
        )
        for edition in archive.recent
    ]


def ris(archive: Archive, site: Site) -> list[Rendition]:
    """`<day>.ris` for each recent edition, in UTF-8: a record a paper, in order; empty where there is none."""
    return [
        Rendition(
            format="ris",
            media_type="application/x-research-info-systems",
            path=archive.path(edition.digest.day, ".ris"),
            content="".join(map(citations.ris, _papers(edition))).encode(),
        )
        for edition in archive.recent
    ]


def _papers(edition: Edition) -> Iterator[Paper]:
    """The papers of an edition, each once: a key may stand only once in a file."""
    return iter({ranked.paper.id: ranked.paper for ranked in edition.digest.ranked}.values())


def _head(edition: Edition) -> str:
    # BibTeX skips what stands between entries up to the next @, and a profile's name has none.
    count = wording.counted(len(edition.digest.ranked), "paper")
    return f"% paperdigest {edition.digest.profile} {edition.digest.day.isoformat()}: {count}\n"
