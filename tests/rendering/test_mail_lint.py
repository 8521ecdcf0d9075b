"""The lint of mails: it is silent on ours, and finds what is wrong with others."""

import re

import pytest
from mail_scene import ANA, SENDER, letter
from maillint import lint
from maillint.caniemail import ALLOWED, lacking
from maillint.colours import colour, contrast, faint, turned
from maillint.parsing import Malformed, parse, quoted_printable, words
from rendering_scene import SITE, editions

from digest.rendering.mail import message
from digest.rendering.mail.quoted import quoted


def a_mail(day: int = 0) -> bytes:
    one = letter(editions()[day])
    return message(one.edition, one.archive, SITE, SENDER, ANA)


@pytest.mark.parametrize("day", [0, 1], ids=["full", "quiet"])
def test_our_mails_have_no_fault(day: int) -> None:
    """E01 to E14: the lint has nothing to say of a mail with papers, and of one without."""
    assert lint(a_mail(day)) == []


def spoilt(html: str = "", by: str = "", *, raw: bytes = b"", with_: bytes = b"", count: int = 1) -> list[str]:
    """What the lint says of our mail with a part of its HTML, or of its octets, replaced."""
    mail = a_mail()
    if html:
        head, text, body, end = mail.split(re.search(rb'boundary="(.*?)"', mail)[1].join((b"\r\n--", b"")))
        fields, _, coded = body.partition(b"\r\n\r\n")
        page = quoted_printable(coded.decode()).decode()
        assert html in page
        body = fields + b"\r\n\r\n" + quoted(page.replace(html, by, count).replace("\r\n", "\n"))
        mail = (b"\r\n--" + re.search(rb'boundary="(.*?)"', mail)[1]).join((head, text, body, end))
    if raw:
        assert raw in mail
        mail = mail.replace(raw, with_, count)
    return [str(one) for one in lint(mail)]


@pytest.mark.parametrize(
    ("html", "by", "said"),
    [
        ("<p ", '<img src="https://example.org/pixel.gif"><p ', "E11: <img>"),
        ("<p ", "<script>1</script><p ", "E11: <script>"),
        ("<p ", '<p onclick="x()" ', "E11: the attribute onclick"),
        ("<p ", '<p data-x="1" ', "E11: attribute data-x is not known to caniemail"),
        ("<p ", "<marquee>x</marquee><p ", "E11: html-marquee is not supported by"),
        (' role="presentation"', "", "E11: a table without role=presentation"),
        ('way" style="margin: 0', 'way" style="display: flex;margin: 0', "E11: css-display-flex|E11: display: flex"),
        ('way" style="margin: 0', 'way" style="position: absolute;margin: 0', "E11: css-position is not supported"),
        ('way" style="margin: 0', 'way" style="width: 10vw;margin: 0', "E11: css-unit-vw is not supported"),
        ('way" style="margin: 0', 'way" style="color: var(--x);margin: 0', "E11: color with a function"),
        ('way" style="margin: 0', 'way" style="background-color: url(x);margin: 0', "E11: background-color with a url"),
        ('way" style="margin: 0', 'way" style="padding: 4px;margin: 0', "E11: padding on <p>"),
        ('way" style="margin: 0', 'way" style="margin: -4px', "E11: margin: -4px"),
        ('way" style="margin: 0', 'way" style="opacity: 1;margin: 0', "E11: css-opacity is not supported"),
        ("color: #0b5394", "color: #8fb8dd", "E11: <a .*> is too faint as sent"),
        ("@media (prefers", "@supports (display: grid) {a{}}@media (prefers", "E11: css-at-supports is not supported"),
        ("@media (prefers", "a:hover { color: #ffffff; } @media (prefers", "E11: .*-hover is not supported"),
        ("color: #a8a298 !", "color: #404040 !", "too faint in dark colours"),
        ('lang="en"', "", "E11: the document has no language"),
        ("<h1", "<h4>x</h4><h1", "E11: headings out of order"),
        ("<h1", "<h1>x</h1><h1", "E11: 2 headings of the first level"),
        ('href="https://arxiv', 'href="javascript:https://arxiv', "E11: a link that is not absolute"),
        ('href="https://arxiv.org', 'href="/abs', "E11: a link that is not absolute"),
        ('href="https://arxiv.org', 'href="http://localhost:8000', "E11: a link to the reader's own machine"),
        (f'href="{ANA.unsubscribe}"', 'href="https://example.org/"', "E11: the way out, .* is linked 1 times"),
        ("Many hands</h3>", "Few hands</h3>", "E09: the text has not, or elsewhere, the paper '3Fewhands'"),
        ("Many hands</h3>", "Many\u202ehands</h3>", "E08: the HTML has the character U\\+202E"),
        ("Many hands</h3>", "Many " + "hands " * 20_000 + "</h3>", "E10: "),
        ("<!DOCTYPE html>", "", "E11: no document type"),
    ],
)  # fmt: skip
def test_fault_in_the_html_is_found(html: str, by: str, said: str) -> None:
    """Each thing that some program does not support, or that no mail should have, is named."""
    if lacking() is None and ("supported" in said or "caniemail" in said):
        pytest.skip("the data of caniemail, ../shared/material, is not here")
    found = spoilt(html, by)
    assert any(re.search(said, one) for one in found), found


