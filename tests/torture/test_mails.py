"""Mails of all archives: legal by the lint of mails, read by a parser that is not ours, harmless in a browser."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import maillint
import pytest

from digest.rendering.mail import LIMIT, Recipient, Sender, message
from torture import blocks, dom, tools
from torture.archives import Made, an_archive
from torture.browser import ORIGIN, Browser
from torture.faults import Faults

pytestmark = pytest.mark.slow

SENDER = Sender(address="digest@example.org", name="Paper digest", key=b"a key that nobody knows")
RECIPIENT = Recipient(
    address="ana@example.org",
    name="Ana",
    unsubscribe="https://example.org/unsubscribe/0123456789abcdef",
    unsubscribe_mail="mailto:unsubscribe@example.org?subject=0123456789abcdef",
)

_MARK = re.compile("qz[a-z]+[0-9]+[ae]")


def mails(one: Made, faults: Faults) -> Iterator[tuple[str, bytes]]:
    """The mail of each edition of an archive."""
    for edition in one.archive.recent:
        with faults.of(f"{one.number} mail of {edition.digest.day}"):
            yield f"{one.number} {edition.digest.day}", message(edition, one.archive, one.site, SENDER, RECIPIENT)


@blocks.each
def test_every_mail_is_legal_and_read_again(block, figure):
    """No mail has a fault by the lint, is longer than the limit or differs when it is made again; the standard
    library's parser finds no defect and the same papers in its text and in its HTML (E01-E10, E18).
    """
    faults, tried = Faults(), 0
    for one in blocks.archives(block):
        again = dict(mails(an_archive(one.number), faults)) if one.number % 10 == 0 or blocks.WHOLE else {}
        for name, mail in mails(one, faults):
            with faults.of(name):
                faults.add(name, map(str, maillint.lint(mail)))
                faults.add(name, misread(mail))
                faults.add(name, ["made again it is another"] if again.get(name, mail) != mail else [])
            tried += 1
    faults.settle()
    figure("{count:,} mails checked", count=tried)


def parsed(mail: bytes) -> tuple[EmailMessage, str, str]:
    """A mail, its text and its HTML, as the standard library reads them."""
    read = message_from_bytes(mail, policy=policy.default)
    assert isinstance(read, EmailMessage)
    texts = {part.get_content_type(): str(part.get_content()) for part in read.walk() if not part.is_multipart()}
    return read, texts["text/plain"], texts["text/html"]


def misread(mail: bytes) -> list[str]:
    """What is wrong with a mail as another program reads it."""
    found = [f"it has {len(mail)} bytes"] if len(mail) > LIMIT else []
    found += ["it has a line end that is not CRLF"] if re.search(rb"\r(?!\n)|(?<!\r)\n", mail) else []
    read, text, html = parsed(mail)
    found += [f"a defect: {defect!r}" for part in read.walk() for defect in part.defects]
    for name, value in read.items():
        found += [f"a defect of {name}: {defect!r}" for defect in getattr(value, "defects", ())]
        found += (
            [f"{name} has a control character"]
            if re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", value)
            else []
        )
    counts = {
        name: len(read.get_all(name, [])) for name in ("From", "To", "Date", "Subject", "Message-ID", "MIME-Version")
    }
    found += [f"{name} stands {count} times" for name, count in counts.items() if count != 1]
    titles = [mark for mark in _MARK.findall(text) if mark.startswith(("qztitle", "qzheadline")) and mark.endswith("a")]
    in_html = set(_MARK.findall(html))
    found += [f"the HTML lacks {mark}" for mark in titles if mark not in in_html]
    return found


@blocks.each
def test_mails_hold_nothing_but_ours_in_a_browser(block, browser, known, figure):
    """Shown without any filter, no mail has an element, an attribute, an address or a style that harmless texts would
    not give it, and none runs or asks for anything.
    """
    faults, tried = Faults(), 0
    browser.visit(f"{ORIGIN}blank.html", {"blank.html": b"<!DOCTYPE html><title>blank</title>"})
    for one in blocks.archives(block):
        for name, mail in mails(one, faults):
            faults.add(name, dom.faults(dom.write(browser, parsed(mail)[2]), known))
            tried += 1
    seen = browser.seen()
    faults.add(f"{block}", (*seen.dialogs, *seen.requests[1:]))
    faults.settle()
    figure("{count:,} mails looked at in a browser", count=tried)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser(tools.chromium()) as running:
        running.size(320)
        yield running


@pytest.fixture(scope="module")
def known(browser: Browser) -> dom.Vocabulary:
    """The vocabulary of mails."""
    faults = Faults()
    browser.visit(f"{ORIGIN}blank.html", {"blank.html": b"<!DOCTYPE html><title>blank</title>"})
    harmless = [an_archive(number, harmless=True) for number in range(1000, 1080)]
    found = dom.vocabulary(dom.write(browser, parsed(mail)[2]) for one in harmless for _, mail in mails(one, faults))
    faults.settle()
    return found
