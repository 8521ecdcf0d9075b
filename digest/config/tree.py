"""YAML -> a tree of values, each with its place, and what is wrong with it as YAML.

Values are texts, None, lists and mappings: nothing is guessed to be a number, a date or a truth, and only an empty
plain scalar and `~` are None. Tags, merge keys, second documents and keys that stand twice are complaints; so are
aliases that go round, or that blow up when they are written out.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import yaml

from digest.patterns import pattern
from digest.text import one_line, shorten

Place: TypeAlias = tuple[int, int]
"""Line and column, both counted from 1."""


class Complaint(NamedTuple):
    """`12:5: profiles.ana: unknown key 'keywrods'`; they sort by place."""

    place: Place
    where: str
    what: str

    def __str__(self) -> str:
        line, column = self.place
        return one_line(f"{line}:{column}: {self.where}{': ' if self.where else ''}{self.what}")


class Node(NamedTuple):
    """A value of the file, with where it stands: text, None, a list or a mapping of further nodes."""

    place: Place
    value: "str | list[Node] | dict[str, Node] | None" = None
    keys: Mapping[str, Place] = {}
    """Where each key of a mapping stands."""
    size: int = 1
    """How many nodes it is, itself among them, when every alias is written out."""
    levels: int = 0
    """How many levels lie below it."""

    def plain(self) -> Any:
        """The value without its places."""
        match self.value:
            case list() as items:
                return [item.plain() for item in items]
            case dict() as entries:
                return {key: entry.plain() for key, entry in entries.items()}
        return self.value

    def find(self, loc: Sequence[str | int], *, at_key: bool) -> tuple[Place, list[str | int]]:
        """Where the value at `loc` is, keys and indices from the top, and the steps that lead there.

        With `at_key` that is the last key itself, and it is not among the steps. Where there is no such value
        it is the key of the innermost thing that there is.
        """
        node, key, steps = self, self.place, list[str | int]()
        for step in loc:
            match node.value:
                case dict() as entries if step in entries:
                    key, node = node.keys[str(step)], entries[str(step)]
                case list() as items if isinstance(step, int):
                    node = items[step]
                    key = node.place
                case _:
                    return key, steps
            steps.append(step)
        return (key, steps[:-1]) if at_key else (node.place, steps)


def place_after(text: str) -> Place:
    """The place of what follows `text` at the beginning of a file."""
    lines = _BREAK.split(text)
    return len(lines), len(lines[-1]) + 1


def dotted(steps: Sequence[str | int]) -> str:
    """`profiles.ana.keywords`; which item of a list is meant, the place tells."""
    return ".".join(shorten(one_line(step), 64) for step in steps if isinstance(step, str))


def shown(value: object) -> str:
    """What a value of the file is, in a sentence: `'3x'`, `a list`."""
    match value:
        case str() if value.strip():
            return f"'{shorten(one_line(value), 64)}'"
        case list():
            return "a list"
        case dict():
            return "a mapping"
    return "empty"


def read(text: str) -> tuple[Node | None, list[Complaint]]:
    """The tree of a file that says `text`, and complaints; no tree where it cannot be read to its end."""
    # What can be printed is allowed, as most files are lines of: the expression itself takes long to compile.
    if not text.replace("\n", "").isprintable() and (found := _FORBIDDEN.search(text)):
        what = f"the character U+{ord(found[0]):04X} is not allowed; delete it"
        return None, [Complaint(place_after(text[: found.start()]), "", what)]
    reader = _Reader(text)
    try:
        return reader.document(), reader.complaints
    except yaml.MarkedYAMLError as error:
        return None, [*reader.complaints, _syntax(text, error)]


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MOST_NODES = 1_000_000  # ten thousand profiles have a third of that
_MOST_LEVELS = 20

_BREAK = pattern("\r\n|[\n\r\x85\u2028\u2029]")  # YAML 1.1 section 5.4
# YAML 1.1 section 5.1; a byte order mark is forbidden past the start, where it was taken off.
_FORBIDDEN = pattern("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")

_Event: TypeAlias = Any  # PyYAML's stubs do not tell the fields that all events of nodes have


class _Reader:
    """Builds the tree from the parser's events, which know what a loader forgets: places, tags and aliases."""

    def __init__(self, text: str) -> None:
        self.complaints: list[Complaint] = []
        self._events: Iterator[_Event] = yaml.parse(text, Loader=_LOADER)
        self._anchors: dict[str, Node | None] = {}
        """None while the anchor's own node is being read."""
        self._nodes = 0

    def document(self) -> Node:
        """The only document. Raises MarkedYAMLError where nothing sensible can follow."""
        next(self._events)  # the stream begins
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return Node((1, 1))
        tree = self._node(next(self._events), ())
        next(self._events)  # the document ends
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            self._complain(event, (), "a second document begins here; a config is one, so take out this '---'")
        return tree

    def _node(self, event: _Event, steps: tuple[str, ...]) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, steps)
        self._measure(event, len(steps), 1)
        if event.tag is not None:
            self._complain(event, steps, "YAML tags ('!...') are not read; put a text that begins with '!' in quotes")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        match event:
            case yaml.SequenceStartEvent():
                items = [self._node(item, (*steps, "")) for item in self._until_end()]
                node = _collection(event, items, items)
            case yaml.MappingStartEvent():
                node = self._mapping(event, steps)
            case _:
                absent = event.implicit[0] and event.value in ("", "~")
                node = Node(_place(event), None if absent else event.value)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _mapping(self, start: _Event, steps: tuple[str, ...]) -> Node:
        entries: dict[str, Node] = {}
        places: dict[str, Place] = {}
        for event in self._until_end():
            key = self._node(event, (*steps, ""))
            name = key.value if isinstance(key.value, str) else ""
            value = self._node(next(self._events), (*steps, name))
            if not isinstance(key.value, str):
                self._complain(event, steps, f"a key must be text, is {shown(key.plain())}")
            elif name == "<<":
                self._complain(event, steps, "merge keys ('<<') are not read; write the keys out")
            elif name in entries:
                what = f"the key {shown(name)} stands twice, first on line {places[name][0]}"
                self._complain(event, steps, what)
            else:
                entries[name], places[name] = value, key.place
        return _collection(start, entries, entries.values(), places)

    def _alias(self, event: yaml.AliasEvent, steps: tuple[str, ...]) -> Node:
        name = str(event.anchor)
        if name not in self._anchors:
            raise _stop(event, f"there is no '&{name}' above; put a text that begins with '*' in quotes")
        node = self._anchors[name]
        if node is None:
            raise _stop(event, f"'*{name}' stands inside of '&{name}': it would never end")
        self._measure(event, len(steps) + node.levels, node.size)
        return node._replace(place=_place(event))

    def _until_end(self) -> Iterator[_Event]:
        """The events that begin the items of the list or mapping that is being read."""
        for event in self._events:
            if isinstance(event, yaml.CollectionEndEvent):
                return
            yield event

    def _measure(self, event: _Event, level: int, size: int) -> None:
        if level > _MOST_LEVELS:
            raise _stop(event, f"nested deeper than {_MOST_LEVELS} levels")
        self._nodes += size
        if self._nodes > _MOST_NODES:
            raise _stop(event, f"more than {_MOST_NODES:,} values, with every alias ('*...') written out")

    def _complain(self, event: _Event, steps: tuple[str, ...], what: str) -> None:
        self.complaints.append(Complaint(_place(event), dotted([step for step in steps if step]), what))


