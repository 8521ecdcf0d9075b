"""Atom, RFC 4287."""

from digest.model import Archive, Rendition, Site
from digest.rendering.feed import generator


def render(archive: Archive, site: Site) -> list[Rendition]:
    """`<profile>/atom.xml`; nothing for a profile without an edition, for it has no date that a feed could carry."""
    if not archive.recent:
        return []
    path = archive.at("atom.xml")
    content = generator(archive, site, path).atom_str(pretty=True)
    return [Rendition(format="atom", media_type="application/atom+xml", path=path, content=content)]
