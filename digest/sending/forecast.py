"""What sending would do, told without doing it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from digest.model import Addressee, Delivery, Profile, State
from digest.sending import due_days
from digest.store import Store
from digest.text import fold_address

_WAITS: tuple[State, ...] = ("planned", "rendered", "claimed", "dot sent", "deferred")
_CARRIED: tuple[State, ...] = ("expired", "refused", "in doubt")


def forecast(profiles: Sequence[Profile], today: Mapping[str, date], store: Store, now: datetime) -> list[str]:
    """A line for each edition that would be sent to somebody who has not been sent it, and for what waits."""
    lines: list[str] = []
    for profile in profiles:
        if newest := _newest(profile, today[profile.name], store):
            lines.append(newest)
        counts = Counter(_how(one, now) for one in store.outbox.deliveries(profile=profile.name, states=_WAITS))
        lines += [f"{profile.name}: {number:,} {how}" for how, number in counts.items()]
    return lines


def _newest(profile: Profile, today: date, store: Store) -> str:
    due = due_days(profile, today, store)
    edition = store.edition(profile.name, due[-1]) if due else None
    if not edition:
        return ""
    outbox, day = store.outbox, edition.digest.day
    planned = {_key(one.to) for one in outbox.deliveries(profile=profile.name, day=day)}
    held = {_key(one.to) for one in outbox.suppressions() if one.profile in ("", profile.name)}
    new = {_key(to) for to in profile.recipients} - planned - held
    if not edition.digest.ranked:
        left = outbox.deliveries(profile=profile.name, states=_CARRIED)
        new &= {_key(one.to) for one in left if one.day < day and not one.carried_into and one.decided != "drop"}
    if not new:
        return ""
    papers = len(edition.digest.ranked)
    what = f"{papers:,} paper{'' if papers == 1 else 's'}" if papers else "what did not arrive before"
    return f"{profile.name} {day}: {what}, to {len(new):,} who {'has' if len(new) == 1 else 'have'} not been sent it"


def _how(one: Delivery, now: datetime) -> str:
    if one.expires <= now and one.state in ("planned", "rendered", "deferred"):
        return f"of {one.day} that expired"
    if one.state == "dot sent":
        return f"of {one.day} that a run which was cut short leaves in doubt"
    if one.state == "deferred" and one.due and one.due > now:
        return f"of {one.day} that waits for {one.due:%Y-%m-%d %H:%M} UTC"
    return f"of {one.day} to be sent"


def _key(to: Addressee) -> tuple[str, str]:
    return to.channel, fold_address(to.address)
