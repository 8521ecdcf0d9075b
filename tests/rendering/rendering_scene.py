"""One small site for the rendering tests: two profiles, two days, and papers with every trap once."""

import re
from datetime import date
from html.parser import HTMLParser

from builders import a_listing, a_paper, a_ranked, a_reason, an_edition

from digest.model import Archive, ArchiveDay, Edition, Problem, Ranked, Site, Tally

LONG = (
    "Models are costly to serve, and most of the cost is moving weights. Quantization to four bits halves it. "
    "Methods lose accuracy on long documents, which are what people read. We show that the loss comes from a few "
    "channels whose scale changes with position. Keeping them in eight bits removes it. On eleven models the method "
    "needs no retraining, loses 0.3 points on average, and runs 2.4 times as fast. "
    "Code is available. A reader who has an hour can repeat the smallest run on a laptop, and one who has a week all "
    "of them on a rented machine; the list of what went wrong on the way is longer than the list of what did not."
)


def ranked_papers() -> list[Ranked]:
    full = a_paper(
        "arxiv:2605.00001",
        title="Quantizing once: 4 < 8 & <b>bold</b>",
        abstract=LONG,
        authors=("Abhijit Sinha", "Łucja Wiśniewska"),
        authors_truncated=True,
        comments="12 pages; quantization code inside",
        categories=("cs.LG", "cs.CL"),
        created=date(2026, 5, 24),
        updated=date(2026, 5, 25),
        version=2,
        kind="replaced",
        links={"code": "https://example.org/code?a=1&b=2", "abs": "http://arxiv.org/abs/2605.00001v2"},
        listings=(a_listing(file="monday.txt", line=3), a_listing(file="tuesday.txt", line=40)),
    )
    untitled = a_paper(
        "doi:10.1000/a<b>",
        ids={"doi": "10.1000/a<b>"},
        title=None,
        headline="We present a way to read less",
        authors=(),
        author_count=8,
        published=date(2026, 5, 23),
    )
    crowd = a_paper(
        "text:0f1e2d",
        ids={},
        title="Many hands",
        authors=[f"Author {n}" for n in range(1, 12)] + ["María José Peña"],
        abstract=None,
    )
    folded = a_paper("arxiv:hep-th/9901001", title="Old ids have a slash", abstract=LONG)
    return [
        a_ranked(
            full,
            a_reason(3.0, "quantizing", "title"),
            a_reason(1.5, "quantization", "abstract"),
            a_reason(0.5, "quantization", "comments"),
            a_reason(5.0, "Sinha, A.", "authors", "author"),
        ),
        a_ranked(untitled, a_reason(1.5)),
        a_ranked(crowd, a_reason(1.25, "Peña, M. J.", "authors", "author")),
        a_ranked(folded, a_reason(2.0, "quantization", "abstract"), a_reason(-1.0, "old", "title")),
    ]


def editions() -> tuple[Edition, Edition]:
    tuesday = an_edition(
        *ranked_papers(),
        number=2,
        profile="efficient",
        title="Efficient inference",
        tally=Tally(shown=4, below_threshold=7, beyond_limit=3, muted=2),
        problems=(Problem("monday.txt", 7, "an abstract without authors"), Problem("old.txt", None, "is empty")),
    )
    monday = an_edition(
        profile="efficient", title="Efficient inference", day="2026-05-25", tally=Tally(unmatched=3, muted=1)
    )
    return tuesday, monday


def an_archive(*recent: Edition, profile: str = "efficient", title: str = "Efficient inference") -> Archive:
    days = tuple(
        ArchiveDay(
            day=edition.digest.day,
            number=edition.number,
            shown=len(edition.digest.ranked),
            headline=edition.digest.ranked[0].paper.headline if edition.digest.ranked else None,
        )
        for edition in recent
    )
    return Archive(profile=profile, title=title, recent=recent, days=days, folder=profile)


SITE = Site(
    title="Paper digest",
    base_url="https://example.org/digest/",
    note="For the reading group. Ideas:\n- tell [Ana](mailto:ana@example.org)\n- or come on *Friday*",
)


class Outline(HTMLParser):
    """A page's elements in order, with the text inside each. Refuses what is not balanced and ids used twice."""

    _VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._texts: list[list[str]] = []
        self._open: list[int] = []
        self.feed(page)
        self.close()
        assert not self._open, f"never closed: {[self.elements[i] for i in self._open]}"
        ids = self.values("id")
        assert len(ids) == len(set(ids)), f"an id stands twice: {sorted(ids)}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._texts.append([])
        if tag not in self._VOID:
            self._open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self.elements[self._open[-1]][0] == tag, f"</{tag}> closes {self.elements[self._open[-1]]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for i in self._open:
            self._texts[i].append(data)

    def tags(self) -> list[str]:
        return [tag for tag, _ in self.elements]

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]

    def texts(self, *tags: str, of: str = "") -> list[str]:
        """The text of each element with one of the tags, and with the class `of` where it is given."""
        return [
            " ".join("".join(text).split())
            for (tag, attributes), text in zip(self.elements, self._texts, strict=True)
            if tag in tags and (not of or of in attributes.get("class", "").split())
        ]


def hrefs_outside(outline: Outline) -> list[str]:
    """Every address in a page that leads out of the site: it has a scheme or names a host."""
    found = [*outline.values("href"), *outline.values("src")]
    return [href for href in found if re.match(r"\s*(?:[a-z][a-z0-9+.-]*:|[/\\]{2})", href, re.IGNORECASE)]
