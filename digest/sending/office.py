"""The post office of one installation: whom it sends what, with carriers that are ready and secrets that are known."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from digest import clock
from digest.delivery import Carrier
from digest.delivery.inbox import Inbox
from digest.delivery.settings import Mailing, Webhook
from digest.model import Archive, Profile, Site
from digest.sending import Errand, Sent, send
from digest.sending.carriers import carriers, inbox
from digest.sending.letters import Desk
from digest.store import Store

Fresh = Callable[[], str]
"""Makes what nobody can guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOffice:
    """Made by `open_office`."""

    site: Site
    profiles: Sequence[Profile]
    path: Path
    """The store's."""
    mailing: Mailing | None
    hooks: Mapping[str, Sequence[Webhook]]
    carriers: Mapping[str, Carrier]
    sign: Callable[[bytes], bytes]
    fresh: Fresh
    stopping: Callable[[], bool]
    inbox: Inbox | None = None
    """Where bounces and mails that unsubscribe arrive."""
    chance: Callable[[], float] = field(default=random.random)
    clock: Callable[[], datetime] = field(default=lambda: clock.now())

    def deliver(
        self,
        archives: Sequence[Archive],
        store: Store,
        days: Mapping[str, date] | None = None,
        *,
        scheduled: bool = False,
    ) -> Sent:
        """Read what came in, plan what is new, deliver what is due. For who holds the lock of the store.

        `days` are those that editions were made for; what is of a day before today is late for mail, unless they are
        `scheduled`: the turn of a day lasts until the next one.

        A copy of a store that nobody has adopted sends nothing, and `Sent.halted` says so.
        """
        from digest.store.witness import begin_session, standing

        if why := standing(store, self.path):
            return Sent(halted=dict.fromkeys(self.carriers, why), copy=why)
        begin_session(store, self.path)
        problems: list[str] = []
        if self.mailing and self.inbox:
            from digest.sending import arrivals  # which knows all that may come back

            problems = arrivals.take(self.inbox, self.mailing, store.outbox, self.clock(), self.stopping)
        today = {one.name: clock.day_of(self.clock(), one.zone) for one in self.profiles}
        today |= {name: day if scheduled else max(day, today[name]) for name, day in (days or {}).items()}
        desk = Desk(
            site=self.site,
            archives={one.profile: one for one in archives},
            mailing=self.mailing,
            hooks=self.hooks,
            key=store.secret("key of message ids", self.fresh).encode(),
            sign=self.sign,
        )
        errand = Errand(
            profiles=self.profiles,
            today=today,
            desk=desk,
            carriers=self.carriers,
            run=self.fresh(),
            clock=self.clock,
            chance=self.chance,
            stopping=self.stopping,
        )
        return send(errand, store, problems)


def open_office(
    site: Site,
    profiles: Sequence[Profile],
    path: Path,
    mailing: Mailing | None,
    hooks: Mapping[str, Sequence[Webhook]],
    *,
    fresh: Fresh,
    stopping: Callable[[], bool] = lambda: False,
    watch: Callable[[str], None] | None = None,
) -> PostOffice | None:
    """The post office of these profiles; None where nobody is to be sent anything.

    Raises UsageError for a secret or a key that is not where it should be.
    """
    if not any(profile.recipients for profile in profiles):
        return None
    ready = carriers(mailing, [hook for some in hooks.values() for hook in some], watch)
    return PostOffice(
        site=site,
        profiles=profiles,
        path=path,
        mailing=mailing,
        hooks=hooks,
        carriers=ready,
        sign=signer(mailing),
        fresh=fresh,
        stopping=stopping,
        inbox=inbox(mailing),
    )


def signer(mailing: Mailing | None) -> Callable[[bytes], bytes]:
    if not mailing or not mailing.dkim:
        return _unsigned
    from digest.delivery import dkim

    return dkim.signer(mailing.dkim)


def _unsigned(message: bytes) -> bytes:
    return message
