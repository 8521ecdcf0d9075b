"""Atom 1.0 (RFC 4287) and the paging of feeds (RFC 5005)."""

import base64
import binascii
import re
from collections import Counter
from collections.abc import Callable, Sequence
from urllib.parse import urljoin

from feedlint import extensions, markup, values
from feedlint.looking import Element, Lint
from feedlint.names import ATOM, FH, HTML, XML, local_of, name_of, namespace

CHILDREN = "title subtitle id updated link author contributor category generator icon logo rights entry".split()
_ENTRY = "title id updated published link author contributor category content summary rights source".split()
_RELS = frozenset(
    """
    alternate related self enclosure via about appendix archives author bookmark canonical chapter collection contents
    copyright current describedby edit edit-media first glossary help hub icon index item last latest-version license
    memento next next-archive payment prev prev-archive preview previous privacy-policy replies search section service
    start stylesheet subsection successor-version tag terms-of-service timegate timemap type up version-history
    working-copy
    """.split()
)
_PAGING = frozenset("first last next prev previous current next-archive prev-archive".split())
_TYPES = ("text", "html", "xhtml")


def atom_feed(lint: Lint, feed: Element) -> None:
    lint.no_text(feed)
    seen: list[str] = []
    entries = []
    for child in lint.children(feed):
        name = name_of(child)
        if namespace(child) == ATOM and name == "entry":
            entries.append(child)
            atom_entry(lint, child, has_author=feed.find(f"{{{ATOM}}}author") is not None)
        elif namespace(child) == ATOM and name in CHILDREN:
            if entries:
                lint.say("MisplacedMetadata", child)
            RULES[name](lint, child)
        else:
            foreign(lint, child, ATOM)
        seen.append(name)
    lint.once(feed, "title subtitle id updated generator icon logo rights".split())
    for name in ("title", "id", "updated"):
        if name not in seen:
            lint.say("MissingElement", feed, child=name)
    links = links_of(lint, feed)
    if not any(rel == "self" for rel, _, _ in links):
        lint.say("MissingSelf", feed)
    for rel, href, _ in links:
        if rel == "self":
            own_address(lint, feed, href)
    _identities(lint, entries)
    history(lint, feed, links)


def atom_entry(lint: Lint, entry: Element, *, has_author: bool) -> None:
    lint.no_text(entry)
    names = []
    for child in lint.children(entry):
        name = name_of(child)
        if namespace(child) == ATOM and name in _ENTRY:
            RULES[name](lint, child)
        else:
            foreign(lint, child, ATOM)
        names.append(name)
    lint.once(entry, "title id updated published content summary rights source".split())
    for name in ("title", "id", "updated"):
        if name not in names:
            lint.say("MissingElement", entry, child=name)
    source = entry.find(f"{{{ATOM}}}source")
    if not has_author and "author" not in names and (source is None or source.find(f"{{{ATOM}}}author") is None):
        lint.say("MissingElement", entry, child="author")
    links = links_of(lint, entry)
    content = entry.find(f"{{{ATOM}}}content")
    if content is None and not any(rel == "alternate" for rel, _, _ in links):
        lint.say("MissingContentOrAlternate", entry)
    if content is None and "summary" not in names:
        lint.say("MissingTextualContent", entry)
    if content is not None and "summary" not in names:
        kind = content.get("type") or ""
        encoded = "/" in kind and not kind.startswith("text/") and not re.search(r"[+/]xml$", kind)
        if content.get("src") is not None or encoded:
            lint.say("MissingSummary", entry)


def atom_source(lint: Lint, source: Element) -> None:
    names = []
    for child in lint.children(source):
        name = local_of(child)
        if namespace(child) == ATOM and name in CHILDREN and name != "entry":
            RULES[name](lint, child)
        else:
            foreign(lint, child, ATOM)
        names.append(name)
    lint.once(source, "title subtitle id updated generator icon logo rights".split())
    links_of(lint, source)
    for name in ("title", "id", "updated"):
        if name not in names:
            lint.say("MissingSourceElement", source, child=name)


