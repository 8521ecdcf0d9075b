"""What is published of each profile: in which formats, and what is removed."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from builders import a_document, a_profile

from digest.delivery import folder
from digest.model import Archive, Profile, Site
from digest.pipeline import Report, Task, run
from digest.store import Store, open_store

DAY = date(2026, 5, 26)
EVERYWHERE = {"index.html", "feeds.opml", "feed.css"}
SITE_FEEDS = {f"{start}{kind}" for start in ("", f"{DAY}.") for kind in ("rss.xml", "atom.xml", "feed.json")}


def page(number: int) -> str:
    return (
        f"We measure how reading list number {number} changes when its repeated papers are counted once, and find that "
        f"quantization matters.\narXiv:2605.{number:05d}\n"
    )


def published(out: Path) -> set[str]:
    return {str(one.relative_to(out)) for one in out.rglob("*") if one.is_file()}


def tree(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in published(out)}


def ran(store: Store | None, out: Path, *profiles: Profile, day: date = DAY, number: int = 1) -> Report:
    task = Task(
        site=Site(base_url="https://digest.example/"),
        profiles=profiles,
        days={one.name: day for one in profiles},
        out=out,
        fresh=lambda: "f0e1",
    )
    return run([a_document(page(number))], task, store)


def reader(name: str = "ana", publish: Sequence[str] | None = None, **known: object) -> Profile:
    formats = {} if publish is None else {"publish": tuple(publish)}
    return a_profile(name, **{"keywords": {"quantization": 3}, **formats, **known})


def leads_nowhere(out: Path) -> list[str]:
    """The links of pages to files of the site that are not there."""
    nowhere = []
    for one in out.rglob("*.html"):
        for href in re.findall(r'href="([^"#]+)', one.read_text(encoding="utf-8")):
            path = unquote(unescape(href)).removeprefix("https://digest.example/")
            if not path.startswith(("https:", "http:", "mailto:", "data:")):
                place = one.parent / path if path == unescape(href) else out / path
                if not place.exists():
                    nowhere.append(f"{one.relative_to(out)}: {href}")
    return nowhere


@pytest.mark.parametrize(
    ("formats", "files"),
    [
        (["html"], {"ana/2026-05-26.html"}),
        (["rss", "html"], {"ana/2026-05-26.html", "ana/rss.xml", "ana/2026-05-26.rss.xml"}),
        (["html", "txt", "bib"], {"ana/2026-05-26.html", "ana/2026-05-26.txt", "ana/2026-05-26.bib"}),
    ],
)
def test_a_profile_is_published_as_its_config_says(formats: list[str], files: set[str], tmp_path: Path) -> None:
    """The formats that `publish` names are there and no other, and no page links to what is not."""
    ran(None, tmp_path, reader(publish=formats))
    assert published(tmp_path) == EVERYWHERE | SITE_FEEDS | files | {"ana/index.html", "ana/search-2026-05.json"}
    assert leads_nowhere(tmp_path) == []
    words = "".join(page.read_text(encoding="utf-8") for page in tmp_path.rglob("*.html"))
    assert words.count("Subscribe:") == (2 if "rss" in formats else 0)
    assert words.count("This edition as:") == len({"txt", "bib"} & {*formats}) // 2


def test_all_formats_link_to_what_is_there(tmp_path: Path) -> None:
    """Without `publish` all formats are there, and no link leads nowhere."""
    ran(None, tmp_path, reader())
    assert {Path(one).suffix for one in published(tmp_path) if one.startswith("ana/2026")} == {
        *(".html", ".xml", ".txt", ".md", ".json", ".bib", ".ris")
    }
    assert leads_nowhere(tmp_path) == []


def test_who_has_no_feed_is_not_offered_one(tmp_path: Path) -> None:
    """The front page and a profile's page ask nobody to subscribe to a profile that has only pages."""
    ran(None, tmp_path, reader(publish=["html"]))
    for name in ("index.html", "ana/index.html", f"ana/{DAY}.html"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert "Subscribe" not in text
        assert "ana/rss.xml" not in text
    ran(None, tmp_path, reader(publish=["html", "rss"]))
    assert "Subscribe: " in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_the_list_of_feeds_has_what_there_is(tmp_path: Path) -> None:
    """`feeds.opml` names the RSS of profiles that have one."""
    ran(None, tmp_path, reader(publish=["html"]), reader("bob", ["html", "rss"]))
    opml = (tmp_path / "feeds.opml").read_text(encoding="utf-8")
    assert re.findall('xmlUrl="([^"]+)"', opml) == [
        "https://digest.example/rss.xml",
        "https://digest.example/bob/rss.xml",
    ]


@pytest.mark.parametrize("private", [False, True])
def test_nothing_is_published_of_who_is_only_sent_mail(private: bool, tmp_path: Path) -> None:
    """With `publish: []` no file has a word of the profile, the report names no page, and its edition is kept."""
    with open_store(tmp_path / "digest.db") as store:
        report = ran(store, tmp_path / "out", reader(publish=[], private=private))
        assert published(tmp_path / "out") == EVERYWHERE
        assert report.pages == ()
        assert store.edition("ana", DAY)
    assert "ana" not in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("private", [False, True])
def test_what_is_published_no_more_is_removed_and_comes_back_whole(private: bool, tmp_path: Path) -> None:
    """`publish: []` removes what stood there, every day of it; taken back, every day stands there again."""
    out = tmp_path / "out"
    with open_store(tmp_path / "digest.db") as store:
        for number in range(12):
            ran(store, out, reader(private=private), day=DAY + timedelta(number), number=number + 1)
        before = published(out)
        ran(store, out, reader(publish=[], private=private), day=DAY + timedelta(11), number=12)
        assert not any("private" in one or "ana" in one for one in published(out))
        ran(store, out, reader(private=private), day=DAY + timedelta(11), number=12)
        assert published(out) == before


def test_a_private_profile_takes_its_public_folder_away(tmp_path: Path) -> None:
    """What was public before is removed when the profile becomes private."""
    out = tmp_path / "out"
    with open_store(tmp_path / "digest.db") as store:
        ran(store, out, reader())
        ran(store, out, reader(private=True))
    assert (out / "private.f0e1" / "index.html").exists()
    assert not (out / "ana").exists()


def test_each_profile_has_what_came_since_its_own_last_edition(tmp_path: Path) -> None:
    """Profiles that are served on different days each choose from what came after their own last edition."""
    out = tmp_path / "out"
    with open_store(tmp_path / "digest.db") as store:
        ran(store, out, reader("ana"), reader("bob"), number=1)
        ran(store, out, reader("bob"), day=DAY + timedelta(1), number=2)
        report = ran(store, out, reader("ana"), reader("bob"), day=DAY + timedelta(2), number=3)
    shown = {one.digest.profile: {r.paper.id for r in one.digest.ranked} for one in report.editions}
    assert shown == {"ana": {"arxiv:2605.00002", "arxiv:2605.00003"}, "bob": {"arxiv:2605.00003"}}


@pytest.mark.parametrize("known", [{"publish": []}, {"private": True}])
@pytest.mark.parametrize("others", [[], ["bob"]])
def test_the_feeds_of_all_forget_who_is_published_no_more(
    known: dict[str, Any], others: list[str], tmp_path: Path
) -> None:
    """A profile that is taken back, or becomes private, is in no feed of the site any more, nor in older pages of one;
    what others published stands in all of them as if it had never been there.
    """
    rest = [reader(name, keywords={"reading": 1}) for name in others]

    def after(out: Path, first: Sequence[Profile], last: Sequence[Profile]) -> dict[str, bytes]:
        with open_store(tmp_path / f"{out.name}.db") as store:
            for number in range(13):
                ran(store, out, *(last if number == 12 else first), day=DAY + timedelta(number), number=number + 1)
        return {name: content for name, content in tree(out).items() if "/" not in name}

    before = after(tmp_path / "with", [reader(), *rest], [reader(**known), *rest])
    assert before == after(tmp_path / "without", rest, rest)


def test_a_kill_before_the_last_step_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is killed when it takes a profile back is done again by the next one."""
    out = tmp_path / "out"

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with open_store(tmp_path / "digest.db") as store:
        ran(store, out, reader())
        for step in ("remove", "withdraw"):
            with monkeypatch.context() as patch:
                patch.setattr(folder, step, killed)
                with pytest.raises(KeyboardInterrupt):
                    ran(store, out, reader(publish=[]))
        ran(store, out, reader(publish=[]))
    assert published(out) == EVERYWHERE


def test_the_feeds_of_all_come_back_whole(tmp_path: Path) -> None:
    """Where only the files of the site itself were removed, its feeds have all their older pages again."""
    out = tmp_path / "out"
    both = reader(), reader("bob", keywords={"reading": 1})
    with open_store(tmp_path / "digest.db") as store:
        for number in range(13):
            ran(store, out, *both, day=DAY + timedelta(number), number=number + 1)
        before = tree(out)
        for one in out.iterdir():
            if one.is_file():
                one.unlink()
        ran(store, out, *both, day=DAY + timedelta(12), number=13)
    assert tree(out) == before


def test_what_somebody_else_put_there_stays(tmp_path: Path) -> None:
    """What is not of `digest` is left alone where a profile is published no more, and the rest is removed."""
    out, theirs = (
        tmp_path / "out",
        {"ana/.htaccess", "ana/notes/index.html", "ana/cv.html", "ana/2026-05-25.html/a", "2026-05.txt"},
    )
    with open_store(tmp_path / "digest.db") as store:
        ran(store, out, reader())
        for one in theirs:
            (out / one).parent.mkdir(exist_ok=True, parents=True)
            (out / one).write_text("Mine.")
        for _ in range(2):
            ran(store, out, reader(publish=[]))
            assert published(out) == EVERYWHERE | theirs
        ran(store, out, reader())
    assert theirs < published(out)


def test_a_mail_names_no_page_that_is_not_there() -> None:
    """The page of an edition is linked where it is published."""
    from digest.rendering.addresses import edition_page

    site = Site(base_url="https://digest.example/")
    archive = Archive("ana", "Ana", (), (), "ana")
    assert edition_page(DAY, archive, site) == "https://digest.example/ana/2026-05-26.html"
    assert edition_page(DAY, archive, Site()) == ""
    assert edition_page(DAY, archive._replace(published=()), site) == ""
