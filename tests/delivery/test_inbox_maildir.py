"""`digest.delivery.inbox.maildir`: an inbox on this machine."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from digest.delivery.inbox import LARGEST, MOST_MESSAGES
from digest.delivery.inbox.maildir import MaildirInbox
from digest.errors import StorageError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    return tmp_path


def put(folder: Path, name: str, content: bytes = b"Subject: ours\n\ntext\n", came: float = 0) -> Path:
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (came, came))
    return path


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def read(
    folder: Path,
    *,
    act: Callable[[bytes], bool] = lambda content: True,
    stopping: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[list[str], list[bytes]]:
    """What the operator is told, and what was acted on."""
    acted: list[bytes] = []

    def noted(content: bytes) -> bool:
        acted.append(content)
        return act(content)

    return MaildirInbox(folder, clock=clock).read(lambda head: b"ours" in head, noted, stopping), acted


def test_what_is_ours_is_marked(folder: Path) -> None:
    """What was acted on is in `cur` with the flag S; what was not stays where it is, and nothing is deleted."""
    put(folder, "new/1.a")
    put(folder, "new/2.a", b"Subject: not for us\n\n")
    put(folder, "cur/3.a:2,")
    put(folder, "cur/4.a:2,FR")
    put(folder, "cur/5.a")
    problems, acted = read(folder)
    assert (problems, len(acted)) == ([], 4)
    assert names(folder) == ["cur/1.a:2,S", "cur/3.a:2,S", "cur/4.a:2,FRS", "cur/5.a:2,S", "new/2.a"]
    assert read(folder) == ([], [])


def test_what_is_not_read(folder: Path) -> None:
    """What somebody has read or deleted, hidden files, links, folders, and what is still being delivered."""
    put(folder, "cur/1.a:2,S")
    put(folder, "cur/2.a:2,FT")
    put(folder, "new/.hidden")
    put(folder, "tmp/3.a")
    (folder / "new" / "4.a").symlink_to(put(folder, "outside"))
    (folder / "new" / "5.a").mkdir()
    os.mkfifo(folder / "new" / "6.a")
    before = names(folder)
    assert read(folder) == ([], [])
    assert names(folder) == before


def test_what_act_does_not_know_stays(folder: Path) -> None:
    """A message that turns out not to be ours stays unread, where it was."""
    put(folder, "new/1.a")
    assert read(folder, act=lambda content: False)[0] == []
    assert names(folder) == ["new/1.a"]


def test_killed_between_acting_and_marking(folder: Path) -> None:
    """What breaks off after it has acted goes through, and the message is shown again."""
    put(folder, "new/1.a")

    def fails(content: bytes) -> bool:
        raise StorageError("the disk is full")

    with pytest.raises(StorageError):
        read(folder, act=fails)
    assert names(folder) == ["new/1.a"]
    assert len(read(folder)[1]) == 1


def test_newest_first_and_only_the_beginning(folder: Path) -> None:
    """The last that came is read first, and of a large one its beginning."""
    put(folder, "new/1.a", b"ours 1" + b"x" * 2 * LARGEST, came=100)
    put(folder, "new/2.a", b"ours 2", came=300)
    put(folder, "cur/3.a:2,", b"ours 3", came=200)
    _, acted = read(folder)
    assert [content[:6] for content in acted] == [b"ours 2", b"ours 3", b"ours 1"]
    assert len(acted[-1]) == LARGEST


def test_many(folder: Path) -> None:
    """Of more unread mails than `MOST_MESSAGES` the last ones are looked at, and the operator is told."""
    for number in range(MOST_MESSAGES + 1):
        put(folder, f"new/{number}.a", b"ours %d" % number, came=number)
    problems, acted = read(folder)
    assert problems == ["it has 1,001 unread mails, of which the last 1,000 were looked at"]
    assert b"ours 0" not in acted
    assert len(acted) == MOST_MESSAGES
    assert read(folder) == ([], [b"ours 0"])


def test_a_name_that_is_taken(folder: Path) -> None:
    """A message is never put over another one, though both have one name, which no two should."""
    put(folder, "new/1.a")
    put(folder, "cur/1.a:2,S", b"another")
    read(folder)
    assert names(folder) == ["cur/1.a:2,S", "new/1.a"]
    assert (folder / "cur" / "1.a:2,S").read_bytes() == b"another"


def test_moved_meanwhile(folder: Path) -> None:
    """Another program may move a message before it is read, and before it is marked."""
    first, second = put(folder, "new/1.a", came=1), put(folder, "new/2.a", came=2)

    def act(content: bytes) -> bool:
        first.rename(folder / "cur" / "1.a:2,")
        second.rename(folder / "cur" / "2.a:2,")
        return True

    problems, acted = read(folder, act=act)
    assert (problems, len(acted)) == ([], 1)
    assert names(folder) == ["cur/1.a:2,", "cur/2.a:2,"]


def test_stopping(folder: Path) -> None:
    """Who is asked to stop does after the message at hand (O03)."""
    put(folder, "new/1.a")
    put(folder, "new/2.a")
    asked: list[bool] = []
    problems, acted = read(folder, act=lambda content: not asked.append(True), stopping=lambda: bool(asked))
    assert (problems, len(acted)) == ([], 1)


def test_the_whole_has_an_end(folder: Path) -> None:
    """A disk that takes too long is left, and the operator is told."""
    put(folder, "new/1.a")
    moments = iter([0.0, 61.0])
    problems, acted = read(folder, clock=lambda: next(moments))
    assert problems == ["it took longer than 60 s, and the rest is read next time"]
    assert acted == []


def test_trouble_is_a_sentence(folder: Path, tmp_path: Path) -> None:
    """A folder that is no Maildir is told in a sentence that names what is missing."""
    assert read(tmp_path / "none") == ([f"{tmp_path}/none/new cannot be read: No such file or directory"], [])
    (folder / "new").rmdir()
    (folder / "new").write_text("")
    assert read(folder)[0] == [f"{folder}/new cannot be read: Not a directory"]


def test_what_cannot_be_read(folder: Path) -> None:
    """Mails that cannot be opened (here: links, by the time) are passed over, and told in two sentences at most."""
    others = [put(folder, f"new/{number}.a", came=number) for number in (1, 2, 3)]
    put(folder, "new/4.a", came=4)

    def act(content: bytes) -> bool:
        for path in others[1:]:
            path.unlink(missing_ok=True)
            path.symlink_to("/")
        return True

    problems, acted = read(folder, act=act)
    assert len(acted) == 2
    assert problems == [
        f"{folder}/new/3.a cannot be read: Too many levels of symbolic links",
        "2 mails cannot be read",
    ]


def test_what_cannot_be_marked(folder: Path) -> None:
    """Where nothing can be marked reading ends, and the operator is told."""
    put(folder, "new/1.a")
    put(folder, "new/2.a")

    def act(content: bytes) -> bool:
        (folder / "cur").rmdir()
        (folder / "cur").write_text("")
        return True

    [problem], acted = read(folder, act=act)
    assert problem.endswith("cannot be marked as read: Not a directory")
    assert len(acted) == 1