def foreign(lint: Lint, child: Element, home: str) -> None:
    """An element that the format does not have: good only where another name space has it."""
    space = namespace(child)
    if space == home:
        lint.say("UndefinedElement", child)
    elif not space and home == ATOM:
        lint.say("UndeterminableVocabulary", child)
    elif space == HTML and home == ATOM:
        lint.say("MisplacedXHTMLContent", child)
    else:
        extensions.check(lint, child)


def links_of(lint: Lint, element: Element) -> list[tuple[str, str, str]]:
    """The relation, address and media type of each link; alternates differ in type or language."""
    found, kinds = [], Counter[tuple[str, str]]()
    for link in element.iterfind(f"{{{ATOM}}}link"):
        rel = (link.get("rel") or "alternate").removeprefix("http://www.iana.org/assignments/relation/")
        found.append((rel, link.get("href") or "", link.get("type") or ""))
        if rel == "alternate":
            kinds[(link.get("type") or "", link.get("hreflang") or "")] += 1
    if any(count > 1 for count in kinds.values()):
        lint.say("DuplicateAtomLink", element)
        lint.say("DuplicateAtomLink", element, child="link")
    return found


def own_address(lint: Lint, feed: Element, href: str) -> None:
    """The address of the feed itself is absolute, once that of the document is known, and leads to it."""
    address = urljoin(_base(lint, feed), href)
    written = next((base for base in reversed([*_bases(feed), href]) if values.has_scheme(base)), None)
    if written is None and (not href or not lint.base):
        lint.say("RelativeSelf", feed, href)
    if lint.base and address.partition("#")[0] != lint.base:
        lint.say("SelfDoesntMatchLocation", feed, href)


def _bases(element: Element) -> list[str]:
    """The `xml:base` of an element and those above it, the outermost first."""
    found = []
    while element is not None:
        if (base := element.get(f"{{{XML}}}base")) is not None:
            found.insert(0, base)
        element = element.getparent()
    return found


def _base(lint: Lint, element: Element) -> str:
    base = lint.base
    for one in _bases(element):
        base = urljoin(base, one)
    return base


def _identities(lint: Lint, entries: Sequence[Element]) -> None:
    """RFC 4287 section 4.1.1: entries with one id have different dates of update."""

    def of(entry: Element, name: str) -> str:
        return (entry.findtext(f"{{{ATOM}}}{name}") or "").strip()

    both = Counter((of(entry, "id"), of(entry, "updated")) for entry in entries if of(entry, "id"))
    ids = Counter(of(entry, "id") for entry in entries if of(entry, "id"))
    if len(entries) > 9 and len(ids) == 1:
        lint.say("DuplicateIds", entries[0])
    for (name, _), count in both.items():
        if count > 1 and entries:
            lint.say("DuplicateEntries", entries[0], name, child="id")
    dates = Counter(of(entry, "updated") for entry in entries if of(entry, "updated"))
    if any(count > 1 for count in dates.values()) and entries:
        lint.say("DuplicateUpdated", entries[0], child="updated")


