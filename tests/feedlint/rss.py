"""RSS 2.0: its specification (rssboard.org/rss-specification) and the RSS Advisory Board's Best Practices Profile."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from feedlint import extensions, values
from feedlint.atom import foreign, history, html_text, inside, links_of, not_blank, own_address, plain_text
from feedlint.looking import Element, Lint
from feedlint.names import ATOM, HTML, XML, name_of, namespace

_CHANNEL = """
    title link description language copyright managingEditor webMaster pubDate lastBuildDate category generator docs
    cloud ttl image rating textInput skipHours skipDays item
""".split()
_ITEM = "title link description author category comments enclosure guid pubDate source".split()
_WEEK = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def rss(lint: Lint, root: Element) -> None:
    version = root.get("version")
    lint.version = version or ""
    if version is None:
        lint.say("MissingAttribute", root, attr="version")
    elif version not in ("0.91", "0.92", "0.93", "0.94", "2.0", "2.00", "2.0.1"):
        lint.say("InvalidRSSVersion", root, version)
    for name in root.attrib:
        if name.startswith("{") and not name.startswith(
            (f"{{{XML}}}", "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}")
        ):
            lint.say("UseOfExtensionAttr", root, attr=name)
    channels = [child for child in lint.children(root) if name_of(child) == "channel"]
    if not channels:
        lint.say("MissingElement", root, child="channel")
    lint.once(root, ["channel"])
    for child in lint.children(root):
        if child in channels:
            rss_channel(lint, child)
        else:
            foreign(lint, child, "")
    lint.no_text(root)


def rss_channel(lint: Lint, channel: Element, core: str = "") -> None:
    lint.no_text(channel)
    names: list[str] = []
    items = []
    for child in lint.children(channel):
        name = name_of(child)
        if namespace(child) == core and name in _CHANNEL:
            if name == "item":
                items.append(child)
                rss_item(lint, child)
            else:
                if items:
                    lint.say("MisplacedItem", child)
                _RSS[name](lint, child)
        elif namespace(child) == core and name == "blink":
            lint.say("NoBlink", child)
        else:
            foreign(lint, child, core)
        names.append(name)
    lint.once(channel, [name for name in _CHANNEL if name not in ("item", "category")] + extensions.ONCE)
    for name, code in (("title", "MissingTitle"), ("link", "MissingLink"), ("description", "MissingDescription")):
        if name not in names:
            lint.say(code, channel, child=name)
    _twice(lint, channel, extensions.SAME_IN_CHANNEL, "DuplicateSemantics")
    if not {"language", "dc:language"} & set(names) and not channel.xpath("ancestor-or-self::*/@xml:lang"):
        lint.say("MissingDCLanguage", channel)
    image = channel.find("image")
    if image is not None:
        for name, code in (("link", "ImageLinkDoesntMatch"), ("title", "ImageTitleDoesntMatch")):
            ours, theirs = channel.findtext(name), image.findtext(name)
            if ours and theirs and ours.strip() != theirs.strip():
                lint.say(code, image, theirs, child=name)
    links = links_of(lint, channel)
    if lint.version.startswith("2") and not any(rel == "self" for rel, _, _ in links):
        lint.say("MissingAtomSelfLink", channel)
    for rel, href, _ in links:
        if rel == "self":
            own_address(lint, channel, href)
    history(lint, channel, links)
    guids = Counter((item.findtext("guid") or "").strip() for item in items)
    for guid, count in guids.items():
        if guid and count > 1:
            lint.say("DuplicateValue", items[0], guid, child="guid")
    if any(name_of(child) == "slash:comments" for item in items for child in lint.children(item)) and not (
        {"lastBuildDate", "pubDate"} & set(names)
    ):
        lint.say("SlashDate", channel)


def rss_item(lint: Lint, item: Element, core: str = "") -> None:
    lint.no_text(item)
    names: list[str] = []
    for child in lint.children(item):
        name = name_of(child)
        if namespace(child) == core and name in _ITEM:
            _RSS[name](lint, child)
        else:
            foreign(lint, child, core)
        if name == "content:encoded" and "description" not in names:
            lint.say("NeedDescriptionBeforeContent", item)
        names.append(name)
    lint.once(item, [name for name in _ITEM if name not in ("category", "enclosure")] + extensions.ONCE_IN_ITEM)
    if names.count("enclosure") > 1:
        lint.say("DuplicateEnclosure", item, child="enclosure")
    if "title" not in names and "description" not in names:
        lint.say("ItemMustContainTitleOrDescription", item)
    if lint.version.startswith("2") and "guid" not in names:
        lint.say("MissingGuid", item)
    _twice(lint, item, extensions.SAME_IN_ITEM, "DuplicateItemSemantics")
    if "description" in names:
        body = item.find(f"{{{HTML}}}body")
        content = item.find(f"{{{ATOM}}}content")
        if body is not None or (content is not None and content.get("src") is None):
            lint.say("DuplicateDescriptionSemantics", item, child=name_of(body if body is not None else content))


def _twice(lint: Lint, element: Element, same: Sequence[tuple[str, str]], code: str) -> None:
    names = {name_of(child) for child in lint.children(element)}
    for core, other in same:
        if core in names and other in names:
            lint.say(code, element, f"{core} and {other}", child=other)


def _rss_title(lint: Lint, element: Element) -> None:
    _rss_own_attributes(lint, element, "")
    plain_text(lint, element, not_blank(lint, element))


def _rss_text(lint: Lint, element: Element) -> None:
    """Plain text that may be left empty."""
    _rss_own_attributes(lint, element, "domain" if name_of(element) == "category" else "")
    plain_text(lint, element, not_blank(lint, element))


def _rss_html(lint: Lint, element: Element) -> None:
    """The description of an item: HTML, or plain text, as the author likes; the channel's is plain text."""
    if name_of(element.getparent()) != "item":
        _rss_text(lint, element)
        return
    children = list(lint.children(element))
    if children:
        inside(lint, element, declared=False)
        for child in children:
            if not namespace(child):
                lint.say("UndefinedElement", child)
    if lint.version.startswith("2"):  # before, it was plain text
        html_text(lint, element, lint.text(element))


