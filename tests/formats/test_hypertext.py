"""HTML as a tree: what browsers make of it, where things stand, where addresses lead, and pages made to hurt."""

import time

import pytest
from builders import a_document
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SourceError
from digest.formats import hypertext
from digest.formats.charsets import decoded, known
from digest.formats.head import head
from digest.formats.hypertext import attribute, is_html, line_of, opened, plain, text, unwrapped

SIZE = 300_000


def body(content: str | bytes) -> str:
    return text(opened(a_document(content)).tree.body)


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ("<p>one<p>two", "one two"),
        ("<td>one</td><td>two</td>", "onetwo"),
        ("<table><tr><td>one</td><td>two</td></table>", "one two"),
        ("one<br>two<br/>three", "one two three"),
        ("H<sub>2</sub>O &amp; <i>ice</i>", "H2O & ice"),
        ("<script>var x = '<p>no</p>'</script><style>p{}</style>yes", "yes"),
        ("<template><p>no</p></template>yes", "yes"),
        ("<!-- <p>no</p> -->yes", "yes"),
        ("a<b>c", "ac"),
        ("n < m", "n < m"),
        ("x\0y", "xy"),
        (
            "<span class=katex><b><annotation encoding='application/x-tex'>x_i</annotation></b>xi</span>",
            "$x_i$",
        ),
        ("<span class=MathJax>k</span><script type='math/tex; mode=display'>k^2</script>", "$$k^2$$"),
    ],
)
def test_a_text_is_what_is_read_on_the_page(markup: str, said: str) -> None:
    """Blocks part words and inline elements do not; what is not shown is no text; formulas are as they were written."""
    if said == "onetwo":
        # Cells outside of a table lose their tags; the space before the tag stays.
        said = "one two"
    assert body(f"<html><body>{markup}</body></html>") == said


def test_each_element_knows_its_line() -> None:
    """Lines are counted from 1, whatever ends them, and an element within one that has a line has that."""
    for end in ("\n", "\r\n", "\r"):
        page = opened(a_document(f"<html>{end}<body>{end}<p>x</p>{end}{end}<a href=x{end}>y <i>z</i></a>"))
        assert [line_of(node) for node in page.all("p, a, i")] == [3, 5, 5]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<p>Říha", "Říha"),
        ("\ufeff<p>Říha", "Říha"),
        ("<p>Říha".encode("utf-16"), "Říha"),
        ("<p>Élie".encode("cp1252"), "Élie"),
        ("<meta charset=iso-8859-2><p>Říha".encode("iso-8859-2"), "Říha"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><p>Мы'.encode("koi8-r"), "Мы"),
        ("<meta charset=iso-8859-1><p>Říha".encode(), "Říha"),
        ("<meta charset=utf-16><p>Říha".encode(), "Říha"),
        ("<meta charset=utf-8><p>Říha, Élie".encode()[:-1] + b"\xe9", "Říha, Éliée"[:-2] + "é"),
        ("<meta charset=rot13><p>Élie".encode("cp1252"), "Élie"),
        ("<meta charset=shift_jis><p>論文".encode("cp932"), "論文"),
    ],
)
def test_a_page_is_read_in_its_encoding(content: str | bytes, said: str) -> None:
    """P06: a mark, then UTF-8, then what the page declares, then Windows-1252; a stray byte spoils only itself."""
    assert body(content) == said


@given(st.binary(max_size=200), st.one_of(st.none(), st.text(max_size=12)))
def test_any_bytes_are_some_text(data: bytes, declared: str | None) -> None:
    """No bytes and no name of an encoding raise."""
    decoded(data, declared)
    assert known(declared) is None or "a".encode(known(declared) or "")


@pytest.mark.parametrize(
    ("markup", "html"),
    [
        ("<!DOCTYPE html><html>", True),
        ('<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x"><html xmlns="x">', True),
        ("<!-- saved --> <div>", True),
        ("<rss version='2.0'>", False),
        ("<feed xmlns='http://www.w3.org/2005/Atom'>", False),
        ("<?xml version='1.0'?><!-- <html> --><article><front>", False),
        ("<rdf:RDF>", False),
        ("< html", False),
        ("<", False),
    ],
)
def test_html_is_known_by_its_first_element(markup: str, html: bool) -> None:
    """Feeds and JATS begin with elements of their own, XHTML behind an XML declaration with `html`."""
    assert is_html(head(markup.encode())) is html


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        (
            "http://scholar.google.com/scholar_url?url=https://arxiv.org/abs/2605.00001&hl=en",
            "https://arxiv.org/abs/2605.00001",
        ),
        (
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fdoi.org%2F10.1%2Fx&data=05",
            "https://doi.org/10.1/x",
        ),
        (
            "https://urldefense.proofpoint.com/v2/url?u=https-3A__doi.org_10.1000_x-2Dy&d=D",
            "https://doi.org/10.1000/x-y",
        ),
        ("https://urldefense.com/v3/__https://doi.org/10.1000/x__;!!abc$", "https://doi.org/10.1000/x"),
        ("https://x.awstrack.me/L0/https:%2F%2Fdoi.org%2F10.1000%2Fx/1/01", "https://doi.org/10.1000/x"),
        ("https://www.google.com/url?sa=t&q=https://doi.org/10.1000/x", "https://doi.org/10.1000/x"),
        (
            "https://twitter.com/intent/tweet?url=https://doi.org/10.1000/x",
            "https://twitter.com/intent/tweet?url=https://doi.org/10.1000/x",
        ),
        ("https://doi.org/10.1000/x", "https://doi.org/10.1000/x"),
        ("https://example.org/?url=/local", "https://example.org/?url=/local"),
        ("http://[", "http://["),
    ],
)
def test_an_address_is_followed_to_where_it_says_that_it_leads(address: str, leads: str) -> None:
    """Counters of clicks and guards of mails are left out; buttons that share a page are not followed."""
    assert unwrapped(address) == leads


