"""Rules for elements of other name spaces: Dublin Core, content, syndication, slash, admin, places and others."""

import re
from collections.abc import Callable
from typing import Any

from feedlint import markup, values
from feedlint.names import PREFIXES, name_of, namespace, plain

Element = Any

# What a channel or an item has once, besides what RSS itself says.
ONCE = """
    dc:date dc:language dc:rights admin:generatorAgent admin:errorReportsTo sy:updatePeriod sy:updateFrequency
    sy:updateBase blogChannel:blink blogChannel:blogRoll blogChannel:changes blogChannel:mySubscriptions
""".split()
ONCE_IN_ITEM = "content:encoded xhtml:body slash:comments slash:section slash:department slash:hit_parade".split()

# What says the same in two vocabularies.
SAME_IN_CHANNEL = (
    ("generator", "admin:generatorAgent"),
    ("copyright", "dc:rights"),
    ("managingEditor", "dc:creator"),
    ("pubDate", "dc:date"),
    ("language", "dc:language"),
    ("webMaster", "dc:publisher"),
    ("lastBuildDate", "dcterms:modified"),
    ("creativeCommons:license", "cc:license"),
)
SAME_IN_ITEM = (
    ("guid", "atom:id"),
    ("pubDate", "atom:published"),
    ("author", "dc:creator"),
    ("category", "dc:subject"),
    ("pubDate", "dc:date"),
    ("source", "dc:source"),
    ("creativeCommons:license", "cc:license"),
)

# Known, and not looked into by validators.
_UNSUPPORTED = (
    "http://schemas.google.com/g/2005",
    "http://www.w3.org/1999/XSL/Transform",
    "http://www.w3.org/2002/xforms",
    "http://activitystrea.ms/spec/1.0/",
    "http://portablecontacts.net/spec/1.0",
)

_DC = frozenset(
    """
    title creator subject description publisher contributor date type format identifier source language relation
    coverage rights
    """.split()
)


def check(lint: Any, element: Element) -> None:
    """An element of another name space, in a feed."""
    space, name = namespace(element), name_of(element)
    if not space:
        lint.say("UndefinedElement", element)
        return
    prefix = PREFIXES.get(space)
    local = element.tag.rpartition("}")[2]
    if prefix == "dc" and local not in _DC and "." not in local:
        lint.say("UndefinedElement", element)
    if prefix == "app" and local not in ("edited", "control", "categories", "collection"):
        lint.say("UndefinedElement", element)
    if name in _RULES:
        for code in _RULES[name](plain(element.text or "").strip()):
            lint.say(code, element, (element.text or "")[:80])
    elif name.startswith("dc:date."):
        for code in values.w3c((element.text or "").strip()):
            lint.say(code, element)
    if name in ("content:encoded",):
        for code, detail in dict.fromkeys(markup.in_html(lint.text(element))):
            lint.say(code, element, detail)
    if name == "xhtml:body":
        for child in element.iter():
            if isinstance(child.tag, str) and child is not element:
                tag = child.tag.rpartition("}")[2]
                for code, detail in markup.in_tag(tag, {k: v for k, v in child.attrib.items() if "{" not in k}):
                    lint.say(code, element, detail)
    if prefix == "atom":
        lint.atom(element)
    if prefix is None:
        lint.say("UnsupportedNamespace" if space in _UNSUPPORTED else "UnknownNamespace", element, space)
        _no_namespace(lint, element)
    if prefix == "sy" and name not in _RULES:
        lint.say("UndefinedElement", element)
    if name == "trackback:ping" and name_of(element.getparent()) not in ("item", "entry"):
        lint.say("UndefinedElement", element)


def _no_namespace(lint: Any, element: Element) -> None:
    """RSS 2.0: an element that RSS does not have is in a name space, below others as well."""
    for child in element:
        if isinstance(child.tag, str) and not namespace(child):
            lint.say("NotInANamespace", child)
            return


def in_markup(lint: Any, element: Element) -> None:
    """An element of another name space among XHTML."""
    prefix = PREFIXES.get(namespace(element))
    if prefix is None:
        lint.say("UnknownNamespace", element, namespace(element))
    elif prefix == "app":
        lint.say("UndefinedElement", element)
    elif prefix not in ("foaf", "dc", "rdf", "fh"):
        lint.say("UnsupportedNamespace", element)