def _rss_address(lint: Lint, element: Element) -> None:
    _rss_own_attributes(lint, element, "")
    lint.value(element, address)


def address(text: str) -> list[str]:
    """A whole address, in ASCII: RSS has no IRIs."""
    if not text:
        return ["NotBlank"]
    if not text.isascii() and not values.absolute(text):
        host = re.sub(r"^[a-z]+://", "", text, flags=re.IGNORECASE).partition("/")
        return ["UriNotIri"] if not (host[1] + host[2]).isascii() or not host[0].isascii() else []
    return values.absolute(text)


def _rss_contact(lint: Lint, element: Element) -> None:
    _rss_own_attributes(lint, element, "")
    plain_text(lint, element, re.sub(r"<\S+@\S+>", "", lint.written(element)))
    lint.value(element, values.contact)


def _rss_date(lint: Lint, element: Element) -> None:
    _rss_own_attributes(lint, element, "")
    lint.value(element, lambda text: ["NotBlank"] if not text else values.rfc822(text, lint.now))


def _rss_language(lint: Lint, element: Element) -> None:
    lint.value(element, lambda text: values.language(text) if text else ["InvalidLanguage"])


def _rss_cloud(lint: Lint, element: Element) -> None:
    for name in ("domain", "path", "port", "protocol", "registerProcedure"):
        if name not in element.attrib:
            lint.say("MissingAttribute", element, attr=name)
    if "port" in element.attrib and not re.fullmatch(r"0*[1-9]\d*", element.get("port")):
        lint.say("InvalidIntegerAttribute", element, attr="port")


def _rss_ttl(lint: Lint, element: Element) -> None:
    lint.value(element, lambda text: values.integer(text, 1))


def _rss_image(lint: Lint, image: Element) -> None:
    rules = {
        "title": _rss_title,
        "link": _rss_address,
        "url": _rss_address,
        "width": _size("InvalidWidth", 144),
        "height": _size("InvalidHeight", 400),
        "description": _rss_text,
    }
    _parts(lint, image, rules)
    for name, code in (("title", "MissingTitle"), ("link", "MissingLink"), ("url", "MissingElement")):
        if image.find(name) is None:
            lint.say(code, image, child=name)
    url = (image.findtext("url") or "").strip().lower()
    if url and not url.endswith((".gif", ".jpg", ".jpeg", ".png")) and not values.absolute(url):
        lint.say("ImageUrlFormat", image, url, child="url")


def _size(code: str, most: int) -> Callable[[Lint, Element], None]:
    def rule(text: str) -> list[str]:
        return [] if re.fullmatch(r"\d+", text) and 0 < int(text) <= most else [code]

    return lambda lint, element: lint.value(element, rule)


def _parts(lint: Lint, element: Element, rules: dict[str, Callable[[Lint, Element], None]]) -> None:
    lint.no_text(element)
    for child in lint.children(element):
        if name_of(child) in rules:
            rules[name_of(child)](lint, child)
        else:
            foreign(lint, child, "")
    lint.once(element, list(rules))


def _rss_input(lint: Lint, element: Element) -> None:
    lint.say("AvoidTextInput", element)

    def named(lint: Lint, element: Element) -> None:
        lint.value(
            element, lambda text: [] if re.fullmatch(r"[A-Za-z][\w:.-]*", text) else ["InvalidFormComponentName"]
        )

    _parts(lint, element, {"title": _rss_title, "description": _rss_text, "name": named, "link": _rss_address})
    for name, code in zip(
        ("title", "description", "name", "link"),
        ("MissingTitle", "MissingDescription", "MissingElement", "MissingLink"),
        strict=True,
    ):
        if element.find(name) is None:
            lint.say(code, element, child=name)


