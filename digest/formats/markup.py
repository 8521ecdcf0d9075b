"""XML as a stream of elements, each whole, each with its line, freed when it was read; safe whatever the bytes are.

    for record in elements(document, "entry"):
        title = prose(child(record, "title"))

No DTD is read and no entity of a document's own is expanded, nothing is fetched; libxml2 itself refuses nesting beyond
256 and texts beyond 10 MB. The entities that HTML names (`&nbsp;`, `&uuml;`) are characters wherever
they stand, as the DTDs of DBLP, JATS and many feeds declare them. Several documents one after another, and records
without anything around them, are one stream.

A document that is not well formed is read a second time, mended (bytes that are no UTF-8, characters that XML forbids,
a lone `&`), from where it broke, as far as that goes. What was mended without loss is not told; else a Problem says
where it broke. One that breaks off gives what came whole, and a Problem.
"""

import codecs
import re
from html.entities import html5
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

from digest.errors import SourceError
from digest.formats.head import Head, beginning, wide_encoding
from digest.formats.lines import chunks
from digest.model import Document, Problem
from digest.patterns import pattern
from digest.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import XMLPullParser, _Element


# ------------------------------------------------------------------------------------------------ the root


class Root(NamedTuple):
    """The first tag of a document."""

    name: str
    """Without its prefix."""
    space: str
    """Its name space; empty where none is declared."""
    attributes: str
    """As they are written."""
    inside: str
    """What follows it, as far as the head goes."""


_ROOT: Final = pattern(
    r"(?P<prolog>(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[[^\]]*\]\s*)?>)*+)"
    r"<(?:(?P<prefix>[\w.-]+):)?(?P<name>[\w.-]+)(?P<attributes>(?:\s[^<>]*)?)/?>",
    re.DOTALL | re.IGNORECASE,
)


def root(head: Head) -> Root | None:
    """The root element that a document which begins so has; None for what is no XML."""
    if head.look != "markup":
        return None
    found = _ROOT.match(head.text)
    if not found:
        return None
    prefix = re.escape(found["prefix"] or "")
    declared = re.search(rf"\sxmlns{':' + prefix if prefix else ''}\s*=\s*[\"']([^\"']*)[\"']", found["attributes"])
    return Root(found["name"], declared[1] if declared else "", found["attributes"], head.text[found.end() :])


# ------------------------------------------------------------------------------------------------ the stream


def elements(document: Document, *names: str, around: tuple[str, ...] = ()) -> "Iterator[_Element | Problem]":
    """The elements of the local names `names`, whatever their name space, in the order in which they end; and those of
    the names `around` when they end, with what is left in them: what stands before the last of `names` is gone.

    Raises SourceError for a document that declares entities of its own, or is no XML from its first element on; OSError
    where it cannot be read.
    """
    with document.open() as stream:
        data = beginning(stream)
    begun = data.decode(wide_encoding(data) or "utf-8", "replace").lstrip("\ufeff")
    found_root = _ROOT.match(begun)
    if "<!ENTITY" in (found_root["prolog"] if found_root else begun).upper():
        raise SourceError("declares entities of its own, which are not read: refused")
    if not found_root:
        raise SourceError("is no XML: it does not begin with an element")
    count, broken = 0, None
    long: set[int] = set()
    for found in _elements(document, names, around, mended=False):
        if isinstance(found, _Break):
            broken = found
        elif isinstance(found, _Long):
            long.add(found.line)
            yield found.problem(document.origin)
        else:
            count += 1
            yield found
    if broken and not broken.at_end:
        # What came whole is not told twice.
        first, end, number = broken, None, 0
        for found in _elements(document, names, around, mended=True):
            if isinstance(found, _Break):
                end = found
            elif isinstance(found, _Long):
                if found.line not in long:
                    yield found.problem(document.origin)
            else:
                number += 1
                if number > count:
                    yield found
        count = max(count, number)
        broken = (end if end.at_end else first) if end else None
    if broken:
        said = "the XML breaks off here" if broken.at_end else "the XML is broken here"
        if not count:
            raise SourceError(f"gives nothing that can be read: {said}: line {broken.line}: {broken.what}")
        yield Problem(document.origin, broken.line, f"{said}: {broken.what}")


class _Break(NamedTuple):
    """Where a document is not well formed."""

    line: int
    what: str
    at_end: bool
    """It ends too early, and all before is well formed."""


class _Long(NamedTuple):
    """A text of which only the beginning was kept."""

    line: int

    def problem(self, file: str) -> Problem:
        return Problem(file, self.line, f"a text of more than {_LONGEST >> 20} MB: only its beginning was kept")


