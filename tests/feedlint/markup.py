"""Rules for HTML in feeds: text that is none, HTML that is declared, and what readers take out of it for safety."""

import re
from collections.abc import Iterator
from html.entities import name2codepoint
from html.parser import HTMLParser

HTML = "http://www.w3.org/1999/xhtml"
SVG = "http://www.w3.org/2000/svg"
MATHML = "http://www.w3.org/1998/Math/MathML"

# HTML 4.01 and 5: every element.
ELEMENTS = frozenset(
    """
    a abbr acronym address applet area article aside audio b base basefont bdi bdo big blink blockquote body br
    button canvas caption center cite code col colgroup command data datagrid datalist dd del details dfn dialog dir
    div dl dt em embed event-source fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6
    head header hgroup hr html i iframe img input ins isindex kbd keygen label legend li link listing m main map
    mark marquee menu menuitem meta meter multicol nav nextid nobr noframes noscript object ol optgroup option
    output p param picture plaintext pre progress q rb rp rt rtc ruby s samp script section select slot small sound
    source spacer span strike strong style sub summary sup svg math table tbody td template textarea tfoot th thead
    time title tr track tt u ul var video wbr xmp
    """.split()
)
_UNSAFE = frozenset(
    """
    applet base basefont body bgsound blink command embed frame frameset head html iframe isindex link meta noframes
    noscript object param plaintext script style title xmp
    """.split()
)
_ATTRIBUTES = frozenset(
    """
    abbr accept accept-charset accesskey action align allowfullscreen alt aria-hidden aria-label async autocomplete
    autofocus autoplay axis background balance bgcolor bgproperties border bordercolor bordercolordark
    bordercolorlight bottompadding cellpadding cellspacing ch challenge char charoff charset checked choff cite
    class clear color cols colspan compact content contenteditable controls coords data datafld datapagesize datasrc
    datetime default delay dir disabled draggable dynsrc enctype end face for form frame galleryimg gutter headers
    height hidden hidefocus high href hreflang hspace icon id inputmode ismap itemid itemprop itemref itemscope
    itemtype keytype label lang leftspacing list longdesc loop loopcount loopend loopstart low lowsrc manifest max
    maxlength media method min multiple name noshade novalidate nowrap open optimum pattern ping placeholder
    point-size poster pqg preload prompt radiogroup readonly rel repeat-max repeat-min replace required rev reversed
    rightspacing role rows rowspan rules sandbox scope scoped seamless selected shape sizes size span spellcheck src
    srcdoc srclang srcset start step style summary suppress tabindex target template title toppadding type
    typemustmatch unselectable urn usemap valign value variable volume vrml vspace width wrap xml:lang xmlns
    """.split()
)
_ADDRESSES = frozenset("href src action cite longdesc usemap background codebase data poster lowsrc dynsrc".split())

_STYLES = frozenset(
    """
    azimuth background background-color border border-bottom border-bottom-color border-bottom-style
    border-bottom-width border-collapse border-color border-left border-left-color border-left-style
    border-left-width border-right border-right-color border-right-style border-right-width border-spacing
    border-style border-top border-top-color border-top-style border-top-width border-width clear color cursor
    direction display elevation float font font-family font-size font-style font-variant font-weight height
    letter-spacing line-height list-style-type margin margin-bottom margin-left margin-right margin-top max-height
    max-width min-height min-width overflow padding padding-bottom padding-left padding-right padding-top pause
    pause-after pause-before pitch pitch-range richness speak speak-header speak-numeral speak-punctuation
    speech-rate stress text-align text-decoration text-indent unicode-bidi vertical-align voice-family volume
    white-space width
    """.split()
)
_WORDS = frozenset(
    """
    auto aqua black block blue bold both bottom brown center collapse dashed dotted fuchsia gray green !important
    italic left lime maroon medium none navy normal nowrap olive pointer purple red right solid silver teal top
    transparent underline white yellow repeat-x
    """.split()
)
_LENGTH = re.compile(
    r"#[0-9a-f]+|rgb\(\d+%?,\d*%?,?\d*%?\)?|\d{0,2}\.?\d{0,2}(?:cm|em|ex|in|mm|pc|pt|px|%|,|\))?", re.IGNORECASE
)
_SHORT = ("background", "border", "margin", "padding")

