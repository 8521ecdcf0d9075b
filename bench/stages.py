"""The stages of a run inside one process, each beside a baseline: the least that anybody would have to do.

As a program it measures one stage and prints one JSON object, so that each stage has a process, and with it a peak
of memory, of its own:  python stages.py STAGE COUNT PAGES BUDGET
"""

import gc
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from itertools import chain
from pathlib import Path

from figures import Stage
from measuring import paired
from pages import Invented, invented, many

from digest.formats import parse
from digest.merging import merge
from digest.model import Archive, Listing, Paper, Position, Profile, Ranked, Site, Term
from digest.pipeline import choosing, composed, keep
from digest.publishing import alone
from digest.ranking import rank
from digest.sources.files import document

PROFILE = Profile(
    name="bench",
    title="Bench",
    terms=(
        Term("quantization", 3.0),
        Term("speech recognition", 2.0),
        Term("method", 1.0),
        Term("sparse attention", 1.0),
        Term("transformer", 1.0),
        Term("noise", -0.25),
    ),
)
"""Common words and rare ones, phrases, one that never comes, one that nobody wants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A stage that is ready to run."""

    work: Callable[[], object]
    baseline: Callable[[], object]
    count: int
    """How many listings, papers or entries it works through."""
    size: Callable[[], int]
    """How many bytes it reads (parse), looks at (merge, rank) or makes (render)."""


def trial(stage: str, count: int, pages: Path) -> Trial:
    """The stage called `stage` over `count` listings; `pages` is where `pages.write` wrote them."""
    first, _, rest = stage.partition(" ")
    if first == "parse":
        return _parse(pages / f"{rest}.txt", count)
    if first == "merge":
        return _merge(count)
    if first == "rank":
        return _rank(count)
    return _render(first, int(rest.removeprefix("of ")))


def _parse(page: Path, count: int) -> Trial:
    def work() -> None:
        found = sum(isinstance(item, Listing) for item in parse(document(page)))
        if found != count:
            raise SystemExit(f"{page.name}: {found:,} listings were found where {count:,} were written")

    def baseline() -> int:
        with page.open(encoding="utf-8") as lines:
            return sum(1 for _ in lines)

    return Trial(work=work, baseline=baseline, count=count, size=lambda: page.stat().st_size)


def _merge(count: int) -> Trial:
    listings = list(_listings(count))

    def work() -> None:
        merge(listings)

    def baseline() -> dict[int, Listing]:
        return {hash((listing.abstract or "").lower()): listing for listing in listings}

    return Trial(work=work, baseline=baseline, count=count, size=lambda: _bytes(listings))


def _rank(count: int) -> Trial:
    papers = merge(map(_listing, many(count)))
    keywords = [term.text for term in PROFILE.terms]

    def work() -> None:
        rank(papers, PROFILE)

    def baseline() -> int:
        texts = (f"{paper.title} {paper.abstract}".lower() for paper in papers)
        return sum(keyword in text for text in texts for keyword in keywords)

    return Trial(work=work, baseline=baseline, count=count, size=lambda: _bytes(papers))


def _render(format: str, shown: int) -> Trial:
    from digest.rendering import render

    profile = Profile(name=PROFILE.name, title=PROFILE.title, terms=PROFILE.terms, limit=shown)
    day, papers = date(2026, 5, 26), merge(map(_listing, invented(2 * shown)))
    digest = composed(choosing(papers, [profile], {profile.name: day}, None)(profile), profile, day, None)
    edition = keep(digest, profile, None)
    published = alone(edition, profile)
    site = Site(base_url="https://digest.example/")

    def work() -> int:
        return sum(len(rendition.content) for rendition in render(published, site, [format]))

    if format == "html":
        return Trial(work=work, baseline=_jinja(edition.digest.ranked), count=len(edition.digest.ranked), size=work)
    baseline, count = _feedgen(format, published, site)
    return Trial(work=work, baseline=baseline, count=count, size=work)


def _feedgen(format: str, published: Archive, site: Site) -> tuple[Callable[[], object], int]:
    """feedgen with finished texts, and the number of entries."""
    from feedgen.feed import FeedGenerator

    from digest.rendering import addresses, feed, wording

    entries = [
        (
            addresses.entry_id(one.paper),
            wording.name(one.paper),
            one.link,
            [{"name": name} for name in wording.names(one.paper)],
            feed.content(one.paper, one.score),
            one.published,
        )
        for one in feed.current(published, site).entries
    ]

    def baseline() -> bytes:
        made = FeedGenerator()
        made.id("https://digest.example/")
        made.title(published.title)
        made.description(published.title)
        made.link(href="https://digest.example/")
        for guid, title, link, authors, content, instant in entries:
            entry = made.add_entry(order="append")
            entry.id(guid)
            entry.title(title)
            entry.link(href=link)
            entry.author(authors)
            entry.published(instant)
            entry.updated(instant)
            entry.content(content, type="html")
        return bytes(made.rss_str(pretty=True) if format == "rss" else made.atom_str(pretty=True))

    return baseline, len(entries)


def _jinja(ranked: tuple[Ranked, ...]) -> Callable[[], object]:
    from jinja2 import Environment

    template = Environment(autoescape=True).from_string(
        "{% for paper in papers %}<h2>{{ paper.headline }}</h2><p>{{ paper.authors | join(', ') }}</p>"
        "<p>{{ paper.abstract }}</p>{% endfor %}"
    )
    papers = [one.paper for one in ranked]
    return lambda: template.render(papers=papers).encode()


# ------------------------------------------------------------------------------------------------ values


def _listings(count: int) -> Iterator[Listing]:
    """Listings of which the last tenth repeats the first papers, as another page would list them."""
    fresh = count - count // 10
    again = map(_repeated, many(count // 10))
    return chain(map(_listing, many(fresh)), again)


def _listing(paper: Invented) -> Listing:
    return Listing(
        position=Position("page.txt", 1),
        format="invented",
        ids={"arxiv": paper.id},
        title=paper.title,
        authors=paper.authors,
        abstract=paper.abstract,
        comments=paper.comments,
        created=paper.created,
        updated=paper.updated,
    )


def _repeated(paper: Invented) -> Listing:
    """The same paper on a page that has neither ids nor titles."""
    return Listing(position=Position("other.txt", 1), format="invented", authors=paper.authors, abstract=paper.abstract)


def _bytes(known: list[Listing] | list[Paper]) -> int:
    return sum(len(f"{one.title or ''}{one.abstract or ''}{one.comments or ''}".encode()) for one in known)


def main(stage: str, count: str, pages: str, budget: str) -> None:
    gc.disable()  # as the commands do
    ready = trial(stage, int(count), Path(pages))
    pair = paired(ready.work, ready.baseline, float(budget))
    row = Stage(
        stage=stage,
        count=ready.count,
        cpu=pair.work,
        ratio=pair.ratio,
        size=ready.size(),
        peak=pair.peak,
        rise=pair.rise,
    )
    print(json.dumps(asdict(row)))


if __name__ == "__main__":
    main(*sys.argv[1:])
