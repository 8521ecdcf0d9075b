"""Letters to many readers of one day, each of 30 of its 1,000 papers, and the plain way to make mails of them.

The plain way, which is also the oracle in the tests: print the same templates with Jinja, inline the styles of the
whole document, and let `email` put text and HTML into a message. It is told how much of each paper has room.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from typing import NamedTuple

from markupsafe import Markup
from pages import TOPICS, WORDS, invented

from digest.model import (
    Archive,
    ArchiveDay,
    Digest,
    Edition,
    Listing,
    Paper,
    Position,
    Ranked,
    Reason,
    Score,
    Section,
    Site,
    Tally,
)
from digest.rendering import telling
from digest.rendering.columns import wrapped
from digest.rendering.environment import environment
from digest.rendering.mail import Letter, Plan, Recipient, Sender
from digest.rendering.mail.cover import in_columns
from digest.rendering.mail.fitting import rank_width
from digest.rendering.mail.forms import styled
from digest.rendering.mail.papers import Ending
from digest.text import occurrences

SITE = Site(title="Paper digest", base_url="https://digest.example/", note="Questions? Write to *us*.")
SENDER = Sender("digest@digest.example", key=b"a secret of the site")
DAY = date(2026, 5, 26)
SHOWN = 30
PAPERS = 1_000


# ------------------------------------------------------------------------------------------------ readers


def letters(count: int, papers: list[Paper], seed: int = 1) -> Iterator[Letter]:
    """Letters to `count` readers who want different things: each of other papers, for other reasons."""
    for number in range(count):
        chance = random.Random(seed * 1_000_003 + number)
        name = f"reader-{number}"
        ranked = sorted(
            (Ranked(paper, _score(chance, paper)) for paper in chance.sample(papers, SHOWN)),
            key=lambda one: (-one.score.total, one.paper.id),
        )
        top = chance.randint(5, SHOWN)
        sections = (Section("Top matches", tuple(ranked[:top])), Section("More matches", tuple(ranked[top:])))
        digest = Digest(
            profile=name,
            title=f"Reader {number:,}",
            day=DAY,
            sections=sections,
            tally=Tally(shown=SHOWN, unmatched=len(papers) - SHOWN - 7, below_threshold=7),
        )
        edition = Edition(digest=digest, number=1 + number % 50, issued=datetime(2026, 5, 26, tzinfo=UTC))
        day = ArchiveDay(DAY, edition.number, SHOWN, ranked[0].paper.headline)
        archive = Archive(profile=name, title=digest.title, recent=(edition,), days=(day,), folder=name)
        token = f"{chance.getrandbits(160):040x}"
        recipient = Recipient(f"{name}@example.org", "", f"https://digest.example/unsubscribe/{token}")
        yield Letter(edition, archive, recipient)


def _score(chance: random.Random, paper: Paper) -> Score:
    """Why a reader has this paper: they follow one to three of the eight words in it that anybody follows, each with
    one of four weights, and find each where it stands.
    """
    found = _followed(paper.headline, paper.abstract or "")
    reasons = []
    for word, places in chance.sample(found, min(len(found), chance.randint(1, 3))):
        weight = chance.choice((1.0, 2.0, 3.0, 5.0))
        reasons += [Reason("keyword", word, place, weight * share) for place, share in places]
    return Score(tuple(reasons))


@cache
def _followed(title: str, abstract: str) -> list[tuple[str, list[tuple[str, float]]]]:
    """Eight words of a paper with the places where they stand and what these count."""
    texts = (("title", title, 1.0), ("abstract", abstract, 0.5))
    words = random.Random(title).sample([*TOPICS, *WORDS], len(TOPICS) + len(WORDS))
    found = []
    for word in words:
        places = [(place, share) for place, text, share in texts if occurrences(text, [word])]
        if places:
            found.append((word, places))
        if len(found) == 8:
            break
    return found


def papers(count: int = PAPERS) -> list[Paper]:
    """The day's papers."""
    found = []
    for one in invented(count):
        known = {"title": one.title, "authors": one.authors, "abstract": one.abstract, "comments": one.comments}
        listing = Listing(position=Position("page.txt", 1), format="invented", ids={"arxiv": one.id})
        found.append(
            Paper(
                id=f"arxiv:{one.id}",
                ids={"arxiv": one.id},
                headline=one.title,
                listings=(listing,),
                created=one.created,
                categories=("cs.LG",),
                **known,  # type: ignore[arg-type]
            )
        )
    return found


# -------------------------------------------------------------------------------------------- the plain way


class Parts(NamedTuple):
    """The two bodies of a mail."""

    text: str
    html: str


def parts(edition: Edition, plan: Plan, site: Site) -> Parts:
    """Text and HTML of a planned mail, each printed whole from the templates; the HTML styled as one document."""
    own = site.templates
    text = _printed("mail.txt", own, in_columns(plan.cover, site)._replace(papers=_papers(edition, plan, own, "txt")))
    html = _printed("mail.html", own, plan.cover._replace(papers=_papers(edition, plan, own, "html")))
    return Parts(text, styled(html, own))


def _papers(edition: Edition, plan: Plan, own: str | None, kind: str) -> Markup:
    pieces: list[str] = []
    number = 0
    width = rank_width(len(edition.digest.ranked))
    levels, shown, told, _ = plan.papers
    for section in edition.digest.sections:
        if section.ranked and number == len(shown):
            continue
        heading = "edition-section.txt" if kind == "txt" else "mail-section.html"
        pieces.append(_printed(heading, own, telling.heading(section.title)))
        for paper, score in section.ranked[: len(shown) - number]:
            level, bar = levels[number], told.bars[number]
            number += 1
            why = telling.why(score, bar) if level < telling.TITLE else telling.briefly(score.total)
            entry = telling.entry(paper, level)._replace(rank=f"{number:>{width}}")
            if kind == "txt":
                said = _printed("edition-why.txt", own, telling.why_in_columns(why)).removesuffix("\n")
                pieces.append(_printed("edition-paper.txt", own, telling.in_columns(entry)._replace(why=Markup(said))))
            else:
                said = _printed("mail-why.html", own, why).removesuffix("\n")
                pieces.append(_printed("mail-paper.html", own, entry._replace(why=Markup(said))))
    if plan.cut:
        ending = Ending(wrapped(plan.cut) if kind == "txt" else plan.cut)
        pieces.append(_printed(f"mail-cut.{kind}", own, ending))
    return Markup("".join(pieces).removesuffix("\n"))


def _printed(template: str, own: str | None, values: tuple[object, ...]) -> str:
    return environment(own).get_template(template).render(values._asdict())  # type: ignore[attr-defined]


def plain(letter: Letter, plan: Plan) -> bytes:
    """The mail of a letter, built the plain way."""
    made = parts(letter.edition, plan, SITE)
    message = EmailMessage(policy=SMTP.clone(max_line_length=998))
    message["From"] = SENDER.address
    message["To"] = letter.recipient.address
    message["Subject"] = plan.cover.subject
    message["List-Unsubscribe"] = f"<{letter.recipient.unsubscribe}>"
    message.set_content(made.text, cte="quoted-printable")
    message.add_alternative(made.html, subtype="html", cte="quoted-printable")
    return message.as_bytes()
