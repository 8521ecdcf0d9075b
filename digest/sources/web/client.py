"""The polite client: `Client.get` gives what stands at an address, or the last good answer and why it is not a new one.

An answer is kept before anybody reads it, and asked for again with what tells whether it has changed. Whoever says
"later" (Retry-After), or fails, is left alone until then, also by the next process. Requests are one at a time, each
over a connection of its own, and those to one house keep their distance.
"""

import gzip
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from io import BytesIO
from typing import BinaryIO, Final, NamedTuple, cast

from digest.delivery.exchange import retry_after
from digest.errors import SourceError, TryAgain
from digest.model import Document
from digest.sources.settings import Fetching
from digest.sources.web.addresses import Target, redirected, shown, target
from digest.sources.web.exchange import Failed, Reply, Terms, exchange
from digest.sources.web.shapes import Shape, fault
from digest.sources.web.waiting import SOON, TRIES, distance, later, left, until, within_run
from digest.store.answers import Answer, Answers, Rest
from digest.text import one_line

REDIRECTS: Final = 5
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_LATER: Final = (408, 425, 429, 500, 502, 503, 504)
_OF_THE_HOUSE: Final = (429, 503)
"""What is said of a whole service, and not of one address."""
_GONE: Final = 86_400.0
_LONGEST: Final = 1_000
SLOW: Final = 3
"""So many times the deadline has a service that is known to take its time."""

_SAID: Final = {
    400: "it does not understand what it is asked",
    401: "it wants a key or a password",
    403: "it refuses; its rules, or a key, may have changed",
    404: "there is nothing at this address; see whether it has moved",
    406: "it refuses this program; give it a `fetch: contact:`",
    410: "it is gone for good; take it out of the config",
    429: "it was asked too often",
    500: "it has failed",
    502: "it is out of order",
    503: "it is out of order or busy",
    504: "it is out of order",
}


class _Setback(NamedTuple):
    """An attempt that brought nothing."""

    why: str
    place: str
    """Who is left alone because of it; empty where nobody was asked."""
    asked: float = 0.0
    """Seconds for which the server wants to be left alone."""
    again: bool = True
    """It may be otherwise in some seconds."""
    unreached: bool = False
    """Nobody took the connection: other addresses of the host are not tried in this run."""


class _Question(NamedTuple):
    """What is asked, and what is known of it already."""

    url: str
    there: Target
    known: Answer | None
    shape: Shape
    secret: Mapping[str, str]
    doubt: Callable[[bytes], str] | None
    deadline: float


class Got(NamedTuple):
    """An answer, and how good it is."""

    answer: Answer
    trouble: str = ""
    """Why it is not a new one; empty where it is as good as new."""
    aside: tuple[Answer, ...] = ()
    """Earlier ones that nobody has read."""
    since: date | None = None
    """As in `Document.since`."""

    def document(self, origin: str) -> Document:
        return Document(
            origin=origin,
            open=partial(_opened, self.answer.body),
            media_type=self.answer.media_type or None,
            fetched=self.answer.at,
            moving=True,
            since=self.since,
        )

    @property
    def text(self) -> bytes:
        """All of it; for what is known to be short."""
        return gzip.decompress(self.answer.body)


def _opened(body: bytes) -> BinaryIO:
    return cast("BinaryIO", gzip.GzipFile(fileobj=BytesIO(body)))


