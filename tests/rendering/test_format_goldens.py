"""The small site's editions as Markdown, JSON, citations and messages, byte for byte.

The expected files stand in `tests/data/rendering/formats`. To rewrite them after a change that is meant:
`REWRITE_GOLDENS=1 pytest tests/rendering/test_format_goldens.py`, then read the difference.
"""

import os
from functools import cache
from pathlib import Path

import pytest
from rendering_scene import SITE, an_archive, editions

from digest.rendering import render

GOLDENS = Path(__file__).parents[1] / "data" / "rendering" / "formats"
FORMATS = ("md", "json", "bib", "ris", "slack", "discord", "mattermost", "telegram")


@cache
def rendered() -> dict[str, bytes]:
    return {r.path.partition("/")[2]: r.content for r in render(an_archive(*editions()), SITE, FORMATS)}


@pytest.mark.parametrize("name", sorted(rendered()))
def test_renditions_are_as_they_were(name: str) -> None:
    """What is published changes only when somebody means it to."""
    golden = GOLDENS / name
    if "REWRITE_GOLDENS" in os.environ:
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_bytes(rendered()[name])
    assert golden.read_bytes() == rendered()[name]


def test_every_golden_is_of_something() -> None:
    """A golden that no rendition is compared with proves nothing."""
    assert {str(file.relative_to(GOLDENS)) for file in GOLDENS.rglob("*") if file.is_file()} == set(rendered())
