"""Invented papers, and the pages that list them: what the parser reads, written.

Used by the benchmark for listings in any number, and by the tests as the parser's opposite: what was written
must be read again. Everything follows from a seed.
"""

import random
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

GIVEN = (
    "Ada Tomás Keiko Ngozi Lars Priya Jun-ho Marta Émile Søren Wei Fatima Zoë Ivan Leila Hugo Mei Olga Ravi Nils "
    "Chiara Kwame Ana-Maria Yusuf Ingrid Pavel Sina Björn Thandiwe Luis"
).split()
FAMILY = (
    "Moreau|Říha|Mori|Okafor|van der Berg|Iyer|Kim|Nowak-Petit|Lefèvre|Ødegård|Zhang|al-Rashid|O'Brien|Petrov|Haddad|"
    "de la Cruz|Li|Smirnova|Raman|Lindqvist|Bianchi|Mensah|Silva|Yıldız|Dahl|Novák|Müller|Åkesson|Dlamini|García"
).split("|")
TOPICS = (
    "quantization|speech recognition|graph networks|language models|galaxy clusters|protein folding|optimal control|"
    "federated learning|spin glasses|causal inference|image segmentation|knot invariants|reading lists|sea ice|"
    "category theory|sparse attention|gene regulation|plasma waves|program synthesis|market design"
).split("|")
WORDS = (
    "method results data model training problem structure approach analysis measured observed large small linear "
    "random local global estimate bound sample noise signal layer node edge field phase energy rate cost error "
    "benchmark baseline accuracy variance posterior prior kernel operator spectrum surface boundary dynamics memory "
    "latency throughput robust efficient scalable stable sparse dense smooth adaptive hierarchical stochastic"
).split()
GLUE = "the of and to in with for on that which from over under between by as without across".split()
REMARKS = (
    "8 pages, 3 figures|Accepted at the Workshop on Careful Reading (WCR 2026)|Code: https://example.org/code|"
    "Work in progress|12 pages, 6 figures, 2 tables|To appear in the Journal of Small Results|Preprint|"
    "Extended version of a conference paper; comments are welcome"
).split("|")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invented:
    """A paper that nobody wrote."""

    id: str
    title: str
    authors: tuple[str, ...]
    abstract: str
    comments: str | None
    created: date
    updated: date | None
    comment_count: int | None


def invented(count: int, seed: int = 1) -> Iterator[Invented]:
    """`count` papers: words of a Zipf-like vocabulary, abstracts of 60 to 220 words, one to twelve authors."""
    chance = random.Random(seed)
    start = date(2024, 1, 2)
    for number in range(count):
        topic, second = chance.sample(TOPICS, 2)
        created = start + timedelta(days=chance.randrange(700))
        sentences = [f"We study {topic} and its relation to {second}."]
        words = 0
        while words < chance.randrange(50, 200):
            length = chance.randrange(8, 26)
            words += length
            sentences.append(_sentence(chance, length))
        sentences.append(f"Item {number} of seed {seed} closes the series.")
        yield Invented(
            id=f"{created:%y%m}.{10000 + number % 89999:05d}",
            title=f"{topic.capitalize()} {chance.choice(('for', 'and', 'beyond', 'without'))} {second}: case {number}",
            authors=_team(chance),
            abstract=" ".join(sentences),
            comments=chance.choice(REMARKS) if chance.random() < 0.5 else None,
            created=created,
            updated=created + timedelta(days=chance.randrange(1, 30)) if chance.random() < 0.4 else None,
            comment_count=chance.randrange(1, 9) if chance.random() < 0.3 else None,
        )


_DISTINCT = 5000


def many(count: int) -> Iterator[Invented]:
    """`count` papers at the price of a few: past so many they come again, with other ids, titles and endings."""
    few = list(invented(min(count, _DISTINCT)))
    for number in range(count):
        paper = few[number % _DISTINCT]
        series = number // _DISTINCT
        if series:
            # No year of `invented`, and no number twice in a month.
            year, serial = divmod(number, 80000)
            paper = replace(
                paper,
                id=f"{26 + year % 70}{paper.created:%m}.{10000 + serial}",
                title=f"{paper.title}, series {series}",
                abstract=f"{paper.abstract} It comes again as number {number}.",
            )
        yield paper