@pytest.mark.parametrize(
    ("raw", "by", "said"),
    [
        (b"Date: ", b"Date: Mon, 1 Jan 2024 00:00:00 +0000\r\nDate: ", "E06: date stands 2 times"),
        (b"Date: Tue, 26", b"Date: Wed, 26", "E06: the wrong day of the week"),
        (b"MIME-Version: 1.0\r\n", b"", "E06: mime-version stands 0 times"),
        (b"Auto-Submitted", b"X-Mailer: x\r\nAuto-Submitted", "E06: an unknown field: x-mailer"),
        (b"Auto-Submitted: auto-generated", b"Auto-Submitted: no", "E05: Auto-Submitted"),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b"", "E04: no one-click"),
        (b"List-Unsubscribe: <https", b"List-Unsubscribe: <http", "E04: the way out is by"),
        (b"List-Unsubscribe: <", b"List-Unsubscribe: =?utf-8?q?x?= <", "E03: list-unsubscribe is encoded"),
        (b"Message-ID: <", b"Message-ID: <x", "E07: Message-ID"),
        (b"<digest@example.org>", b"<digest@other.example>", "E07: Message-ID"),
        (b"List-Id: <", b"List-Id: <.", "E05: List-Id"),
        (b"From: Paper digest <digest@example.org>", b"From: Paper digest", "E02: from has no plain address"),
        (b"Subject: =?utf-8?q?4", b"Subject: =?utf-8?q?=E2=80=AE", "E08: subject has the character U\\+202E"),
        (b"Subject: =?utf-8?q?4", b"Subject: =?utf-8?q?=E2", "E01: an encoded word does not hold whole characters"),
        (b"Subject: =?utf-8?q?4", b"Subject: =?utf-8?q?" + b"4" * 60, "E01: an encoded word of"),
        (b"Matches\r\n", b"Matches\n", "E01: a bare CR or LF"),
        (b"Matches\r\n", b"Matches \r\n", "E01: white space at the end"),
        (b"Matches\r\n", b".\r\nMatches\r\n", "E01: a line that servers change"),
        (b"Matches\r\n", b"From ana\r\nMatches\r\n", "E01: a line that servers change"),
        (b"Matches\r\n", b"x" * 77 + b"\r\n", "E01: a quoted-printable line of 77"),
        (b"Matches\r\n", b"=zz\r\n", "E01: not quoted-printable"),
        (b"Matches\r\n", b"\xc3\xa9\r\n", "E01: octets beyond ASCII"),
        (b"text/plain", b"text/enriched", "E09: multipart/alternative of"),
        (b"--\r\n", b"\r\n", "E01: the parts are not closed"),
    ],
)  # fmt: skip
def test_fault_in_the_message_is_found(raw: bytes, by: bytes, said: str) -> None:
    """Each thing that the standards forbid, or that a list's mail needs and lacks, is named."""
    if raw == b"--\r\n":
        mail = a_mail()
        found = [str(one) for one in lint(mail[: -len(raw)] + by)]
    else:
        found = spoilt(raw=raw, with_=by)
    assert any(re.search(said, one) for one in found), found


def test_data_of_caniemail_is_read_whole() -> None:
    """E11: of all features about thirty are safe everywhere, and what we allow is not among them."""
    pages = lacking()
    if pages is None:
        pytest.skip("the data of caniemail, ../shared/material, is not here")
    safe = {name for name, missing in pages.items() if not missing}
    assert len(pages) > 300
    assert {"html-table", "css-font", "css-background-color", "css-unit-px"} <= safe
    assert not {"css-display-flex", "css-variables", "css-position", "html-script"} & safe
    assert pages["css-padding"] == {"outlook/windows": "a #1 #2", "outlook/windows-mail": "a #1 #2"}


def test_every_allowance_is_needed_and_has_a_reason() -> None:
    """Nothing is allowed that is safe anyway, that caniemail does not know, or for no reason."""
    pages = lacking()
    if pages is None:
        pytest.skip("the data of caniemail, ../shared/material, is not here")
    assert {name for name in ALLOWED if not pages.get(name)} == set()
    assert all(len(reason) > 7 for reason in ALLOWED.values())


def test_contrast_is_that_of_the_standard() -> None:
    """Black on white is 21, #777777 on white a little too faint, and turning keeps the hue."""
    black, white, grey = (colour(text) for text in ("#000000", "#ffffff", "#777777"))
    assert contrast(black, white) == pytest.approx(21)
    assert contrast(grey, white) == pytest.approx(4.48, abs=0.01)
    assert turned(colour("#0b5394")) == pytest.approx(colour("#6bb3f4"), abs=0.01)
    assert faint(grey, white)
    assert colour("red") is None


@pytest.mark.parametrize("mail", [b"", b"Subject: x", b"Subject: x\r\n\r\nx", b"\xff" * 40, b"a: b\r\n\r\n" * 9])
def test_anything_is_read_or_refused(mail: bytes) -> None:
    """What is no mail has a fault and raises nothing."""
    assert lint(mail)


def test_strict_reader_reads_what_the_standards_have() -> None:
    """RFC 2047's own examples, a folded field, and a multipart message."""
    assert words("=?utf-8?q?a?= =?utf-8?q?b?= c") == "ab c"
    assert words("=?UTF-8?B?YcOp?= x") == "aé x"
    assert quoted_printable("a=3Db=\r\nc\r\n=C3=A9") == "a=bc\r\né".encode()
    with pytest.raises(Malformed):
        parse(b"no field\r\n\r\n")
