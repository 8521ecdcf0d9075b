"""Feeds and pages of the small site, byte for byte.

The expected files stand in `tests/data/rendering`; the style sheet, which all pages repeat, is left out of them.
To rewrite them after a change that is meant: `REWRITE_GOLDENS=1 pytest tests/rendering`, then read the difference.
"""

import os
import re
from pathlib import Path

import pytest
from rendering_scene import SITE, an_archive, editions

from digest.rendering import FEEDS, render, render_index

GOLDENS = Path(__file__).parents[1] / "data" / "rendering"


def rendered() -> dict[str, str]:
    archive = an_archive(*editions())
    renditions = [*render(archive, SITE, (*FEEDS, "html")), *render_index([archive], SITE)]
    return {r.path: re.sub("(?s)(<style>).*(</style>)", r"\1\2", r.content.decode()) for r in renditions}


@pytest.mark.parametrize("path", sorted(rendered()))
def test_renditions_are_as_they_were(path: str) -> None:
    """What is published changes only when somebody means it to."""
    golden = GOLDENS / path
    if "REWRITE_GOLDENS" in os.environ:
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(rendered()[path], encoding="utf-8", newline="")
    assert golden.read_bytes().decode() == rendered()[path]


def test_every_golden_is_of_something() -> None:
    """A golden that no rendition is compared with proves nothing."""
    others = {"formats", "mail"}  # other tests compare these
    files = [file.relative_to(GOLDENS) for file in GOLDENS.rglob("*") if file.is_file()]
    assert {str(file) for file in files if file.parts[0] not in others} == set(rendered())