def _sentence(chance: random.Random, length: int) -> str:
    words = [chance.choice(GLUE if i % 3 == 1 else WORDS) for i in range(length)]
    if chance.random() < 0.2:
        words[length // 2] = chance.choice((r"$O(n \log n)$", "$l_2$-norm", "95.9%", "(N = 100)", "2.05-bit", "Erdős"))
    if chance.random() < 0.1:
        words[length // 3] += ","
    return f"{words[0].capitalize()} {' '.join(words[1:])}."


def _team(chance: random.Random) -> tuple[str, ...]:
    size = chance.choice((1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 12))
    names: dict[str, None] = {}
    while len(names) < size:
        given = chance.choice(GIVEN)
        if chance.random() < 0.2:
            given += f" {chr(65 + chance.randrange(26))}."
        names[f"{given} {chance.choice(FAMILY)}"] = None
    return tuple(names)


# ------------------------------------------------------------------------------------------------ pages

SHOWN_AUTHORS = 8
"""Where a page of authors and abstracts cuts a list, with `et al.`"""


def wrapped(text: str, width: int = 79) -> str:
    """`text` broken at spaces only, as arXiv breaks it."""
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)


def authors_abstract(papers: Iterable[Invented], wrap: bool = True) -> Iterator[str]:
    """Pieces of a page: authors, abstract, perhaps the authors' comments; nothing between two papers."""
    for paper in papers:
        names = ", ".join(paper.authors[:SHOWN_AUTHORS])
        yield f"{names} et al.\n" if len(paper.authors) > SHOWN_AUTHORS else f"{names}\n"
        yield f"{wrapped(paper.abstract) if wrap else paper.abstract}\n"
        if paper.comments:
            yield f"Authors' comments: {wrapped(paper.comments, 70) if wrap else paper.comments}\n"


def abstract_id(papers: Iterable[Invented]) -> Iterator[str]:
    """Pieces of a page: abstract, perhaps comments, the id, with the next abstract glued to it."""
    for paper in papers:
        yield f"{paper.abstract}\n"
        if paper.comments:
            yield f"{paper.comments}\n"
        yield f"arXiv:{paper.id}"


def abstract_id_dates(papers: Iterable[Invented]) -> Iterator[str]:
    """Pieces of a page: abstract, comments, id and dates, with blank lines between."""
    for paper in papers:
        yield f"{paper.abstract}\n\n"
        if paper.comments:
            yield f"{paper.comments}\n\n"
        updated = f" Updated: {paper.updated}" if paper.updated else ""
        yield f"arXiv:{paper.id}\n\nCreated: {paper.created}{updated}\n\n"


def hf_page(papers: Iterable[Invented], year: int = 2026, day: str = "May 26") -> Iterator[str]:
    """Pieces of a Daily Papers page made in `year`: dates of that year are written without it."""
    yield "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\nDaily Papers\n\n"
    yield f"byAK and the research community\n\n{day}\n\n"
    for paper in papers:
        yield f"{paper.title}\n\n{paper.abstract}\n\n"
        noun = "authors"
        when = f"{paper.created:%b} {paper.created.day}"
        when += "" if paper.created.year == year else f", {paper.created.year}"
        when += f" {paper.comment_count}" if paper.comment_count else ""
        yield f"  • {len(paper.authors)} {noun}\n·\n{when}\n\n"


LAYOUTS = {
    "authors_abstract": authors_abstract,
    "abstract_id": abstract_id,
    "abstract_id_dates": abstract_id_dates,
    "hf_page": hf_page,
}


def seen_on(layout: str, paper: Invented) -> dict[str, object]:
    """What a page of that layout tells of a paper: fields of a Listing by name."""
    told: dict[str, object] = {"abstract": paper.abstract}
    if layout != "hf_page":
        told["comments"] = paper.comments
    if layout == "authors_abstract":
        told["authors"] = paper.authors[:SHOWN_AUTHORS]
        told["authors_truncated"] = len(paper.authors) > SHOWN_AUTHORS
    elif layout == "hf_page":
        told |= {"title": paper.title, "author_count": len(paper.authors), "published": paper.created}
        told["metrics"] = {"comment_count": paper.comment_count} if paper.comment_count else {}
    else:
        told["ids"] = {"arxiv": paper.id}
    if layout == "abstract_id_dates":
        told |= {"created": paper.created, "updated": paper.updated}
    return told


def without_comments(paper: Invented) -> Invented:
    return replace(paper, comments=None)


def write(count: int, folder: Path) -> None:
    """`<layout>.txt` in `folder` for every layout, each a page of the same `many(count)` papers."""
    for name, page in LAYOUTS.items():
        with (folder / f"{name}.txt").open("w", encoding="utf-8") as file:
            file.writelines(page(many(count)))


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