def history(lint: Lint, feed: Element, links: Sequence[tuple[str, str, str]]) -> None:
    """RFC 5005: complete, paged and archived feeds."""
    rels = {rel: urljoin(_base(lint, feed), href) for rel, href, _ in links}
    complete = feed.find(f".//{{{FH}}}complete") is not None
    archive = feed.find(f".//{{{FH}}}archive") is not None
    if complete:
        for rel in sorted(rels.keys() & (_PAGING - {"current"})):
            lint.say("FeedRelInCompleteFeed", feed, rel)
        if "current" in rels and rels["current"] != rels.get("self"):
            lint.say("CurrentNotSelfInCompleteFeed", feed)
    if archive and "current" not in rels:
        lint.say("MissingCurrentInArchive", feed)
    if archive and (rels.keys() & {"next", "prev", "previous", "first", "last"}) and "prev-archive" not in rels:
        lint.say("ArchiveIncomplete", feed)
    own = rels.get("self")
    for end, way in (("first", "previous"), ("first", "prev"), ("last", "next")):
        if own and rels.get(end) == own and way in rels:
            lint.say("LinkPastEnd", feed, way)
    for link in feed.iter(f"{{{ATOM}}}link"):
        parent = link.getparent()
        if name_of(parent) in ("entry", "item") and link.get("rel") in _PAGING:
            lint.say("FeedHistoryRelInEntry", link, link.get("rel"))


def atom_link(lint: Lint, link: Element) -> None:
    own_attributes(lint, link, "href rel type hreflang title length")
    if link.get("href") is None:
        lint.say("MissingHref", link, attr="href")
    else:
        lint.value(link, values.reference, attr="href")
        if link.get("href") in ("", ".") or link.get("href", "").startswith("#"):
            _same_document(lint, link)
    rel = link.get("rel")
    if rel is not None:
        if not rel:
            lint.say("AttrNotBlank", link, attr="rel")
        elif rel not in _RELS and not re.match(r"[A-Za-z][\w+.-]*:", rel):
            lint.say("UnregisteredAtomLinkRel", link, rel, attr="rel")
    if link.get("type") is not None:
        lint.value(link, values.mime, attr="type")
        if rel == "self" and link.get("type") not in ("application/atom+xml", "application/rss+xml", "text/xml"):
            lint.say("SelfNotAtom", link, attr="type")
    if link.get("hreflang") is not None:
        lint.value(link, values.language, attr="hreflang")
    if link.get("title") is not None:
        if not link.get("title").strip():
            lint.say("AttrNotBlank", link, attr="title")
        plain_text(lint, link, link.get("title"), attr="title")
    if link.get("length") is not None and not re.fullmatch(r"\d+", link.get("length").strip()):
        lint.say("InvalidNonNegativeInteger", link, attr="length")
    if lint.text(link).strip() or len(link):
        lint.say("AtomLinkNotEmpty", link)


def _same_document(lint: Lint, link: Element) -> None:
    """RFC 3986 section 5.1 and the older RFC disagree on what an empty reference means below another base."""
    base = _base(lint, link)
    if _bases(link) and base != lint.base and urljoin(base, link.get("href")).partition("#")[0] == base:
        lint.say("SameDocumentReference", link, link.get("href"))


def atom_person(lint: Lint, person: Element) -> None:
    names = []
    for child in lint.children(person):
        name = local_of(child)
        if namespace(child) == ATOM and name == "name":
            text = not_blank(lint, child)
            plain_text(lint, child, text)
            if re.search(r"\S+@\S+\.\S+", text):
                lint.say("ContainsEmail", child)
        elif namespace(child) == ATOM and name == "uri":
            _no_space(lint, child)
            lint.value(child, lambda text: ["NotBlank"] if not text else values.reference(text) and ["InvalidLink"])
        elif namespace(child) == ATOM and name == "email":
            lint.value(child, values.address)
        else:
            foreign(lint, child, ATOM)
        names.append(name)
    lint.once(person, ("name", "uri", "email"))
    if "name" not in names:
        lint.say("MissingElement", person, child="name")


def atom_text(lint: Lint, element: Element) -> None:
    """A text construct (RFC 4287 section 3.1)."""
    own_attributes(lint, element, "type")
    kind = _type(lint, element)
    if kind not in _TYPES:
        lint.say("InvalidMIMEType" if element.get("mode") or "/" not in kind else "InvalidTextType", element, kind)
        lint.say("InvalidTextType", element, kind)
    _typed(lint, element, kind if kind in _TYPES else "html" if kind == "text/html" else "text")


