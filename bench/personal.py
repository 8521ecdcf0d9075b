"""One day's editions for ten thousand readers, each of 30 of its 1,000 papers: mails, feeds and pages, beside the plain
way to make them; and one edition of all 1,000.

As a program it measures one kind and prints one JSON object:  python personal.py KIND READERS
"""

import gc
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from statistics import median

from feedgen.feed import FeedGenerator
from figures import Large, Personal
from mails import DAY, SENDER, SITE, letters, papers, plain
from markupsafe import Markup
from measuring import paired, resident, timed

from digest.model import Archive, Digest, Edition, Ranked, Rendition, Section, Tally
from digest.rendering import addresses, entries, feed, html, render, wording
from digest.rendering.environment import environment
from digest.rendering.mail import Letter, messages, planned

BLOCK = 500
"""So many readers are served between two looks at the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a kind of thing is made for readers, ours and the plain way."""

    ours: Callable[[Sequence[Letter]], list[int]]
    """The sizes of what it made."""
    plain: Callable[[Sequence[Letter]], object]
    beside: int
    """So many readers of a block are served the plain way too."""


def measured(kind: str, readers: int) -> Personal:
    """What serving `readers` costs, block by block, each beside a few that are served the plain way."""
    way = WAYS[kind]
    day = papers()
    warm = list(letters(100, day, seed=2))
    way.ours(warm)
    way.plain(warm[:2])
    del warm
    gc.collect()
    before = risen = resident()
    sizes, ours, theirs = 0, [], []
    for start in range(0, readers, BLOCK):
        some = list(letters(min(BLOCK, readers - start), day, seed=3 + start))
        made: list[int] = []
        ours.append(timed(lambda some=some, made=made: made.extend(way.ours(some))) / len(some))  # type: ignore[misc]
        sizes += sum(made)
        few = some[: way.beside]
        theirs.append(timed(partial(way.plain, few)) / len(few))
        del some, few
        gc.collect()
        risen = max(risen, resident())
    return Personal(
        kind=kind,
        count=readers,
        cpu=median(ours),
        plain=median(theirs),
        ratio=median(other / own for own, other in zip(ours, theirs, strict=True)),
        size=sizes // readers,
        rise=risen - before,
    )


# ------------------------------------------------------------------------------------------------- mails


def _mails(some: Sequence[Letter]) -> list[int]:
    return [len(message) for message in messages(some, SITE, SENDER)]


def _plain_mails(few: Sequence[Letter]) -> None:
    for letter in few:
        plain(letter, planned(letter, SITE, SENDER))


# ------------------------------------------------------------------------------------------------- feeds


def _feeds(format: str, some: Sequence[Letter]) -> list[int]:
    """The feed that each reader subscribes to."""
    from digest.rendering import atom, rss

    written = rss.written if format == "rss" else atom.written
    sizes = []
    for _, archive, *_ in some:
        made = written(feed.current(archive, SITE), feed.channel(archive, SITE), SITE)
        sizes.append(len(made.content))
    return sizes


def _feedgen(format: str, few: Sequence[Letter]) -> None:
    """The same by feedgen, the texts of its entries made for it."""
    for _, archive, *_ in few:
        channel, page = feed.channel(archive, SITE), feed.current(archive, SITE)
        made = FeedGenerator()
        made.id(channel.id)
        made.title(channel.title)
        made.description(feed.DESCRIPTION)
        made.author({"name": channel.author})
        made.link(href=channel.home)
        made.updated(page.updated)
        for one in page.entries:
            paper = replace(one.paper)  # a paper of its own, so that nothing is remembered
            entry = made.add_entry(order="append")
            entry.id(addresses.entry_id(paper))
            entry.title(feed.title(paper))
            entry.link(href=one.link)
            entry.author([{"name": name} for name in feed.authors(paper)])
            entry.category([{"term": term} for term in feed.categories(paper)])
            entry.published(one.published)
            entry.updated(one.updated)
            entry.content(feed.content(paper, one.score), type="html")
        made.rss_str(pretty=True) if format == "rss" else made.atom_str(pretty=True)


# ------------------------------------------------------------------------------------------------- pages


def _pages(some: Sequence[Letter]) -> list[int]:
    return [len(html.page(edition, archive, SITE).content) for edition, archive, *_ in some]


def _plain_pages(few: Sequence[Letter]) -> None:
    """The same page with every paper's block printed for it alone."""
    kept = entries.block
    vars(html)["block"] = _at_once
    try:
        for edition, archive, *_ in few:
            html.page(edition, archive, SITE)
    finally:
        vars(html)["block"] = kept


def _at_once(ranked: Ranked, rank: int, level: int, own: str | None = None, *, cited: bool = False) -> Markup:
    reasons = ranked.score.reasons
    score = wording.points(ranked.score.total)
    why = environment(own).get_template("reasons.html").render(score=score, reasons=tuple(map(str, reasons)))
    # A paper of its own, so that nothing is remembered.
    told = entries.entry(replace(ranked.paper), entries.marks_of(reasons), whole=rank <= entries.WHOLE, cited=cited)
    made = environment(own).get_template("paper.html")
    return Markup(made.render(entry=told, level=level, rank=rank, why=Markup(why.strip())).strip())


WAYS = {
    "mail": Way(ours=_mails, plain=_plain_mails, beside=5),
    "rss": Way(ours=partial(_feeds, "rss"), plain=partial(_feedgen, "rss"), beside=10),
    "atom": Way(ours=partial(_feeds, "atom"), plain=partial(_feedgen, "atom"), beside=10),
    "page": Way(ours=_pages, plain=_plain_pages, beside=10),
}


# ----------------------------------------------------------------------------------------- one large edition


def large(format: str, budget: float) -> Large:
    """One edition of 1,000 papers in one format, whose pieces other editions of the day have made."""
    day = papers()
    ranked = tuple(one for letter in letters(34, day, seed=9) for one in letter.edition.digest.ranked)[: len(day)]
    ranked = tuple(Ranked(paper, one.score) for paper, one in zip(day, ranked, strict=True))
    first = next(iter(letters(1, day)))
    digest = Digest(
        profile="large", title="Large", day=DAY, sections=(Section("", ranked),), tally=Tally(shown=len(ranked))
    )
    edition: Edition = replace(first.edition, digest=digest)
    archive: Archive = first.archive._replace(profile="large", folder="large", recent=(edition,))

    def work() -> list[Rendition]:
        return render(archive, SITE, [format])

    cold = timed(work)
    warm = paired(work, work, budget).work
    return Large(format=format, count=len(ranked), cold=cold, cpu=warm, size=sum(len(made.content) for made in work()))


def main(kind: str, number: str) -> None:
    gc.disable()  # as the commands do
    row = (
        large(kind.removeprefix("large "), float(number)) if kind.startswith("large ") else measured(kind, int(number))
    )
    print(json.dumps(asdict(row)))


if __name__ == "__main__":
    main(*sys.argv[1:])