# What readers that take text for HTML would eat.
_END_TAG = re.compile(r"</([A-Za-z][\w-]*)\s*>")
_TAG = re.compile(r"<([A-Za-z][\w-]*)(?:\s[^<>]*)?/?>")
_ENTITY = re.compile(r"&(#?\w+)")


def in_plain_text(text: str) -> list[str]:
    """The codes of a text that is shown as it is by some readers and as HTML by others."""
    if any(name.lower() in ELEMENTS for name in _END_TAG.findall(text)):
        return ["ContainsHTML"]
    if any(name.lower() in ("br", "hr", "img", "p") for name in _TAG.findall(text)):
        return ["ContainsHTML"]
    if any(name.startswith("#") or name in name2codepoint for name in _ENTITY.findall(text)):
        return ["ContainsHTML"]
    return ["CharacterData"] if re.search(r"<[A-Za-z/]", text) else []


def looks_like_html(text: str) -> bool:
    """A text of type `text` that somebody meant for HTML."""
    return bool(
        any(name.lower() in ELEMENTS for name in _END_TAG.findall(text))
        or any(name.lower() in ("br", "hr", "img") for name in _TAG.findall(text))
        or any(name in name2codepoint or name.startswith("#") for name in re.findall(r"&(#?\w+);", text))
    )


def in_html(text: str) -> Iterator[tuple[str, str]]:
    """The codes of a text that is HTML, each with what earns it."""
    parser = _Parser()
    parser.feed(text)
    parser.close()
    yield from parser.found
    if re.search(r"<[A-Za-z/!?][^>]*\Z", text) or (text.strip() and not parser.tags and "<" in parser.rest):
        yield "NotHtml", "a tag that never ends"


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[str, str]] = []
        self.tags = 0
        self.rest = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags += 1
        self.found += in_tag(tag, {name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        self.tags += 1

    def handle_pi(self, data: str) -> None:
        self.found.append(("SecurityRisk", f"<?{data[:20]}"))

    def handle_charref(self, name: str) -> None:
        try:
            code = int(name[1:], 16) if name[:1] in "xX" else int(name)
        except ValueError:
            code = 0
        if 0x80 <= code <= 0x9F or code > 0x10FFFF or not code:
            self.found.append(("NotHtml", f"&#{name};"))

    def handle_entityref(self, name: str) -> None:
        if name not in name2codepoint:
            self.rest += "&"

    def handle_data(self, data: str) -> None:
        self.rest += data


def in_tag(tag: str, attributes: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The codes of one HTML element."""
    if tag not in ELEMENTS and ":" not in tag and "-" not in tag:
        yield "NotHtml", f"<{tag}>"
    if tag in _UNSAFE:
        yield "SecurityRisk", f"<{tag}>"
    for name, value in attributes.items():
        if name == "style":
            yield from (("DangerousStyleAttr", said) for said in in_style(value))
        elif name not in _ATTRIBUTES and not name.startswith(("data-", "aria-")) and tag != "embed":
            yield "SecurityRiskAttr", f"{tag} {name}"
        elif name in _ADDRESSES:
            yield from (("ContainsRelRef", value) for _ in [0] if _is_relative(value))
            if re.match(r"\s*(?:javascript|vbscript|data):", value, re.IGNORECASE):
                yield "SecurityRiskAttr", f"{tag} {name}"


def _is_relative(address: str) -> bool:
    return bool(address) and not address.startswith("#") and not re.match(r"\s*[A-Za-z][A-Za-z0-9+.-]*:", address)


def in_style(style: str) -> Iterator[str]:
    """What readers drop of a style attribute, since it may hide, move or load something."""
    if not re.fullmatch(r"(?:[-:,;#%.\s\w!]|\w-\w|'[\s\w]+'|\"[\s\w]+\"|\([\d,%.\s]+\))*", style):
        yield style
        return
    left = re.sub(r"\s*[-\w]+\s*:\s*[^:;]*;?", "", style).strip()
    if left:
        yield left
    for name, value in re.findall(r"([-\w]+)\s*:\s*([^:;]*)", style.lower()):
        if name in _STYLES and (name.split("-")[0] not in _SHORT):
            if name in ("position",):
                yield name
        elif name.split("-")[0] in _SHORT and name in _STYLES:
            for word in value.replace("( ", "(").replace(", ", ",").split():
                if word not in _WORDS and not _LENGTH.fullmatch(word):
                    yield f"{name}: {word}"
        elif value.strip():
            yield name
