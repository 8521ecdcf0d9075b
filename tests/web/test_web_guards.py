"""What holds for every answer: headers, limits, deadlines, and a log without secrets."""

import asyncio
from dataclasses import replace
from pathlib import Path, PosixPath

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from web_scene import ANA, Answer, an_installation, ask, asking, token

from digest.app import App
from digest.errors import ConfigError, UsageError
from digest.web import guards
from digest.web.site import make_site, refuse_secrets


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> App:
    return an_installation(tmp_path_factory.mktemp("guards"))


def every_answer(app: App) -> dict[str, Answer]:
    """One of every kind."""
    site, link = make_site(app, [].append), f"/u/{token(app, ANA)}"
    asked = {
        "feed": ("/lab/rss.xml", "GET", b"", {}),
        "known": ("/lab/rss.xml", "GET", b"", {"if_none_match": "*"}),
        "other": ("/lab/rss.xml", "GET", b"", {"if_match": '"x"'}),
        "page": ("/lab/", "GET", b"", {}),
        "head": ("/lab/", "HEAD", b"", {}),
        "folder": ("/lab", "GET", b"", {}),
        "style": ("/feed.css", "GET", b"", {}),
        "health": ("/healthz", "GET", b"", {}),
        "missing": ("/nothing", "GET", b"", {}),
        "method": ("/lab/", "POST", b"", {}),
        "link": (link, "GET", b"", {}),
        "click": (link, "POST", b"List-Unsubscribe=One-Click", {}),
        "back": (link, "POST", b"subscribe=again", {}),
        "bad form": (link, "POST", b"", {}),
        "long form": (link, "POST", b"", {"content_length": "70000"}),
        "link's method": (link, "DELETE", b"", {}),
    }
    return {name: ask(site, path, method, body, **headers) for name, (path, method, body, headers) in asked.items()}


def test_every_answer_forbids_what_nobody_needs(app: App) -> None:
    """W10: Content-Security-Policy from `default-src 'none'`, no frames, no sniffing, no referrer; on errors too."""
    for name, got in every_answer(app).items():
        policy = got.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'"), name
        assert policy.endswith("; frame-ancestors 'none'"), name
        assert got.headers["x-content-type-options"] == "nosniff", name
        assert got.headers["referrer-policy"] == "no-referrer", name
        assert "set-cookie" not in got.headers, name


def test_pages_of_tokens_and_errors_are_kept_nowhere(app: App) -> None:
    """W10: no-store on what a token opens, and on every error."""
    for name, got in every_answer(app).items():
        if got.status >= 400 or name in ("link", "click", "back", "health"):
            assert got.headers["cache-control"] == "no-store", name


class Broken(PosixPath):
    """A store that fails as none does."""

    def exists(self) -> bool:
        raise ZeroDivisionError(f"of {self}")


def test_a_failure_that_nobody_foresaw_is_a_500_that_tells_nothing(app: App) -> None:
    """W10: what breaks is answered as guarded as all else, without a word of what it was, and raised for the log."""
    site = make_site(replace(app, store=Broken(app.store or "")), [].append)

    async def server(scope, receive, send) -> None:
        with pytest.raises(ZeroDivisionError):
            await site(scope, receive, send)

    got = ask(server, f"/u/{token(app, ANA)}")
    assert (got.status, got.headers["cache-control"]) == (500, "no-store")
    assert got.headers["content-security-policy"].endswith("; frame-ancestors 'none'")
    assert b"<h1>Something went wrong</h1>" in got.body
    assert b"Zero" not in got.body
    assert b"digest.db" not in got.body


def test_a_full_house_sends_away_who_comes_next() -> None:
    """W17: so many at a time, and the next one is told to come again; when one has gone there is room."""
    inside, leave = asyncio.Event(), asyncio.Event()

    async def slow(scope, receive, send) -> None:
        inside.set()
        await leave.wait()
        await PlainTextResponse("done")(scope, receive, send)

    async def scene() -> list[int]:
        site = guards.not_crowded(slow, 1, PlainTextResponse("full", 503))
        first = asyncio.create_task(asking(site, "/"))
        await inside.wait()
        second = await asking(site, "/")
        leave.set()
        return [(await first).status, second.status, (await asking(site, "/")).status]

    assert asyncio.run(scene()) == [200, 503, 200]


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    """W17: what a client sends has to be there in time, however many drops it sends meanwhile; afterwards there is
    no haste.
    """

    async def reading(scope, receive, send) -> None:
        body = await Request(scope, receive).body()
        await asyncio.sleep(0.1)
        assert (await receive())["type"] == "http.disconnect"
        await PlainTextResponse(body)(scope, receive, send)

    async def dripping():
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def scene() -> None:
        site = guards.hurried(reading, 0.05)
        assert (await asking(site, "/", "POST", [b"a", b"b"])).body == b"ab"
        with pytest.raises(HTTPException) as told:
            await site({"type": "http", "method": "POST", "headers": []}, dripping, None)
        assert (told.value.status_code, told.value.headers) == (408, {"Connection": "close"})

    asyncio.run(scene())


