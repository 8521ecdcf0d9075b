"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), with the same entries as RSS and Atom."""

import json
from functools import lru_cache
from typing import Any

from digest.model import Archive, Paper, Reason, Rendition, Site
from digest.rendering import feed
from digest.rendering.addresses import absolute, entry_id
from digest.rendering.feed import Channel, Entry, Page
from digest.rendering.once import once

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
    items = ",\n".join(map(item, page.entries))
    text = f'{_text(head)[:-1]}, "items": [\n{items}\n]}}\n'
    path = f"{page.prefix}{ENDING}"
    return Rendition(format="jsonfeed", media_type="application/feed+json", path=path, content=text.encode())


def item(entry: Entry) -> str:
    """An entry as JSON Feed has it; `_digest` has the score and its reasons, which `content_html` tells people. What no
    reader changes is written once.
    """
    before, after, names = _around(entry.paper, entry.link)
    reasons = ", ".join(map(_reason, entry.score.reasons))
    return (
        f"{before}{_text(feed.reasons(entry.score))[1:-1]}{after}"
        f'"date_published": "{entry.published.isoformat()}", "date_modified": "{entry.updated.isoformat()}"{names}, '
        f'"_digest": {{"score": {_text(entry.score.total)}, "reasons": [{reasons}]}}}}'
    )


@once
def _around(paper: Paper, link: str) -> tuple[str, str, str]:
    """What stands before the reasons, after them, and after the dates."""
    before, after = feed.around(paper)
    told = {"id": entry_id(paper), "url": link, "title": feed.title(paper), "content_html": before}
    names, tags = feed.authors(paper), feed.categories(paper)
    known = {
        **({"authors": [{"name": name} for name in names]} if names else {}),
        **({"tags": tags} if tags else {}),
    }
    return _text(told)[:-2], f"{_text(after)[1:]}, ", f", {_text(known)[1:-1]}" if known else ""


@lru_cache(maxsize=65536)
def _reason(reason: Reason) -> str:
    return _text(
        {
            name: feed.part_of_reason(value) if isinstance(value, str) else value
            for name, value in reason._asdict().items()
        }
    )


_text = json.JSONEncoder(ensure_ascii=False).encode
"""`json.dumps` makes such an encoder for each value."""
