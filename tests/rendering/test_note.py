"""The operator's note, from Markdown to safe HTML."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rendering_scene import Outline, hrefs_outside

from digest.rendering.note import as_html


def test_list_right_after_a_paragraph_is_a_list() -> None:
    """As CommonMark reads it, and as anybody writes it."""
    assert Outline(as_html("Ideas:\n- one\n- two\n\n1. a\n2. b")).texts("li") == ["one", "two", "a", "b"]
    assert Outline(as_html("- one\n  more\n- two")).texts("p", "li") == ["one more", "two"]


def test_dash_and_number_in_a_sentence_start_no_list() -> None:
    """Only an item with text, numbered from one, may interrupt a paragraph."""
    assert Outline(as_html("We were\n2. in the league")).tags() == ["p"]
    assert Outline(as_html("A title\n===")).tags() == ["h2"]


def test_headings_start_below_the_pages_own() -> None:
    """A note's first heading is of the second level, and nothing gets an id that a paper could have."""
    outline = Outline(as_html("# News\n\n## More"))
    assert outline.tags() == ["h2", "h3"]
    assert outline.values("id") == []


@pytest.mark.parametrize(
    "note",
    [
        "<script>alert(1)</script>hello",
        "[x](javascript:alert(1)) [y](//evil.example/) [z](page.html) <a href='data:text/html,x' onclick=x>t</a>",
        "![pixel](https://tracker.example/x.png)",
        "<form action=x><input><style>*{}</style></form><b style='x'>t",
    ],
)
def test_only_harmless_markup_is_left(note: str) -> None:
    """No script, image, form or style; links lead to http, https and mailto only, and nowhere relative."""
    outline = Outline(as_html(note))
    assert set(outline.tags()) <= {"p", "a", "b"}
    assert outline.values("href") == []
    assert outline.values("style") == outline.values("onclick") == []


def test_links_are_kept_and_do_not_open_a_door_back() -> None:
    """Good links stay, with rel=noopener noreferrer."""
    outline = Outline(as_html("[a](https://example.org/?x=1&y=2) [b](mailto:ana@example.org)"))
    assert outline.values("href") == ["https://example.org/?x=1&y=2", "mailto:ana@example.org"]
    assert set(outline.values("rel")) == {"noopener noreferrer"}


@given(st.text(max_size=80))
@settings(max_examples=100, deadline=None)
def test_any_note_gives_balanced_markup(note: str) -> None:
    """Whatever is written, elements close and no address has another scheme."""
    outline = Outline(as_html(note))
    assert all(href.lower().startswith(("http://", "https://", "mailto:")) for href in hrefs_outside(outline))