def test_a_form_that_does_not_come_is_a_408(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """W17: who begins a form and does not end it in time is told so, the connection ends, and nothing was done."""
    monkeypatch.setattr("digest.web.site.BODY", 0.05)
    site = make_site(app, [].append)

    async def server(scope, receive, send) -> None:
        async def dripping():
            await asyncio.sleep(0.02)
            return {"type": "http.request", "body": b"x", "more_body": True}

        await site(scope, dripping, send)

    got = ask(server, f"/u/{token(app, ANA)}", "POST")
    assert (got.status, got.headers["connection"], got.headers["cache-control"]) == (408, "close", "no-store")
    assert b"Nothing was changed" in got.body


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/lab/rss.xml", "/lab/rss.xml"),
        ("/u/q0Yb5W3o9J7nC2mXfL1tRg", "/u/…"),
        ("/digest/u/q0Yb5W3o9J7nC2mXfL1tRg", "/digest/u/…"),
        ("/u/q0Yb5W3o9J7nC2mXfL1tRg/more", "/u/…"),
        ("/u/short", "/u/…"),
        ("/u/", "/u/"),
        ("/q0Yb5W3o9J7nC2mXfL1tRg", "/…"),
        ("/x/q0Yb5W3o9J7nC2mXfL1tRg.html", "/x/….html"),
        ("/private.6cb064bd7ab3541574239b74d8a56017/rss.xml", "/private.…/rss.xml"),
        ("/a\r\nGET /b 200\x1b[31m", "/a\\r\\nGET /b 200\\x1b[31m"),
        ("/é\u2028", "/\\xe9\\u2028"),
        ("/" + "a" * 900, "/" + "a" * 499),
        ("/reinforcement-learning-and-robots/", "/reinforcement-learning-and-robots/"),
    ],
)
def test_a_path_in_the_log_is_one_line_without_secrets(path: str, told: str) -> None:
    """W16: a token, and the name of a private folder, open something to who reads them; CR, LF and ESC are escaped."""
    assert guards.without_secrets(path) == told


def test_the_log_has_a_line_a_request_and_nobody_in_it(app: App) -> None:
    """W16, O02: what was asked, how it ended, how much and how long; no token, address or client."""
    said: list[str] = []
    site = make_site(app, said.append)
    secret = token(app, ANA)
    ask(site, "/lab/rss.xml", cookie="a=b", user_agent=ANA)
    ask(site, f"/u/{secret}", "POST", b"List-Unsubscribe=One-Click")
    ask(site, f"/u/{secret}", "POST", b"subscribe=again")
    assert len(said) == 3
    assert said[0].startswith(f"GET /lab/rss.xml 200 {(app.out / 'lab' / 'rss.xml').stat().st_size} bytes ")
    assert said[1].startswith("POST /u/… 200 ")
    assert not any(secret in line or "moreau" in line for line in said)


def test_an_answer_that_breaks_off_is_logged() -> None:
    """A request that no answer came to has its line."""

    async def broken(scope, receive, send) -> None:
        raise ConnectionResetError

    said: list[str] = []
    with pytest.raises(ConnectionResetError):
        ask(guards.logged(broken, said.append), "/lab/")
    assert said[0].startswith("GET /lab/ broke off 0 bytes")


@pytest.mark.parametrize("root", ["/digest", "/digest/", "/a/b"])
def test_a_root_path_may_be_there_or_not(app: App, root: str) -> None:
    """Behind a proxy that leaves the beginning of paths on, and behind one that takes it off, all is where it is."""
    site, beginning = make_site(app, [].append, root), root.rstrip("/")
    link = f"/u/{token(app, ANA)}"
    for path in ("/", "/lab/rss.xml", "/healthz", link):
        assert (ask(site, beginning + path).status, ask(site, path).status) == (200, 200)
        assert ask(site, beginning + path).content == ask(site, path).content
    assert ask(site, beginning).headers["location"] == f"./{beginning.rpartition('/')[2]}/"
    assert ask(site, f"{beginning}/lab").headers["location"] == "./lab/"
    assert ask(site, f"{beginning}x/lab/rss.xml").status == 404
    assert ask(site, beginning + link, "POST", b"subscribe=again").status == 200


@pytest.mark.parametrize("root", ["digest", "//x", "/a b", "/é", "/a//b", "https://example.org/digest"])
def test_a_root_path_is_a_path(app: App, root: str) -> None:
    """What is no path is said before anything is served."""
    with pytest.raises(UsageError, match="must be like /digest"):
        make_site(app, [].append, root)


def test_secrets_in_the_published_folder_are_refused(tmp_path: Path) -> None:
    """A config that publishes into the folder in which its store lies would hand everybody the readers' addresses."""
    out = tmp_path / "feeds"
    out.mkdir()
    refuse_secrets(out, [tmp_path / "digest.db", tmp_path / "feeds.db"])
    (tmp_path / "elsewhere").symlink_to(out)
    for secret in (out / "digest.db", out / "a" / "box", tmp_path / "elsewhere" / "digest.db"):
        with pytest.raises(UsageError, match=r"lies in .*feeds, where everything is handed out"):
            refuse_secrets(out, [secret])
    with pytest.raises(UsageError):
        refuse_secrets(tmp_path, [tmp_path / "digest.yaml"])


def test_own_templates_that_do_not_print_are_told_at_the_start(app: App, tmp_path: Path) -> None:
    """A template of the operator's that fails is a complaint with file and line, and no 500 for a reader later."""
    broken, good = tmp_path / "broken", tmp_path / "good"
    for own in (broken, good):
        own.mkdir()
    (broken / "notice.html").write_text("{{ headin }}")
    with pytest.raises(ConfigError, match=r"notice.html:1: 'headin' is undefined \(did you mean 'heading'\?\)"):
        make_site(replace(app, site=replace(app.site, templates=str(broken))), [].append)
    (good / "notice.html").write_text(
        '{% extends "shipped/notice.html" %}{% block looks %}{{ super() }}button { color: red }{% endblock %}'
    )
    site = make_site(replace(app, site=replace(app.site, templates=str(good))), [].append)
    assert b"button { color: red }</style>" in ask(site, "/nothing").body
