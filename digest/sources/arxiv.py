"""arXiv: what it announced today in some categories, what it announced on days that were missed, what a query finds.

today         https://rss.arxiv.org/rss/cs.CL+cs.LG      one feed of all categories; `pubDate` is the announcement's
a missed day  https://oaipmh.arxiv.org/oai?verb=ListRecords&from=…&until=…&set=cs:cs:CL      one list a category
a query       https://export.arxiv.org/api/query?search_query=…&sortBy=submittedDate         the newest first

Days are those of New York, where arXiv announces on the evening before. Where something was announced a feed of an
earlier day is stale, and an empty one is believed only when OAI-PMH says the same afterwards. OAI-PMH dates a record by
its last change, on the day on which that was announced: what was submitted long before is no new paper, but a changed
one. Sources: info.arxiv.org/help/rss_specifications.html, /help/oa, /help/api/user-manual.html.
"""

from collections.abc import Generator, Iterator
from datetime import date, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from digest.announcements import ZONE, has_announcement, late_from, latest
from digest.clock import day_of
from digest.errors import SourceError
from digest.formats.arxiv_oai import resumption
from digest.model import Document, Problem
from digest.patterns import pattern
from digest.sources.archives import oai_set
from digest.sources.days import due
from digest.sources.settings import Arxiv
from digest.sources.trip import Trip
from digest.store.answers import SETTLED

if TYPE_CHECKING:
    from digest.sources.web.client import Got

FEEDS: Final = "https://rss.arxiv.org"
OAI: Final = "https://oaipmh.arxiv.org"
API: Final = "https://export.arxiv.org"
PAGE: Final = 100
_PARTS: Final = 200
"""So many parts of one list are asked for at most."""
_DAY: Final = timedelta(days=1)
_HELD: Final = timedelta(days=7)
"""So long before its announcement a paper may have been submitted: holidays lie between, or moderators held it."""

_CHANNEL: Final = pattern(rb"<pubDate>([^<]+)</pubDate>")
_ERROR: Final = pattern(rb"<error\s+code=[\"'](\w+)[\"']\s*>?([^<]*)")
_TOTAL: Final = pattern(rb"<opensearch:totalResults[^>]*>\s*(\d+)")


def fetch(arxiv: Arxiv, trip: Trip) -> Iterator[Document | Problem]:
    if arxiv.query:
        yield from trip.bring([trip.today], lambda _: _found(arxiv, trip), dated=False)
        return
    today = day_of(trip.now, ZONE)
    is_empty = yield from _announced(arxiv, trip, today)
    here = {visit.day for visit in trip.visits if visit.source == trip.name}
    missed: list[date] = []
    if trip.known:
        missed = [day for day in due(trip.known, today) if day < today and day not in here]
    elif is_empty and not _is_awaited(today, trip):
        # Whoever begins on a weekend would see nothing before Monday.
        missed = [latest(trip.now, trip.holidays).evening + _DAY]
    yield from trip.bring(missed, lambda day: _changed(arxiv, trip, day))


# ---------------------------------------------------------------------------------------------------- today


def _announced(arxiv: Arxiv, trip: Trip, today: date) -> Generator[Document | Problem, None, bool]:
    """The feed, noted under the day that it says it is of; at last whether it lists nothing."""
    url = f"{arxiv.at or FEEDS}/rss/{'+'.join(arxiv.categories)}"
    try:
        got = trip.get(url, "xml")
    except SourceError as error:
        trip.note(today, (), over=False, trouble=str(error))
        yield Problem(trip.name, None, str(error))
        return False
    data = got.text
    day = min(_day(data) or today, today)
    origin = f"{trip.name} {day}"
    yield got.document(origin)
    yield from trip.earlier(trip.name)
    if got.trouble:
        trip.note(today, (), over=False, trouble=got.trouble)
        yield Problem(trip.name, None, got.trouble)
        return False
    is_empty = b"<item" not in data
    trip.note(day, (origin,), over=not is_empty or not _is_awaited(day, trip))
    if day < today:
        awaited = _is_awaited(today, trip)
        stale = f"its feed is still that of {day}" if awaited else ""
        trip.note(today, (), over=not awaited, stale=stale)
        if stale and trip.now >= late_from(today - _DAY):
            yield Problem(trip.name, None, f"{stale}; what is new since is fetched when it is there")
    return is_empty


def _is_awaited(day: date, trip: Trip) -> bool:
    """Something is announced on the evening before that day."""
    return has_announcement(day - _DAY, trip.holidays)


def _day(feed: bytes) -> date | None:
    """The day of the announcement, by the clock that the feed has it in."""
    found = _CHANNEL.search(feed.partition(b"<item")[0])
    try:
        return parsedate_to_datetime(found[1].decode("ascii", "replace")).date() if found else None
    except (ValueError, TypeError, IndexError):
        return None


# --------------------------------------------------------------------------------------------- a missed day


def _changed(arxiv: Arxiv, trip: Trip, day: date) -> Iterator["Got"]:
    """All parts of the lists of one day, category by category."""
    base = f"{arxiv.at or OAI}/oai?verb=ListRecords"
    settled = [one for one, state in trip.known.items() if state in SETTLED and one < day]
    since = max(settled, default=min(trip.known, default=day) - _DAY) - _HELD
    for category in arxiv.categories:
        asked = f"&metadataPrefix=arXiv&from={day}&until={day}&set={oai_set(category)}"
        seen: set[str] = set()
        while asked:
            got = trip.get(f"{base}{asked}", "xml", doubt=_refused, slow=True, since=since)
            yield got
            further = resumption(got.document(trip.name))
            asked = f"&resumptionToken={quote(further.token, safe='')}" if further else ""
            if asked in seen or len(seen) > _PARTS:
                raise SourceError(f"the list of {category} does not come to its end")
            seen |= {asked} - {""}


def _refused(answer: bytes) -> str:
    """Why OAI-PMH lists nothing; that no record matches is an empty list."""
    found = _ERROR.search(answer)
    if not found or found[1] == b"noRecordsMatch":
        return ""
    said = " ".join(found[2].decode("utf-8", "replace").split())[:200]
    return f"OAI-PMH answers {found[1].decode()}: {said}"


# ------------------------------------------------------------------------------------------------- a query


def _found(arxiv: Arxiv, trip: Trip) -> Iterator["Got"]:
    """The newest that the query finds, a page at a time."""
    for start in range(0, arxiv.newest, PAGE):
        number = min(PAGE, arxiv.newest - start)
        asked = {"search_query": arxiv.query, "sortBy": "submittedDate", "sortOrder": "descending"}
        words = urlencode({**asked, "start": start, "max_results": number})
        got = trip.get(f"{arxiv.at or API}/api/query?{words}", "xml", doubt=partial(_empty, start))
        yield got
        if got.text.count(b"<entry") < number:
            return


def _empty(start: int, page: bytes) -> str:
    """Why a page is none: the API gives empty ones now and then, and then the same page full."""
    total = _TOTAL.search(page)
    if b"<entry" in page or not total or int(total[1]) <= start:
        return ""
    return f"it answers with an empty page, though {int(total[1]):,} are found"