class Client:
    """Asks addresses for one run. `agent` is how the program calls itself; `clock` tells the time, `monotonic` counts
    seconds, `sleep` waits for some, `chance` gives a number from [0, 1), and `stopping` tells whether somebody wants us
    to stop: then nothing more is asked, and TryAgain is raised.
    """

    def __init__(
        self,
        fetching: Fetching,
        answers: Answers,
        *,
        agent: str,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        chance: Callable[[], float],
        stopping: Callable[[], bool] = lambda: False,
        exchange: Callable[[Target, Mapping[str, str], Terms], Reply] = exchange,
    ) -> None:
        self._fetching = fetching
        self._answers = answers
        self._clock = clock
        self._monotonic = monotonic
        self._sleep = sleep
        self._chance = chance
        self._stopping = stopping
        self._exchange = exchange
        self._over = self._until = monotonic() + fetching.patience
        self._asked: dict[str, float] = {}
        """When a house was last asked, in seconds of `monotonic`."""
        self._unreached: dict[str, str] = {}
        """Hosts that were not found, or not reached, in this run."""
        self._fields = {
            "User-Agent": f"{agent} (mailto:{fetching.contact})" if fetching.contact else agent,
            "Accept-Encoding": "gzip",
            "Connection": "close",
        }

    def begin(self, left: int) -> None:
        """A source is asked next, it and others, `left` in all: it has an equal share of the time that is left, but
        enough for one answer. So a slow one leaves some to the others.
        """
        now = self._monotonic()
        self._until = min(self._over, now + max((self._over - now) / left, self._fetching.deadline))

    def get(
        self,
        url: str,
        shape: Shape = "any",
        *,
        secret: Mapping[str, str] | None = None,
        doubt: Callable[[bytes], str] | None = None,
        slow: bool = False,
    ) -> Got:
        """What stands at `url`, which is to have that shape. `secret` are fields that nobody but its host is told.
        `doubt` says why an answer is none after all: services have errors that look like success. One that is `slow`
        has more time.

        Raises SourceError, in a sentence without the address, where there is neither a new answer nor an older one.
        """
        try:
            there = target(url)
        except ValueError as error:
            raise SourceError(f"the address {error}") from None
        got = self._got(url, there, shape, secret or {}, doubt, self._fetching.deadline * (SLOW if slow else 1))
        return got._replace(aside=tuple(self._answers.aside(url)))

    def _got(
        self,
        url: str,
        there: Target,
        shape: Shape,
        secret: Mapping[str, str],
        doubt: Callable[[bytes], str] | None,
        deadline: float,
    ) -> Got:
        known = self._answers.answer(url)
        now = self._clock()
        if known and 0 <= (now - known.at).total_seconds() < self._fetching.every * 3600:
            return Got(known)
        if why := self._resting(url, there.house):
            return _instead(known, why)
        return self._ask(_Question(url, there, known, shape, secret, doubt, deadline))

    # ------------------------------------------------------------------------------------------ whom to leave alone

    def _resting(self, url: str, house: str) -> str:
        """Why the address is not asked now; empty where it may be, after waiting for what can be waited for."""
        for rest in filter(None, map(self._answers.rest, (house, url))):
            seconds = left(rest.until, self._clock())
            if seconds and not self._waits(seconds):
                return later(rest.why, rest.until)
        return ""

    def _rest(self, place: str, why: str, asked: float = 0.0) -> datetime:
        """Leave that place alone from now on; until when."""
        known = self._answers.rest(place)
        tries = (known.tries if known else 0) + 1
        at = until(self._clock(), tries, asked, self._chance())
        self._answers.let_rest(Rest(place, at, tries, why))
        return at

    def _waits(self, seconds: float) -> bool:
        """Waits, where the run has the time for it."""
        if seconds > min(SOON, self._until - self._monotonic()):
            return False
        self._sleep(seconds)
        return True

    def _keep_distance(self, house: str) -> None:
        """Wait until the house may be asked again. Another run may have asked it just before this one."""
        seconds = distance(house)
        if house in self._asked:
            since = self._monotonic() - self._asked[house]
        elif last := self._answers.last(house):
            since = (self._clock() - last).total_seconds()
        else:
            return
        if 0 <= since < seconds:
            self._sleep(seconds - since)

    # ------------------------------------------------------------------------------------------------------- asking

    def _ask(self, question: "_Question") -> Got:
        """A new answer, or the older one after so many tries as there is time for."""
        began, attempt = self._monotonic(), 1
        while isinstance(found := self._attempt(question), _Setback):
            time = found.again and attempt < TRIES and self._monotonic() - began < question.deadline
            if not (time and self._waits(within_run(attempt, found.asked, self._chance()))):
                break
            attempt += 1
        if isinstance(found, Got):
            return found
        if not found.place:
            return _instead(question.known, found.why)
        if found.unreached:
            self._unreached[question.there.host] = found.why
        at = self._rest(found.place, found.why, found.asked)
        return _instead(question.known, later(found.why, at))

    def _attempt(self, question: "_Question") -> "Got | _Setback":
        url, there, known = question.url, question.there, question.known
        try:
            reply, final = self._followed(question)
        except Failed as error:
            place = "" if error.fault == "unasked" else url
            again = error.fault in ("unreached", "broken")
            return _Setback(str(error), place, again=again, unreached=error.fault == "unreached")
        if reply.status == 304 and known:
            return self._kept(known._replace(at=self._clock()))
        if reply.status == 200:
            if why := fault(question.shape, reply.head, reply.tail):
                return _Setback(why, url, again=False)
            if question.doubt and (why := question.doubt(gzip.decompress(reply.body))):
                return _Setback(why, url)
            return self._kept(self._answer(url, there, final, reply))
        if reply.status not in _LATER:
            return _Setback(_told(reply.status), url, _GONE if reply.status == 410 else 0.0, again=False)
        after = retry_after(reply.fields.get("retry-after", ""), reply.fields.get("date", ""), self._clock())
        return _Setback(_told(reply.status), there.house if reply.status in _OF_THE_HOUSE else url, after)

    def _followed(self, question: "_Question") -> tuple[Reply, str]:
        """The answer at the end of all redirects, and the address that gave it. Raises Failed."""
        there, known = question.there, question.known
        here, at = there, question.url
        for _ in range(REDIRECTS + 1):
            fields = dict(self._fields)
            if known and at == (known.final or known.url):
                fields |= {"If-None-Match": known.etag} if known.etag else {}
                fields |= {"If-Modified-Since": known.modified} if known.modified else {}
            if (here.scheme, here.host, here.port) == (there.scheme, there.host, there.port):
                fields |= question.secret
            reply = self._once(here, fields, question.deadline)
            if reply.status not in _REDIRECTS:
                return reply, at
            try:
                at = redirected(at, reply.fields.get("location", ""))
                here = target(at)
            except ValueError as error:
                raise Failed(f"it {error}", "refused") from None
        raise Failed(f"it is redirected more than {REDIRECTS} times", "refused")

    def _once(self, here: Target, fields: Mapping[str, str], deadline: float) -> Reply:
        """One request. Raises Failed; a host that was not reached is not tried again in this run."""
        if why := self._unreached.get(here.host):
            raise Failed(why, "unasked")
        self._keep_distance(here.house)
        self._going_on()
        now = self._monotonic()
        end = min(now + deadline, self._until)
        if now >= self._until:
            raise Failed("its share of the time for all sources is over; it is asked by the next run", "unasked")
        terms = Terms(
            lambda: self._going_on() and end - self._monotonic(), self._fetching.private, self._fetching.authorities
        )
        try:
            return self._exchange(here, fields, terms)
        except Failed as error:
            if error.fault == "unasked":
                self._unreached[here.host] = str(error)
            raise
        finally:
            self._asked[here.house] = self._monotonic()

    def _going_on(self) -> bool:
        if self._stopping():
            raise TryAgain("asked to stop while sources were asked: no edition was made, the next run goes on")
        return True

    # ------------------------------------------------------------------------------------------------------ keeping

    def _answer(self, url: str, there: Target, final: str, reply: Reply) -> Answer:
        fields = reply.fields
        return Answer(
            url=url,
            house=there.house,
            at=self._clock(),
            body=reply.body,
            final="" if final == url else final,
            etag=_sendable(fields.get("etag", "")),
            modified=_sendable(fields.get("last-modified", "")),
            media_type=_sendable(fields.get("content-type", "")),
        )

    def _kept(self, answer: Answer) -> Got:
        self._answers.keep(answer)
        return Got(answer)


def _sendable(field: str) -> str:
    """A field that may stand in a header again; nothing where it may not, or is absurd."""
    return field if len(field) <= _LONGEST and field.isprintable() else ""


def _instead(known: Answer | None, why: str) -> Got:
    """The last good answer in place of a new one. Raises SourceError where there is none."""
    why = one_line(why)  # a server may have had a word in it
    if not known:
        raise SourceError(why)
    return Got(known, f"{why}; what it said on {known.at:%Y-%m-%d at %H:%M} UTC is read again")


def _told(status: int) -> str:
    more = _SAID.get(status) or ("it has failed" if status >= 500 else "it does not give what it is asked for")
    return f"HTTP {status}: {more}"


__all__ = ["Client", "Got", "shown"]
