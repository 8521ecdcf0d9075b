"""A look at the installation before somebody misses a digest: each check ends as one line, with what to do.

Checks are functions of values, or of a folder, a store, a server; nothing is sent and nothing changed. What needs the
network, the mail server, `digest serve` and the DNS, is asked at the same time and has one deadline together.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final

from digest.config import Config
from digest.delivery.settings import Server
from digest.doctor import domain, machine, post
from digest.doctor.finding import Finding
from digest.errors import OK
from digest.rendering.wording import counted

DEADLINE: Final = 15.0
"""Seconds for everything that is asked of the network."""


def examine(config: Config, now: datetime, clock: Callable[[], float], ask: domain.Ask) -> list[Finding]:
    """What there is to say of an installation whose config is right. `clock` gives seconds that only go up; `ask` asks
    the DNS.
    """
    found = [Finding("config", "ok", f"{config.path}: {counted(len(config.profiles), 'profile')}")]
    found += machine.look(config, now)
    found += post.secrets(config)
    with ThreadPoolExecutor(max_workers=4) as pool:
        asked = [pool.submit(check) for check in _over_network(config, clock, ask)]
    return [*found, *(one for answer in asked for one in answer.result())]


def _over_network(config: Config, clock: Callable[[], float], ask: domain.Ask) -> list[Callable[[], Sequence[Finding]]]:
    mailing = config.mailing
    if not mailing:
        return []
    checks: list[Callable[[], Sequence[Finding]]] = [lambda: [post.reach(mailing, clock, DEADLINE)]]
    if mailing.leave_at:
        checks.append(lambda: [post.answers(mailing.leave_at, DEADLINE)])
    if isinstance(mailing.through, Server) and not mailing.through.lmtp:
        checks.append(lambda: domain.look(mailing, ask))
    return checks


def exit_code(found: Sequence[Finding]) -> int:
    """0, or that of what is wrong: 2 the config, 5 this machine, 4 mail; the first of these."""
    wrong = {one.code for one in found if one.state == "wrong"}
    return next((code for code in (2, 5, 4) if code in wrong), OK)


def tally(found: Sequence[Finding]) -> Mapping[str, int]:
    """How many lines say each."""
    return {state: sum(one.state == state for one in found) for state in ("ok", "look", "wrong")}
