"""The published folder: whole files or none, whatever happens on the way."""

import fcntl
import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from threading import Thread

import pytest
from delivery_scene import a_rendition, renditions

from digest.delivery.folder import publish, withdraw
from digest.errors import StorageError
from digest.model import Rendition

ROOT = Path(__file__).parents[2]


def files(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def contents(site: list[Rendition]) -> dict[str, bytes]:
    return {rendition.path: rendition.content for rendition in site}


def python(program: str, *arguments: object) -> str:
    """What a program prints that runs in a process of its own and imports this project."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{Path(__file__).parent}"}
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


# ------------------------------------------------------------------------------------------ when all goes well


def test_files_are_published_below_the_folder(tmp_path: Path) -> None:
    """Folders are made where they are missing, and each rendition gets a receipt in the order given."""
    folder = tmp_path / "deep" / "feeds"
    receipts = publish(renditions(), folder)
    assert files(folder) == contents(renditions())
    assert [receipt.recipient for receipt in receipts] == [str(folder / r.path) for r in renditions()]
    assert {(receipt.channel, receipt.outcome) for receipt in receipts} == {("folder", "delivered")}


def test_renditions_are_taken_one_by_one_and_none_is_held(tmp_path: Path) -> None:
    """However many profiles there are, the pages of one are in memory at a time."""
    made = (Rendition(format="html", media_type="text/html", path=f"{n}.html", content=bytes([n]) * 1_000_000)
            for n in range(50))  # fmt: skip
    tracemalloc.start()
    publish(made, tmp_path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5_000_000
    assert len(files(tmp_path)) == 50


@pytest.mark.parametrize("error", [ValueError("a template"), StorageError("the store"), KeyboardInterrupt()])
def test_what_breaks_the_making_of_a_page_changes_nothing(tmp_path: Path, error: BaseException) -> None:
    """Files stay as they were, and nothing half done is left beside them."""

    def made() -> Iterator[Rendition]:
        yield a_rendition("index.html", b"new")
        raise error

    publish([a_rendition("index.html", b"old")], tmp_path)
    with pytest.raises(type(error)):
        publish(made(), tmp_path)
    assert files(tmp_path) == {"index.html": b"old"}


def test_file_whose_bytes_are_there_is_left_alone(tmp_path: Path) -> None:
    """Publishing again changes no file and no time stamp; only what differs is written."""
    publish(renditions(), tmp_path)
    before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*")}
    assert {receipt.outcome for receipt in publish(renditions(), tmp_path)} == {"unchanged"}
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*")} == before
    changed = [*renditions()[:-1], a_rendition("index.html", b"other")]
    assert [r.outcome for r in publish(changed, tmp_path)] == ["unchanged"] * 5 + ["delivered"]


def test_a_folder_is_withdrawn_whole(tmp_path: Path) -> None:
    """What is withdrawn is gone with all that is in it; the rest stays, and what is not there is no error."""
    publish(renditions(), tmp_path)
    assert withdraw("ana", tmp_path)
    assert files(tmp_path) == {path: content for path, content in contents(renditions()).items() if path[:4] != "ana/"}
    assert not withdraw("ana", tmp_path)
    publish(renditions(), tmp_path)
    assert files(tmp_path) == contents(renditions())


@pytest.mark.parametrize("name", ["..", "../other", "/tmp", ""])
def test_only_what_lies_below_is_withdrawn(name: str, tmp_path: Path) -> None:
    """A name that leads out of the published folder is refused."""
    (tmp_path / "other").mkdir()
    (tmp_path / "feeds").mkdir()
    with pytest.raises(StorageError, match="stays below"):
        withdraw(name, tmp_path / "feeds")
    assert (tmp_path / "other").is_dir()


def test_a_link_that_leads_out_is_not_withdrawn(tmp_path: Path) -> None:
    """A folder that is a link out of the published one is refused and left alone."""
    (tmp_path / "other").mkdir()
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "ana").symlink_to(tmp_path / "other")
    with pytest.raises(StorageError, match="leads out"):
        withdraw("ana", tmp_path / "feeds")
    assert (tmp_path / "other").is_dir()


def test_what_a_killed_withdrawal_left_is_swept(tmp_path: Path) -> None:
    """A folder that was set aside to be removed is removed by the next run."""
    publish(renditions(), tmp_path)
    (tmp_path / "ana").rename(tmp_path / ".ana.digest-new")
    publish(renditions(), tmp_path)
    assert files(tmp_path) == contents(renditions())


def test_older_files_stay(tmp_path: Path) -> None:
    """The archive's pages, and whatever else stands in the folder, are not touched."""
    (tmp_path / "ana").mkdir()
    (tmp_path / "ana" / "1999-12-31.html").write_text("old")
    publish(renditions(), tmp_path)
    assert (tmp_path / "ana" / "1999-12-31.html").read_text() == "old"


def test_files_get_ordinary_permissions(tmp_path: Path) -> None:
    """What the umask allows, so that a web server of another user can read them; not a temporary file's 0600."""
    before = os.umask(0o027)
    try:
        publish([a_rendition("index.html")], tmp_path)
    finally:
        os.umask(before)
    assert (tmp_path / "index.html").stat().st_mode & 0o777 == 0o640


def test_leftovers_of_a_killed_run_are_swept(tmp_path: Path) -> None:
    """A temporary file that nobody will rename any more is removed, and hidden files of others are not."""
    (tmp_path / "ana").mkdir()
    for name in (".index.html.digest-new", "ana/.rss.xml.digest-new", "ana/.htaccess"):
        (tmp_path / name).write_text("left")
    publish(renditions(), tmp_path)
    assert files(tmp_path) == {**contents(renditions()), "ana/.htaccess": b"left"}


def test_link_in_a_files_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """What a link in the folder points to is never written."""
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "index.html").symlink_to(outside)
    publish([a_rendition("index.html", b"mine")], tmp_path / "feeds")
    assert outside.read_text() == "mine"
    assert not (tmp_path / "feeds" / "index.html").is_symlink()


