"""`digest show` and `digest feeds`: an edition on standard output, and where a profile is published."""

import re
from email import message_from_string
from email.policy import default
from pathlib import Path

import pytest
from terminal import a_config, a_page, digest, tree

PRIVATE = "    private: true\n  ben:\n    keywords: [speech]\n"


def an_installation(folder: Path, more: str = "") -> None:
    a_config(folder, more)
    a_page(folder)
    done = digest("run", "--day", "2026-05-26", cwd=folder)
    assert done.code == 0, done.err


def private_folders(folder: Path) -> list[str]:
    return [path.name for path in (folder / "feeds").iterdir() if path.name.startswith("private.")]


def test_an_edition_is_shown_as_it_was_published(tmp_path: Path) -> None:
    """`digest show --format html` prints the bytes of the edition's page, `rss` those of the feed."""
    an_installation(tmp_path)
    files = tree(tmp_path / "feeds")
    for name, path in {"html": "ana/2026-05-26.html", "rss": "ana/rss.xml"}.items():
        assert digest("show", "--format", name, cwd=tmp_path).out.encode() == files[path]
    assert digest("show", "ana", "--format", "html", "--day", "2026-05-26", cwd=tmp_path).code == 0


def test_an_edition_is_shown_as_a_mail(tmp_path: Path) -> None:
    """`digest show --format mail` prints one whole message, the same each time, from an address of the site's host."""
    an_installation(tmp_path)
    done = digest("show", "--format", "mail", "--to", "bea@example.org", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    mail = message_from_string(done.out, policy=default)
    assert (mail["To"], mail["From"]) == ("bea@example.org", "Paper digest <digest@localhost>")
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert digest("show", "--format", "mail", "--to", "bea@example.org", cwd=tmp_path) == done
    other = digest("show", "--format", "mail", "--to", "bo@example.org", "--from", "d@example.net", cwd=tmp_path)
    assert message_from_string(other.out, policy=default)["From"] == "Paper digest <d@example.net>"
    assert message_from_string(other.out, policy=default)["Message-ID"] != mail["Message-ID"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--format", "mail"], "say whom the mail is for: --to ADDRESS"),
        (["--format", "mail", "--to", "nobody"], "'nobody'"),
        (["--to", "bea@example.org"], "--to and --from go with --format mail"),
        (["anna"], "no profile 'anna' (did you mean 'ana'?)"),
        (["--format", "html", "--day", "2026-05-25"], "ana has no edition of 2026-05-25; `digest run` makes one"),
        (["--format", "htm"], "no renderer 'htm' (did you mean 'html'?)"),
    ],
)
def test_what_cannot_be_shown_is_said(words: list[str], told: str, tmp_path: Path) -> None:
    """An unknown profile, day or format is named, with what to do; the exit code is 2."""
    an_installation(tmp_path)
    done = digest("show", "--format", "html", *words, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert told in done.err


def test_one_of_several_profiles_must_be_named(tmp_path: Path) -> None:
    """With several profiles `digest show` asks which; before the first run there is nothing to show."""
    a_config(tmp_path, "  ben:\n    keywords: [speech]\n")
    assert "name one of the profiles: ana, ben" in digest("show", "--format", "html", cwd=tmp_path).err
    told = digest("show", "ben", "--format", "html", cwd=tmp_path).err
    assert "ben has no edition yet; `digest run` makes one" in told


def test_feeds_are_told_by_address_or_by_file(tmp_path: Path) -> None:
    """`digest feeds` tells addresses where the config says where it is served, else files."""
    an_installation(tmp_path)
    done = digest("feeds", cwd=tmp_path)
    assert "  RSS        feeds/ana/rss.xml\n" in done.out
    assert "site: base_url" in done.out
    config = tmp_path / "digest.yaml"
    config.write_text("site: {base_url: 'https://example.org/d'}\n" + config.read_text())
    told = digest("feeds", "ana", cwd=tmp_path).out
    assert "  Atom       https://example.org/d/ana/atom.xml\n" in told
    assert "base_url" not in told
    before = config.read_text()
    for formats, rss, none in (("[html, rss]", True, False), ("[html]", False, True), ("[]", False, True)):
        config.write_text(f"publish: {formats}\n{before}")
        told = digest("feeds", "ana", cwd=tmp_path).out
        assert ("rss.xml" in told, "none: `publish` names none" in told, "atom.xml" in told) == (rss, none, False)


def test_a_private_profile_is_named_nowhere(tmp_path: Path) -> None:
    """A private profile stands in a folder that cannot be guessed, and no other file names it or its folder."""
    an_installation(tmp_path, PRIVATE)
    (folder,) = private_folders(tmp_path)
    assert re.fullmatch(r"private\.[0-9a-f]{32}", folder)
    files = tree(tmp_path / "feeds")
    assert f"{folder}/rss.xml" in files
    assert f"{folder}/2026-05-26.html" in files
    for path, content in files.items():
        if not path.startswith(folder):
            assert folder.encode() not in content, path
            assert b">ana<" not in content, path
            assert b"ana/" not in content, path
    assert f"feeds/{folder}/rss.xml" in digest("feeds", "ana", cwd=tmp_path).out
    digest("run", "--day", "2026-05-26", cwd=tmp_path)
    assert private_folders(tmp_path) == [folder]


def test_a_private_page_without_feeds_is_told(tmp_path: Path) -> None:
    """`digest feeds` tells the address of a private profile that has a page and no feeds, also a new one."""
    an_installation(tmp_path, f"    publish: [html]\n{PRIVATE}")
    for words in (["feeds", "ana"], ["feeds", "ana", "--rotate"]):
        done = digest(*words, cwd=tmp_path)
        (folder,) = private_folders(tmp_path)
        assert f"  Page       feeds/{folder}/index.html\n" in done.out
        assert "none: `publish` names none" in done.out


def test_a_profile_that_becomes_private_is_withdrawn(tmp_path: Path) -> None:
    """What was public of a profile is gone with the first run after it was made private."""
    an_installation(tmp_path)
    assert (tmp_path / "feeds" / "ana").is_dir()
    an_installation(tmp_path, PRIVATE)
    assert not (tmp_path / "feeds" / "ana").exists()


def test_a_private_address_can_be_rotated(tmp_path: Path) -> None:
    """After `digest feeds ana --rotate` the same files stand in another folder, and the old one is gone."""
    an_installation(tmp_path, PRIVATE)
    (before,) = private_folders(tmp_path)
    old = tree(tmp_path / "feeds" / before)
    done = digest("feeds", "ana", "--rotate", cwd=tmp_path)
    assert done.code == 0
    (after,) = private_folders(tmp_path)
    assert after != before
    assert after in done.out
    new = tree(tmp_path / "feeds" / after)
    assert {path: content.replace(after.encode(), before.encode()) for path, content in new.items()} == old


def test_a_public_address_cannot_be_rotated(tmp_path: Path) -> None:
    """A public profile keeps its address, and the message says what would hide it; several must be told apart."""
    an_installation(tmp_path)
    done = digest("feeds", "ana", "--rotate", cwd=tmp_path)
    assert done.code == 2
    assert "ana is public" in done.err
    assert "private: true" in done.err
    a_config(tmp_path, PRIVATE)
    assert "name one of the profiles: ana, ben" in digest("feeds", "--rotate", cwd=tmp_path).err
