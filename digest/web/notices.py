"""The few pages that no edition is: whether to unsubscribe, that it is done, that there is no such page."""

from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup
from starlette.responses import Response

from digest.model import Site
from digest.rendering.environment import environment
from digest.text import one_line

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action {}"


class Notice(NamedTuple):
    """What such a page says, and the one button that it may have, which posts a field to its own address."""

    status: int
    heading: str
    told: tuple[str, ...] = ()
    button: str = ""
    field: str = ""
    value: str = ""


_AGAIN = "Nothing was changed. Try again in a minute."
NOTICES = {
    notice.status: notice
    for notice in (
        Notice(400, "This was not understood", ("The form that was sent has nothing in it that this address takes.",)),
        Notice(404, "There is no such page", ("The address may be mistyped, or what was there is gone.",)),
        Notice(405, "This address does not take that", ("It can be read; nothing can be sent to it that way.",)),
        Notice(408, "This took too long", (_AGAIN,)),
        Notice(412, "There is another version of this file", ()),
        Notice(413, "This is too much", ("A form that is sent here is shorter.",)),
        Notice(500, "Something went wrong", ("It is in the log of whoever runs this site.",)),
        Notice(503, "Not now", (_AGAIN,)),
    )
}
"""What went wrong, by its status."""


def answer(notice: Notice, site: Site, headers: dict[str, str] | None = None) -> Response:
    """The page, which nobody keeps."""
    return Response(
        _page(notice, site),
        notice.status,
        {"Content-Security-Policy": policy(notice), "Cache-Control": "no-store", **(headers or {})},
        "text/html",
    )


def failure(status: int, site: Site, headers: dict[str, str] | None = None) -> Response:
    """The page for what went wrong."""
    return answer(NOTICES.get(status) or NOTICES[500]._replace(status=status), site, headers)


def policy(notice: Notice) -> str:
    return _POLICY.format("'self'" if notice.button else "'none'")


@lru_cache(maxsize=64)
def _page(notice: Notice, site: Site) -> bytes:
    template = environment(site.templates).get_template("notice.html")
    title = one_line(site.title) or "Paper digest"
    text = template.render(
        site=title,
        title=f"{notice.heading} · {title}",
        description=" ".join(notice.told) or notice.heading,
        policy=Markup(policy(notice)),
        private=True,
        feeds=[],
        **{name: value for name, value in notice._asdict().items() if name != "status"},
    )
    return text.encode()
