"""Semantic Scholar: what a search finds among the papers of the last days.

https://api.semanticscholar.org/graph/v1/paper/search/bulk?query=…&publicationDateOrYear=2026-05-12:2026-05-26&fields=…

Papers come into it days after their date of publication, so the search looks back, each time, and what was shown is not
shown again. A page ends in a token that asks for the next one. Source: api.semanticscholar.org/api-docs/graph.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from digest.delivery.secrets import reveal
from digest.model import Document, Problem
from digest.sources.objects import at, told, wants_list
from digest.sources.settings import SemanticScholar
from digest.sources.trip import Trip
from digest.store.answers import SETTLED

if TYPE_CHECKING:
    from digest.sources.web.client import Got

API: Final = "https://api.semanticscholar.org"
PAGES: Final = 5
"""So many pages, of up to 1,000 papers each, are asked for at most."""
FURTHEST: Final = 60
"""So many days back at most, after a time without runs."""
_FIELDS: Final = (
    "externalIds,url,title,abstract,authors,venue,year,publicationDate,publicationTypes,openAccessPdf,citationCount"
)


def fetch(scholar: SemanticScholar, trip: Trip) -> Iterator[Document | Problem]:
    last = max((day for day, state in trip.known.items() if state in SETTLED), default=trip.today)
    days = min(scholar.days + max((trip.today - last).days, 0), FURTHEST)
    since = trip.today - timedelta(days=days)
    words = {"query": scholar.query, "publicationDateOrYear": f"{since}:{trip.today}"}
    words |= {"sort": "publicationDate:desc", "fields": _FIELDS}
    words |= {"fieldsOfStudy": ",".join(scholar.subjects)} if scholar.subjects else {}
    key = {"x-api-key": reveal(scholar.key)} if scholar.key else None

    def ask() -> Iterator["Got"]:
        token = None
        for _ in range(PAGES):
            asked = urlencode({**words, **({"token": token} if token else {})})
            url = f"{scholar.at or API}/graph/v1/paper/search/bulk?{asked}"
            got = trip.get(url, "json", secret=key, doubt=wants_list("data"))
            if not at(got.text, "data"):
                return
            yield got
            if not (token := told(got.text).get("token")):
                return

    return trip.bring([trip.today], lambda _: ask(), dated=False)
