"""The links in mails that unsubscribe: what a POST does, and what a GET never does."""

import email
import email.policy
import re
import sqlite3
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from web_scene import ANA, BO, an_installation, ask, everything, token

from digest.app import App
from digest.delivery import leaving
from digest.model import Addressee
from digest.store import open_store
from digest.store.outbox import Frozen, Parcel
from digest.web.forms import LARGEST, fields
from digest.web.site import make_site

ONE_CLICK = b"List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"
NOW = datetime(2026, 5, 26, 9, tzinfo=UTC)


@pytest.fixture
def app(tmp_path: Path) -> App:
    return an_installation(tmp_path)


@pytest.fixture
def site(app: App):
    return make_site(app, [].append)


def held(app: App) -> list[tuple[str, str, str]]:
    with app.memory() as store:
        assert store
        return [(one.profile, one.to.address, one.reason) for one in store.outbox.suppressions()]


def link(app: App, address: str = ANA) -> str:
    return f"/u/{token(app, address)}"


# ------------------------------------------------------------------------------------------------ a click


def a_multipart(*fields: tuple[str, str], boundary: str = "--x.1") -> tuple[bytes, str]:
    """The fields as multipart/form-data, and its media type."""
    parts = (f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields)
    return f"{''.join(parts)}--{boundary}--\r\n".encode(), f'multipart/form-data; boundary="{boundary}"'


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (ONE_CLICK, FORM),
        (ONE_CLICK, f"{FORM}; charset=UTF-8"),
        (ONE_CLICK, ""),
        (b"a=b&List-Unsubscribe=One-Click&c", FORM),
        a_multipart(("List-Unsubscribe", "One-Click")),
        a_multipart(("a", "b"), ("list-unsubscribe", "one-click"), boundary="=_b"),
    ],
)
def test_one_click_unsubscribes(app: App, site, body: bytes, kind: str) -> None:
    """W02, promise 9: the POST of a mail program unsubscribes that reader of that profile at once, in either form,
    without cookie, token of a page or redirect, in less than a second; again is as good as once.
    """
    for _ in range(2):
        began = time.perf_counter()
        got = ask(site, link(app), "POST", body, content_type=kind)
        assert time.perf_counter() - began < 1
        assert got.status == 200
        assert not {"location", "set-cookie"} & set(got.headers)
        assert held(app) == [("lab", ANA, "unsubscribed")]


def test_a_form_may_come_in_pieces(app: App, site) -> None:
    """A body that arrives byte by byte is read to its end."""
    assert ask(site, link(app), "POST", [bytes([byte]) for byte in ONE_CLICK]).status == 200
    assert held(app) == [("lab", ANA, "unsubscribed")]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", FORM),
        (b"List-Unsubscribe=", FORM),
        (b"List-Unsubscribe=Two-Clicks", FORM),
        (b"\xff\xfe\0", FORM),
        (b"List-Unsubscribe=One-Click", "multipart/form-data"),
        (b"List-Unsubscribe=One-Click", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\nOne-Click", "multipart/form-data; boundary=x"),
        a_multipart(("filename", "List-Unsubscribe")),
    ],
)
def test_a_form_that_asks_for_nothing_does_nothing(app: App, site, body: bytes, kind: str) -> None:
    """What posts something else is told so, and nothing is changed."""
    before = everything(app)
    assert ask(site, link(app), "POST", body, content_type=kind).status == 400
    assert everything(app) == before


def test_fields_of_both_forms_are_the_same() -> None:
    """RFC 8058, 3.2: a form says the same in either of its shapes; the first field of a name counts."""
    told = (("a", "1 + 1"), ("B", "é"), ("a", "2"))
    body, kind = a_multipart(*told)
    assert fields(kind, body) == fields(FORM, b"a=1+%2B+1&B=%C3%A9&a=2") == {"a": "1 + 1", "b": "é"}


# ------------------------------------------------------------------------------------------------- a page


