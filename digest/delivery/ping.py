"""A sign of life: an address that is asked for after each run that ended well.

Who watches there (healthchecks.io, Uptime Kuma, Cronitor and the like) raises the alarm when nobody asks any more, and
so also when the machine is down, which no alert of ours could tell.
"""

from digest import clock
from digest.delivery.exchange import DEADLINE, asked, checked, let_go, opened, reason, veiled, within


def ping(url: str, deadline: float = DEADLINE) -> str:
    """Why the address did not take it, without the address; empty where it did. Raises UsageError for one that is
    none.
    """
    from http.client import HTTPException

    checked(url, "the ping")
    until = clock.monotonic() + deadline
    connection = opened(url, deadline)
    try:
        within(deadline, connection.connect)
        answer = within(until - clock.monotonic(), lambda: asked(connection, url))
    except (OSError, HTTPException, ValueError) as error:
        return veiled(reason(error), url)
    finally:
        let_go(connection)
    if 200 <= answer.status < 300:
        return ""
    text = veiled(answer.text, url)
    return f"HTTP {answer.status}{f': {text}' if text else ''}"
