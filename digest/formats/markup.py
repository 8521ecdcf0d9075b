"""XML as a stream of elements, each whole, each with its line, freed when it was read; safe whatever the bytes are.

    for record in elements(document, "entry"):
        title = text(child(record, "title"))

No entity is expanded, no DTD is loaded, nothing is fetched; libxml2 itself refuses nesting beyond 256 and texts beyond
10 MB (RELIABILITY P03). A document that is not well formed is read on from where it breaks, as far as that goes, and a
Problem says where it broke.
"""

import re
from typing import TYPE_CHECKING, Any, Final

from digest.errors import SourceError
from digest.model import Document, Problem
from digest.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

_BOMB: Final = re.compile(rb"<!ENTITY", re.IGNORECASE)


def elements(document: Document, *names: str) -> "Iterator[_Element | Problem]":
    """The elements of the local names `names`, whatever their name space, in the order in which they end.

    Raises SourceError for a document that declares entities of its own, or is no XML from its first element on; OSError
    where it cannot be read.
    """
    with document.open() as stream:
        head = stream.read(1 << 16)
    if _BOMB.search(head):
        raise SourceError("declares entities of its own, which are not read: refused")
    count, broken = 0, None
    for found in _elements(document, names, recover=False):
        if isinstance(found, Problem):
            broken = found
        else:
            count += 1
            yield found
    if broken:
        # What came whole is not told twice.
        again = _elements(document, names, recover=True)
        for number, found in enumerate(again):
            if number >= count and not isinstance(found, Problem):
                count += 1
                yield found
        if not count:
            raise SourceError(f"is no XML that can be read: line {broken.line}: {broken.what}")
        yield broken


def _elements(document: Document, names: tuple[str, ...], *, recover: bool) -> "Iterator[_Element | Problem]":
    from lxml.etree import XMLSyntaxError, iterparse

    with document.open() as stream:
        parsing = iterparse(
            stream,
            events=("end",),
            tag=[f"{{*}}{name}" for name in names],
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            recover=recover,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            for _, element in parsing:
                yield element
                _free(element)
        except XMLSyntaxError as error:
            line = error.lineno or 1
            yield Problem(document.origin, line, f"the XML is broken here: {one_line(error.msg or '')[:200]}")


def _free(element: "_Element") -> None:
    """Let go of an element, and of what stands before it."""
    element.clear(keep_tail=False)
    above = element.getparent()
    while above is not None:
        while (before := element.getprevious()) is not None:
            above.remove(before)
        element, above = above, above.getparent()


# ------------------------------------------------------------------------------------------------ looking


def local(element: "_Element") -> str:
    """The name without its name space; empty for a comment or what is left of an entity."""
    tag: Any = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def child(element: "_Element", *names: str) -> "_Element | None":
    """The first child of one of the local names."""
    return next((one for one in element if local(one) in names), None)


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


def told(element: "_Element", *names: str) -> str:
    """The text of the first child of one of the local names that has some."""
    return next((found for one in element if local(one) in names and (found := text(one))), "")


def line(element: "_Element") -> int:
    return element.sourceline or 1