def test_the_page_asks_and_its_button_does_it(app: App, site) -> None:
    """A reader who follows the link sees who they are, as far as they know it, and a button that unsubscribes; then
    one that takes it back.
    """
    page = ask(site, link(app))
    text = page.body.decode()
    assert page.status == 200
    assert "<h1>Unsubscribe from My papers?</h1>" in text
    assert "a…@example.org" in text
    assert '<form method="post"><button name="List-Unsubscribe" value="One-Click">Unsubscribe</button></form>' in text
    assert "form-action 'self'" in page.headers["content-security-policy"]

    done = ask(site, link(app), "POST", ONE_CLICK).body.decode()
    assert "<h1>Unsubscribed from My papers</h1>" in done
    assert '<button name="subscribe" value="again">Subscribe again</button>' in done
    assert ask(site, link(app)).body.decode() == done

    back = ask(site, link(app), "POST", b"subscribe=again").body.decode()
    assert "<h1>Subscribed to My papers</h1>" in back
    assert held(app) == []
    assert ask(site, link(app)).body.decode() == text


@pytest.mark.parametrize("reason", ["bounced", "operator"])
@pytest.mark.parametrize("profile", ["", "lab"])
def test_who_was_stopped_by_others_cannot_come_back_alone(app: App, site, reason, profile: str) -> None:
    """`subscribe again` takes back what the reader did, and never what bounces or the operator did."""
    with app.memory() as store:
        assert store
        store.outbox.suppress(profile, Addressee("mail", ANA), reason, NOW)
    page = ask(site, link(app)).body.decode()
    assert "Nothing is sent to a…@example.org at present" in page
    assert 'name="subscribe"' not in page
    ask(site, link(app), "POST", b"subscribe=again")
    assert held(app) == [(profile, ANA, reason)]
    assert ask(site, link(app), "POST", ONE_CLICK).status == 200
    ask(site, link(app), "POST", b"subscribe=again")
    assert held(app) == [(profile, ANA, reason)]


def test_a_reader_who_comes_back_keeps_their_bounces(app: App, site) -> None:
    """That somebody subscribed again says nothing of whether mails reach them."""
    with app.memory() as store:
        assert store
        store.outbox.bounced("report 1", Addressee("mail", ANA), True, NOW, limit=2)
    ask(site, link(app), "POST", ONE_CLICK)
    ask(site, link(app), "POST", b"subscribe=again")
    with app.memory() as store:
        assert store
        store.outbox.bounced("report 2", Addressee("mail", ANA), True, NOW + timedelta(days=1), limit=2)
    assert held(app) == [("", ANA, "bounced")]


def test_nobody_learns_an_address_from_a_link(app: App, site) -> None:
    """W03, W16: no page shows the whole address, whatever is done."""
    for method, body in (("GET", b""), ("POST", ONE_CLICK), ("GET", b""), ("POST", b"subscribe=again"), ("POST", b"")):
        got = ask(site, link(app), method, body)
        assert ANA.encode() not in got.body
        assert b"moreau" not in got.body


def test_a_profile_that_is_gone_is_called_by_its_name(app: App) -> None:
    """W04: a link in an old mail works when the config has forgotten the profile."""
    later = make_site(replace(app, profiles=()), [].append)
    assert "<h1>Unsubscribe from lab?</h1>" in ask(later, link(app)).body.decode()
    assert ask(later, link(app), "POST", ONE_CLICK).status == 200
    assert held(app) == [("lab", ANA, "unsubscribed")]


# ------------------------------------------------------------------------------------------- what it is not


def test_a_token_that_is_nobodys_looks_like_any_missing_page(app: App, site) -> None:
    """Unknown, malformed and cut tokens are all the same 404, whether they are read or posted to."""
    missing = ask(site, "/nothing")
    good = token(app, ANA)
    for odd in (
        "A" * 22,
        good[:-1],
        f"{good}x",
        good.swapcase(),
        "..",
        "",
        "é" * 22,
        "x" * 5000,
        f"{good}/",
        f"{good}/x",
    ):
        assert ask(site, f"/u/{odd}") == missing, odd
    for odd in ("A" * 22, good[:-1], f"{good}x", "short"):
        assert ask(site, f"/u/{odd}", "POST", ONE_CLICK) == missing
    assert held(app) == []