def atom_content(lint: Lint, content: Element) -> None:
    """RFC 4287 section 4.1.3."""
    own_attributes(lint, content, "type src")
    src, kind = content.get("src"), content.get("type")
    if src is not None:
        lint.value(content, values.reference, attr="src")
        if kind is None:
            lint.say("MissingTypeAttr", content, attr="type")
        elif kind in _TYPES:
            lint.say("InvalidMIMEType", content, kind, attr="type")
        if len(content):
            lint.say("UndefinedElement", content, child=name_of(content[0]))
        if lint.text(content).strip():
            lint.say("UnexpectedText", content)
        return
    kind = _type(lint, content)
    if kind not in _TYPES:
        if values.mime(kind) or kind.startswith(("multipart/", "message/")):
            lint.say("InvalidMIMEType", content, kind)
        if kind in ("text/html", "application/xhtml+xml"):
            root = next(lint.children(content), None)
            text = lint.text(content).lstrip().lower()
            whole = name_of(root).endswith("html") if root is not None else text.startswith(("<html", "<!doctype"))
            if not whole:
                lint.say("HtmlFragment", content)
        if re.search(r"[+/]xml$", kind, re.IGNORECASE):
            if (content.text or "").strip() or any((child.tail or "").strip() for child in content):
                lint.say("UnexpectedText", content)
            inside(lint, content, declared=False)
            return
        if "/" in kind and not kind.startswith("text/"):
            _base64(lint, content)
            return
    _typed(lint, content, kind if kind in _TYPES else "html" if kind == "text/html" else "plain")


def _base64(lint: Lint, content: Element) -> None:
    try:
        found = base64.b64decode("".join(lint.text(content).split()), validate=True)
    except (binascii.Error, ValueError):
        lint.say("NotBase64", content)
        return
    if b"<script" in found.lower():
        lint.say("SecurityRisk", content)


def _type(lint: Lint, element: Element) -> str:
    """The media type of a text, that of drafts of Atom as well: `mode` said whether it is escaped."""
    kind = element.get("type")
    if kind is not None and not kind.strip():
        lint.say("AttrNotBlank", element, attr="type")
        return "text"
    return kind or "text"


def _typed(lint: Lint, element: Element, kind: str) -> None:
    text = lint.text(element)
    children = list(lint.children(element))
    if kind == "xhtml":
        _xhtml(lint, element, children)
        return
    for child in children:
        if namespace(child) not in ("", ATOM) and namespace(child) != HTML:
            continue
        lint.say("NotEscaped" if kind == "html" else "UndefinedElement", element)
        lint.say("UndefinedElement", element, child=name_of(child))
        break
    if not text.strip() and not children:
        lint.say("NotBlank", element)
    elif kind == "html":
        html_text(lint, element, text)
    elif not children and markup.looks_like_html(text):
        lint.say("ContainsUndeclaredHTML", element)


def _xhtml(lint: Lint, element: Element, children: Sequence[Element]) -> None:
    text = lint.text(element)
    if (element.text or "").strip() or len(children) != 1 or children[0].tag != f"{{{HTML}}}div":
        lint.say("MissingXhtmlDiv", element)
    below = [child for child in element.iter() if child is not element and isinstance(child.tag, str)]
    wrapped = all(child.tag == f"{{{HTML}}}div" for child in children)
    if (
        len(below) <= 1
        and wrapped
        and any(name.lower() in markup.ELEMENTS for name in re.findall(r"</?(\w+)[^<>]*>", text))
    ):
        lint.say("NotInline", element)
    inside(lint, element, declared=True)


