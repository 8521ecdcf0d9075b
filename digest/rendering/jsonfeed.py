"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), with the same entries as RSS and Atom."""

import json
from typing import Any

from digest.model import Archive, Reason, Rendition, Score, Site
from digest.rendering import feed
from digest.rendering.addresses import absolute, entry_id
from digest.rendering.feed import Channel, Entry, Page

ENDING = "feed.json"


def render(archive: Archive, site: Site) -> list[Rendition]:
    """`<profile>/feed.json`, and `<profile>/<day>.feed.json` for each recent day; nothing for a profile without an
    edition, as for the other feeds.
    """
    channel = feed.channel(archive, site)
    return [written(page, channel, site) for page in feed.pages(archive, site)]


def written(page: Page, channel: Channel, site: Site) -> Rendition:
    """One document of the feed `channel`: an entry a line. All of them name the current page as their feed's address,
    which is what tells one feed from another.
    """
    subscribed = f"{page.prefix if page.current is None else page.current}{ENDING}"
    head: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.home,
        **({"feed_url": absolute(subscribed, site)} if site.base_url else {}),
        "description": feed.DESCRIPTION,
        **({"next_url": absolute(f"{page.older}{ENDING}", site)} if page.older else {}),
        "authors": [{"name": channel.author}],
        "language": feed.LANGUAGE,
    }
    items = ",\n".join(_text(item(entry)) for entry in page.entries)
    text = f'{_text(head)[:-1]}, "items": [\n{items}\n]}}\n'
    path = f"{page.prefix}{ENDING}"
    return Rendition(format="jsonfeed", media_type="application/feed+json", path=path, content=text.encode())


def item(entry: Entry) -> dict[str, Any]:
    """An entry as JSON Feed has it; `_digest` has the score and its reasons, which `content_html` tells people."""
    paper = entry.paper
    names, tags = feed.authors(paper), feed.categories(paper)
    return {
        "id": entry_id(paper),
        "url": entry.link,
        "title": feed.title(paper),
        "content_html": feed.content(paper, entry.score),
        "date_published": entry.published.isoformat(),
        "date_modified": entry.updated.isoformat(),
        **({"authors": [{"name": name} for name in names]} if names else {}),
        **({"tags": tags} if tags else {}),
        "_digest": _explained(entry.score),
    }


def _explained(score: Score) -> dict[str, Any]:
    return {"score": score.total, "reasons": [_reason(reason) for reason in score.reasons]}


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        name: feed.part_of_reason(value) if isinstance(value, str) else value
        for name, value in reason._asdict().items()
    }


_text = json.JSONEncoder(ensure_ascii=False).encode
"""`json.dumps` makes such an encoder for each value."""
