"""What a delivery says: the edition as one mail to one reader, or as one message to one chat, ready to be frozen."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b

from digest.delivery.settings import Mailing, Webhook
from digest.model import Addressee, Archive, Delivery, Edition, Parcel, Ranked, Section, Site
from digest.store.outbox import Content, Frozen, Left

MAIL, WEBHOOK = "mail", "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What letters are written with."""

    site: Site
    archives: Mapping[str, Archive]
    """What is published of each profile."""
    mailing: Mailing | None
    hooks: Mapping[str, Sequence[Webhook]]
    """The chats of each profile."""
    key: bytes
    """The secret that message ids and the tokens in links are made with."""
    sign: Callable[[bytes], bytes]
    """Puts a signature before a message, or nothing."""


def together(content: Content, pages: bool = True) -> Edition:
    """The first edition of `content`, opened by the papers of the others, which may not have reached the reader: the
    oldest last, each paper once, where it is told first. Of what is left it is said how many papers that are, above
    all, and that they stand on `pages`, where there are any.
    """
    newest, *missed = content.editions
    seen = {ranked.paper.id for ranked in newest.digest.ranked}
    sections: list[Section] = [Section(title=_left(content.left, pages), ranked=())] if content.left else []
    for edition in missed:
        carried: list[Ranked] = []
        for ranked in edition.digest.ranked:
            if ranked.paper.id not in seen:
                seen.add(ranked.paper.id)
                carried.append(ranked)
        if carried:
            sections.append(Section(title=_carried(edition.digest.day), ranked=tuple(carried)))
    if not sections:
        return newest
    return replace(newest, digest=replace(newest.digest, sections=(*sections, *newest.digest.sections)))


@lru_cache(maxsize=64)
def _carried(day: date) -> str:
    from digest.rendering.wording import plain_day

    return f"From the edition of {plain_day(day)}, which may not have reached you"


def _left(left: Sequence[Left], pages: bool) -> str:
    """A heading that nothing stands below: it has to fit on a line."""
    from digest.rendering.wording import counted, plain_day

    number, several = sum(one.papers for one in left), len(left) > 1
    when = f"{'up to' if several else 'of'} {plain_day(max(one.day for one in left))}"
    where = "out" if not pages else "to the pages" if several else "to the page"
    return f"{counted(number, 'paper')} {when} {'is' if number == 1 else 'are'} left {where}: 3 mails were refused"


def written(delivery: Delivery, content: Content, desk: Desk, at: datetime) -> Frozen:
    """The delivery as it will travel, written at that instant; `content` is as in `Outbox.content`."""
    edition = together(content, bool(desk.archives[delivery.profile].published))
    return _mail(delivery, edition, desk, at) if delivery.to.channel == MAIL else _message(delivery, edition, desk)


def letterhead(profile: str, channel: str, desk: Desk) -> str:
    """Another one for whatever else the config puts into the profile's messages on that channel, and for another
    address of what it publishes, or none.
    """
    archive = desk.archives[profile]
    folder = archive.folder if archive.published else ""
    if channel != MAIL:
        return _hash(tuple(desk.hooks.get(profile, ())), desk.site, folder)
    mailing = desk.mailing
    assert mailing, "mail is planned only where somebody said how it goes out"
    who = (mailing.sender, mailing.name, mailing.envelope, mailing.verp)
    return _hash(who, mailing.dkim, mailing.leave, mailing.leave_at, desk.site, folder)


@lru_cache(maxsize=64)
def _hash(*told: Hashable) -> str:
    return blake2b(repr(told).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _mail(delivery: Delivery, edition: Edition, desk: Desk, at: datetime) -> Frozen:
    from digest.delivery import leaving
    from digest.rendering.mail import Letter, Recipient, Sender, identity, message

    mailing = desk.mailing
    assert mailing, "mail is planned only where somebody said how it goes out"
    token = leaving.token(desk.key, delivery.profile, delivery.to)
    recipient = Recipient(
        delivery.to.address,
        delivery.to.name,
        unsubscribe=leaving.link(mailing.leave_at, token) if mailing.leave_at.startswith("https:") else "",
        unsubscribe_mail=leaving.mailto(mailing.leave or mailing.sender, token),
    )
    sender = Sender(mailing.sender, mailing.name, desk.key)
    letter = Letter(edition, desk.archives[delivery.profile], recipient)
    content = desk.sign(message(edition, letter.archive, desk.site, sender, recipient, at))
    envelope = mailing.envelope or mailing.sender
    if mailing.verp:
        envelope = leaving.verp(envelope, token)
    parcel = Parcel(delivery.id, envelope, delivery.to.address, content)
    return Frozen(parcel, identity(letter, sender), letterhead(delivery.profile, MAIL, desk))


def _message(delivery: Delivery, edition: Edition, desk: Desk) -> Frozen:
    import json

    from digest.rendering import RENDERERS

    hook = hook_of(delivery.profile, delivery.to, desk)
    assert hook, "a chat is planned only where the config has it"
    archive = desk.archives[delivery.profile]._replace(recent=(edition,))
    content = RENDERERS[hook.format](archive, desk.site)[0].content
    if hook.chat:
        content = json.dumps({"chat_id": hook.chat, **json.loads(content)}).encode()
    parcel = Parcel(delivery.id, "", delivery.to.address, content)
    name = f"{delivery.profile}.{delivery.day}.{hook.name}"
    return Frozen(parcel, name, letterhead(delivery.profile, WEBHOOK, desk))


def hook_of(profile: str, to: Addressee, desk: Desk) -> Webhook | None:
    return next((hook for hook in desk.hooks.get(profile, ()) if hook.name == to.address), None)
