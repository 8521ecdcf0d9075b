"""Editions as messages for chats: JSON that is ready to be posted to a webhook of Slack, Discord, Mattermost or
Telegram (`sendMessage`, to which the carrier adds `chat_id`).

A message is whole within its service's limits: all papers at the fullest of three lengths at which all find room; where
not even their titles do, as many titles as fit, and how many more there are, with a link. Texts are cut between words
before they are escaped, so that nothing ends inside an entity, a tag or a character. No source can call anybody: each
service is told so where it listens, and what it would take for a mention is taken apart where it does not.

Links lead to papers, and to the edition's page where the site's address is known; a chat has no use for `localhost`.
"""

import json
import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Any, NamedTuple

from digest.model import Archive, Edition, Paper, Rendition, Site
from digest.patterns import pattern
from digest.rendering import commonmark, wording
from digest.rendering.addresses import anchor, edition_page, links
from digest.rendering.once import once
from digest.text import one_line, sentences, shorten

_FULL, _SHORT, _TITLE = range(3)
_LENGTHS = (_FULL, _SHORT, _TITLE)
_NAME, _AUTHORS, _LEAD, _WHY, _HREF = 250, 120, 300, 160, 1000
_BESIDE = " · "


# --------------------------------------------------------------------------------------------- renderers


def slack(archive: Archive, site: Site) -> list[Rendition]:
    """`<day>.slack.json` for each recent edition: blocks for an incoming webhook or `chat.postMessage`."""
    return _renditions("slack", slack_message, archive, site)


def discord(archive: Archive, site: Site) -> list[Rendition]:
    """`<day>.discord.json` for each recent edition: embeds for a webhook."""
    return _renditions("discord", discord_message, archive, site)


def mattermost(archive: Archive, site: Site) -> list[Rendition]:
    """`<day>.mattermost.json` for each recent edition: a text in Markdown for an incoming webhook."""
    return _renditions("mattermost", mattermost_message, archive, site)


def telegram(archive: Archive, site: Site) -> list[Rendition]:
    """`<day>.telegram.json` for each recent edition: the parameters of `sendMessage` but `chat_id`."""
    return _renditions("telegram", telegram_message, archive, site)


def _renditions(
    name: str, message: Callable[[Edition, Archive, Site], dict[str, Any]], archive: Archive, site: Site
) -> list[Rendition]:
    return [
        Rendition(
            format=name,
            media_type="application/json",
            path=archive.path(edition.digest.day, f".{name}.json"),
            content=json.dumps(message(edition, archive, site), ensure_ascii=False, indent=1).encode() + b"\n",
        )
        for edition in archive.recent
    ]


# ------------------------------------------------------------------------------------------ what is said


class _Paper(NamedTuple):
    """A paper as chats tell it, in plain text, each part short enough to be escaped whole."""

    name: str
    authors: str
    lead: str
    hrefs: tuple[str, ...]
    place: str
    """Its anchor in the edition's page."""


class _Entry(NamedTuple):
    rank: int
    score: str
    why: str
    href: str
    paper: _Paper


class _Edition(NamedTuple):
    heading: str
    summary: str
    page: str
    """The edition's address; empty where nobody said where the site is served."""
    entries: tuple[_Entry, ...]


def _told(edition: Edition, archive: Archive, site: Site) -> _Edition:
    digest = edition.digest
    page = edition_page(digest.day, archive, site)
    return _Edition(
        heading=f"{_cut(one_line(archive.title) or archive.profile, 90)}{_BESIDE}{wording.written_day(digest.day)}",
        summary=_BESIDE.join(
            filter(
                None,
                [
                    wording.summary_of(digest) if digest.ranked else wording.quiet(digest),
                    # A heading that nothing stands below says something by itself.
                    *[_cut(one_line(section.title), 90) for section in digest.sections if not section.ranked],
                    wording.unread(digest.problems),
                ],
            )
        ),
        page=page if page and _short(page) else "",
        entries=tuple(
            _Entry(
                rank=rank,
                score=wording.points(ranked.score.total),
                why=_cut(one_line("; ".join(map(str, ranked.score.reasons))), _WHY),
                href=_href(_paper(ranked.paper), page),
                paper=_paper(ranked.paper),
            )
            for rank, ranked in enumerate(digest.ranked, start=1)
        ),
    )


@once
def _paper(paper: Paper) -> _Paper:
    known, cut = wording.names(paper), wording.cut(paper)
    authors = ", ".join(known[:3])
    return _Paper(
        name=_cut(wording.name(paper), _NAME),
        authors=_cut(f"{authors} et al." if len(known) > 3 else " ".join(filter(None, [authors, cut])), _AUTHORS),
        lead=_lead(wording.abstract(paper)),
        hrefs=tuple(link.href for link in links(paper)),
        place=anchor(paper),
    )


