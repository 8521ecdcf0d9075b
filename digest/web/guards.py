"""What holds for every request, whatever answers it: each guard is an ASGI application around another one."""

import asyncio
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest import clock
from digest.logs import Event
from digest.patterns import pattern
from digest.web.media import NOTHING

HEADERS: Final = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
FRAMES: Final = "frame-ancestors 'none'"

_SECRET = pattern(
    r"(?P<token>(?:^|(?<=/))u/).+|(?P<folder>(?:^|(?<=/))private\.)[^/]+|(?<![\w-])[\w-]{22}(?![\w-])", re.ASCII
)


def below(app: ASGIApp, root: str) -> ASGIApp:
    """Requests whose path begins with `root` (`/digest`) are for `app` there; all others are for it as they are. So it
    is right behind a proxy that takes the beginning off, and behind one that does not.
    """

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        if root and scope["path"] == root:
            await Response(status_code=301, headers={"Location": into(root)})(scope, receive, send)
            return
        if scope["path"].startswith(f"{root}/"):
            scope = {**scope, "root_path": root}
        await app(scope, receive, send)

    return run


def into(path: str) -> str:
    """From the address of a folder to that of what is in it, wherever a proxy puts them."""
    return f"./{quote(path.rpartition('/')[2], safe='')}/"


def logged(app: ASGIApp, log: Callable[[str], None]) -> ASGIApp:
    """A line a request: `GET /ana/rss.xml 200 18234 bytes 3 ms`. No token, no private folder's name, no query and
    nothing of who asked is in it (W16).
    """

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        began, size = clock.monotonic(), 0
        status: int | str = "broke off"

        async def note(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            size += len(message.get("body", b""))
            await send(message)

        try:
            await app(scope, receive, note)
        finally:
            took = 1000 * (clock.monotonic() - began)
            method, path, ms = scope["method"], without_secrets(scope["path"]), round(took)
            line = f"{method} {path} {status} {size} bytes {ms} ms"
            log(Event(line, event="request", method=method, path=path, status=status, bytes=size, ms=ms))

    return run


def without_secrets(path: str) -> str:
    """A path for a log: one line of ASCII, in which `…` stands for what opens something to who reads it."""
    plain = path.encode("unicode_escape").decode("ascii")[:500]
    return _SECRET.sub(lambda found: f"{found['token'] or found['folder'] or ''}…", plain)


def fortified(app: ASGIApp) -> ASGIApp:
    """Every answer forbids what nobody needs (W10), and that to a HEAD is that to a GET without its body."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        async def harden(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers["Content-Security-Policy"] = f"{headers.get('Content-Security-Policy', NOTHING)}; {FRAMES}"
            elif scope["method"] == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        await app(scope, receive, harden)

    return run


def not_crowded(app: ASGIApp, most: int, full: ASGIApp) -> ASGIApp:
    """At most so many requests at a time; `full` answers those beyond."""
    under_way = 0

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal under_way
        if under_way >= most:
            await full(scope, receive, send)
            return
        under_way += 1
        try:
            await app(scope, receive, send)
        finally:
            under_way -= 1

    return run


def hurried(app: ASGIApp, seconds: float) -> ASGIApp:
    """What a client sends is there after so many seconds, or reading on raises HTTPException 408 (W17)."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        deadline = asyncio.get_running_loop().time() + seconds
        whole = False

        async def in_time() -> Message:
            nonlocal whole
            try:
                async with asyncio.timeout_at(None if whole else deadline):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, headers={"Connection": "close"}) from None
            whole = not message.get("more_body", False)
            return message

        await app(scope, in_time, send)

    return run
