"""arXiv's announcements, held against what arXiv's own parsers make of them."""

import json
from collections import Counter
from pathlib import Path

import pytest
from conftest import ROOT

from digest.formats import parse
from digest.formats.people import listed
from digest.model import Listing
from digest.sources.files import document

SHARED = ROOT.parent / "shared"
GOLD = sorted((SHARED / "listing_gold").glob("*.jsonl"))
KINDS = {"new": "new", "cross": "cross-list", "rep": "replaced"}


def source(gold: Path) -> Path:
    name = gold.stem
    if name.startswith("email."):
        return SHARED / "formats" / "01_arxiv_email" / f"{name.removeprefix('email.')}.txt"
    return SHARED / "formats" / "01_arxiv_listing_text" / f"{name}.txt"


def folded(text: str | None) -> str:
    return " ".join((text or "").split())


@pytest.mark.skipif(not GOLD, reason="the folder of real data, ../shared, is not here")
def test_arxivs_own_parsers_say_the_same() -> None:
    """Ids and kinds of every record are arXiv's; titles, authors, categories, comments, dates and DOIs of 99.5 %, and
    abstracts of 99 %. What arXiv lists twice in a mail, as new and as a cross-list, is two listings.
    """
    right: Counter[str] = Counter()
    total = 0
    for gold in GOLD:
        found = [item for item in parse(document(source(gold))) if isinstance(item, Listing)]
        by_id: dict[tuple[str, str | None], Listing] = {(one.ids["arxiv"], one.kind): one for one in found}
        for line in gold.read_text(encoding="utf-8").splitlines():
            wanted = json.loads(line)
            total += 1
            one = by_id.get((wanted["id"], KINDS[wanted["type"]]))
            if not one:
                continue
            day = one.updated if one.kind == "replaced" else one.created
            right.update(
                name
                for name, same in {
                    "id and kind": True,
                    "title": folded(one.title) == folded(wanted["title"]),
                    "authors": one.authors == listed(folded(wanted["authors"])).names,
                    "categories": " ".join(one.categories) == wanted["categories"],
                    "comments": folded(one.comments) == folded(wanted["comments"]),
                    "doi": one.ids.get("doi", "") == (wanted["doi"] or "").lower(),
                    "date": wanted["date"] in (None, "None") or str(day) == wanted["date"][:10],
                    "abstract": folded(one.abstract) == folded(wanted["abstract"]),
                }.items()
                if same
            )
    assert right.pop("id and kind") == total
    assert right.pop("abstract") >= 0.99 * total
    assert all(count >= 0.995 * total for count in right.values()), (total, right)
