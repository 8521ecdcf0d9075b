"""Archives, compressed files and mailboxes: their members are read as if they lay there by themselves."""

import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from builders import a_document
from pages import LAYOUTS, invented

from digest.formats import containers, parse
from digest.model import Document, Listing, Problem
from digest.sources.files import document

PAPERS = list(invented(12, seed=5))


def page(first: int = 0, last: int = 4) -> bytes:
    return "".join(LAYOUTS["abstract_id"](PAPERS[first:last])).encode()


def parsed(content: bytes | Document, origin: str = "day") -> tuple[list[Listing], list[Problem]]:
    items = list(parse(a_document(content, origin) if isinstance(content, bytes) else content))
    return [x for x in items if isinstance(x, Listing)], [x for x in items if isinstance(x, Problem)]


def ids(listings: list[Listing]) -> list[str]:
    return [x.ids["arxiv"] for x in listings]


def zstd(data: bytes) -> bytes:
    from backports.zstd import compress

    return compress(data)


def zipped(members: dict[str, bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return kept.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w") -> bytes:
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode=mode) as archive:  # type: ignore[call-overload]  # any mode that writes
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return kept.getvalue()


WANTED = ids(parsed(page())[0])


@pytest.mark.parametrize(
    "packed", [gzip.compress, lzma.compress, zstd, lambda data: gzip.compress(lzma.compress(data))]
)
def test_a_compressed_file_is_read_as_if_it_were_not(packed: Callable[[bytes], bytes]) -> None:
    """gzip, xz and zstd, also one in another, give the same listings under the same name."""
    assert parsed(packed(page())) == parsed(page())


@pytest.mark.parametrize("packed", [zipped, tarred, lambda members: gzip.compress(tarred(members))])
def test_the_members_of_an_archive_are_read_one_by_one(packed: Callable[[dict[str, bytes]], bytes]) -> None:
    """In the archive's order, each called by its name in it; what programs add to archives is passed over."""
    members = {
        "a/one.txt": page(0, 2),
        "__MACOSX/._one.txt": b"\0\5",
        "b.txt.gz": gzip.compress(page(2, 4)),
        ".x": b"?",
    }
    listings, problems = parsed(packed(members))
    assert problems == []
    assert ids(listings) == WANTED
    assert {x.position.file for x in listings} == {"day!a/one.txt", "day!b.txt.gz"}


def test_a_member_that_cannot_be_read_costs_only_itself() -> None:
    """A picture, an empty file and prose in an archive are problems with their names; the rest is read."""
    listings, problems = parsed(
        zipped({"a.png": b"\x89PNG\r\n\x1a\n" + bytes(9), "b": b"", "c.txt": page(), "d": b"Hi."})
    )
    assert ids(listings) == WANTED
    assert [x.file for x in problems] == ["day!a.png", "day!b", "day!d"]


@pytest.mark.parametrize("packed", [gzip.compress, lzma.compress, zstd, lambda data: tarred({"x.txt": data})])
@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_what_is_cut_off_is_a_problem_and_never_half_a_listing(packed: Callable[[bytes], bytes], kept: float) -> None:
    """P08: a file that was not written to its end is named; whole listings before the cut may be told."""
    whole = packed(b"".join(page(0, 12) for _ in range(40)))
    listings, problems = parsed(whole[: int(len(whole) * kept)])
    assert len(problems) >= 1
    assert set(ids(listings)) <= {paper.id for paper in PAPERS}


def test_flipped_bytes_are_a_problem() -> None:
    """A damaged archive says so; nothing raises."""
    for packed in (
        gzip.compress(page()),
        lzma.compress(page()),
        zstd(page()),
        zipped({"a": page()}),
        tarred({"a": page()}),
    ):
        for at in range(0, len(packed), max(len(packed) // 40, 1)):
            broken = packed[:at] + bytes([packed[at] ^ 0x5A]) + packed[at + 1 :]
            parsed(broken)


@pytest.mark.parametrize("packed", [gzip.compress, lambda data: zipped({"bomb": data}), lzma.compress, zstd])
def test_a_bomb_is_cut(packed: Callable[[bytes], bytes]) -> None:
    """P04: what grows to more than a hundred times its size is refused, before it fills memory or disk."""
    _, problems = parsed(packed(page() + b" " * (containers.FREE + 10_000_000)))
    assert "times its size" in problems[-1].what


def test_archives_in_archives_have_a_limit() -> None:
    """Three deep is read; deeper is refused by name."""
    inner = zipped({"x.txt": page()})
    assert ids(parsed(zipped({"a.zip": inner}))[0]) == WANTED
    deep = zipped({"c.zip": zipped({"b.zip": zipped({"a.zip": inner})})})
    listings, problems = parsed(deep)
    assert listings == []
    assert "unpack it first" in problems[0].what


def test_an_archive_may_come_through_a_pipe(tmp_path: Path) -> None:
    """A zip archive needs to be read from its end; what cannot be is kept in a temporary file first."""

    class OneWay(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise OSError("a pipe")

    packed = zipped({"x.txt": page()})
    assert ids(parsed(Document(origin="-", open=lambda: OneWay(packed)))[0]) == WANTED


# --------------------------------------------------------------------------------------------------- mails


def mail(text: str | None = None, html: str | None = None, **attached: bytes) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Papers"
    message["Date"] = "Tue, 26 May 2026 08:00:00 +0000"
    if text is not None:
        message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    for name, data in attached.items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=f"{name}.txt.gz")
    return message


def test_the_text_of_a_mail_is_read_whatever_its_encoding() -> None:
    """Quoted-printable, base64 and 8 bit, in any charset, give the same listings as the text by itself."""
    wanted = parsed(page())[0]
    for charset, encoding in (("utf-8", "base64"), ("utf-8", "quoted-printable"), ("utf-16", "base64")):
        message = mail()
        message.set_content(page().decode(), charset=charset, cte=encoding)
        assert parsed(message.as_bytes())[0] == wanted


def test_of_text_and_html_the_one_that_is_known_counts() -> None:
    """A page in the plain part is read, though the HTML is no listing; nothing is told twice."""
    listings, problems = parsed(mail(page().decode(), "<p>See our web page.</p>").as_bytes())
    assert (ids(listings), problems) == (WANTED, [])


def test_attachments_are_documents() -> None:
    """An attached file is unpacked and read, called by its name."""
    listings, _ = parsed(mail(page(0, 2).decode(), more=gzip.compress(page(2, 4))).as_bytes())
    assert ids(listings) == WANTED
    assert {x.position.file for x in listings} == {"day", "day!more.txt.gz"}


def test_each_message_of_an_mbox_is_read() -> None:
    """Messages are numbered; `>From ` is `From `; one that lists nothing is a problem by its number."""
    letters = [mail(page(0, 2).decode()), mail("Dear all, the seminar is cancelled."), mail(page(2, 4).decode())]
    box = b"".join(b"From a@example.org Tue May 26 08:00:00 2026\n" + one.as_bytes() + b"\n\n" for one in letters)
    listings, problems = parsed(box)
    assert ids(listings) == WANTED
    assert {x.position.file for x in listings} == {"day!1", "day!3"}
    assert [x.file for x in problems] == ["day!2"]


def test_a_text_with_colons_is_no_mail() -> None:
    """Two of the fields that every mail has must be there."""
    assert containers.unpacked(a_document("Title: x\nAuthors: y\n\nz"), lambda _: False).__next__().origin == "page.txt"


def test_a_large_compressed_file_is_never_held(tmp_path: Path) -> None:
    """The bytes of a member come as a stream: its first listing is there before its last byte is read."""
    whole = b"".join(page(0, 12) for _ in range(3000))
    packed = tmp_path / "x.gz"
    packed.write_bytes(gzip.compress(whole, 1))
    read = 0
    opened = document(packed)

    class Counting(io.FileIO):
        def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # what a raw stream is given
            nonlocal read
            count = super().readinto(buffer)
            read += count or 0
            return count or 0

    counted = Document(origin=opened.origin, open=lambda: io.BufferedReader(Counting(packed)))
    next(parse(counted))
    assert read < packed.stat().st_size


@pytest.mark.parametrize(
    "recorded",
    [
        {"url": "https://lists.example/", "status_code": 200, "body": None},
        {"request": {"uri": "x"}, "response": {"status": {"code": 200}, "body": {"string": None}}},
    ],
)
def test_an_answer_that_was_recorded_is_read_as_what_it_holds(recorded):
    """Of JSON with a status and a body, the body is read, under the name of the file."""
    text = "Ada Moreau, Zoe Kim\nWe measure how reading lists change when papers are counted once.\n"
    inner = recorded.get("response", recorded)
    inner["body"] = {"string": text} if isinstance(inner["body"], dict) else text
    found = list(parse(a_document(json.dumps(recorded), "answer.json")))
    assert found == list(parse(a_document(text, "answer.json")))
    assert found


def test_a_recorded_answer_that_is_cut_is_told():
    """Of half an answer nothing is guessed."""
    (problem,) = parse(a_document('{"url": "x", "status_code": 200, "body": "Ada Moreau, Zoe', "answer.json"))
    assert "cannot be read" in problem.what
