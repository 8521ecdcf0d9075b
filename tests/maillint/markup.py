"""The HTML of a mail: what it is built of, by what programs support, and what it must not have."""

import re
from collections.abc import Iterator
from functools import cache

import tinycss2
from lxml import html as lxml_html

from maillint.caniemail import ALLOWED, UNTESTED, lacking
from maillint.colours import Colour, colour, faint, turned

_PAGES = {  # where caniemail calls an element, an attribute or a property by another name
    "html:table": "html-table", "html:h1": "html-h1-h6", "html:h2": "html-h1-h6", "html:h3": "html-h1-h6",
    "html:h4": "html-h1-h6", "html:h5": "html-h1-h6", "html:h6": "html-h1-h6", "html:ul": "html-lists",
    "html:ol": "html-lists", "html:li": "html-lists", "css:border-top": "css-border",
    "css:border-top-color": "css-border",
    "css:display": "css-display-none",
}  # fmt: skip
_FORBIDDEN = frozenset(
    "script img picture iframe frame object embed form input button select textarea link base svg math video audio "
    "canvas applet template slot".split()
)
_HEADINGS = re.compile("h[1-6]")
_HREF = re.compile(r"https?://[^\s/?#<>\"]+[^\s<>\"]*|mailto:[^\s<>\"]+")


def check(html: str, way_out: str) -> Iterator[str]:
    """Everything that is wrong with the HTML of a mail whose subscription ends at `way_out`."""
    if not html.startswith("<!DOCTYPE html>"):
        yield "no document type"
    tree = lxml_html.document_fromstring(html)
    elements = [element for element in tree.iter() if isinstance(element.tag, str)]
    yield from _document(tree, elements)
    for element in elements:
        yield from _element(element)
    for style in tree.iter("style"):
        yield from _sheet(style.text or "")
    yield from _links(elements, way_out)
    yield from _contrast(tree)


def _document(tree, elements) -> Iterator[str]:
    if tree.get("lang") is None:
        yield "the document has no language"
    if not (tree.findtext("head/title") or "").strip():
        yield "the document has no title"
    metas = {(meta.get("name") or "charset", meta.get("content") or meta.get("charset")) for meta in tree.iter("meta")}
    for wanted in (("charset", "utf-8"), ("color-scheme", "light dark"), ("supported-color-schemes", "light dark")):
        if wanted not in metas:
            yield f"no meta {wanted[0]}: {wanted[1]}"
    levels = [int(element.tag[1]) for element in elements if _HEADINGS.fullmatch(element.tag)]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} headings of the first level"
    if any(later > earlier + 1 for earlier, later in zip([0, *levels], levels, strict=False)):
        yield f"headings out of order: {levels}"
    ids = [element.get("id") for element in elements if element.get("id")]
    if len(ids) != len(set(ids)):
        yield "an id stands twice"


def _element(element) -> Iterator[str]:
    tag = element.tag
    if tag in _FORBIDDEN:
        yield f"<{tag}>"
        return
    yield from _feature(f"html:{tag}")
    if tag == "table" and element.get("role") != "presentation":
        yield "a table without role=presentation"
    # Headings without a class are the operator's own, in the note.
    if _HEADINGS.fullmatch(tag) and element.get("class") and not element.text_content().strip():
        yield f"an empty <{tag}>"
    for name, value in element.attrib.items():
        if name.startswith("on") or name in ("src", "background", "srcset", "action", "formaction", "ping"):
            yield f"the attribute {name}"
        elif name == "style":
            yield from _style(value)
            yield from _placed(tag, value)
        else:
            yield from _feature(f"attribute:{name}")


@cache
def _feature(key: str) -> tuple[str, ...]:
    """What there is to say against using an element, attribute or property."""
    if key in UNTESTED:
        return ()
    kind, _, name = key.partition(":")
    page = _PAGES.get(key) or f"{'css' if kind == 'css' else 'html'}-{name}"
    pages = lacking()
    if pages is None:
        return ()
    if page not in pages:
        return (f"{key.replace(':', ' ')} is not known to caniemail",)
    return (f"{page} is not supported by {', '.join(pages[page])}",) if pages[page] and page not in ALLOWED else ()


