"""PubMed: what a search finds among the records that came in on each day.

https://eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi?db=pubmed&term=…&datetype=edat&mindate=…&maxdate=…
https://eutils.ncbi.nlm.nih.gov/entrez/eutils/efetch.fcgi?db=pubmed&retmode=xml&id=1,2,3

The day is that of the record's entry (EDAT), whenever the article was published. Source: "Entrez Programming Utilities
Help", NBK25499, which wants to be told which program asks, and whom to write to.
"""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from digest.delivery.secrets import reveal
from digest.model import Document, Problem
from digest.sources.objects import at, wants_list
from digest.sources.settings import Pubmed
from digest.sources.trip import Trip

if TYPE_CHECKING:
    from digest.sources.web.client import Got

API: Final = "https://eutils.ncbi.nlm.nih.gov"
PAGE: Final = 200
MOST: Final = 2000
"""So many records of one day are fetched at most."""
LAG: Final = 1


def fetch(pubmed: Pubmed, trip: Trip) -> Iterator[Document | Problem]:
    base = f"{pubmed.at or API}/entrez/eutils"
    common = {"db": "pubmed", "tool": "paperdigest"}
    common |= {"email": trip.contact} if trip.contact else {}
    common |= {"api_key": reveal(pubmed.key)} if pubmed.key else {}

    def ask(day: date) -> Iterator["Got"]:
        entered = f"{day:%Y/%m/%d}"
        words = {"term": pubmed.query, "datetype": "edat", "mindate": entered, "maxdate": entered}
        search = urlencode({**common, **words, "retmax": MOST, "retmode": "json"})
        ids = _ids(trip.get(f"{base}/esearch.fcgi?{search}", "json", doubt=wants_list("esearchresult", "idlist")).text)
        for start in range(0, len(ids), PAGE):
            some = urlencode({**common, "retmode": "xml", "id": ",".join(ids[start : start + PAGE])}, safe=",")
            yield trip.get(f"{base}/efetch.fcgi?{some}", "xml")

    return trip.bring(trip.due(lag=LAG), ask, lag=LAG)


def _ids(answer: bytes) -> list[str]:
    found = at(answer, "esearchresult", "idlist")
    return [one for one in found if isinstance(one, str) and one.isdecimal()]