def test_a_profile_may_be_called_u(app: App, site) -> None:
    """A profile whose folder is `u` keeps its files: none of their names is a token."""
    (app.out / "u").mkdir()
    (app.out / "u" / "rss.xml").write_text("<rss/>")
    (app.out / "u" / "index.html").write_text("<p>u")
    assert ask(site, "/u/rss.xml").body == b"<rss/>"
    assert ask(site, "/u/").body == b"<p>u"
    assert ask(site, "/u").headers["location"] == "./u/"
    assert ask(site, link(app)).status == 200


def test_other_methods_are_refused(app: App, site) -> None:
    """W01: only a POST changes anything, and what is not taken is said."""
    before = everything(app)
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        got = ask(site, link(app), method, ONE_CLICK)
        assert (got.status, got.headers["allow"]) == (405, "GET, HEAD, POST")
    assert everything(app) == before


def test_a_form_has_a_limit(app: App, site) -> None:
    """W11: what is longer than 64 kB is refused, whether it says so before or not, and nothing is done."""
    long = ONE_CLICK + b"&" + b"x" * LARGEST
    for body, headers in (
        (long, {"content_length": str(len(long))}),
        ([long[i : i + 4096] for i in range(0, len(long), 4096)], {}),
        (ONE_CLICK, {"content_length": str(LARGEST + 1)}),
        (ONE_CLICK, {"content_length": "-1"}),
    ):
        assert ask(site, link(app), "POST", body, **headers).status == 413
    assert held(app) == []
    fitting = ONE_CLICK + b"&" + b"x" * (LARGEST - len(ONE_CLICK) - 1)
    assert ask(site, link(app), "POST", fitting).status == 200


def test_a_client_that_hangs_up_midway_does_nothing(app: App, site) -> None:
    """What was not sent whole was not asked for."""
    before = everything(app)
    got = ask(site, link(app), "POST", [])
    assert got.status == 400
    assert everything(app) == before


# ---------------------------------------------------------------------------------------------- promises


def test_scanners_change_nothing(app: App, site) -> None:
    """W01, M14: ten GETs and ten HEADs of every link in every mail and of every route leave the store as it was."""
    before = everything(app)
    assert app.store
    mails = [path.read_bytes() for path in (app.store.parent / "box" / "new").iterdir()]
    links = {urlsplit(one).path for mail in mails for one in addresses(mail)}
    assert {link(app), link(app, BO)} <= links
    routes = {"/", "/healthz", "/u/", "/u", f"/u/{'A' * 22}", f"{link(app)}?List-Unsubscribe=One-Click"}
    for path in sorted(links | routes):
        for method in ("GET", "HEAD", "OPTIONS"):
            statuses = {ask(site, path, method, ONE_CLICK, content_type=FORM).status for _ in range(10)}
            assert len(statuses) == 1
    assert everything(app) == before