def test_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    """`feeds` may lead to where the web server looks."""
    (tmp_path / "www").mkdir()
    (tmp_path / "feeds").symlink_to(tmp_path / "www")
    publish(renditions(), tmp_path / "feeds")
    assert files(tmp_path / "www") == contents(renditions())


def test_nothing_to_publish_is_no_failure(tmp_path: Path) -> None:
    """No rendition, no receipt."""
    assert publish([], tmp_path / "feeds") == []


# ------------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize("path", ["../x", "ana/../../x", "/etc/x", "", ".", "a\0b"])
def test_path_that_leaves_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    """A rendition is published below the folder or not at all, and nothing else is written either."""
    with pytest.raises(StorageError, match="stays below its folder"):
        publish([a_rendition("index.html"), a_rendition(path)], tmp_path / "feeds")
    assert files(tmp_path) == {}


def test_profile_folder_that_leads_outside_is_refused(tmp_path: Path) -> None:
    """A link among the folders is no way out."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "ana").symlink_to(tmp_path / "outside")
    with pytest.raises(StorageError, match=r"feeds/ana: it is a link that leads out of .*feeds; remove it"):
        publish(renditions(), tmp_path / "feeds")
    assert files(tmp_path) == {}


def test_two_renditions_of_one_path_are_refused(tmp_path: Path) -> None:
    """Which of them would be published would be chance."""
    with pytest.raises(StorageError, match="two renditions have this path"):
        publish([a_rendition("a.html"), a_rendition("./a.html")], tmp_path)


def test_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    """The sentence names the file in the way and what to do."""
    (tmp_path / "feeds").write_text("mine")
    with pytest.raises(
        StorageError, match=r"cannot publish .*/feeds: .*; it is a file where a folder is wanted; remove it"
    ):
        publish(renditions(), tmp_path / "feeds")
    assert (tmp_path / "feeds").read_text() == "mine"


def test_folder_below_a_file_is_named(tmp_path: Path) -> None:
    """So it is where the file stands further up."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StorageError, match=r"cannot publish .*/file/feeds: .*; something on the way to it is a file"):
        publish(renditions(), tmp_path / "file" / "feeds")


def test_folder_in_a_files_place_is_named_before_anything_changes(tmp_path: Path) -> None:
    """A folder called index.html stops the run while every old file is still there."""
    publish(renditions("old")[:-1], tmp_path)
    (tmp_path / "index.html").mkdir()
    with pytest.raises(StorageError, match=r"index\.html: .*; it is a folder where a file is wanted; remove it"):
        publish(renditions(), tmp_path)
    assert files(tmp_path) == contents(renditions("old")[:-1])


