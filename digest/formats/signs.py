"""How sure a format is that a document is its own."""

from enum import IntEnum


class Sign(IntEnum):
    """The stronger one has the document; two that are as strong are a doubt, which is told and not decided."""

    LIKELY = 1
    """It looks like it, and other formats may look so too."""
    CERTAIN = 2
    """Only this format has what was seen: its own name space, its own separators, its own keys together."""
