"""When to ask again. Nothing here waits: the client does."""

from datetime import datetime, timedelta
from typing import Final

from digest.store.backoff import FURTHEST, backoff

DISTANCES: Final = {"arxiv.org": 3.0, "semanticscholar.org": 1.5}
"""Seconds between two requests to a house, by its own rules: arXiv's terms of use of its API; Semantic Scholar's one
request a second.
"""
DISTANCE: Final = 1.0
"""The same for everybody else."""

SOON: Final = 60.0
"""So many seconds are waited for within a run; what is to be left alone for longer is asked by a later one."""
TRIES: Final = 3
"""So many times is an address asked in one run."""
_FIRST: Final = 4.0
_AGAIN: Final = "; it is not asked again before "


def within_run(attempt: int, asked: float, chance: float) -> float:
    """Seconds before the next attempt of the same run, after so many: what was asked for, or 4 and then 8 s; up to a
    quarter more by `chance`, from [0, 1), so that not everybody comes back at once.
    """
    return max(asked, _FIRST * 2.0 ** (attempt - 1)) * (1 + chance / 4)


def until(now: datetime, tries: int, asked: float, chance: float) -> datetime:
    """Until when somebody is to be left alone who has failed so many times in a row."""
    return now + timedelta(seconds=backoff(tries, chance, asked))


def left(rest_until: datetime, now: datetime) -> float:
    """Seconds for which somebody is still to be left alone. What lies further ahead than anybody can ask for was put
    there by a clock that was wrong.
    """
    seconds = (rest_until - now).total_seconds()
    return seconds if 0 < seconds <= FURTHEST else 0.0


def later(why: str, at: datetime) -> str:
    """A sentence that says why somebody is left alone, and until when."""
    return f"{why}{_AGAIN}{at:%Y-%m-%d %H:%M} UTC"


def reason(sentence: str) -> str:
    """Why, of such a sentence: the same for all whom one trouble keeps from being asked."""
    return sentence.partition(_AGAIN)[0]


def distance(house: str) -> float:
    """Seconds between two requests to a house."""
    return DISTANCES.get(house, DISTANCE)