def test_place_that_cannot_be_written_is_named() -> None:
    """Where the system takes no files the sentence says which path it was."""
    with pytest.raises(StorageError, match="cannot publish /proc/feeds: "):
        publish(renditions(), Path("/proc/feeds"))


# ------------------------------------------------------------------------------------------------ full disks


def test_file_too_large_for_the_process_changes_nothing(tmp_path: Path) -> None:
    """Under a limit on file sizes the old site stays whole, and nothing half written is left."""
    publish(renditions("old"), tmp_path)
    program = (
        "import resource, sys; from pathlib import Path; from delivery_scene import renditions\n"
        "from digest.delivery.folder import publish\n"
        "from digest.errors import StorageError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "try: publish(renditions(size=5000), Path(sys.argv[1]))\n"
        "except StorageError as error: print(error)\n"
    )
    said = python(program, tmp_path)
    assert said.startswith(f"cannot publish {tmp_path}/ana/rss.xml: File too large; files may not grow this large"), (
        said
    )
    assert files(tmp_path) == contents(renditions("old"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB, where this process may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no small disk here: {mounted.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_full_disk_changes_nothing(small_disk: Path) -> None:
    """When room runs out half way the old site stays whole, and the sentence says to make room."""
    publish(renditions("old"), small_disk)
    with pytest.raises(StorageError, match=r"cannot publish .*: No space left on device; make room and run again"):
        publish(renditions(size=1500), small_disk)
    assert files(small_disk) == contents(renditions("old"))


# ------------------------------------------------------------------------------------------------- crashes

KILLER = """
import os, signal, sys
from pathlib import Path
from delivery_scene import renditions
from digest.delivery.folder import publish

def publish_until(folder, left):
    def count(event, arguments):
        nonlocal left
        if event in ("open", "os.mkdir", "os.rename", "os.remove") and str(arguments[0]).startswith(str(folder)):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)
    publish(renditions(), folder)
    os._exit(0)

for step in range(int(sys.argv[2])):
    child = os.fork() or publish_until(Path(sys.argv[1], str(step)), step)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
STEPS = 32
"""More than publishing has, so that the last runs come to their end."""


def test_killed_run_leaves_each_file_old_or_new(tmp_path: Path) -> None:
    """F16: kill -9 before each step in turn: no file is ever part, the front page is never first, and the next
    run needs no hand.
    """
    old, new = contents(renditions("old")), contents(renditions())
    publish(renditions("old"), tmp_path / "old")
    for step in range(STEPS):
        copytree(tmp_path / "old", tmp_path / str(step))
    codes = python(KILLER, tmp_path, STEPS).split()
    for step in range(STEPS):
        left = files(tmp_path / str(step))
        found = {path: content for path, content in left.items() if not path.endswith(".digest-new")}
        assert set(found) == set(old)
        assert all(found[path] in (old[path], new[path]) for path in found)
        if found["index.html"] == new["index.html"]:
            assert found == new
        publish(renditions(), tmp_path / str(step))
        assert files(tmp_path / str(step)) == new
    killed = codes.count(str(-signal.SIGKILL))
    assert codes == [str(-signal.SIGKILL)] * killed + ["0"] * (STEPS - killed)
    assert 20 < killed < STEPS


def test_one_publication_waits_for_another(tmp_path: Path) -> None:
    """Two runs at once do not sweep each other's files: the second waits for its turn."""
    held = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    second = Thread(target=publish, args=(renditions(), tmp_path))
    second.start()
    second.join(0.1)
    waited = second.is_alive()
    os.close(held)
    second.join()
    assert waited
    assert files(tmp_path) == contents(renditions())


def test_pages_come_before_what_links_to_them(tmp_path: Path) -> None:
    """Editions first, then feeds, then the profile's page, the front page last."""
    program = (
        "import sys; from pathlib import Path; from delivery_scene import renditions\n"
        "from digest.delivery.folder import publish\n"
        "sys.addaudithook(lambda event, arguments: print(arguments[1]) if event == 'os.rename' else None)\n"
        "publish(renditions(), Path(sys.argv[1]))"
    )
    order = [line.removeprefix(f"{tmp_path}/") for line in python(program, tmp_path).split()]
    assert order == [
        "ana/2026-05-26.html",
        "ana/atom.xml",
        "ana/rss.xml",
        "bo/rss.xml",
        "ana/index.html",
        "index.html",
    ]