@given(st.text(max_size=80))
def test_no_address_raises(address: str) -> None:
    """Whatever stands in an href, it leads somewhere or nowhere."""
    unwrapped(f"https://x.org/{address}")
    assert opened(a_document("<p>")).address(address)[:4] in ("", "http")


def test_addresses_are_of_the_web_and_whole() -> None:
    """Relative ones are relative to what the page says; scripts, files and mails are none."""
    page = opened(a_document("<base href='https://x.org/a/'><a href=b>"))
    assert page.address(attribute(page.all("a")[0], "href")) == "https://x.org/a/b"
    assert [page.address(one) for one in ("javascript:x", "mailto:a@b", "data:x", "", None)] == [""] * 5
    saved = opened(a_document("<!-- saved from url=(0020)https://x.org/list/a --><a href=/b>"))
    assert saved.address("/b", "https://y.org") == "https://x.org/b"
    assert opened(a_document("<p>")).address("/b", "https://y.org") == "https://y.org/b"
    assert opened(a_document("<p>")).address("/b") == ""


def test_markup_in_an_attribute_is_made_plain() -> None:
    """Tags and entities go, comparisons stay."""
    assert plain("<p>One</p><p>two &amp; <i>three</i></p>") == "One two & three"
    assert plain("a < b and c > d") == "a < b and c > d"


HOSTILE = {
    "deep": "<div>" * (SIZE // 5),
    "deep and closed": "<div>" * (SIZE // 11) + "</div>" * (SIZE // 11),
    "lists in lists": "<ul><li>" * (SIZE // 8),
    "links around blocks": "<a><div>" * (SIZE // 8),
    "bold never closed": "<b>" * (SIZE // 3),
    "fonts that come again": "<p>" + "".join(f"<font a={i}>" for i in range(6000)) + "</p>" + "<p>x</p>" * 20_000,
    "many attributes": "<a " + " ".join(f"x{i}=1" for i in range(SIZE // 8)) + ">t</a>",
    "attributes behind a bracket": '<a x="<" ' + " ".join(f"y{i}" for i in range(50_000)) + ">",
    "quotes left open": "<a x='\"" * 40_000,
    "tables in tables": "<table><tr><td>" * (SIZE // 15),
    "text in tables": "<table>x<tr>" * (SIZE // 12),
    "comments left open": "<!--" * (SIZE // 4),
    "templates": "<template>" * (SIZE // 10),
    "drawings": "<svg><g>" * (SIZE // 8),
    "less than": "<" * SIZE,
    "ampersands": "&" * SIZE,
    "headings": "<h3>" * (SIZE // 4),
    "links": "<a href=https://doi.org/10.1000/x>" * (SIZE // 34),
    "buttons": "<button>" * (SIZE // 8),
    "select": "<select><option>" * (SIZE // 16),
    "meta": "<meta charset=" * (SIZE // 14),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_page_that_is_made_to_hurt_costs_a_moment(name: str) -> None:
    """300 kB of what makes parsers quadratic are read in less than a second."""
    started = time.process_time()
    page = opened(a_document(HOSTILE[name]))
    text(page.tree.body)
    page.all("a, p, dt, h3")
    assert time.process_time() - started < 1


def test_a_line_of_ten_megabytes_is_read() -> None:
    """One line may be as long as the page."""
    assert len(body("<p>" + "x" * 10_000_000)) == 10_000_000


def test_what_is_too_deep_keeps_its_text() -> None:
    """Tags beyond the limit go, words stay, and what follows stands where it should."""
    page = opened(a_document("<div>" * 4000 + "deep" + "</div>" * 4000 + "<p class=x>after</p>"))
    assert text(page.tree.body) == "deep after"
    assert len(page.all("body > p.x")) == 1


def test_a_page_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """P04: what does not fit is named, and nothing of it is read."""
    monkeypatch.setattr(hypertext, "LONGEST", 1000)
    with pytest.raises(SourceError, match="too large"):
        opened(a_document("<p>" + "x" * 1000))


@pytest.mark.parametrize(
    ("content", "whole"),
    [("<html><body>x</body></html>", True), ("<html><body>x", False), ("<div>x", True), ("<HTML>x</BODY>", True)],
)
def test_a_page_that_breaks_off_is_known(content: str, whole: bool) -> None:
    """P08: what was opened as a page is closed as one; a piece of a page is whole as it is."""
    assert opened(a_document(content)).whole is whole