def _lead(abstract: str) -> str:
    """The first sentences of an abstract, as many as are short enough together; ` …` where there are more."""
    told, *rest = sentences(abstract)
    for sentence in rest:
        if _units(told) + _units(sentence) + 3 > _LEAD:
            return f"{_cut(told, _LEAD - 2)} …"
        told = f"{told} {sentence}"
    return _cut(told, _LEAD)


def _href(paper: _Paper, page: str) -> str:
    """The first address of a paper that is not beyond all measure, else its place in the edition; or empty."""
    addresses = [*paper.hrefs, *([f"{page}#{paper.place}"] if page else [])]
    return next(filter(_short, addresses), "")


def _short(address: str) -> bool:
    return max(len(escape(address)), len(commonmark.destination(address))) <= _HREF


def _fitted(
    entries: Sequence[_Entry], write: Callable[[_Entry, int], str], fits: Callable[[list[str], int], bool]
) -> tuple[list[str], int]:
    """The papers at the fullest length at which all fit, and 0; else as many titles as fit, and how many are left.

    `fits` is asked of written papers and the number of those left, and takes fewer where it takes more.
    """
    for length in _LENGTHS:
        pieces = [write(entry, length) for entry in entries]
        if fits(pieces, 0):
            return pieces, 0
    least, most = 0, len(pieces)
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (middle, most) if fits(pieces[:middle], len(pieces) - middle) else (least, middle)
    return pieces[:least], len(pieces) - least


def _cut(text: str, most: int) -> str:
    """`text`, cut at a word's end to at most `most` units."""
    cut = shorten(text, most)
    while (beyond := _units(cut) - most) > 0:
        cut = shorten(text, max(len(cut) - beyond, 1))
    return cut