@cache
def _style(text: str, *, inside: bool = True) -> tuple[str, ...]:
    """What there is to say against declarations, `inside` an element or in a sheet."""
    found: list[str] = []
    for one in tinycss2.parse_declaration_list(text, skip_comments=True, skip_whitespace=True):
        if one.type == "error":
            found.append(f"a declaration that is none in {text!r}")
        elif one.type != "declaration":
            found.append(f"no declaration: {one.type}")
        else:
            found += _feature(f"css:{one.lower_name}")
            found += _feature("css:important") if one.important else ()
            if one.important and inside:
                found.append("!important in an element")
            for value in one.value:
                if value.type in ("function", "url"):
                    found.append(f"{one.lower_name} with a {value.type}")
                elif value.type in ("dimension", "percentage"):
                    unit = value.lower_unit if value.type == "dimension" else "percent"
                    found += _feature(f"css:unit-{unit}")
    return tuple(found)


@cache
def _placed(tag: str, text: str) -> tuple[str, ...]:
    """What the Word engine has on some elements only, on others."""
    found = []
    said = dict(re.findall(r"([a-z-]+):\s*([^;]+)", text))
    for name, value in said.items():
        if name.startswith("padding") and tag != "td" and not re.fullmatch(r"[0\s]+(?:px)?", value):
            found.append(f"padding on <{tag}>")
        if name == "max-width" and tag != "table":
            found.append(f"max-width on <{tag}>")
        if name.startswith("margin") and ("-" in value or "auto" in value or tag == "span"):
            found.append(f"{name}: {value} on <{tag}>")
        if name == "display" and value.strip() != "none":
            found.append(f"display: {value}")
        if name == "text-align" and value.strip() not in ("left", "center", "right"):
            found.append(f"text-align: {value}")
    return tuple(found)


@cache
def _sheet(text: str) -> tuple[str, ...]:
    """What there is to say against a kept style sheet."""
    found: list[str] = []
    if len(text) > 8192:
        found.append("a style sheet that Gmail drops for its length")
    for rule in tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True):
        if rule.type == "at-rule":
            found += _at_rule(rule)
        elif rule.type == "qualified-rule":
            found += _rule(rule)
        else:
            found.append(f"in a style sheet: {rule.type}")
    return tuple(found)


def _at_rule(rule) -> Iterator[str]:
    yield from _feature(f"css:at-{rule.lower_at_keyword}")
    for feature in re.findall(r"\(([a-z-]+)", tinycss2.serialize(rule.prelude)):
        yield from _feature(f"css:at-{rule.lower_at_keyword}-{feature}")
    for inner in tinycss2.parse_rule_list(rule.content or [], skip_comments=True, skip_whitespace=True):
        if inner.type == "qualified-rule":
            yield from _rule(inner)
        else:
            yield f"in a style sheet: {inner.type} in @{rule.lower_at_keyword}"


def _rule(rule) -> Iterator[str]:
    selector = tinycss2.serialize(rule.prelude).strip()
    for sign, name in ((",", "grouping"), (">", "child"), ("+", "adjacent-sibling"), ("~", "general-sibling"),
                       ("[", "attribute"), ("#", "id"), ("*", "universal")):  # fmt: skip
        if sign in selector:
            yield from _feature(f"css:selector-{name}")
    for one in selector.split(","):
        if "." in one:
            yield from _feature("css:selector-class")
        if re.search(r"(?:^|\s)[a-z]", one.strip()):
            yield from _feature("css:selector-type")
        if re.search(r"\S\s+[^\s>+~]", one.strip()):
            yield from _feature("css:selector-descendant")
        for pseudo in re.findall(r"::?([a-z-]+)", one):
            yield from _feature(f"css:pseudo-{'element' if '::' in one else 'class'}-{pseudo}")
    yield from _style(tinycss2.serialize(rule.content), inside=False)


