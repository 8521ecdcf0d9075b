"""A small site to publish; also what subprocesses of the delivery tests import, so it imports little."""

from digest.model import Rendition


def renditions(word: str = "new", size: int = 1) -> list[Rendition]:
    """A site in the order in which it is rendered, each file saying `word` and its own path."""
    paths = ["ana/rss.xml", "ana/atom.xml", "ana/2026-05-26.html", "ana/index.html", "bo/rss.xml", "index.html"]
    return [a_rendition(path, f"{word} {path} ".encode() * size) for path in paths]


def a_rendition(path: str, content: bytes = b"x") -> Rendition:
    return Rendition(format="html", media_type="text/html", path=path, content=content)
