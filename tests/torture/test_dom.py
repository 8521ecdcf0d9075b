"""What a real browser makes of pages, feeds, mails and Markdown: nothing that ordinary texts would not have made.

W08, W09, F18: with the policy of the pages in place, and without it, so that escaping alone is proven.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree
from markdown import Markdown

from digest.rendering import FEEDS
from torture import blocks, dom, tools
from torture.archives import Made, an_archive
from torture.browser import ORIGIN, Browser
from torture.faults import Faults

pytestmark = pytest.mark.slow

WIDTH = 320
"""CSS pixels of the narrowest screen (WCAG 2.2, 1.4.10): nothing may be wider."""

RATIO = 16
"""Of so many pages one is also loaded with its policy in place, which takes four times as long."""

LOOKED_AT = 2
"""Of so many archives the pages of one are looked at, where not all are wanted."""

CONVERTED = 4
"""Of so many archives the Markdown of one is converted, where not all are wanted."""

SEARCHED = 5
"""Of so many archives the search of one is used, where not all are wanted."""

_POLICED = {"meta@http-equiv", "meta=content-security-policy"}
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
_BLANK = {"blank.html": b"<!DOCTYPE html><title>blank</title><body>"}
_OPENED = f"{ORIGIN}blank.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser(tools.chromium()) as running:
        running.size(WIDTH)
        yield running


@pytest.fixture(scope="module")
def known(browser: Browser) -> dom.Vocabulary:
    """The vocabulary of the pages."""
    audits = []
    faults = Faults()
    browser.visit(_OPENED, _BLANK)
    for number in range(1000, 1060):
        for page in blocks.pages(an_archive(number, harmless=True), faults):
            text = page.content.decode()
            assert _POLICY.search(text), f"{page.path} has no policy"
            audits.append(dom.write(browser, _POLICY.sub("", text)))
    faults.settle()
    found = dom.vocabulary(audits)
    return found._replace(shapes=found.shapes | {"form@hidden"})  # where there is nothing to search yet


@blocks.each
def test_pages_hold_nothing_but_ours_in_a_browser(browser, known, block, figure):
    """No page has an element, an attribute, an address, a script or a style that harmless texts would not give it,
    none runs anything, asks for anything or is wider than the narrowest screen; without the policy nor with it.
    """
    faults, tried, policed = Faults(), 0, 0
    browser.visit(_OPENED, _BLANK)
    for one in blocks.archives(block, LOOKED_AT):
        for page in blocks.pages(one, faults):
            text = page.content.decode()
            found = dom.faults(dom.write(browser, _POLICY.sub("", text)), known)
            tried += 1
            if blocks.WHOLE or tried % RATIO == 0:
                seen = browser.visit(ORIGIN + page.path, {page.path: page.content})
                found += dom.faults(dom.audit(browser), known._replace(shapes=known.shapes | _POLICED))
                found += [f"it asked for {address}" for address in seen.requests[1:]]
                found += [f"{what}, with the policy" for what in (*seen.dialogs, *seen.complaints)]
                browser.visit(_OPENED, _BLANK)
                policed += 1
            faults.add(f"{one.number} {page.path}", found)
    seen = browser.seen()
    faults.add(f"{block} without the policy", (*seen.dialogs, *seen.requests[1:]))
    faults.settle()
    figure("{count:,} pages looked at in a browser", count=tried)
    figure("{count:,} pages looked at with their policy", count=policed)


@blocks.each
def test_what_the_search_finds_is_told_as_text(browser, known, block, figure):
    """Where a page looks for words, what it finds is added as text and links, and it asks for its own files alone;
    with the policy in place, so the script is the one that it allows.
    """
    faults, found = Faults(), 0
    vocabulary = known._replace(shapes=known.shapes | _POLICED | {"li", "a@href", "span@class", "span"})
    for one in blocks.archives(block, SEARCHED):
        with faults.of(f"{one.number} html"):
            files = {each.path: each.content for each in blocks.made(one, "html")}
            index = one.archive.at("index.html")
            if b'id="words"' not in files[index]:  # there is nothing to search yet
                continue
            # Of months before those of the archive an earlier run has written the files.
            months = re.search(r'data-months="([^"]*)"', files[index].decode())
            for month in months[1].split() if months else []:
                files.setdefault(one.archive.at(f"search-{month}.json"), b"{}")
            browser.visit(ORIGIN + index, files)
            for words in ("a", "s t", "1"):
                told = browser.evaluate(_LOOK % json.dumps(words))
                faults.add(f"{one.number} {index}", [] if "found." in told else [f"the search says {told!r}"])
                found += browser.evaluate("document.querySelectorAll('#found a').length")
                faults.add(f"{one.number} {index}", dom.faults(dom.audit(browser), vocabulary))
            seen = browser.seen()
            odd = [address for address in seen.requests if not address.startswith(ORIGIN + one.archive.at(""))]
            faults.add(f"{one.number} {index}", [*seen.dialogs, *seen.complaints, *odd])
    faults.settle()
    assert found
    figure("{count:,} papers found by the search of a page", count=found)


# Types the words, and answers with what the page says when it has looked.
_LOOK = """(async () => {
  const field = document.getElementById("words"), told = document.getElementById("told");
  told.textContent = "";
  field.value = %s;
  field.form.requestSubmit();
  for (let i = 0; i < 200 && !/[.]$/.test(told.textContent); i++) await new Promise((done) => setTimeout(done, 10));
  return told.textContent;
})()"""


@blocks.each
def test_what_feeds_hold_is_harmless_where_a_reader_shows_it(browser, block, figure):
    """Shown as HTML, no entry's content has anything but paragraphs, lists, emphasis and links out, and no title
    has any element at all (F03, F18); the same goes for the HTML that Telegram is sent.
    """
    faults, tried = Faults(), 0
    browser.visit(_OPENED, _BLANK)
    allowed = dom.Vocabulary(frozenset("p br a a@href strong em b i ul ol li code".split()), frozenset(), frozenset())
    plain = dom.Vocabulary(frozenset(), frozenset(), frozenset())
    for one in blocks.archives(block):
        for name in (*FEEDS, "telegram") if blocks.WHOLE or one.number % 4 == 0 else ("rss", "telegram"):
            with faults.of(f"{one.number} {name}"):
                contents, titles = shown(one, name)
                tried += len(contents)
                faults.add(f"{one.number} {name}", dom.faults(_boxed(dom.fragments(browser, contents)), allowed))
                faults.add(f"{one.number} {name}", dom.faults(_boxed(dom.fragments(browser, titles)), plain))
    seen = browser.seen()
    faults.add(f"{block}", (*seen.dialogs, *seen.requests[1:]))
    faults.settle()
    figure("{count:,} feed entries shown in a browser", count=tried)


def _boxed(audit: dict[str, Any]) -> dict[str, Any]:
    """`audit` without the elements that hold the pieces."""
    return {**audit, "shapes": [shape for shape in audit["shapes"] if shape != "div"]}


def shown(one: Made, name: str) -> tuple[list[str], list[str]]:
    """What a reader shows as HTML of the feed `name`: contents, and titles where they are of that kind."""
    contents: list[str] = []
    titles: list[str] = []
    if name not in blocks.RENDERERS:
        return contents, titles
    for rendition in blocks.made(one, name):
        if name == "jsonfeed":
            contents += [item.get("content_html", "") for item in json.loads(rendition.content)["items"]]
        elif name == "telegram":
            contents.append(json.loads(rendition.content)["text"])
        elif rendition.path.endswith(".xml"):
            root = etree.fromstring(rendition.content)
            for element in root.iter("{*}encoded", "{*}content", "{*}summary"):
                contents.append(element.text or "")
            for element in root.iter("item"):
                contents.append(element.findtext("description") or "")
            titles += [title.text or "" for title in root.iter("{http://www.w3.org/2005/Atom}title")]
    return contents, titles


@pytest.fixture(scope="module")
def known_of_markdown(browser: Browser) -> dom.Vocabulary:
    """What harmless editions in Markdown become, but for what Markdown can write and we do not want."""
    browser.visit(_OPENED, _BLANK)
    harmless = [an_archive(number, harmless=True) for number in range(1000, 1030)]
    known = dom.vocabulary(dom.write(browser, page) for one in harmless for page in _converted(one))
    return known._replace(shapes=known.shapes - dom.ALWAYS | _MARKDOWN)


@blocks.each
def test_markdown_makes_nothing_but_ours(browser, known_of_markdown, block, figure):
    """The Markdown editions, converted by a program that lets all HTML through, hold what the templates write and
    nothing that a source wrote.
    """
    faults, tried = Faults(), 0
    browser.visit(_OPENED, _BLANK)
    for one in blocks.archives(block, CONVERTED):
        with faults.of(f"{one.number} md"):
            for page in _converted(one):
                audit = {**dom.write(browser, page), "wide": []}  # as wide as the program that shows it makes it
                faults.add(f"{one.number} md", dom.faults(audit, known_of_markdown))
                tried += 1
    seen = browser.seen()
    faults.add(f"{block}", (*seen.dialogs, *seen.requests[1:]))
    faults.settle()
    figure("{count:,} Markdown editions converted and looked at", count=tried)


_MARKDOWN = frozenset("html head body p br h1 h2 h3 h4 ul ol li a a@href a@title em strong code blockquote hr".split())


def _converted(one: Made) -> list[str]:
    return [Markdown().convert(rendition.content.decode()) for rendition in blocks.made(one, "md")]
