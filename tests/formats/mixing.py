"""Documents of every format, for tests that mix and break them: the invented samples, each format's own example, and
pages as `bench/pages.py` writes them.
"""

from functools import cache
from typing import NamedTuple

from formats_scene import SAMPLES, samples
from pages import LAYOUTS as PAGES
from pages import invented

from digest.formats import FORMATS
from digest.formats.containers import _kind
from digest.formats.pages import LAYOUTS


class Mixed(NamedTuple):
    name: str
    format: str
    """What it is taken for."""
    data: bytes

    @property
    def packed(self) -> bool:
        """It is an archive or a mail, of which only what is in it has a format."""
        return _kind(self.data) is not None


@cache
def documents() -> tuple[Mixed, ...]:
    found = [Mixed(str(path.relative_to(SAMPLES)), path.parent.name, path.read_bytes()) for path in samples()]
    examples = {name: FORMATS[name].EXAMPLE for name in FORMATS if FORMATS[name].EXAMPLE}
    found += [
        Mixed(f"example of {name}", "page" if name in LAYOUTS else name, text.encode())
        for name, text in examples.items()
    ]
    papers = list(invented(6, seed=7))
    found += [Mixed(f"page {name}", "page", "".join(write(papers)).encode()) for name, write in PAGES.items()]
    return tuple(found)
