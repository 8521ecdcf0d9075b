"""The small site's editions as mail and as plain text, byte for byte.

The expected files stand in `tests/data/rendering/mail`. To rewrite them after a change that is meant:
`REWRITE_GOLDENS=1 pytest tests/rendering/test_mail_goldens.py`, then read the difference.
"""

import os
from functools import cache
from pathlib import Path

import pytest
from mail_scene import ANA, SENDER, letter
from rendering_scene import SITE, an_archive, editions

from digest.rendering.mail import message
from digest.rendering.txt import render

GOLDENS = Path(__file__).parents[1] / "data" / "rendering" / "mail"


@cache
def rendered() -> dict[str, bytes]:
    found = {rendition.path.partition("/")[2]: rendition.content for rendition in render(an_archive(*editions()), SITE)}
    for edition in editions():
        one = letter(edition)
        found[f"{edition.digest.day}.eml"] = message(edition, one.archive, SITE, SENDER, ANA)
    return found


@pytest.mark.parametrize("name", sorted(rendered()))
def test_renditions_are_as_they_were(name: str) -> None:
    """What is sent and published changes only when somebody means it to."""
    golden = GOLDENS / name
    if "REWRITE_GOLDENS" in os.environ:
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_bytes(rendered()[name])
    assert golden.read_bytes() == rendered()[name]


def test_every_golden_is_of_something() -> None:
    """A golden that nothing is compared with proves nothing."""
    assert {str(file.relative_to(GOLDENS)) for file in GOLDENS.rglob("*") if file.is_file()} == set(rendered())