def addresses(mail: bytes) -> list[str]:
    """Every https address of the site in a mail, wherever it stands."""
    message = email.message_from_bytes(mail, policy=email.policy.default)
    texts = [str(value) for value in message.values()]
    texts += [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    found = [one for text in texts for one in re.findall(r"https://papers\.example\.org/[^\s<>\"')\]]*", text)]
    assert found
    return found


def test_no_mail_is_begun_after_it(app: App, site) -> None:
    """D10, promise 9: what waited is suppressed, and the ledger gives no carrier a mail to who unsubscribed; one that
    was claimed before may still end.
    """
    assert app.store
    with open_store(app.store) as store:
        (edition,) = [one for profile in app.profiles[:1] if (one := store.edition(profile.name, _day(app)))]
        kept = store.keep(replace(edition.digest, day=date(2030, 1, 1)), NOW)
        outbox, clock = store.outbox, lambda: NOW
        outbox.plan(
            kept.digest.profile, kept.digest.day, app.profiles[0].recipients, now=NOW, expires=NOW + timedelta(hours=1)
        )
        waiting = outbox.planned(10)
        outbox.freeze([Frozen(Parcel(one.id, "", one.to.address, b"x"), f"{one.id}@x") for one in waiting])
        journal = outbox.journal("run", "mail", clock=clock, chance=lambda: 0.5)
        assert ask(site, link(app, ANA), "POST", ONE_CLICK).status == 200
        assert [parcel.recipient for parcel in journal.step(wanted=10)] == [BO]
        assert ask(site, link(app, BO), "POST", ONE_CLICK).status == 200
        assert journal.step(wanted=10) == []
        assert outbox.tally("lab", date(2030, 1, 1)) == {"suppressed": 1, "claimed": 1}


def _day(app: App) -> date:
    with app.memory() as store:
        assert store
        return store.archive("lab", "", 1).days[0].day


# ----------------------------------------------------------------------------------------------- trouble


def unavailable(site, path: str) -> None:
    for method in ("GET", "HEAD", "POST"):
        got = ask(site, path, method, ONE_CLICK)
        assert got.status == 503
        assert int(got.headers["retry-after"]) > 0
        assert got.headers["cache-control"] == "no-store"


def test_a_store_that_is_gone_is_missed_and_not_made(app: App) -> None:
    """Fault matrix: with the database deleted, links are answered 503, files are served, and no store is begun."""
    said: list[str] = []
    site, path = make_site(app, said.append), link(app)
    assert app.store
    kept = app.store.rename(app.store.with_name("kept.db"))
    unavailable(site, path)
    assert not app.store.exists()
    assert ask(site, "/lab/rss.xml").status == 200
    assert any("is missing" in line for line in said)
    health = ask(site, "/healthz")
    assert (health.status, health.headers["content-type"]) == (503, "text/plain; charset=utf-8")
    assert health.body.startswith(b"digest.db is missing")
    assert health.body.count(b"\n") == 1
    kept.rename(app.store)
    assert ask(site, path).status == 200
    assert (ask(site, "/healthz").status, ask(site, "/healthz").body) == (200, b"ok\n")


@pytest.mark.parametrize("damage", [b"", b"not a database at all" * 500])
def test_a_store_that_is_damaged_is_left_as_it_is(app: App, site, damage: bytes) -> None:
    """Fault matrix: with the database corrupt or empty, links are answered 503 and files are served."""
    path = link(app)
    assert app.store
    app.store.write_bytes(damage)
    unavailable(site, path)
    assert app.store.read_bytes() == damage
    assert ask(site, "/lab/").status == 200
    assert ask(site, "/healthz").status == 503


@pytest.mark.slow
def test_a_store_that_is_locked_is_waited_for_and_then_given_up(app: App, site) -> None:
    """Fault matrix: who finds the database locked for longer than five seconds is told to come again, and nothing was
    half done; reading goes on meanwhile.
    """
    assert app.store
    before = everything(app)
    with sqlite3.connect(app.store, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        got = ask(site, link(app), "POST", ONE_CLICK)
        assert (got.status, int(got.headers["retry-after"]) > 0) == (503, True)
        assert ask(site, link(app)).status == 200
        assert ask(site, "/healthz").status == 200
        other.execute("ROLLBACK")
    other.close()
    assert everything(app) == before
    assert ask(site, link(app), "POST", ONE_CLICK).status == 200


def test_every_reader_has_a_token_of_their_own(app: App) -> None:
    """W03: what the store keeps of a token is a hash, by which it is found."""
    tokens = {token(app, ANA), token(app, BO)}
    assert len(tokens) == 2
    kept = "\n".join(everything(app))
    for one in tokens:
        assert one not in kept
        assert leaving.mark(one) in kept
