"""When to try again what a server put off (RFC 5321 section 4.5.4.1)."""

FIRST = 300.0
LONGEST = 4000.0
MOST = 86_400.0
"""A server that asks to be left alone for longer than a day is tried after a day."""
FURTHEST = MOST + LONGEST
"""A try that lies further ahead was put there by a clock that was wrong."""


def backoff(attempts: int, chance: float, after: float = 0.0) -> float:
    """Seconds to wait after that many tries, at least one: 5 minutes, twice as long each time, at most 4,000 seconds;
    up to a quarter less by `chance`, from [0, 1), so that not everybody comes back at once. Not before `after`, which
    the server asked for (RFC 9110 section 10.2.3), if that is within a day.
    """
    longest: float = min(FIRST * 2 ** min(max(attempts, 1) - 1, 10), LONGEST)
    return max(longest * (1 - chance / 4), min(after, MOST))
