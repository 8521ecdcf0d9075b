"""Archives in blocks, so that the processes that test have something to share out, and what is made of one."""

import os
from collections.abc import Iterator

import pytest

from digest.model import Rendition
from digest.rendering import RENDERERS, render_index
from torture.archives import ALL, Made, an_archive
from torture.faults import Faults

SIZE = 50

WHOLE = os.environ.get("TORTURE") == "all"
"""Set by `make torture`: nothing is left out for the sake of time."""

each = pytest.mark.parametrize("block", [pytest.param(first, id=f"from-{first:04}") for first in range(0, ALL, SIZE)])
"""A test is run for each block of archives."""


def archives(block: int, every: int = 1) -> Iterator[Made]:
    """The archives of a block; of each `every` only the first, unless all are wanted."""
    return map(an_archive, range(block, min(block + SIZE, ALL), 1 if WHOLE else every))


def made(one: Made, name: str) -> list[Rendition]:
    """What the renderer `name` makes of an archive."""
    return RENDERERS[name](one.archive, one.site)


def pages(one: Made, faults: Faults) -> Iterator[Rendition]:
    """Every page: of the profile and of the site."""
    with faults.of(f"{one.number} html"):
        yield from (each for each in made(one, "html") if each.media_type == "text/html")
    with faults.of(f"{one.number} index"):
        yield from (each for each in render_index([one.archive], one.site) if each.media_type == "text/html")
