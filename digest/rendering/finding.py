"""What the search over past editions reads: for each month one file of all papers that its editions showed.

    {"2026-05-26": [["arxiv:2605.00001", "Counting papers once", "Ada Moreau, Tomás Říha"], …], …}

A paper is the anchor in its edition's page, its title and its authors. The script of the archive page fetches the
files as it needs them, newest first; there is no server to ask.
"""

import json
from datetime import date

from digest.model import Archive, Paper, Rendition, ShownPaper
from digest.rendering import wording
from digest.rendering.addresses import anchor
from digest.rendering.once import once

_AUTHORS = 12
"""So many authors of a paper can be searched for: a collaboration of thousands would be all of a month's file."""


def shard(day: date) -> str:
    """The name of the file that has the month of `day`: `search-2026-05.json`."""
    return f"search-{day:%Y-%m}.json"


def months(archive: Archive) -> list[str]:
    """The months in which editions showed papers, `2026-05`, newest first: those that have files."""
    return list(dict.fromkeys(f"{line.day:%Y-%m}" for line in archive.days if line.shown))


def paths(archive: Archive) -> list[str]:
    """Where below the site's root the files of all its months stand."""
    return [archive.at(f"search-{month}.json") for month in months(archive)]


def render(archive: Archive) -> list[Rendition]:
    """`<folder>/search-<month>.json` for every month of which a recent edition shows a paper.

    Whole months are in `archive.lines`, where the store was asked for them; a day that is not there comes from its
    recent edition.
    """
    days: dict[date, list[tuple[str, str, str]]] = {
        edition.digest.day: [_line(ranked.paper) for ranked in edition.digest.ranked] for edition in archive.recent
    }
    touched = {shard(day) for day, lines in days.items() if lines}
    recent = set(days)
    for shown in archive.lines:
        if shown.day not in recent:
            days.setdefault(shown.day, []).append(_line(_paper(shown)))
    return [
        Rendition(
            format="search",
            media_type="application/json",
            path=archive.at(name),
            content=_json(days, name),
        )
        for name in sorted(touched, reverse=True)
    ]


def _json(days: dict[date, list[tuple[str, str, str]]], name: str) -> bytes:
    of_month = {
        day.isoformat(): lines for day, lines in sorted(days.items(), reverse=True) if lines and shard(day) == name
    }
    return json.dumps(of_month, ensure_ascii=False, separators=(",", ":")).encode()


@once
def _line(paper: Paper) -> tuple[str, str, str]:
    names = wording.names(paper)
    told = ", ".join(names[:_AUTHORS])
    return anchor(paper), wording.name(paper), f"{told} et al." if len(names) > _AUTHORS else told


def _paper(shown: ShownPaper) -> Paper:
    """As much of a paper as its line needs."""
    return Paper(id=shown.id, headline=shown.headline, authors=shown.authors, listings=())
