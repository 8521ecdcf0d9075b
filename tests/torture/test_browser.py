"""The browser and the audit themselves: what they are there to find they find."""

from collections.abc import Iterator

import pytest

from torture import dom, naughty, tools
from torture.browser import ORIGIN, Browser
from torture.test_access import looked_at

pytestmark = pytest.mark.slow

HARMLESS = "<!DOCTYPE html><html lang=en><title>x</title><body><p>one</p><a href=two.html>two</a>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser(tools.chromium()) as running:
        running.size(320)
        yield running


def test_a_script_that_runs_is_noticed(browser):
    """Scripts, handlers and dialogs leave a trace, and so does every request, none of which leaves the browser."""
    page = f"{HARMLESS}<script>window.__pwned=1</script><img src=http://evil.test/x onerror=alert(7)>"
    seen = browser.visit(f"{ORIGIN}a/x.html", {"a/x.html": page.encode()})
    known = dom.vocabulary([dom.write(browser, HARMLESS)])
    browser.visit(f"{ORIGIN}a/x.html", {"a/x.html": page.encode()})
    found = " ".join(dom.faults(dom.audit(browser), known))
    assert seen.requests == (f"{ORIGIN}a/x.html", "http://evil.test/x")
    assert seen.dialogs == ("alert: 7",)
    assert "a script ran" in found
    assert "img@onerror" in found


def test_a_policy_that_refuses_is_noticed(browser):
    """What a policy refuses does not happen, and is told."""
    policy = "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">"
    page = f"<!DOCTYPE html><html lang=en>{policy}<title>x</title><script>window.__pwned=1</script><p>x"
    seen = browser.visit(f"{ORIGIN}x.html", {"x.html": page.encode()})
    assert any("Content Security Policy" in complaint for complaint in seen.complaints)
    assert dom.audit(browser)["pwned"] is None


def test_vectors_that_stand_in_a_page_as_they_are_are_noticed(browser):
    """Of the vectors that a browser takes for markup none goes by: each makes another page than harmless words."""
    browser.visit(f"{ORIGIN}blank.html", {"blank.html": b"<!DOCTYPE html><title>blank</title>"})
    known = dom.Vocabulary(frozenset(["div", "p"]), frozenset(), frozenset())
    vectors = [
        vector for vector in (*naughty.MARKUP, *naughty.owasp()) if "<" in vector and "refresh" not in vector.lower()
    ]
    unseen = [vector for vector in vectors if not dom.faults(dom.fragments(browser, [vector]), known)]
    # These hold a sign of less that begins no tag, end tags alone, or a link like any other.
    assert len(unseen) <= len(vectors) / 5, unseen


def test_a_page_that_leads_away_is_noticed():
    """A refresh is told by the element that asks for it, before it can happen."""
    with Browser(tools.chromium()) as leaving:
        leaving.visit(f"{ORIGIN}blank.html", {"blank.html": b"<!DOCTYPE html><title>blank</title>"})
        audit = dom.fragments(leaving, ["<meta http-equiv=Refresh content='0;url=//evil.test/'>"])
    assert "meta=refresh" in audit["shapes"]
    assert dom.faults(audit, dom.Vocabulary(frozenset(audit["shapes"]), frozenset(), frozenset()))


def test_a_page_that_is_too_wide_is_noticed(browser):
    """A word that does not fit is named with the way to it."""
    browser.visit(f"{ORIGIN}blank.html", {"blank.html": b"<!DOCTYPE html><title>blank</title>"})
    (wide,) = dom.write(browser, f"{HARMLESS}<main><p class=long>{'w' * 900}</p></main>")["wide"]
    assert wide.startswith("main p.long is wider")


def test_axe_would_say_so(browser):
    """Text that nobody can read is reported in the scheme in which it is so, and in no other."""
    style = "<style>@media (prefers-color-scheme: dark) { p { background: #111; color: #222 } }</style>"
    page = f"<!DOCTYPE html><html lang=en><title>x</title>{style}<main><h1>x</h1><p>read this</p></main>"
    found = dict(looked_at(browser, "x.html", {"x.html": page.encode()}))
    assert {look for look, said in found.items() if "color-contrast" in " ".join(said)} == {"dark 320", "dark 1440"}