def _links(elements, way_out: str) -> Iterator[str]:
    hrefs = [(at, element.get("href")) for at, element in enumerate(elements) if element.tag == "a"]
    for _, href in hrefs:
        if href is None or not _HREF.fullmatch(href):
            yield f"a link that is not absolute http, https or mailto: {href!r}"
        elif href.startswith("http://localhost:8000/"):
            yield f"a link to the reader's own machine: {href}"
    titles = [at for at, element in enumerate(elements) if element.tag == "h3"]
    ways = [at for at, href in hrefs if href == way_out]
    if len(ways) < 2:
        yield f"the way out, {way_out}, is linked {len(ways)} times"
    elif titles and not (ways[0] < titles[0] and ways[-1] > titles[-1]):
        yield "the way out is not linked both before the papers and after them"


# ------------------------------------------------------------------------------------------------ colours


def _contrast(tree) -> Iterator[str]:
    """Text that is too faint: as sent, inverted in part or whole, and in the dark colours of the kept sheets."""
    media, outlook = _dark("".join(style.text or "" for style in tree.iter("style")))
    body = tree.find("body")
    white: Colour = (1.0, 1.0, 1.0)
    black: Colour = (0.0, 0.0, 0.0)
    seen: set[tuple[str, ...]] = set()

    def walk(element, ink: Colour, ground: Colour, dark: Colour, night: Colour, owa: Colour | None) -> None:
        said = _declared(element.get("style") or "")
        if said.get("display") == "none":
            return
        ink = colour(said.get("color", "")) or ink
        ground = colour(said.get("background-color", "")) or ground
        for name in [element.tag, *(element.get("class") or "").split()]:
            dark = media.get((name, "color"), dark)
            night = media.get((name, "background-color"), night)
            owa = outlook.get((name, "color"), owa)
        if (element.text or "").strip("\xa0 \n\t") or any((child.tail or "").strip("\xa0 \n\t") for child in element):
            for mode in faint(ink, ground):
                seen.add((element.tag, element.get("class") or "", mode))
            for mode in faint(dark, night)[:1]:
                seen.add((element.tag, element.get("class") or "", f"in dark colours: {mode}"))
            if owa is not None:
                for mode in faint(owa, turned(ground))[:1]:
                    seen.add((element.tag, element.get("class") or "", f"in Outlook's dark: {mode}"))
        for child in element:
            if isinstance(child.tag, str):
                walk(child, ink, ground, dark, night, owa)

    if body is not None:
        # Where the sheet says nothing of a text in the dark, its own colour stays.
        walk(body, black, white, media.get(("", ""), black), white, None)
    yield from (f"<{tag} class={kind!r}> is too faint {mode}" for tag, kind, mode in sorted(seen))


@cache
def _declared(text: str) -> dict[str, str]:
    return {name: value.strip() for name, value in re.findall(r"(?:^|;)\s*([a-z-]+)\s*:([^;]+)", text)}


Rules = dict[tuple[str, str], Colour]


@cache
def _dark(sheet: str) -> tuple[Rules, Rules]:
    """The colours of elements and classes in the dark: by media query, and by Outlook's mark."""
    media: Rules = {}
    outlook: Rules = {}
    for rule in tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True):
        if rule.type == "at-rule" and "dark" in tinycss2.serialize(rule.prelude):
            inner = tinycss2.parse_rule_list(rule.content or [], skip_comments=True, skip_whitespace=True)
            rules, into = [one for one in inner if one.type == "qualified-rule"], media
        elif rule.type == "qualified-rule":
            rules, into = [rule], outlook
        else:
            continue
        for one in rules:
            said = _declared(tinycss2.serialize(one.content).replace("!important", ""))
            for selector in tinycss2.serialize(one.prelude).split(","):
                name = selector.replace("[data-ogsc]", "").strip().lstrip(".")
                for what in ("color", "background-color"):
                    if found := colour(said.get(what, "")):
                        into[name, what] = found
    return media, outlook