def _elements(
    document: Document, names: tuple[str, ...], around: tuple[str, ...], *, mended: bool
) -> "Iterator[_Element | _Break | _Long]":
    """`mended`: read over whatever is wrong, and tell the first of it at the end."""
    from lxml.etree import XMLPullParser, XMLSyntaxError

    parser = XMLPullParser(
        events=("end",),
        tag=[f"{{*}}{name}" for name in (*names, *around)],
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        recover=mended,
        remove_comments=True,
        remove_pis=True,
    )
    broken = None
    with document.open() as stream:
        try:
            # An element around all of it lets any number of documents be one.
            parser.feed(b"<documents>")
            for piece in _pieces(stream, mended=mended):
                if isinstance(piece, _Long):
                    yield piece
                    continue
                parser.feed(piece)
                yield from _read(parser, names)
            if mended:
                broken = _worst(parser, 0)
                wrong = len(parser.feed_error_log)
                parser.feed(b"</documents>")
                parser.close()
                # What only this end closed was not whole.
                if cut := _worst(parser, wrong):
                    broken = cut._replace(at_end=True)
            else:
                parser.feed(b"</documents>")
                yield from _read(parser, names)
                parser.close()
        except XMLSyntaxError as error:
            yield from _read(parser, names)
            what = _worded(error.msg or "")
            broken = _Break(error.lineno or 1, what, at_end=what.endswith("has no end"))
    if broken:
        yield broken


def _read(parser: "XMLPullParser", names: tuple[str, ...]) -> "Iterator[_Element]":
    for _, element in parser.read_events():
        yield element
        _free(element, names)


def _worst(parser: "XMLPullParser", since: int) -> _Break | None:
    """The first thing that was wrong, but for so many, and lost something: a prefix that nobody declared is not."""
    log = parser.feed_error_log
    for number in range(since, len(log)):
        if not log[number].type_name.startswith("NS_"):
            return _Break(log[number].line or 1, _worded(log[number].message), at_end=False)
    return None


def _worded(message: str) -> str:
    """libxml2's words, without those on the element that stands around all documents."""
    found = re.match(r"Opening and ending tag mismatch: (\S+) line (\d+) and documents\b", message)
    return f"<{found[1]}> of line {found[2]} has no end" if found else one_line(message)[:200]


def _free(element: "_Element", names: tuple[str, ...]) -> None:
    """Let go of an element, and of what stands before it, but for what belongs to one of `names` around it."""
    element.clear(keep_tail=False)
    above = element.getparent()
    while above is not None and local(above) not in names:
        while (before := element.getprevious()) is not None:
            above.remove(before)
        element, above = above, above.getparent()


# ------------------------------------------------------------------------------------------------ the bytes

_DECLARED: Final = pattern(rb"\s*<\?xml\s[^>]*?encoding\s*=\s*[\"']([\w.:-]+)[\"']", re.IGNORECASE)
_LONGEST_DOCTYPE: Final = 1 << 14
_LONGEST: Final = 1 << 20
"""Bytes without a tag among them."""


def _pieces(stream: BinaryIO, *, mended: bool) -> "Iterator[bytes | _Long]":
    """A document as UTF-8, without what only the beginning of a document may have, and without names of entities that
    XML does not know. The line ends stay. Of a text that is too long to be any only the beginning is kept.
    """
    first = stream.read(1 << 15)
    encoding = wide_encoding(first) or _declared(first)
    raw = encoding == "utf-8" and not mended
    rest = b""
    line, started, skipping = 1, False, False
    for chunk in chunks(stream, None if raw else encoding, first, "digest.mixed" if mended else "replace"):
        if not started:
            chunk, started = chunk.removeprefix(codecs.BOM_UTF8), True
        data = rest + chunk
        if skipping:
            end = _TEXT_ENDS.search(data)
            skipped = end.start() if end else max(len(data) - 2, 0)
            line += data.count(b"\n", 0, skipped)
            data, skipping = data[skipped:], end is None
            if skipping:
                rest = data
                continue
        # Cut behind a tag, so that none is in two pieces.
        cut = data.rfind(b">") + 1 or max(data.rfind(b"<"), 0)
        opened = data.rfind(b"<!DOCTYPE", max(cut - _LONGEST_DOCTYPE, 0), cut)
        if opened >= 0 and not _DOCTYPE.match(data, opened):
            cut = opened
        if skipping := len(data) - cut > _LONGEST:
            yield _Long(line + data.count(b"\n", 0, cut))
            cut = _whole(data, cut + _LONGEST)
        if cut:
            yield _plain(data[:cut], mended=mended)
            line += data.count(b"\n", 0, cut)
        rest = b"" if skipping else data[cut:]
    if rest and not skipping:
        yield _plain(rest, mended=mended)


_TEXT_ENDS: Final = pattern(rb"<|\]\]>")


def _whole(data: bytes, end: int) -> int:
    """Where to cut `data`, at most at `end`, so that no character and no reference is cut in two."""
    while end and data[end] & 0xC0 == 0x80:
        end -= 1
    reference = data.rfind(b"&", max(end - 40, 0), end)
    return reference if reference > 0 and b";" not in data[reference:end] else end


_CALLED: Final = {
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
}  # fmt: skip
"""What is meant by names of encodings, as the WHATWG's Encoding Standard has it."""


