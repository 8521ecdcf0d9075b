"""arXiv's archives: what their categories are called, and in which sets OAI-PMH has them."""

from typing import Final

_OWN_GROUP: Final = ("cs", "econ", "eess", "math", "q-bio", "q-fin", "stat")
_PHYSICS: Final = (
    *("astro-ph", "cond-mat", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math-ph", "nlin", "nucl-ex"),
    *("nucl-th", "physics", "quant-ph"),
)
ARCHIVES: Final = (*_OWN_GROUP, *_PHYSICS)
"""The archives that take papers, of which categories are parts: `cs.LG`, `hep-th`."""


def oai_set(category: str) -> str:
    """The set of a category: `cs:cs:LG`, `physics:hep-th`, `physics:astro-ph:GA`."""
    archive, _, part = category.partition(".")
    group = archive if archive in _OWN_GROUP else "physics"
    return f"{group}:{archive}{f':{part}' if part else ''}"