def _rss_hours(lint: Lint, element: Element) -> None:
    seen = []
    for child in lint.children(element):
        if name_of(child) != "hour":
            lint.say("UndefinedElement", child)
            continue
        text = (child.text or "").strip()
        if not re.fullmatch(r"\d+", text) or int(text) > 24:
            lint.say("InvalidHour", child, text)
            continue
        if int(text) == 24:
            lint.say("UseZeroForMidnight", child)
        if int(text) % 24 in seen:
            lint.say("DuplicateValue", child, text)
        seen.append(int(text) % 24)
    if not seen and not len(element):
        lint.say("MissingElement", element, child="hour")
    if len(element) > 24:
        lint.say("NotEnoughHoursInTheDay", element)


def _rss_days(lint: Lint, element: Element) -> None:
    seen = []
    for child in lint.children(element):
        if name_of(child) != "day":
            lint.say("UndefinedElement", child)
            continue
        text = (child.text or "").strip()
        if text not in _WEEK:
            lint.say("InvalidDay", child, text)
        if text in seen:
            lint.say("DuplicateValue", child, text)
        seen.append(text)
    if not seen:
        lint.say("MissingElement", element, child="day")
    if len(seen) > 7:
        lint.say("EightDaysAWeek", element)


def _rss_enclosure(lint: Lint, element: Element) -> None:
    for name, rule in (("url", address), ("length", None), ("type", values.mime)):
        if name not in element.attrib:
            lint.say("MissingAttribute", element, attr=name)
        elif rule is None:
            if not re.fullmatch(r"\d+", element.get(name)):
                negative = element.get(name).startswith("-")
                lint.say("InvalidNonNegativeInteger" if negative else "InvalidIntegerAttribute", element, attr=name)
        elif codes := rule(element.get(name)):
            wrong = "InvalidURLAttribute" if name == "url" else "InvalidMIMEAttribute"
            lint.say(wrong if codes != ["UriNotIri"] else codes[0], element, attr=name)
    if element.get("url", "").startswith(("ftp:", "https:")) and not element.get("url", "").startswith("http"):
        lint.say("InvalidURLAttribute", element, attr="url")


def _rss_guid(lint: Lint, element: Element) -> None:
    _rss_own_attributes(lint, element, "isPermaLink")
    permanent = element.get("isPermaLink")
    if permanent is not None and permanent not in ("true", "false"):
        lint.say("InvalidBooleanAttribute", element, permanent, attr="isPermaLink")
    text = (element.text or "").strip()
    if not text:
        lint.say("NotBlank" if permanent == "false" else "InvalidHttpGUID", element)
    elif permanent != "false":
        codes = values.absolute(text)
        if re.match(r"(?:urn|tag|uuid):", text) and not codes:
            lint.say("InvalidPermalink", element, text)
        elif codes and codes != ["SchemeNotIANARegistered"]:
            lint.say("InvalidHttpGUID", element, text)
        elif re.match(r"https?:", text, re.IGNORECASE):
            for code in values.canonical(text):
                lint.say(code, element, text)
    elif len(text) < 9:
        lint.say("NotSufficientlyUnique", element, text)
    elif re.match(r"(?:https?|tag|urn):", text):
        for code in values.absolute(text) or values.canonical(text):
            lint.say(code, element, text)


def _rss_source(lint: Lint, element: Element) -> None:
    if "url" not in element.attrib:
        lint.say("MissingAttribute", element, attr="url")
    else:
        lint.value(element, address, attr="url")
    plain_text(lint, element, not_blank(lint, element))


def _rss_own_attributes(lint: Lint, element: Element, allowed: str) -> None:
    for name in element.attrib:
        if "{" not in name and name not in allowed.split():
            lint.say("UnexpectedAttribute", element, attr=name)


def _rss_any(lint: Lint, element: Element) -> None:
    """The PICS rating is a language of its own."""


_RSS: dict[str, Callable[[Lint, Element], None]] = {
    "title": _rss_title,
    "link": _rss_address,
    "description": _rss_html,
    "language": _rss_language,
    "copyright": _rss_text,
    "managingEditor": _rss_contact,
    "webMaster": _rss_contact,
    "pubDate": _rss_date,
    "lastBuildDate": _rss_date,
    "category": _rss_text,
    "generator": _rss_text,
    "docs": _rss_address,
    "cloud": _rss_cloud,
    "ttl": _rss_ttl,
    "image": _rss_image,
    "rating": _rss_any,
    "textInput": _rss_input,
    "skipHours": _rss_hours,
    "skipDays": _rss_days,
    "author": _rss_contact,
    "comments": _rss_address,
    "enclosure": _rss_enclosure,
    "guid": _rss_guid,
    "source": _rss_source,
}
