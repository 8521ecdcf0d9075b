"""The published folder over HTTP: what is served, as what, and what never is."""

import gzip
import os
import re
import shutil
import threading
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import pytest
from web_scene import an_installation, ask

from digest.app import App
from digest.delivery.folder import publish
from digest.model import PRIVATE, Rendition
from digest.publishing import places, whole
from digest.rendering import render, render_index
from digest.web import files
from digest.web.files import Files
from digest.web.site import make_site


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> App:
    return an_installation(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def site(app: App):
    return make_site(app, [].append)


def published(app: App) -> list[Rendition]:
    """All that the run published, with the media types that it gave."""
    with app.memory() as store:
        assert store
        archives = [whole(place, store) for place in places(app.profiles, store, lambda: "")]
    return [*(one for archive in archives for one in render(archive, app.site)), *render_index(archives, app.site)]


def test_every_published_file_is_served_as_what_it_is(app: App, site) -> None:
    """F13: each file that a run publishes comes whole, under the media type of its rendition and as UTF-8."""
    renditions = published(app)
    assert {one.path for one in renditions} == {str(p.relative_to(app.out)) for p in app.out.rglob("*") if p.is_file()}
    for one in renditions:
        got = ask(site, f"/{one.path}")
        assert (got.status, got.body) == (200, (app.out / one.path).read_bytes())
        assert got.headers["content-type"] == f"{one.media_type}; charset=utf-8", one.path
        assert got.headers["content-length"] == str(len(got.body))


def test_head_equals_get(app: App, site) -> None:
    """F13: the answer to a HEAD is that to a GET without its body, for files, folders, pages and errors."""
    paths = [f"/{path.relative_to(app.out)}" for path in app.out.rglob("*")]
    for path in [*paths, "/", "/lab/", "/healthz", "/readyz", "/nothing", f"/u/{'A' * 22}", "/u/short"]:
        for coding in ("identity", "gzip"):
            get, head = (ask(site, path, method, accept_encoding=coding) for method in ("GET", "HEAD"))
            assert (head.status, head.headers, head.body) == (get.status, get.headers, b""), path
            assert int(get.headers["content-length"]) == len(get.body)


def test_gzip_is_another_representation_with_a_tag_of_its_own(app: App, site) -> None:
    """F13, F14, RFC 9110 8.8.3: gzip has Vary and another strong ETag; each tag validates its own representation."""
    plain, zipped = ask(site, "/lab/rss.xml"), ask(site, "/lab/rss.xml", accept_encoding="gzip, br")
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(zipped.body) == plain.body
    assert len(zipped.body) < len(plain.body)
    tags = [plain.headers["etag"], zipped.headers["etag"]]
    assert all(re.fullmatch(r'"[\w-]+"', tag) for tag in tags), "strong"
    assert tags[0] != tags[1]
    for tag, coding in zip(tags, ("identity", "gzip"), strict=True):
        assert ask(site, "/lab/rss.xml", if_none_match=tag, accept_encoding=coding).status == 304
        other = "gzip" if coding == "identity" else "identity"
        assert ask(site, "/lab/rss.xml", if_none_match=tag, accept_encoding=other).status == 200
    assert {one.headers["vary"] for one in (plain, zipped)} == {"Accept-Encoding"}


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_what_is_known_is_not_sent_again(app: App, site, coding: str) -> None:
    """F14: 304 has no body, the same ETag, and every field that a 200 would set anew in a cache."""
    for path in ("/lab/rss.xml", "/lab/atom.xml", "/lab/feed.json", "/lab/", "/feeds.opml"):
        whole = ask(site, path, accept_encoding=coding)
        for known in (
            {"if_none_match": f'"x", W/{whole.headers["etag"]}'},
            {"if_modified_since": whole.headers["last-modified"]},
        ):
            for method in ("GET", "HEAD"):
                again = ask(site, path, method, accept_encoding=coding, **known)
                assert (again.status, again.body) == (304, b"")
                about_body = {"content-type", "content-length", "content-encoding"}
                assert again.headers == {k: v for k, v in whole.headers.items() if k not in about_body}


def test_another_version_that_was_wanted_is_a_412(site) -> None:
    """RFC 9110, 13.1.1: a condition that fails is said."""
    got = ask(site, "/lab/rss.xml", if_match='"other"')
    assert (got.status, got.headers["content-type"]) == (412, "text/html; charset=utf-8")


def test_a_tag_is_of_the_content(tmp_path: Path) -> None:
    """F14, F15: the same bytes have the same tag wherever and whenever they lie, and other bytes another one."""
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("the same")
    os.utime(tmp_path / "b.txt", (1, 1))
    (tmp_path / "c.txt").write_text("not it!!")
    found = [Files(tmp_path).find(name) for name in ("a.txt", "b.txt", "c.txt")]
    a, b, c = (one.tag for one in found if isinstance(one, files.Copy))
    assert a == b != c


def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    """What is kept in memory is given up as soon as the file is another one, also of the same size and time."""
    folder = Files(tmp_path)
    for word in ("one", "two", "six") * 5:
        publish([Rendition("txt", "text/plain", "a.txt", word.encode())], tmp_path)
        os.utime(tmp_path / "a.txt", (1, 1))
        found = folder.find("a.txt")
        assert isinstance(found, files.Copy)
        assert found.content == word.encode()


def test_a_file_is_replaced_while_it_is_read(tmp_path: Path) -> None:
    """F16: whoever reads while a run publishes has one version whole, under the tag of that version."""
    folder, done = Files(tmp_path), threading.Event()
    versions = [bytes([65 + number]) * (200_000 + number) for number in range(4)]
    publish([Rendition("txt", "text/plain", "a.txt", versions[0])], tmp_path)

    def publish_often() -> None:
        for turn in range(60):
            publish([Rendition("txt", "text/plain", "a.txt", versions[turn % 4])], tmp_path)
        done.set()

    writer = threading.Thread(target=publish_often)
    writer.start()
    seen = set()
    while not done.is_set():
        found = folder.find("a.txt")
        assert isinstance(found, files.Copy)
        assert found.content in versions
        assert found.tag == blake2b(found.content, digest_size=16).hexdigest()
        assert found.zipped
        assert gzip.decompress(found.zipped) == found.content
        seen.add(len(found.content))
    writer.join()
    assert len(seen) > 1


def test_what_is_kept_in_memory_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many files are read, no more than so many bytes of them are kept."""
    monkeypatch.setattr(files, "KEPT", 40_000)
    folder = Files(tmp_path)
    for number in range(40):
        (tmp_path / f"{number}.bin").write_bytes(os.urandom(3_000))
        assert folder.find(f"{number}.bin")
    (tmp_path / "large.bin").write_bytes(os.urandom(30_000))
    assert folder.find("large.bin")
    kept = sum(one.weight for one in folder._kept.values())
    assert 30_000 <= kept == folder._weight <= 40_000


def test_folders_lead_to_their_index(app: App, site) -> None:
    """A folder's address without its `/` leads on, to the same place behind any proxy; with it, it is `index.html`."""
    got = ask(site, "/lab")
    assert (got.status, got.headers["location"]) == (301, "./lab/")
    assert ask(site, "/lab/").body == (app.out / "lab" / "index.html").read_bytes()
    assert ask(site, "/").body == (app.out / "index.html").read_bytes()
    assert ask(site, "/lab/rss.xml/").status == 404


def test_a_private_profile_is_served_to_who_knows_its_address_alone(app: App, site) -> None:
    """Private folders are served, kept by no shared cache and sought by no search engine, and nothing lists them."""
    folder = app.folders()["hidden"]
    got = ask(site, f"/{folder}/rss.xml")
    assert got.status == 200
    assert got.headers["x-robots-tag"] == "noindex"
    assert got.headers["cache-control"] == "private, no-cache"
    assert ask(site, "/lab/rss.xml").headers["cache-control"] == "public, max-age=300"
    assert "x-robots-tag" not in ask(site, "/lab/rss.xml").headers
    for path in ("/", "/rss.xml", "/feeds.opml", "/lab/", f"/{PRIVATE}", f"/{PRIVATE}.", "/hidden/", "/nothing"):
        assert PRIVATE.encode() + b"." not in ask(site, path).body


def test_a_folder_without_an_index_is_not_listed(tmp_path: Path) -> None:
    """There is no listing of any folder."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a.txt").touch()
    assert Files(tmp_path).find("secret/") is None
    assert Files(tmp_path).find("") is None


OUTSIDE = [
    "/../digest.db",
    "/lab/../../digest.db",
    "/lab/../index.html",
    "//etc/passwd",
    "/lab//rss.xml",
    "/./index.html",
    "/lab/./rss.xml",
    "/..",
    "/lab/..",
    "/.hidden",
    "/lab/.hidden.txt",
    "/.well/a.txt",
    "/lab/.rss.xml.digest-new",
    "/link.txt",
    "/linked/rss.xml",
    "/lab/up/digest.db",
    "/loop",
    "/pipe",
    "/lab/rss.xml\0.txt",
    "/lab\\rss.xml",
    "/\udcff",
    "/\ud800",
    f"/{'a' * 300}",
    f"/{'a/' * 3000}",
    "/huge.bin",
]


@pytest.fixture(scope="module")
def cluttered(app: App, tmp_path_factory: pytest.TempPathFactory):
    """The site of a folder in which lies what must not be seen."""
    out = tmp_path_factory.mktemp("cluttered") / "feeds"
    shutil.copytree(app.out, out)
    (out.parent / "digest.db").write_text("not to be seen")
    (out / ".well").mkdir()
    for name in (".hidden", "lab/.hidden.txt", "lab/.rss.xml.digest-new", ".well/a.txt"):
        (out / name).write_text("not to be seen")
    (out / "link.txt").symlink_to(out / "index.html")
    (out / "linked").symlink_to(out / "lab")
    (out / "lab" / "up").symlink_to(out.parent)
    (out / "loop").symlink_to("loop")
    os.mkfifo(out / "pipe")
    with (out / "huge.bin").open("wb") as huge:
        huge.truncate(files.LARGEST + 1)
    return make_site(replace(app, out=out), [].append)


@pytest.mark.parametrize("path", OUTSIDE)
def test_nothing_else_is_served(cluttered, path: str) -> None:
    """W13: no way out of the folder, no link, no name with a dot before it, no half-written file, no pipe."""
    missing = ask(cluttered, "/nothing")
    got = ask(cluttered, path)
    assert (got.status, got.body, got.headers) == (404, missing.body, missing.headers)


def test_the_published_folder_may_itself_be_reached_by_a_link(tmp_path: Path) -> None:
    """The operator's own word on where the folder is, is taken; and one that is not there has nothing."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.txt").write_text("x")
    (tmp_path / "link").symlink_to("real")
    assert Files(tmp_path / "link").find("a.txt")
    assert Files(tmp_path / "nowhere").find("a.txt") is None


def test_pages_have_their_own_policy_as_a_header(app: App, site) -> None:
    """W10: the policy in a page's head is sent with it, and no frame may have it; a profile's script still runs."""
    profile = ask(site, "/lab/")
    assert "script-src 'sha256-" in profile.headers["content-security-policy"]
    edition = ask(site, f"/lab/{max(p.name for p in (app.out / 'lab').glob('2*.html'))}")
    for got in (profile, edition):
        (own,) = re.findall(rb'Content-Security-Policy" content="([^"]+)"', got.body)
        assert got.headers["content-security-policy"] == f"{own.decode()}; frame-ancestors 'none'"


@pytest.mark.parametrize(
    "written",
    [
        b"<p>no policy",
        b'<meta http-equiv="Content-Security-Policy" content="default-src *\r\nSet-Cookie: a=b">',
        b" " * 5000 + b'<meta http-equiv="Content-Security-Policy" content="default-src *">',
    ],
)
def test_a_page_without_a_policy_gets_the_least(tmp_path: Path, written: bytes) -> None:
    """W10: what has no policy in its head, or none that a header can carry, may load nothing and run nothing."""
    (tmp_path / "a.html").write_bytes(written)
    found = Files(tmp_path).find("a.html")
    assert isinstance(found, files.Copy)
    assert found.policy == "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def test_nothing_can_be_sent_to_a_file(site) -> None:
    """Other methods are answered 405, with the methods that are taken."""
    for path in ("/lab/rss.xml", "/", "/nothing", "/healthz"):
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"):
            got = ask(site, path, method)
            assert (got.status, got.headers["allow"]) == (405, "GET, HEAD"), path
