"""The operator's note: Markdown to HTML that is safe to print in a page."""

import re
from functools import lru_cache

import nh3
from markdown import Markdown
from markdown.extensions.toc import TocExtension
from markupsafe import Markup

from digest.patterns import pattern
from digest.rendering.addresses import href
from digest.text import clean

_TAGS = set("a abbr b blockquote br code dd del dl dt em h2 h3 h4 h5 h6 hr i li ol p pre s strong sub sup ul".split())
_LEADS_NOWHERE = pattern(r'<a(?: (?:title|rel)="[^"]*")+>(.*?)</a>', re.DOTALL)
"""A link whose address was dropped: it may not say how it relates to nothing."""

_ITEM = pattern(r" {0,3}(?:[-+*]|1\.)[ \t]+\S")


@lru_cache(maxsize=8)
def as_html(note: str) -> Markup:
    """`note` as HTML without images, scripts or styles; its headings start at the second level, and its links
    lead to http, https and mailto addresses only. Empty where there is nothing but white space.
    """
    text = _lists_apart(clean(note))
    html = Markdown(extensions=[TocExtension(baselevel=2), "sane_lists"]).convert(text)
    safe = nh3.clean(html, tags=_TAGS, attributes={"a": {"href", "title"}}, attribute_filter=_filter)
    return Markup(_EMPTY.sub("", _LEADS_NOWHERE.sub(r"\1", safe)))


_EMPTY = pattern(r"<(h[2-6])>\s*</\1>\n?")
"""A heading without words, which says nothing to who hears the page."""


def _filter(tag: str, attribute: str, value: str) -> str | None:
    return href(value) if attribute == "href" else value


def _lists_apart(text: str) -> str:
    """A blank line before each list that follows a paragraph at once, as CommonMark reads it (section 5.3):
    Markdown's first syntax takes such items for more of the paragraph.
    """
    lines: list[str] = []
    listing = False
    for line in text.splitlines():
        if _ITEM.match(line):
            if lines and lines[-1].strip() and not listing:
                lines.append("")
            listing = True
        elif not line.strip():
            listing = False
        lines.append(line)
    return "\n".join(lines)
