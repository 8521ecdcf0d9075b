"""The routes of `digest serve`, joined to one ASGI application: what the site grows by has its place beside these."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from digest import clock
from digest.app import App
from digest.delivery.leaving import PATH
from digest.errors import ConfigError, DigestError, StorageError, TryAgain, UsageError
from digest.model import PRIVATE
from digest.patterns import pattern
from digest.web import conditions, guards, media, notices
from digest.web.desk import Desk
from digest.web.files import Copy, Files
from digest.web.unsubscribing import Unsubscribing

CONCURRENT: Final = 100
"""So many requests are answered at a time."""
BODY: Final = 30.0
"""Seconds that a client has to send what it sends."""
RETRY: Final = {"Retry-After": "30"}

_THREADS: Final = 8
_TOKEN = pattern(r"[A-Za-z0-9_-]{22}")
_ROOT = pattern(r"(?:/[A-Za-z0-9._~-]+)*")


def make_site(app: App, log: Callable[[str], None], root: str = "", *, metrics: bool = False) -> ASGIApp:
    """What answers for an installation. `log` is told a line for each request, and what went wrong. `root` is the path
    that requests may begin with, as `/digest`. `/metrics` is there where `metrics` says so.

    Raises UsageError for a root that is no path, and ConfigError for own templates that do not print.
    """
    root = root.rstrip("/")
    if not _ROOT.fullmatch(root):
        raise UsageError(f"the root path must be like /digest, is '{root}'")
    for status in notices.NOTICES:
        notices.failure(status, app.site)

    async def full(scope: Scope, receive: Receive, send: Send) -> None:
        await notices.failure(503, app.site, RETRY)(scope, receive, send)

    site = guards.below(guards.hurried(_Site(app, log, metrics).routes(), BODY), root)
    return guards.logged(guards.fortified(guards.not_crowded(site, CONCURRENT, full)), log)


def refuse_secrets(out: Path, secrets: Iterable[Path]) -> None:
    """Raises UsageError where one of the files or folders `secrets` lies in the folder that everybody may read."""
    for secret in secrets:
        if secret.resolve().is_relative_to(out.resolve()):
            raise UsageError(
                f"{secret} lies in {out}, where everything is handed out: publish to a folder of its own (`out:`)"
            )


class _Site:
    """Each method answers one kind of request."""

    def __init__(self, app: App, log: Callable[[str], None], metrics: bool) -> None:
        assert app.store, "a config has a store"
        self._app = app
        self._metrics = metrics
        self._site = app.site
        self._log = log
        self._files = Files(app.out)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="digest-files")
        self._store = app.store
        self._desk = Desk(app.store)
        self._unsubscribing = Unsubscribing(self._desk, app.profiles, app.site)

    def routes(self) -> ASGIApp:
        return Starlette(
            routes=[
                Route("/healthz", self.health),
                Route("/readyz", self.ready),
                *([Route("/metrics", self.metrics)] if self._metrics else []),
                Route(f"/{PATH}{{token}}", self.token, methods=["GET", "POST"]),
                Route("/{path:path}", self.file),
            ],
            exception_handlers={
                HTTPException: self.refused,
                DigestError: self.failed,
                ClientDisconnect: self.gone,
                500: self.broken,
            },
        )

    async def file(self, request: Request) -> Response:
        """A published file, or the way into its folder."""
        path: str = request.path_params.get("path", f"{PATH}{request.path_params.get('token', '')}")
        found = await asyncio.get_running_loop().run_in_executor(self._threads, self._files.find, path)
        if found is None:
            raise HTTPException(404)
        keep = "private, no-cache" if path.startswith(f"{PRIVATE}.") else "public, max-age=300"
        if found == "folder":
            return Response(status_code=301, headers={"Location": guards.into(request.url.path), "Cache-Control": keep})
        response = _representation(found, request)
        if response.status_code == 412:
            raise HTTPException(412)
        response.headers["Cache-Control"] = keep
        if path.startswith(f"{PRIVATE}."):
            response.headers["X-Robots-Tag"] = "noindex"
        return response

    async def token(self, request: Request) -> Response:
        """A link that unsubscribes; a profile may be called `u`, and its files are no tokens."""
        if _TOKEN.fullmatch(request.path_params["token"]):
            return await self._unsubscribing.answer(request)
        if request.method == "POST":
            raise HTTPException(404)
        return await self.file(request)

    async def health(self, request: Request) -> Response:
        """Whether the store answers, in a line."""
        return _short(await self._wrong())

    async def ready(self, request: Request) -> Response:
        """Whether there is something to serve too."""
        wrong = await self._wrong()
        if not wrong and not await asyncio.get_running_loop().run_in_executor(self._threads, self._files.find, ""):
            wrong = "nothing is published yet"
        return _short(wrong)

    async def metrics(self, request: Request) -> Response:
        """How things stand, as numbers for Prometheus."""
        from digest.metrics import MEDIA_TYPE, exposition

        text = await self._desk.ask(lambda store: exposition(self._app.status_in(store)))
        return Response(text, headers={"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store"})

    async def _wrong(self) -> str:
        """Why the store does not answer, in a line; empty where it does."""
        try:
            await self._desk.ask(lambda store: store.outbox.subscriber(""))
        except (StorageError, TryAgain) as error:
            return str(error).replace(str(self._store), self._store.name).partition("\n")[0]
        return ""

    async def refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        headers = dict(error.headers or {})
        if "Allow" in headers:
            headers["Allow"] = ", ".join(sorted(headers["Allow"].split(", ")))
        return notices.failure(error.status_code, self._site, headers)

    async def failed(self, request: Request, error: Exception) -> Response:
        """The store or the folder does not answer."""
        self._log(" ".join(str(error).split()))
        if isinstance(error, ConfigError):
            return notices.failure(500, self._site)
        return notices.failure(503, self._site, RETRY)

    async def gone(self, request: Request, error: Exception) -> Response:
        """The client hung up; nobody reads this."""
        return Response(status_code=400)

    async def broken(self, request: Request, error: Exception) -> Response:
        return notices.failure(500, self._site)


def _short(wrong: str) -> Response:
    """`ok`, or what is wrong."""
    headers = {"Cache-Control": "no-store", **(RETRY if wrong else {})}
    return PlainTextResponse(f"{wrong or 'ok'}\n", 503 if wrong else 200, headers)


def _representation(copy: Copy, request: Request) -> Response:
    """The file as this request takes it: whole, or 304, or 412."""
    kind = media.media_type(copy.name)
    zipped = copy.zipped is not None and conditions.takes_gzip(request.headers.get("accept-encoding"))
    tag = f'"{copy.tag}-gzip"' if zipped else f'"{copy.tag}"'
    # An instant in the future is none to compare with (RFC 9110 section 8.8.2.1).
    modified = min(copy.modified, int(clock.now().timestamp()))
    headers = {
        "ETag": tag,
        "Last-Modified": conditions.http_date(modified),
        # Also in a 304, whose fields take the place of those that were kept.
        "Content-Security-Policy": copy.policy,
    }
    if media.is_text(copy.name):
        headers["Vary"] = "Accept-Encoding"
    asked = {name: ", ".join(request.headers.getlist(name)) for name in request.headers}
    status = conditions.status(asked, tag, modified)
    if status != 200:
        return Response(status_code=status, headers=headers)
    headers["Content-Type"] = f"{kind}; charset=utf-8" if media.is_text(copy.name) else kind
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(copy.zipped if zipped else copy.content, headers=headers)