def drawing(lint: Any, element: Element, tag: str, attributes: dict[str, str]) -> None:
    """SVG and MathML: the elements and attributes that readers let pass."""
    if tag not in _DRAWING:
        lint.say("SecurityRisk", element, tag)
    for name in attributes:
        if name.startswith("on") or not (name in _DRAWING_ATTRIBUTES or "-" in name or ":" in name):
            lint.say("SecurityRiskAttr", element, name, attr=name)


_DRAWING = frozenset(
    """
    a animate animateColor animateMotion animateTransform circle defs desc ellipse font-face font-face-name
    font-face-src foreignObject g glyph hkern line linearGradient marker metadata missing-glyph mpath path polygon
    polyline radialGradient rect set stop svg switch symbol text title tspan use view image style annotation
    annotation-xml maction math merror mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot
    mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none semantics
    """.split()
)
_DRAWING_ATTRIBUTES = frozenset(
    """
    accumulate additive alphabetic ascent attributeName attributeType baseProfile bbox begin by calcMode class color
    content cx cy d descent display dur dx dy end fill from fx fy g1 g2 gradientTransform gradientUnits hanging
    height id ideographic k keyPoints keySplines keyTimes lang markerHeight markerUnits markerWidth mathematical max
    min name offset opacity orient origin path pathLength points preserveAspectRatio r refX refY repeatCount
    repeatDur requiredExtensions requiredFeatures restart rotate rx ry slope stemh stemv stroke style systemLanguage
    target to transform type u1 u2 unicode values version viewBox visibility width widths x x1 x2 xml:base xml:lang
    y y1 y2 zoomAndPan href actiontype align columnalign columnlines columnspacing columnspan depth equalcolumns
    equalrows fence fontstyle fontweight frame lquote lspace mathbackground mathcolor mathvariant maxsize minsize
    other rowalign rowlines rowspacing rowspan rquote rspace scriptlevel selection separator stretchy xmlns
    """.split()
)


# ------------------------------------------------------------------------------------- single elements' values


def _address(text: str) -> list[str]:
    return values.absolute(text) if text else ["InvalidFullLink"]


def _full(text: str) -> list[str]:
    return ["InvalidFullLink"] if not text or values.absolute(text) else []


def _date(text: str) -> list[str]:
    return values.w3c(text)


def _within(code: str, most: float) -> Callable[[str], list[str]]:
    def rule(text: str) -> list[str]:
        good = re.fullmatch(r"[+-]?\d+(?:\.\d*)?|[+-]?\.\d+", text) and -most <= float(text) <= most
        return [] if good else [code]

    return rule


def _period(text: str) -> list[str]:
    return [] if text in ("hourly", "daily", "weekly", "monthly", "yearly") else ["InvalidUpdatePeriod"]


def _positive(text: str) -> list[str]:
    return values.integer(text, 1)


def _natural(text: str) -> list[str]:
    return values.integer(text, 0)


def _numbers(text: str) -> list[str]:
    return [] if re.fullmatch(r"\d+(?:,\d+)*", text) else ["InvalidCommaSeparatedIntegers"]


_RULES: dict[str, Callable[[str], list[str]]] = {
    "dc:date": _date,
    "dcterms:created": _date,
    "dcterms:issued": _date,
    "dcterms:modified": _date,
    "dc:language": lambda text: values.language(text) if text else ["InvalidLanguage"],
    "sy:updateBase": _date,
    "sy:updatePeriod": _period,
    "sy:updateFrequency": _positive,
    "slash:comments": _natural,
    "slash:hit_parade": _numbers,
    "admin:errorReportsTo": lambda text: [],
    "blogChannel:blink": _address,
    "blogChannel:blogRoll": _address,
    "blogChannel:changes": _address,
    "blogChannel:mySubscriptions": _address,
    "creativeCommons:license": _address,
    "trackback:ping": _full,
    "trackback:about": _full,
    "wfw:comment": _full,
    "wfw:commentRss": _full,
    "ev:startdate": lambda text: values.w3c(text) and values.w3c(f"{text}Z"),
    "ev:enddate": lambda text: values.w3c(text) and values.w3c(f"{text}Z"),
    "geo:lat": _within("InvalidLatitude", 90),
    "geo:long": _within("InvalidLongitude", 180),
    "geourl:latitude": _within("InvalidLatitude", 90),
    "geourl:longitude": _within("InvalidLongitude", 180),
    "icbm:latitude": _within("InvalidLatitude", 90),
    "icbm:longitude": _within("InvalidLongitude", 180),
    "thr:total": _natural,
}
