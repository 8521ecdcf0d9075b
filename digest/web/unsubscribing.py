"""The links in mails that unsubscribe (RFC 8058). A GET changes nothing, for scanners open every link; a POST does it
at once: that of a mail program, which knows nothing but the link, and that of the button on the page.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digest import clock
from digest.delivery.leaving import mark
from digest.model import Addressee, Profile, Site
from digest.store import Store
from digest.store.outbox import Suppression
from digest.text import masked, one_line
from digest.web import forms, notices
from digest.web.desk import Desk
from digest.web.notices import Notice

ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")
"""The field and the value that a mail program posts, and so does the button (RFC 8058 section 3.2)."""
AGAIN: Final = ("subscribe", "again")


class Standing(NamedTuple):
    """How a reader stands with a profile."""

    profile: str
    to: Addressee
    held: Sequence[Suppression]
    """What holds mail back."""


class Unsubscribing:
    """What is answered under a token."""

    def __init__(self, desk: Desk, profiles: Sequence[Profile], site: Site) -> None:
        self._desk = desk
        self._titles = {profile.name: one_line(profile.title) or profile.name for profile in profiles}
        self._site = site

    async def answer(self, request: Request) -> Response:
        """The page for the token, which says how its reader stands; after a POST, how they stand now.

        Raises HTTPException: 404 for a token that is nobody's, 400 for a form that asks for nothing, 413 for one that
        is too long. Raises StorageError or TryAgain where the store cannot say or do it; then nothing was changed.
        """
        known = mark(request.path_params["token"])
        if request.method != "POST":
            return self._page(await self._desk.ask(lambda store: stand(store, known)))
        sent = forms.fields(request.headers.get("content-type", ""), await forms.body(request))
        if _has(sent, ONE_CLICK):
            return self._page(await self._desk.ask(lambda store: leave(store, known)))
        if _has(sent, AGAIN):
            return self._page(await self._desk.ask(lambda store: come_back(store, known)), returned=True)
        raise HTTPException(400)

    def _page(self, standing: Standing | None, *, returned: bool = False) -> Response:
        if not standing:
            raise HTTPException(404)
        title = self._titles.get(standing.profile, standing.profile)
        return notices.answer(notice(standing, title, returned=returned), self._site)


def stand(store: Store, known: str) -> Standing | None:
    """How the reader of a mark stands; None where it is nobody's."""
    if not (subscriber := store.outbox.subscriber(known)):
        return None
    return Standing(subscriber.profile, subscriber.to, store.outbox.held(subscriber.profile, subscriber.to))


def leave(store: Store, known: str) -> Standing | None:
    """Nothing more is sent to the reader of a mark: no mail is begun after this was committed."""
    if subscriber := store.outbox.subscriber(known):
        store.outbox.suppress(subscriber.profile, subscriber.to, "unsubscribed", clock.now(), "by the link in a mail")
    return stand(store, known)


def come_back(store: Store, known: str) -> Standing | None:
    """The reader of a mark takes back that they unsubscribed, and nothing that anybody else decided."""
    if subscriber := store.outbox.subscriber(known):
        store.outbox.release(subscriber.profile, subscriber.to, "unsubscribed")
    return stand(store, known)


def notice(standing: Standing, title: str, *, returned: bool = False) -> Notice:
    """What the page says. Of the address it shows as much as its owner knows it by."""
    who = masked(standing.to.address)
    reasons = {one.reason for one in standing.held if one.profile == standing.profile}
    if "unsubscribed" in reasons:
        told = (f"Nothing more is sent to {who}. A mail that was on its way already may still arrive.",)
        return Notice(200, f"Unsubscribed from {title}", told, "Subscribe again", *AGAIN)
    button = ("Unsubscribe", *ONE_CLICK)
    if standing.held:
        why = "mails to it came back" if standing.held[0].reason == "bounced" else "whoever runs this site stopped it"
        told = (f"Nothing is sent to {who} at present: {why}.",)
        return Notice(200, title, told, *(() if reasons else button))
    if returned:
        told = (f"The next edition goes to {who} again, and those after it.",)
        return Notice(200, f"Subscribed to {title}", told, *button)
    told = (f"Each new edition is sent to {who}. This button ends that at once.",)
    return Notice(200, f"Unsubscribe from {title}?", told, *button)


def _has(sent: Mapping[str, str], wanted: tuple[str, str]) -> bool:
    field, value = wanted
    return sent.get(field.lower(), "").lower() == value.lower()