def _declared(data: bytes) -> str:
    """The encoding that an XML declaration names; UTF-8 where it names none, or one that its own letters belie."""
    found = _DECLARED.match(data.removeprefix(codecs.BOM_UTF8))
    name = found[1].decode().lower() if found else "utf-8"
    try:
        known = codecs.lookup(_CALLED.get(name, name))
        return known.name if known.decode(b"<?xml")[0] == "<?xml" else "utf-8"
    except (LookupError, ValueError, AssertionError):
        return "utf-8"


def _mixed(error: UnicodeError) -> tuple[str, int]:
    """Bytes in the midst of UTF-8 that are none are Windows-1252."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("digest.mixed", _mixed)

_DOCTYPE: Final = pattern(rb"<!DOCTYPE[^\[<>]{0,2000}(?:\[[^\]]{0,16000}\]\s{0,100})?>")
_MOST_DOCTYPES: Final = 1000
"""So many are looked at in one piece, so that a file of nothing else costs no time."""
_DECLARATION: Final = pattern(rb"<\?xml\s[^<>]{0,400}\?>")
_NAMED: Final = pattern(rb"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,31});|&#(1[2-5]\d);")
_WRONG: Final = pattern(
    rb"&(?!(?:amp|lt|gt|quot|apos);)(?:#(\d{1,7}|[xX][0-9a-fA-F]{1,6});)?|<(?![A-Za-z_/!?\x80-\xff])|<(?=[A-Za-z_/][^<>]*+<)"
)
"""A tag that another begins in is none: `if a <b then c</title>`."""
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\r"))


def _plain(data: bytes, *, mended: bool) -> bytes:
    if b"<?xml" in data:
        data = _DECLARATION.sub(_lines_of, data)
    if b"<!DOCTYPE" in data:
        data = _without_doctypes(data)
    if b"&" in data:
        data = _NAMED.sub(_character, data)
    if mended:
        data = _mend(data.translate(None, _CONTROLS))
    return data


def _without_doctypes(data: bytes) -> bytes:
    kept: list[bytes] = []
    begin = 0
    for _ in range(_MOST_DOCTYPES):
        at = data.find(b"<!DOCTYPE", begin)
        found = _DOCTYPE.match(data, at) if at >= 0 else None
        if at < 0:
            break
        end = found.end() if found else at + 9
        kept.append(data[begin:at] + _lines_of(found) if found else data[begin:end])
        begin = end
    return b"".join((*kept, data[begin:]))


def _mend(data: bytes) -> bytes:
    """Signs that cannot stand where they stand are made what was meant, but for those in CDATA sections."""
    kept: list[bytes] = []
    begin = 0
    while (at := data.find(b"<![CDATA[", begin)) >= 0 and (end := data.find(b"]]>", at)) >= 0:
        kept += (_WRONG.sub(_right, data[begin:at]), data[at:end])
        begin = end
    return b"".join((*kept, _WRONG.sub(_right, data[begin:])))


def _lines_of(found: re.Match[bytes]) -> bytes:
    return b"\n" * found[0].count(b"\n")


def _character(found: re.Match[bytes]) -> bytes:
    """The character of a name of HTML's; of a number that means a letter of Windows-1252 (HTML, section 13.2.5.80)."""
    if found[2]:
        code = int(found[2])
        letter = bytes((code,)).decode("cp1252", "ignore") if 128 <= code < 160 else ""
    else:
        letter = html5.get(f"{found[1].decode()};", "")
    if not letter:
        return found[0]
    return b"&#%d;" % ord(letter) if letter in "&<>\"'" else letter.encode()


def _right(found: re.Match[bytes]) -> bytes:
    """A number of no character is nothing."""
    text = found[0]
    if text == b"&":
        return b"&amp;"
    if text == b"<":
        return b"&lt;"
    if found[1]:
        code = int(found[1][1:], 16) if found[1][:1] in b"xX" else int(found[1])
        legal = code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
        return text if legal else b""
    return text


# ------------------------------------------------------------------------------------------------ looking


def local(element: "_Element") -> str:
    """The name without its name space; empty for a comment or what is left of an entity."""
    tag: Any = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def child(element: "_Element | None", *names: str) -> "_Element | None":
    """The first child of one of the local names."""
    return next((one for one in element if local(one) in names), None) if element is not None else None


def children(element: "_Element | None", *names: str) -> "list[_Element]":
    """All children of one of the local names."""
    return [one for one in element if local(one) in names] if element is not None else []


def text(element: "_Element | None") -> str:
    """All text in an element, on one line; empty where there is no such element."""
    if element is None:
        return ""
    if len(element) == 0:
        return one_line(element.text or "")
    return one_line("".join(element.itertext()))


def told(element: "_Element | None", *names: str) -> str:
    """The text of the first child of one of the local names that has some."""
    if element is None:
        return ""
    return next((found for one in element if local(one) in names and (found := text(one))), "")


def line(element: "_Element") -> int:
    return element.sourceline or 1
