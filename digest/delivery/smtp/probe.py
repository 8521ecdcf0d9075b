"""A mail server is greeted, spoken to up to the point where it would take mail, and bidden good-bye."""

import selectors
from collections.abc import Callable

from digest.delivery.settings import Server
from digest.delivery.smtp.connecting import Connection, find
from digest.delivery.smtp.dialogue import Dialogue
from digest.delivery.smtp.timing import Deadlines


def probe(
    server: Server,
    password: str = "",
    *,
    clock: Callable[[], float],
    seconds: float,
    watch: Callable[[str], None] | None = None,
) -> str:
    """Why the server would take no mail from us; empty where it would. Takes `seconds` at most, and never raises for
    what a server or a network does.
    """
    until = clock() + seconds
    try:
        place = find(server, seconds)
    except OSError as error:
        return str(error.strerror or error)
    dialogue = Dialogue(server, password, place.name, private=place.private, watch=watch)
    one = Connection(server, dialogue, place, Deadlines(seconds, seconds, seconds, seconds), clock())
    willing = False
    try:
        while not dialogue.closed and (left := until - clock()) > 0:
            if dialogue.ready:
                willing = True
                dialogue.quit()
                one.write()
                until = min(until, clock() + Deadlines().quit)
                continue
            left = min(left, one.look(clock()))
            sock, events = one.waits_for
            if sock:
                with selectors.DefaultSelector() as selector:
                    selector.register(sock, events)
                    selector.select(left)
            one.turn(clock())
        if not willing and not dialogue.closed:
            dialogue.time_out(seconds)
    finally:
        one.close()
    return "" if willing else dialogue.halt or dialogue.why