def _units(text: str) -> int:
    """The length of `text` in UTF-16, as Telegram counts and JavaScript does: never less than its characters."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _lines(*lines: str) -> str:
    return "\n".join(filter(None, lines))


def _packed(pieces: Sequence[str], most: int, between: str) -> list[str]:
    """`pieces`, joined in their order to texts of at most `most` units; none of them may be longer."""
    packed: list[str] = []
    for piece in pieces:
        if packed and _units(packed[-1]) + len(between) + _units(piece) <= most:
            packed[-1] += between + piece
        else:
            packed.append(piece)
    return packed


# ------------------------------------------------------------------------------------------------- Slack

_SLACK_BLOCKS, _SLACK_TEXT, _SLACK_TOTAL = 50, 3000, 9000


def slack_message(edition: Edition, archive: Archive, site: Site) -> dict[str, Any]:
    """A message of Block Kit: at most 50 blocks, 3,000 characters a text, 150 a header; `text` is what
    notifications show (docs.slack.dev, reference/block-kit).

    All texts together have at most 9,000: there is a limit of which the documents say nothing, and messages of 9,597
    were taken and of 11,341 refused (slackapi/bolt-js#2867).
    """
    told = _told(edition, archive, site)
    pieces, left = _fitted(
        told.entries, _slack_paper, lambda pieces, left: _slack_fits(_slack_texts(told, pieces, left))
    )
    head, *sections, foot = _slack_texts(told, pieces, left)
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": told.heading, "emoji": False}},
        {"type": "context", "elements": [_mrkdwn(head)]},
        *({"type": "section", "text": _mrkdwn(section)} for section in sections),
        *([{"type": "context", "elements": [_mrkdwn(foot)]}] if foot else []),
    ]
    first = told.entries[0].paper.name if told.entries else told.summary
    return {
        "text": _slack(f"{told.heading}: {first}"),
        "blocks": blocks,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _foot(told: _Edition, left: int) -> str:
    """What a message ends with, as a link where there is a page: how many papers it left out, or where all are."""
    if left:
        return f"{wording.counted(left, 'more paper')} in the edition"
    return "Read the edition" if told.page else ""


def _mrkdwn(text: str) -> dict[str, Any]:
    # Verbatim: names of channels and people, and addresses, are not made links.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _slack_texts(told: _Edition, pieces: list[str], left: int) -> list[str]:
    """The texts of all blocks below the header: the summary, papers, one or more a text, and the foot."""
    foot = _foot(told, left)
    between = pieces if len(pieces) <= _SLACK_BLOCKS - 3 else _packed(pieces, _SLACK_TEXT, "\n")
    return [_slack(told.summary), *between, _slack_link(foot, told.page) if told.page else foot]


def _slack_fits(texts: list[str]) -> bool:
    return len(texts) < _SLACK_BLOCKS and sum(map(_units, texts)) <= _SLACK_TOTAL - 150


def _slack_paper(entry: _Entry, length: int) -> str:
    paper = entry.paper
    name = f"*{_slack_link(paper.name, entry.href)}*" if entry.href else f"*{_slack(paper.name)}*"
    head = f"{entry.rank}. {name}{_BESIDE}{entry.score}"
    written = [
        _lines(head, _slack(paper.authors), _slack(paper.lead), _slack(entry.why)),
        _lines(head, _slack(_BESIDE.join(filter(None, [paper.authors, entry.why])))),
        head,
    ]
    return next(text for text in written[length:] if _units(text) <= _SLACK_TEXT)


def _slack_link(label: str, href: str) -> str:
    return f"<{_slack_escaped(href)}|{_slack(label)}>"


def _slack(text: str) -> str:
    """`text` as mrkdwn that shows it. Slack has escapes for & < > alone: other signs that would begin something
    are written by their likes, where they could.
    """
    likes = _SLACK_SIGNS.sub(lambda found: found[0].translate(_SLACK_LIKES), text)
    return ("\u200b" if text.startswith(">") else "") + _slack_escaped(likes)  # a line with > in front is a quotation


def _slack_escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


_SLACK_SIGNS = pattern(r"(?<![^\W_])[*_~`]|[*_~`](?![^\W_])|`|:(?=[\w+'-]+:)")
_SLACK_LIKES = {ord("*"): "∗", ord("_"): "ˍ", ord("~"): "∼", ord("`"): "ˋ", ord(":"): "∶"}


# ----------------------------------------------------------------------------------------------- Discord

_DISCORD_EMBEDS, _DISCORD_DESCRIPTION, _DISCORD_TOTAL = 10, 4096, 6000


def discord_message(edition: Edition, archive: Archive, site: Site) -> dict[str, Any]:
    """A webhook's message: at most 10 embeds, 256 characters a title, 4,096 a description, 6,000 in all titles,
    descriptions and footers; nobody is mentioned (docs.discord.com, resources/message, embed limits).
    """
    told = _told(edition, archive, site)
    title = _discord(told.heading)
    fixed = _units(title) + _units(told.summary)

    def descriptions(pieces: list[str], left: int) -> list[str]:
        foot = _foot(told, left) if left else ""
        more = f"[{foot}]({commonmark.destination(told.page)})" if told.page and foot else foot
        return _packed([*pieces, *([more] if more else [])], _DISCORD_DESCRIPTION, "\n\n")

    def fits(pieces: list[str], left: int) -> bool:
        packed = descriptions(pieces, left)
        return len(packed) <= _DISCORD_EMBEDS and fixed + sum(map(_units, packed)) <= _DISCORD_TOTAL

    pieces, left = _fitted(told.entries, _discord_paper, fits)
    embeds: list[dict[str, Any]] = [{"description": text} for text in descriptions(pieces, left)] or [{}]
    embeds[0] = {"title": title, **({"url": told.page} if told.page else {}), **embeds[0]}
    embeds[-1]["footer"] = {"text": told.summary}
    return {"embeds": embeds, "allowed_mentions": {"parse": []}}


def _discord_paper(entry: _Entry, length: int) -> str:
    paper = entry.paper
    name = _discord(paper.name)
    linked = f"[{name}]({commonmark.destination(entry.href)})" if entry.href else name
    head = f"**{entry.rank}.** {linked}{_BESIDE}{entry.score}"
    if length == _TITLE:
        return head
    lead = _discord(paper.lead) if length == _FULL else ""
    return _lines(head, _discord(paper.authors), lead, _discord(entry.why))


def _discord(text: str) -> str:
    r"""`text` with a backslash before all that Discord reads as Markdown, a mention or a name of an emoji."""
    return re.sub(r"^(\d+)\.", r"\1\\.", _DISCORD_SIGNS.sub(r"\\\g<0>", text))


_DISCORD_SIGNS = pattern(r"[\\*_~`|<>\[\]()#@:]|^[-+]")


# -------------------------------------------------------------------------------------------- Mattermost

_MATTERMOST_TEXT = 16383


def mattermost_message(edition: Edition, archive: Archive, site: Site) -> dict[str, Any]:
    """An incoming webhook's text, at most 16,383 characters (docs.mattermost.com; `PostMessageMaxRunesV2`). Nothing
    tells Mattermost to call nobody: a space of no width parts each `@` from what follows.
    """
    told = _told(edition, archive, site)
    heading = _mattermost_link(told.heading, told.page)
    head = f"#### {heading}\n{_mattermost(told.summary)}"

    def joined(pieces: list[str], left: int) -> str:
        foot = _foot(told, left) if left else ""
        return "\n\n".join(filter(None, [head, *pieces, _mattermost_link(foot, told.page) if foot else ""]))

    pieces, left = _fitted(
        told.entries, _mattermost_paper, lambda pieces, left: len(joined(pieces, left)) <= _MATTERMOST_TEXT
    )
    return {"text": joined(pieces, left)}


def _mattermost_paper(entry: _Entry, length: int) -> str:
    paper = entry.paper
    head = f"**{entry.rank}.** {_mattermost_link(paper.name, entry.href)}{_BESIDE}{entry.score}"
    if length == _TITLE:
        return head
    lead = _mattermost(paper.lead) if length == _FULL else ""
    return _lines(head, _mattermost(paper.authors), lead, _mattermost(entry.why))


def _mattermost_link(label: str, href: str) -> str:
    return commonmark.link(_uncalled(label), href) if href else commonmark.text(_uncalled(label), start=False)


def _mattermost(text: str) -> str:
    return commonmark.text(_uncalled(text))


def _uncalled(text: str) -> str:
    """`text` with a space of no width behind each @ that would call somebody."""
    return re.sub(r"(?<=@)(?=[\w-])", "\u200b", text)


# ---------------------------------------------------------------------------------------------- Telegram

_TELEGRAM_TEXT, _TELEGRAM_ENTITIES = 4096, 100


def telegram_message(edition: Edition, archive: Archive, site: Site) -> dict[str, Any]:
    """The parameters of `sendMessage`: HTML whose text, once parsed, has at most 4,096 units of UTF-16; of more than
    100 entities Telegram would drop the rest (core.telegram.org/bots/api).
    """
    told = _told(edition, archive, site)
    head = f"<b>{_telegram(told.heading)}</b>\n{_telegram(told.summary)}"

    def joined(pieces: list[str], left: int) -> str:
        foot = _foot(told, left)
        return "\n\n".join(filter(None, [head, *pieces, _telegram_link(foot, told.page)]))

    def fits(pieces: list[str], left: int) -> bool:
        text = joined(pieces, left)
        return text.count("</") <= _TELEGRAM_ENTITIES and _telegram_length(text) <= _TELEGRAM_TEXT

    pieces, left = _fitted(told.entries, _telegram_paper, fits)
    return {
        "text": joined(pieces, left),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }


def _telegram_paper(entry: _Entry, length: int) -> str:
    paper = entry.paper
    head = f"{entry.rank}. {_telegram_link(paper.name, entry.href)}{_BESIDE}{entry.score}"
    if length == _TITLE:
        return head
    lead = _telegram(paper.lead) if length == _FULL else ""
    return _lines(head, _telegram(paper.authors), lead, _telegram(entry.why))


def _telegram_link(label: str, href: str) -> str:
    return f'<a href="{escape(href)}">{_telegram(label)}</a>' if href and label else _telegram(label)


def _telegram(text: str) -> str:
    return escape(_uncalled(text), quote=False)


def _telegram_length(text: str) -> int:
    """The units of UTF-16 that are left when tags and entities are parsed."""
    return _units(re.sub(r"&(?:amp|lt|gt);", "&", re.sub(r"<[^>]*>", "", text)))


# ------------------------------------------------------------------------------------------- plain texts

_DISCORD_CONTENT = 2000


def plain_message(format: str, text: str, chat: str = "") -> bytes:
    """`text`, in lines, as JSON for a webhook of that format, cut to what its service takes; nobody is called by it.
    A format that is not one of the four is given `{"text": …}`. `chat` is the id that Telegram wants.
    """
    lines = [one_line(line) for line in text.rstrip().splitlines()]
    write: Callable[[str], str] = {
        "slack": _slack,
        "discord": _discord,
        "mattermost": _mattermost,
        "telegram": _telegram,
    }.get(format, str)
    most = {"slack": _SLACK_TEXT, "discord": _DISCORD_CONTENT, "telegram": _TELEGRAM_TEXT}.get(format, _MATTERMOST_TEXT)
    written = ""
    for line in map(write, lines):
        if _units(written) + _units(line) + 3 > most:
            written += "\n…"
            break
        written = f"{written}\n{line}" if written else line
    told: dict[str, Any] = {"content" if format == "discord" else "text": written}
    if format == "slack":
        told |= {"unfurl_links": False, "unfurl_media": False}
    elif format == "discord":
        told["allowed_mentions"] = {"parse": []}
    elif format == "telegram":
        told |= {"parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
    if chat:
        told["chat_id"] = chat
    return json.dumps(told, ensure_ascii=False).encode()
