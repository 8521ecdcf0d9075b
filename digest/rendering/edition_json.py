"""Editions as data for programs: one JSON object an edition (RFC 8259), in UTF-8, keys in a fixed order.

    version   1; a key may be added under the same number, none changes its meaning or goes
    profile   {name, title};  site {title, url};  url  the edition's page, null where nobody said what is served where
    day       ISO 8601, the profile's local day;  issued  RFC 3339;  number  counted from 1
    tally     {considered, shown, beyond_limit, below_threshold, unmatched, muted, already_shown, revised}
    announced the evenings in New York of arXiv's announcements that it covers
    verdict   how the day ended: delivered, quiet day, holiday, all filtered, source failed or source stale
    problems  [{file, line, what}]
    papers    in the ranking's order: {rank, score, section, url, key, readable, paper, reasons}

`paper` and `reasons` are what `digest rank --json` prints, with files' names without their folders and only such
links as a reader may follow. Texts in `paper` are the source's own, TeX included; `readable` has {title, abstract,
comments} as pages and feeds show them. `url` is what a title opens, `key` the paper's key in `<day>.bib`.
"""

import json
from itertools import count
from math import isfinite
from typing import Any

from digest.model import Archive, Edition, Paper, Ranked, Rendition, Site
from digest.rendering import wording
from digest.rendering.addresses import edition_page, href, links
from digest.rendering.citations import key
from digest.rendering.objects import paper_object, reason_objects
from digest.rendering.once import once
from digest.text import clean


def render(archive: Archive, site: Site) -> list[Rendition]:
    """`<day>.json` for each recent edition, indented by two; a number that JSON has no word for is null."""
    return [
        Rendition(
            format="json",
            media_type="application/json",
            path=archive.path(edition.digest.day, ".json"),
            content=_written(edition, archive, site).encode(),
        )
        for edition in archive.recent
    ]


def _written(edition: Edition, archive: Archive, site: Site) -> str:
    """The object of an edition, as the module's text describes it: papers are in it as they were written once."""
    ranks = count(1)
    papers = ",\n    ".join(
        _entry(next(ranks), ranked, section.title) for section in edition.digest.sections for ranked in section.ranked
    )
    around = _json(_around(edition, archive, site)).removesuffix("\n}")
    listed = f"[\n    {papers}\n  ]" if papers else "[]"
    return f'{around},\n  "papers": {listed}\n}}\n'


def _around(edition: Edition, archive: Archive, site: Site) -> dict[str, Any]:
    digest, tally = edition.digest, edition.digest.tally
    return {
        "version": 1,
        "profile": {"name": archive.profile, "title": archive.title},
        "site": {"title": site.title, "url": site.base_url},
        "url": edition_page(digest.day, archive, site) or None,
        "day": digest.day.isoformat(),
        "issued": edition.issued.isoformat(),
        "number": edition.number,
        "tally": {
            "considered": tally.considered,
            "shown": tally.shown,
            "beyond_limit": tally.beyond_limit,
            "below_threshold": tally.below_threshold,
            "unmatched": tally.unmatched,
            "muted": tally.muted,
            "already_shown": tally.already_shown,
            "revised": tally.revised,
        },
        "announced": [day.isoformat() for day in digest.announced],
        "verdict": digest.verdict if digest.verdict != "delivered" or tally.shown else "quiet day",
        "problems": [{"file": wording.document(x.file), "line": x.line, "what": x.what} for x in digest.problems],
    }


def _entry(rank: int, ranked: Ranked, section: str) -> str:
    parts = (
        _members({"rank": rank, "score": ranked.score.total, "section": section}),
        _paper(ranked.paper),
        _members({"reasons": reason_objects(ranked.score)}),
    )
    return f"{{{','.join(parts)}\n    }}"


@once
def _paper(paper: Paper) -> str:
    found = links(paper)
    told = paper_object(paper, wording.document)
    told["links"] = {label: written for label, address in told["links"].items() if (written := href(address))}
    return _members(
        {
            "url": found[0].href if found else None,
            "key": key(paper),
            "readable": {
                "title": wording.name(paper),
                "abstract": wording.abstract(paper) or None,
                "comments": wording.comments(paper) or None,
            },
            "paper": told,
        }
    )


def _members(value: dict[str, Any]) -> str:
    """The members of an object that stands in the list of papers, without its braces."""
    # No text has a line break of its own: JSON writes them as \\n.
    return _json(value)[1:-2].replace("\n", "\n    ")


def _json(value: Any) -> str:
    return json.dumps(_sound(value), ensure_ascii=False, allow_nan=False, indent=2)


def _sound(value: Any) -> Any:
    """`value` with its texts clean and without what JSON cannot say."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(name): _sound(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_sound(inner) for inner in value]
    return None if isinstance(value, float) and not isfinite(value) else value
