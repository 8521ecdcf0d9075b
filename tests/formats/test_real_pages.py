"""Real listings: the seed pages, and pages written from real papers."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from builders import a_document
from pages import LAYOUTS, Invented, seen_on

from digest.formats import parse
from digest.model import Listing
from digest.text import one_line


@pytest.fixture(scope="module")
def papers(shared: Path) -> list[Invented]:
    """Real papers of five days, each once, as far as a page can tell of them."""
    found = {}
    for file in sorted((shared / "stream").glob("*.jsonl")):
        for row in map(json.loads, file.read_text().splitlines()):
            found[row["id"]] = Invented(
                id=row["id"],
                title=one_line(row["title"]),
                authors=tuple(one_line(name) for name in row["authors"]),
                abstract=one_line(row["summary"]),
                comments=one_line(row.get("comment") or "") or None,
                created=date(2000 + int(row["id"][:2]), int(row["id"][2:4]), 3),
                updated=None,
                comment_count=None,
            )
    return list(found.values())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pages_of_real_papers_are_read(papers, layout):
    """Of several hundred real papers on a page of each layout none is lost or invented, and 99 % are exact."""
    items = list(parse(a_document("".join(LAYOUTS[layout](papers)))))
    assert len(items) == len(papers)
    assert all(isinstance(x, Listing) for x in items)
    exact = sum(
        all(getattr(item, name) == value for name, value in seen_on(layout, paper).items())
        for item, paper in zip(items, papers, strict=True)
    )
    assert exact >= 0.99 * len(papers)


def test_the_seed_listings_are_exact(shared):
    """All 81 listings of the seed pages are read exactly, and are 79 papers."""
    done = subprocess.run(
        [
            sys.executable,
            shared / "accept" / "listings.py",
            shared / "seeds",
            "--command",
            f"{sys.executable} -m digest",
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "papers: 79 of 79" in done.stdout
    assert "81/81 listings exact" in done.stdout
