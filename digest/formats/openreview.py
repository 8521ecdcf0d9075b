"""OpenReview's notes, of both versions of its API.

    {"notes": [{"id": "rJXMpikCZ", "forum": "rJXMpikCZ", "cdate": 1777600000000, "invitations": […],
                "content": {"title": {"value": …}, "authors": {"value": ["Ada Moreau"]}, "abstract": {"value": …},
                            "venue": {"value": "X 2026 poster"}, "pdf": {"value": "/pdf/….pdf"}}}, …], "count": 1}

In version 1 the values stand there by themselves. Times are milliseconds since 1970: `cdate` is `created`, `mdate`
`updated`, and `pdate`, or else `odate`, from when on everybody could read it, `published`. Notes that reply to a paper
(reviews, comments, decisions) are no papers: how many there are is told in one Problem.
"""

from collections.abc import Iterator
from typing import Any, Final

from digest.formats.head import Head
from digest.formats.objects import Object, Value, checked, objects
from digest.formats.outlines import begun
from digest.formats.people import team
from digest.formats.signs import Sign
from digest.formats.values import address, at, details, dicts, instant, links, metrics, text, texts, unique
from digest.identifiers import arxiv, doi
from digest.model import Document, Listing, Position, Problem

NAME = "openreview"
ABOUT = "OpenReview's notes as JSON, API 1 and 2"
EXAMPLE = """\
{"notes": [{"id": "rJXMpikCZ", "forum": "rJXMpikCZ", "cdate": 1777600000000, "invitations": ["X.org/2026/-/Submission"],
  "content": {"title": {"value": "Counting papers once"}, "authors": {"value": ["Ada Moreau"]},
              "abstract": {"value": "We measure …"}, "venue": {"value": "X 2026 poster"}}}], "count": 1}
"""
PLACES: Final = ("notes",)
_OWN: Final = {
    "forum",
    "invitation",
    "invitations",
    "cdate",
    "tcdate",
    "signatures",
    "readers",
    "nonreaders",
    "replyto",
}


def detect(head: Head) -> Sign | None:
    """Notes have content, and times and permissions as nothing else has."""
    for record in begun(head, *PLACES):
        if isinstance(record.get("content"), dict) and len(_OWN & record.keys()) >= 2:
            return Sign.CERTAIN
    return None


def parse(document: Document) -> Iterator[Listing | Problem]:
    """The papers, in their order, and how many of the notes are none."""
    replies: list[Object] = []
    count = 0
    for found in objects(document, *PLACES):
        if isinstance(found, Problem):
            yield found
        elif _is_reply(found.value):
            replies = replies or [found]
            count += 1
        else:
            yield checked(_listing(found.value, Position(document.origin, found.line)))
    if count:
        what = "a note is a reply" if count == 1 else f"{count} notes are replies"
        yield Problem(document.origin, replies[0].line, f"{what} (reviews, comments, decisions) and no paper")


def _is_reply(note: Value) -> bool:
    forum, id_ = text(note.get("forum")), text(note.get("id"))
    return bool(text(note.get("replyto"))) or bool(forum and id_ and forum != id_ and not _content(note, "abstract"))


def _content(note: Value, *names: str) -> Any:
    """What the content has under one of `names`, without the `value` that version 2 puts around it."""
    for name in names:
        found = at(note, "content", name)
        found = found.get("value") if isinstance(found, dict) else found
        if found:
            return found
    return None


def _listing(note: Value, position: Position) -> Listing:
    ids = {"openreview": id_} if (id_ := text(note.get("forum")) or text(note.get("id"))) else {}
    for told in (_content(note, "doi", "DOI"), _content(note, "arxiv", "arxiv_id"), _content(note, "html", "ee")):
        if found := arxiv(text(told)):
            ids.setdefault("arxiv", found.id)
        elif bare := doi(text(told)):
            ids.setdefault("doi", bare)
    people = team(texts(_content(note, "authors"), "fullname", "name"))
    cut = [one for one in people.names if one.lower() == "anonymous"]
    keywords = _content(note, "keywords") or []
    return Listing(
        position=position,
        format=NAME,
        ids=ids,
        title=text(_content(note, "title")) or None,
        authors=() if cut else people.names,
        authors_truncated=people.truncated,
        abstract=text(_content(note, "abstract")) or None,
        categories=unique(
            [
                *(
                    word.strip()
                    for one in texts(keywords)
                    for word in (one.split(",") if isinstance(keywords, str) else [one])
                ),
                *texts(_content(note, "primary_area", "subject_areas")),
            ]
        ),
        created=instant(note.get("cdate")) or instant(note.get("tcdate")),
        updated=instant(note.get("mdate")) or instant(note.get("tmdate")),
        published=instant(note.get("pdate")) or instant(note.get("odate")),
        links=links(
            pdf=_absolute(_content(note, "pdf")),
            html=_absolute(_content(note, "html")),
            code=_content(note, "code", "code_link"),
            supplement=_absolute(_content(note, "supplementary_material")),
        ),
        metrics=metrics(comment_count=at(note, "details", "replyCount")),
        details=details(
            venue=_content(note, "venue"),
            venueid=_content(note, "venueid"),
            decision=_decision(note),
            tldr=_content(note, "TLDR", "TL;DR", "tldr", "one-sentence_summary"),
            number=text(note.get("number")),
            license=text(note.get("license")) or _content(note, "license"),
            invitation=text(note.get("invitation")) or text(note.get("invitations")),
        ),
    )


def _absolute(value: Any) -> str:
    """The site's own files are told without its name."""
    told = text(value)
    return f"https://openreview.net{told}" if told.startswith("/") and not told.startswith("//") else address(told)


def _decision(note: Value) -> str:
    """The paper's own, or that of a reply which came with it."""
    if told := text(_content(note, "decision")):
        return told
    replies = at(note, "details", "directReplies") or at(note, "details", "replies")
    return next((told for one in dicts(replies) if (told := text(_content(one, "decision")))), "")
