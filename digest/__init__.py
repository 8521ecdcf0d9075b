"""A daily digest of research papers: listings in, ranked and explained editions out.

from digest import merge, profile, rank, read

reading = read("monday.txt", "tuesday.txt")     # reading.problems: what could not be read, and where
papers = merge(reading.listings)                # a paper that was listed twice is one paper
ana = profile("quantization:3", '"speech recognition"')
for ranked in rank(papers, ana):
    print(ranked.score.total, ranked.paper.headline)
    print(*ranked.score.reasons, sep=", ")      # +3.0 "quantization" in title, +1.5 …
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.app import profile, read
    from digest.merging import merge
    from digest.ranking import rank

__version__ = "0.1.0"

__all__ = ["merge", "profile", "rank", "read"]

_HOMES = {"merge": "digest.merging", "profile": "digest.app", "rank": "digest.ranking", "read": "digest.app"}


def __getattr__(name: str) -> object:
    """A public name, from the module where it lives, imported on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'digest' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
