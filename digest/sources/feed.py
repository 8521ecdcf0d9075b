"""Any feed by its address, or any other page that lists papers.

What it lists is whatever it lists today: a feed has no days, and who asks it too rarely misses what has left it.
"""

from collections.abc import Iterator

from digest.model import Document, Problem
from digest.sources.settings import Feed
from digest.sources.trip import Trip


def fetch(feed: Feed, trip: Trip) -> Iterator[Document | Problem]:
    return trip.bring([trip.today], lambda _: [trip.get(feed.url, "any" if feed.page else "feed")], dated=False)
