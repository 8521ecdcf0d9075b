"""Mails as people have them: forwarded, nested, broken by programs, and in encodings other than they say."""

import base64
import quopri
from datetime import UTC, datetime
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from builders import a_document
from hypothesis import given
from hypothesis import strategies as st
from pages import LAYOUTS, invented

from digest.formats import parse
from digest.formats.messages import is_mailbox, parts
from digest.model import Document, Listing, Problem

PAPERS = list(invented(8, seed=11))
HEAD = b"From: a@example.org\nTo: b@example.org\nSubject: Papers\nDate: Tue, 26 May 2026 08:00:00 +0000\n"


def page(first: int = 0, last: int = 4) -> str:
    return "".join(LAYOUTS["abstract_id"](PAPERS[first:last]))


def html(first: int = 0, last: int = 4) -> str:
    rows = "".join(
        f'<p><a href="https://arxiv.org/abs/{paper.id}">Counting papers for the {n} time</a></p>'
        for n, paper in enumerate(PAPERS[first:last])
    )
    return f"<html><body>{rows}</body></html>"


def parsed(content: bytes, origin: str = "day.eml") -> tuple[list[Listing], list[Problem]]:
    items = list(parse(a_document(content, origin)))
    return [x for x in items if isinstance(x, Listing)], [x for x in items if isinstance(x, Problem)]


def ids(listings: list[Listing]) -> list[str]:
    return [x.ids["arxiv"] for x in listings]


def carried(content: bytes) -> list[Document | Problem]:
    return list(parts(a_document(content), lambda _: 0))


def texts(content: bytes) -> list[str]:
    return [one.open().read().decode() for one in carried(content) if isinstance(one, Document)]


WANTED = [paper.id for paper in PAPERS[:4]]


def letter(text: str, subtype: str = "plain") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Papers"
    message["Date"] = "Tue, 26 May 2026 08:00:00 +0000"
    message.set_content(text, subtype=subtype)
    return message


# ---------------------------------------------------------------------------------------------- structure


def test_a_text_in_multiparts_in_multiparts_is_read_once() -> None:
    """mixed > related > alternative, as newsletters are: the HTML is read, the picture and the stub are not."""
    outer, related, either = MIMEMultipart("mixed"), MIMEMultipart("related"), MIMEMultipart("alternative")
    either.attach(MIMEText("Your mail program shows no HTML.", "plain"))
    either.attach(MIMEText(html(), "html"))
    related.attach(either)
    picture = MIMEText("no picture", "plain")
    picture.replace_header("Content-Type", "image/png")
    related.attach(picture)
    outer.attach(related)
    listings, problems = parsed(HEAD + outer.as_bytes())
    assert (ids(listings), problems) == (WANTED, [])


def test_a_forwarded_mail_is_read_as_by_itself() -> None:
    """A message in a message gives its listings under the outer one's name; the note above it is no problem."""
    outer = letter("See below, this may interest you.")
    outer.add_attachment(letter(page()))
    listings, problems = parsed(outer.as_bytes())
    assert (ids(listings), problems) == (WANTED, [])


def test_the_date_of_a_forwarded_mail_is_its_own() -> None:
    """What was sent on Tuesday and forwarded on Friday is of Tuesday."""
    outer = letter("See below.")
    outer.replace_header("Date", "Fri, 29 May 2026 08:00:00 +0000")
    outer.add_attachment(letter(page()))
    dates = [one.fetched for one in carried(outer.as_bytes()) if isinstance(one, Document)]
    assert dates == [datetime(2026, 5, 29, 8, tzinfo=UTC), datetime(2026, 5, 26, 8, tzinfo=UTC)]


def test_a_forwarded_mail_in_base64_is_read() -> None:
    """RFC 2046 forbids to encode a message in a message; some servers do it."""
    inner = base64.encodebytes(letter(page()).as_bytes())
    content = (
        HEAD + b'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: text/plain\n\nHi.\n'
        b"--x\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + inner + b"\n--x--\n"
    )
    assert ids(parsed(content)[0]) == WANTED