def inside(lint: Lint, element: Element, *, declared: bool) -> None:
    """XHTML, SVG and MathML that stand in a feed as elements."""
    for child in element.iter():
        if child is element or not isinstance(child.tag, str):
            continue
        space, tag = namespace(child), child.tag.rpartition("}")[2]
        attributes = {name: value for name, value in child.attrib.items() if not name.startswith("{")}
        if space == HTML:
            for code, detail in markup.in_tag(tag, attributes):
                lint.say(code, element if code in ("SecurityRisk", "DangerousStyleAttr") else child, detail)
            if child.prefix and declared:
                lint.say("AvoidNamespacePrefix", child)
        elif space in (markup.SVG, markup.MATHML):
            extensions.drawing(lint, child, tag, attributes)
        elif space == ATOM and declared:
            lint.say("NotHtml", element, tag)
        elif not space and declared:
            lint.say("MissingNamespace", child)
        elif declared:
            extensions.in_markup(lint, child)


def html_text(lint: Lint, element: Element, text: str) -> None:
    for code, detail in dict.fromkeys(markup.in_html(text)):
        lint.say(code, element, detail)


def plain_text(lint: Lint, element: Element, text: str, *, attr: str = "") -> None:
    for code in markup.in_plain_text(text):
        lint.say(code, element, text[:80], attr=attr)


def not_blank(lint: Lint, element: Element) -> str:
    text = lint.written(element)
    if not text.strip():
        lint.say("NotBlank", element)
    return text


def _no_space(lint: Lint, element: Element) -> None:
    text = element.text or ""
    if text != text.strip() and text.strip():
        lint.say("UnexpectedWhitespace", element)


def own_attributes(lint: Lint, element: Element, allowed: str) -> None:
    """Attributes without a name space are the element's own."""
    for name in element.attrib:
        if "{" not in name and name not in allowed.split() and name != "mode":
            lint.say("UnexpectedAttribute", element, attr=name)


def _atom_id(lint: Lint, element: Element) -> None:
    own_attributes(lint, element, "")
    _no_space(lint, element)
    lint.value(element, lambda text: ["NotBlank"] if not text else values.absolute(text) or values.canonical(text))


def _atom_date(lint: Lint, element: Element) -> None:
    own_attributes(lint, element, "")
    _no_space(lint, element)
    if (element.text or "").strip() != (element.text or ""):
        return
    lint.value(element, lambda text: values.rfc3339(text, lint.now))


def _atom_address(lint: Lint, element: Element) -> None:
    _no_space(lint, element)
    lint.value(element, lambda text: ["NotBlank"] if not text else (values.reference(text) and ["InvalidLink"]) or [])


def _atom_category(lint: Lint, element: Element) -> None:
    own_attributes(lint, element, "term scheme label")
    if element.get("term") is None:
        lint.say("MissingAttribute", element, attr="term")
    elif not element.get("term").strip():
        lint.say("NotBlank", element, attr="term")
    if element.get("scheme") is not None:
        lint.value(element, values.absolute_attribute, attr="scheme")
    if element.get("label") is not None:
        if not element.get("label").strip():
            lint.say("NotBlank", element, attr="label")
        plain_text(lint, element, element.get("label"), attr="label")


def _atom_generator(lint: Lint, element: Element) -> None:
    own_attributes(lint, element, "uri version")
    for child in lint.children(element):
        lint.say("UndefinedElement", child)
    if element.get("uri") is not None:
        lint.value(element, values.reference, attr="uri")
    if "version" in element.attrib and not element.get("version").strip():
        lint.say("AttrNotBlank", element, attr="version")
    text = not_blank(lint, element)
    plain_text(lint, element, text)


RULES: dict[str, Callable[[Lint, Element], None]] = {
    "title": atom_text,
    "subtitle": atom_text,
    "summary": atom_text,
    "rights": atom_text,
    "content": atom_content,
    "id": _atom_id,
    "updated": _atom_date,
    "published": _atom_date,
    "link": atom_link,
    "author": atom_person,
    "contributor": atom_person,
    "category": _atom_category,
    "generator": _atom_generator,
    "icon": _atom_address,
    "logo": _atom_address,
    "source": atom_source,
}
