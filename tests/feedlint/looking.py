"""What a document is looked at with: the messages so far, and how values, texts and children are taken."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from feedlint.messages import Message, level
from feedlint.names import name_of, plain

Element = Any


class Lint:
    """One document that is being looked at, and what was found."""

    def __init__(self, now: datetime | None, base: str) -> None:
        self.now = now
        self.base = base
        self.version = ""
        self.found: list[Message] = []

    def say(self, code: str, element: Element, detail: str = "", *, child: str = "", attr: str = "") -> None:
        """Note that `element` earns `code`: for its attribute `attr`, or for want of its `child`."""
        parent = element.getparent()
        here, above = name_of(element), name_of(parent) if parent is not None else "root"
        if child:
            here, above = child, here
        self.found.append(Message(level(code), code, detail, here, above, attr))

    def value(self, element: Element, rule: Callable[[str], Sequence[str]], *, attr: str = "") -> None:
        """`rule` for the text, or for an attribute; with white space around it where the text has none of it."""
        text = element.get(attr) if attr else element.text
        text = plain(text or "")
        codes = rule(text if attr else text.strip())
        for code in codes:
            self.say(code, element, text[:80], attr=attr)

    def children(self, element: Element) -> Iterator[Element]:
        return (child for child in element if isinstance(child.tag, str))

    def text(self, element: Element) -> str:
        """All text inside."""
        return plain("".join(element.itertext()))

    def written(self, element: Element) -> str:
        """All text inside, with marks for what was written as a hexadecimal reference."""
        return "".join(element.itertext())

    def once(self, element: Element, names: Sequence[str]) -> None:
        """Each of `names` stands in `element` at most once."""
        count = Counter(name_of(child) for child in self.children(element))
        for name in names:
            if count[name] > 1:
                self.say("DuplicateElement", element, child=name)

    def no_text(self, element: Element) -> None:
        """Nothing but elements inside."""
        pieces = [element.text, *(child.tail for child in element)]
        if any((piece or "").strip() for piece in pieces):
            self.say("UnexpectedText", element)