def _collection(
    start: _Event, value: list[Node] | dict[str, Node], parts: Collection[Node], keys: Mapping[str, Place] | None = None
) -> Node:
    size = 1 + sum(part.size for part in parts) + len(keys or ())
    return Node(_place(start), value, keys or {}, size, levels=1 + max((part.levels for part in parts), default=0))


def _place(event: _Event) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _stop(event: _Event, what: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=what, problem_mark=event.start_mark)


# A part of PyYAML's own sentence, where libyaml's and the Python parser's agree, and what usually is the matter.
_SYNTAX = {
    # libyaml has a limit of its own, and reads ahead of ours.
    "maximum nesting depth": f"nested deeper than {_MOST_LEVELS} levels",
    "cannot start any token": "a text that begins with '{character}' must stand in quotes",
    "scanning an alias": "a text that begins with '*' must stand in quotes",
    "scanning an anchor": "a text that begins with '&' must stand in quotes",
    "mapping values are not allowed": "a ': ' is not expected here: indent as the lines around it, or put a text "
    "that has ': ' in quotes",
    "sequence entries are not allowed": "a list must begin on a line of its own",
    "unexpected end of stream": "the quote that opens on line {opened} is not closed",
    "unknown escape character": "a backslash in double quotes begins an escape: write two, or use single quotes",
    "parsing a flow": "the bracket that opens on line {opened} is not closed, or a comma is missing in it",
    "parsing a block": "this fits nothing above it: look for a wrong indentation, or text after a closing quote",
}


def _syntax(text: str, error: yaml.MarkedYAMLError) -> Complaint:
    """Where the YAML cannot be read further, and why."""
    problem = " ".join(filter(None, (error.problem, error.context)))
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Complaint((1, 1), "", problem)
    # libyaml sees a line after the last one, though nothing ends that.
    line, column = place = min((mark.line + 1, mark.column + 1), place_after(text))
    character = _BREAK.split(text)[line - 1][column - 1 : column]
    opened = error.context_mark.line + 1 if error.context_mark else line
    for part, sentence in _SYNTAX.items():
        if part in problem:
            if character == "\t":
                sentence = "a tab stands here; YAML is indented with spaces"
            return Complaint(place, "", sentence.format(character=character, opened=opened))
    return Complaint(place, "", problem)
