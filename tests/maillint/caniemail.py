"""What mail programs support, from the data of caniemail.com, and what we use all the same, with the reason.

A feature is safe where every platform of Gmail, Outlook, Apple Mail and Yahoo has it whole (`y`) by its newest test.
"""

import re
from functools import cache
from pathlib import Path

DATA = Path(__file__).parents[3] / "shared" / "material" / "caniemail"
CLIENTS = ("gmail", "outlook", "apple-mail", "yahoo")

_TOKEN = re.compile(r'"?([A-Za-z0-9.\-_]+)"?\s*:\s*(\{)|"([^"]+)"\s*:\s*"([^"]*)"|(\})')


@cache
def lacking() -> dict[str, dict[str, str]] | None:
    """By feature, what each platform of the four lacks: `{"css-padding": {"outlook/windows": "a #1"}}`, empty where
    it is safe. None where the data is not here.
    """
    if not DATA.is_dir():
        return None
    return {file.stem: _lacking(file.read_text(encoding="utf-8")) for file in DATA.glob("*.md") if file.stem[0] != "_"}


def _lacking(text: str) -> dict[str, str]:
    """The newest result of each platform in the `stats` of a page's head that is not a whole yes."""
    path: list[str] = []
    newest: dict[str, str] = {}
    for found in _TOKEN.finditer(text, re.search(r"^stats:\s*\{", text, re.MULTILINE).end()):  # type: ignore[union-attr]
        name, opens, version, result, closes = found.groups()
        if opens:
            path.append(name)
        elif version:
            newest["/".join(path)] = result
        elif closes and not path:
            break
        elif closes:
            path.pop()
    return {
        platform: result
        for platform, result in newest.items()
        if platform.partition("/")[0] in CLIENTS and not result.startswith("y")
    }


UNTESTED = frozenset(
    "html:html html:head html:title html:meta html:tbody html:tr html:td html:a html:br html:em html:sub html:sup "
    "html:i html:b html:s html:dl html:dt html:dd html:strong "
    "attribute:href attribute:class attribute:style attribute:border attribute:charset attribute:name "
    "attribute:content attribute:rel attribute:title attribute:start css:color css:font-style css:mso-hide".split()
)
"""What caniemail has no page for: old, plain HTML, and names that only Outlook reads."""

ALLOWED = {
    "css-at-media": "the dark colours: without them the light ones are shown, or the program's own inversion",
    "css-at-media-prefers-color-scheme": "as above",
    "css-important": "in the kept style sheets only, as above",
    "css-selector-attribute": "`data-ogsc` is Outlook's own mark for the dark; nobody else needs it",
    "css-selector-class": "in the kept style sheets only",
    "css-selector-descendant": "in the kept style sheets only",
    "css-selector-grouping": "in the kept style sheets only",
    "css-selector-type": "in the kept style sheets only",
    "html-style": "the kept style sheets hold nothing but dark colours",
    "html-meta-color-scheme": "tells who knows it not to invert; the others invert, and the colours bear it",
    "css-border": "solid lines of one pixel on cells, which the Word engine has",
    "css-padding": "on cells only, which the Word engine has",
    "css-margin": "zero and positive, never auto, not on spans; on the body it is a mere reset",
    "css-font-size": "whole pixels",
    "css-font-weight": "bold, and no number",
    "css-line-height": "without a unit; the Word engine's lines are a little closer",
    "css-max-width": "on a table; for the Word engine a table of that width stands around it",
    "css-max-height": "hides the preview together with `display`, which the Word engine has",
    "css-overflow": "as above",
    "css-display-none": "the preview only; where it is not hidden it is a line of titles",
    "css-display": "none only",
    "css-text-align": "left only",
    "css-text-decoration": "none, on a paper's title; underlined it is as good",
    "css-overflow-wrap": "for words longer than a line only; elsewhere such a mail scrolls sideways",
    "css-word-break": "as above",
    "html-align": "centres the column; at the left it is as good",
    "html-width": "in pixels and percent on tables and cells",
    "html-role": "on tables, and unknown roles do nothing",
    "html-lang": "for screen readers; elsewhere the program's language is used",
    "html-doctype": "programs put the mail into a page of their own",
    "html-body": "its colour stands in the first cell too",
    "html-lists": "in the operator's note only; margins differ",
    "html-abbr": "in the operator's note only; without it the words are plain",
    "html-mailto-links": "the way out where there is no address on the web; the head has it too",
}
"""Features that are not safe and are used all the same: what happens where they are missing."""