@pytest.mark.parametrize(
    "kind", [b"multipart/alternative", b'multipart/mixed; boundary="another"', b"multipart/related; boundary="]
)
def test_a_boundary_that_is_not_there_is_found(kind: bytes) -> None:
    """A multipart without a boundary, or with one that does not occur, is cut at the lines that look like one."""
    content = (
        HEAD
        + b"Content-Type: "
        + kind
        + b"\n\n--b1\nContent-Type: text/plain; charset=utf-8\n\n"
        + page().encode()
        + b"\n--b1--\n"
    )
    assert ids(parsed(content)[0]) == WANTED


def test_a_multipart_that_does_not_say_so_is_one() -> None:
    """A body of parts whose Content-Type was lost on the way is cut into them."""
    content = HEAD + b"\n--b1\nContent-Type: text/plain\n\n" + page().encode() + b"\n--b1--\n"
    assert ids(parsed(content)[0]) == WANTED


def test_a_multipart_that_is_none_is_a_text() -> None:
    """Without anything that looks like a boundary the body is read as it stands."""
    assert ids(parsed(HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n" + page().encode())[0]) == WANTED


def test_a_message_that_breaks_off_gives_what_came() -> None:
    """A closing boundary that is missing costs nothing."""
    content = (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain; charset=utf-8\n\n"
        + page().encode()
    )
    assert ids(parsed(content)[0]) == WANTED


def test_parts_nested_too_deep_are_a_problem() -> None:
    """A thousand multiparts in each other exhaust nothing but their own message."""
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (number, number) for number in range(3000)
    )
    listings, problems = parsed(HEAD + deep + b"Content-Type: text/plain\n\n" + page().encode())
    assert listings == []
    assert len(problems) == 1


def test_more_parts_than_are_read_are_told() -> None:
    """The parts beyond the limit are left out by a sentence, and not in silence."""
    part = b"--x\nContent-Type: text/plain\n\nHi.\n"
    _, problems = parsed(HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n" + part * 600 + b"--x--\n")
    assert any("more than 500 parts" in problem.what for problem in problems)


def test_of_two_ways_to_say_the_same_the_surer_one_is_read() -> None:
    """Where the HTML looks like any alert and the text is arXiv's own listing, the text is read."""
    listing = (
        "\\\\\narXiv:2605.00001\nDate: Fri, 1 May 2026 17:59:59 GMT   (243kb,D)\n\nTitle: Counting papers once\n"
        "Authors: Ada Moreau\nCategories: cs.DL\n\\\\\n  We count.\n\\\\ ( https://arxiv.org/abs/2605.00001 ,  243kb)\n"
    )
    message = letter(listing)
    message.add_alternative(html(), subtype="html")
    listings, problems = parsed(message.as_bytes())
    assert ([x.format for x in listings], problems) == (["arxiv_listing"], [])


def test_a_mail_of_which_nothing_is_known_is_a_problem() -> None:
    """A stub that only wants to be opened in a browser lists nothing, and is told."""
    message = letter("Open this mail in your browser.")
    message.add_alternative("<p><a href='https://click.example.org/t'>View in browser</a></p>", subtype="html")
    listings, problems = parsed(message.as_bytes())
    assert listings == []
    assert len(problems) == 1


# ---------------------------------------------------------------------------------------------- encodings

NAMES = "Émile Lefèvre, Zoë Kim\nWe count papers and find that many of them are old.\n"


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("us-ascii", "utf-8"),
        ("us-ascii", "cp1252"),
        ("iso-8859-1", "utf-8"),
        ("iso-8859-1", "cp1252"),
        ("utf-8", "cp1252"),
        ("no-such-thing", "utf-8"),
        ("no-such-thing", "cp1252"),
        ("base64", "utf-8"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16", "utf-16"),
        ("windows-1252", "cp1252"),
        ("utf-7", "utf-7"),
    ],
)
def test_a_text_is_read_whatever_its_encoding_is_said_to_be(said: str, sent: str) -> None:
    """What is UTF-8 is that; other bytes are what the mail says, or Windows-1252 where that cannot be."""
    body = base64.encodebytes(NAMES.encode(sent))
    kind = f"Content-Type: text/plain; charset={said}\nContent-Transfer-Encoding: base64\n\n"
    assert texts(HEAD + kind.encode() + body) == [NAMES]


@pytest.mark.parametrize(
    ("said", "sent", "text"),
    [
        ("gb2312", "gb18030", "计数论文一次\n"),
        ("iso-2022-jp", "iso-2022-jp", "論文を数える\n"),
        ("ks_c_5601-1987", "cp949", "논문을 세다\n"),
        ("koi8-r", "koi8-r", "Мы считаем статьи\n"),
    ],
)
def test_other_scripts_are_read_as_the_mail_says(said: str, sent: str, text: str) -> None:
    """East Asian and Cyrillic encodings by the names that mail programs give them."""
    body = base64.encodebytes(text.encode(sent))
    kind = f"Content-Type: text/plain; charset={said}\nContent-Transfer-Encoding: base64\n\n"
    assert texts(HEAD + kind.encode() + body) == [text]


def test_what_was_encoded_twice_is_decoded_twice() -> None:
    """base64 of base64, and quoted-printable that says it is none."""
    twice = base64.encodebytes(base64.encodebytes(page().encode()))
    content = HEAD + b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + twice
    assert ids(parsed(content)[0]) == WANTED
    plain = quopri.encodestring(html().encode())
    assert ids(parsed(HEAD + b"Content-Type: text/html\n\n" + plain)[0]) == WANTED


def test_a_long_word_is_not_taken_for_base64() -> None:
    """A text in letters only stays one."""
    assert texts(HEAD + b"\n" + b"abcdefgh" * 20) == ["abcdefgh" * 20]


# ---------------------------------------------------------------------------------------------- programs


@pytest.mark.parametrize("lead", [b"\n\n", b"\xef\xbb\xbf", b"\r\n"])
def test_what_stands_before_the_first_field_is_passed_over(lead: bytes) -> None:
    """Blank lines and a byte order mark make a mail no other thing."""
    assert ids(parsed(lead + letter(page()).as_bytes())[0]) == WANTED


def test_a_mail_of_apple_mail_is_read() -> None:
    """.emlx is a count of bytes, a message, and a property list."""
    message = letter(page()).as_bytes()
    content = b"%d      \n" % len(message) + message + b'<?xml version="1.0"?><plist><dict/></plist>\n'
    listings, problems = parsed(content)
    assert (ids(listings), problems) == (WANTED, [])


def test_a_page_that_was_saved_as_an_archive_is_read() -> None:
    """.mht is a mail with the page and its styles in it."""
    content = (
        b"From: <Saved by Blink>\nSnapshot-Content-Location: https://example.org/\nSubject: Papers\n"
        b"Date: Tue, 26 May 2026 08:00:00 -0000\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/related; type="text/html"; boundary="--x--"\n\n'
        b"----x--\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n"
        + quopri.encodestring(html().encode())
        + b"\n----x--\nContent-Type: text/css\n\nbody {}\n----x----\n"
    )
    listings, problems = parsed(content)
    assert (ids(listings), problems) == (WANTED, [])


def test_winmail_is_named_and_the_rest_is_read() -> None:
    """Outlook's own format is a problem with its name; what is beside it counts."""
    message = letter(page())
    message.add_attachment(
        b"\x78\x9f\x3e\x22" + bytes(40), maintype="application", subtype="ms-tnef", filename="winmail.dat"
    )
    listings, problems = parsed(message.as_bytes())
    assert ids(listings) == WANTED
    assert [(x.file, "winmail.dat" in x.what) for x in problems] == [("day.eml!winmail.dat", True)]


def test_what_looks_like_a_list_is_no_mail() -> None:
    """Two fields that all mails have are wanted, after a number too."""
    assert not is_mailbox(b"12\nTitle: x\nAuthor: y\n\nz")
    assert not is_mailbox(b"\n\n\nDate: today\nSubject: papers\n\nz")


@given(st.lists(st.integers(0, 60_000), max_size=12), st.binary(max_size=12))
def test_a_broken_mail_is_answered(places: list[int], splinter: bytes) -> None:
    """Bytes put anywhere into a mail raise nothing, and something is always said."""
    message = letter(page(0, 2))
    message.add_alternative(html(0, 2), subtype="html")
    message.add_attachment(letter(page(2, 4)))
    data = message.as_bytes()
    for place in places:
        at = place % len(data)
        data = data[:at] + splinter + data[at + place % 5 :]
    listings, problems = parsed(data)
    assert listings or problems
