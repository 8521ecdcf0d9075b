r"""BibTeX as a stream of entries, each with its line: the wire's own shape, values as TeX.

    @string{pr = "Phys. Rev. "}
    @article(key, title = {On {DNA}}, journal = pr # "D", year = 2023)   ->  Entry(2, "article", "key", {"title": …})

Read as BibTeX does (btxdoc, and bibtex.web where that is silent), and where it would give up, as biber and JabRef do:

- an entry stands in braces or parentheses; a brace counts also behind a backslash, a quote in braces does not. Where
  that leaves an entry without an end, escaped ones do not count, which is how some programs write them;
- `#` joins; months are macros; a macro that is not defined stands for its own name;
- the first of two fields with one name counts; the others are kept beside it;
- what is outside of entries says nothing, nor does an entry behind `%` on its line (biber's rule; BibTeX reads it);
  `@comment` takes what is in its braces along (biber's, too), `@preamble` lists nothing;
- a comma that is missing between fields, a key that is missing, words without quotes and odd names are let pass.

`@type{` at the beginning of a line begins an entry, whatever is open: so a broken entry costs only itself.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from digest.formats.records import LONGEST, Record, begun
from digest.model import Document, Problem
from digest.patterns import pattern
from digest.text import one_line


class Entry(NamedTuple):
    """One that was closed."""

    line: int
    kind: str
    """`article`, in lower case."""
    key: str
    """As it is cited; may be empty, or another one's too."""
    fields: dict[str, str]
    """By their names in lower case; as they are written, without what delimits them."""
    again: tuple[tuple[str, str], ...]
    """Fields whose name was there before."""


def entries(document: Document) -> Iterator[Entry | Problem]:
    """The entries, in their order; a Problem for each that is broken. Raises OSError."""
    macros = dict(_MONTHS)
    for record in begun(document, _BEGINS):
        if isinstance(record, Problem):
            yield record
        elif "@" in record.text:
            yield from _entries(document.origin, record, macros)


# What stands behind the brace: a key with its comma, the field of an entry without a key, an end.
_KEYED: Final = r"(?:\{(?:[^,={}\"\n]{0,300}(?:[,\n}=]|\Z)|\{)|\(\s{0,20}[^\s,={}()\"]{0,300}\s{0,20}(?:[,=]|\Z))"
_BEGINS: Final = pattern(rf"\n[ \t]{{0,100}}@[ \t]{{0,20}}[A-Za-z][\w:+-]{{0,60}}\s{{0,20}}{_KEYED}".encode())
_BEGIN: Final = pattern(
    rf"(?<![^\s}})\],;])@\s*(?:(?P<aside>comment|preamble)(?=\s*[{{(])|(?P<kind>[A-Za-z][\w:+-]*)(?=\s*{_KEYED}))"
    r"\s*(?P<open>[{(])",
    re.IGNORECASE,
)
_CUT_OFF: Final = pattern(r"(?:^|\n)[ \t]*(@[ \t]*\w*)\s*\Z")
_MONTHS: Final = {name: name for name in "jan feb mar apr may jun jul aug sep oct nov dec".split()}
_LONGEST_MACRO: Final = 1 << 14
_MOST_MACROS: Final = 10_000


def _entries(file: str, record: Record, macros: dict[str, str]) -> Iterator[Entry | Problem]:
    text, line, counted, at = record.text, record.line, 0, 0
    while found := _BEGIN.search(text, at):
        begin = found.start()
        line += text.count("\n", counted, begin)
        counted = begin
        if "%" in text[max(text.rfind("\n", at, begin), at) : begin]:
            at = (text.find("\n", begin) + 1) or len(text)
            continue
        reader = _Reader(text, macros, "}" if found["open"] == "{" else ")")
        if found["aside"]:
            at = reader.skipped(found.end())
            continue
        kind = found["kind"].lower()
        try:
            key, fields, again, at = reader.entry(found.end(), keyed=kind != "string")
        except _BrokenError as error:
            reader.escaping = True
            try:
                key, fields, again, at = reader.entry(found.end(), keyed=kind != "string")
            except _BrokenError:
                yield Problem(file, line, f"@{kind}{{{one_line(error.key)[:60]}}}: {error.what}")
                return
        if kind != "string":
            yield Entry(line, kind, key, fields, tuple(again))
            continue
        for name, value in fields.items():
            if len(value) > _LONGEST_MACRO or len(macros) > _MOST_MACROS:
                yield Problem(file, line, f"@string {name[:60]} is too long: it was left out")
            else:
                macros[name] = value
    if cut := _CUT_OFF.search(text, at):
        line += text.count("\n", counted, cut.start(1))
        yield Problem(file, line, f"'{cut[1]}' begins no entry: the file may have been cut off")


# ------------------------------------------------------------------------------------------------ one entry


class _BrokenError(Exception):
    """An entry that cannot be read to its end."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
        self.key = ""


_KEY: Final = pattern(r"[^,={}\"#]*")
_GAP: Final = pattern(r"[\s,]*(?:%[^\n]*(?:\n[\s,]*|$))*")
_SPACE: Final = pattern(r"\s*(?:%[^\n]*(?:\n\s*|$))*")
_NAME: Final = pattern(r"(?P<name>[^\s=,{}\"][^=,{}\"]{0,100}?)\s*=\s*")
_BRACED: Final = pattern(r"\{([^{}]*)\}")
_QUOTED: Final = pattern(r"\"([^\"{}]*)\"")
_WORD: Final = pattern(r"[^\s,{}()\"#=%]+(?:[ \t]+[^\s,{}()\"#=%]+(?![^\s,{}()\"#=%]|\s*=))*")
_BRACES: Final = pattern(r"[{}]")
_BRACES_AND_QUOTES: Final = pattern(r"[{}\"]")
_ESCAPING_BRACES: Final = pattern(r"(?<!\\)[{}]")
_ESCAPING_BRACES_AND_QUOTES: Final = pattern(r"(?<!\\)[{}\"]")


class _Reader:
    """Reads what one entry holds; `escaping`: what stands behind a backslash delimits nothing."""

    def __init__(self, text: str, macros: dict[str, str], close: str) -> None:
        self.text = text
        self.macros = macros
        self.close = close
        self.escaping = False

    def entry(self, at: int, *, keyed: bool) -> tuple[str, dict[str, str], list[tuple[str, str]], int]:
        """Key, fields, those whose name was there before, and where the entry ends. Raises _BrokenError."""
        key, at = self._key(at) if keyed else ("", at)
        fields: dict[str, str] = {}
        again: list[tuple[str, str]] = []
        try:
            while (at := self._past(_GAP, at)) < len(self.text):
                if self.text[at] == self.close:
                    return key, fields, again, at + 1
                found = _NAME.match(self.text, at)
                if not found:
                    raise _BrokenError(f"a field was expected at '{one_line(self.text[at : at + 30])}'")
                name = one_line(found["name"]).lower()
                value, at = self._value(found.end(), name)
                if name not in fields:
                    fields[name] = value
                elif value != fields[name]:
                    again.append((name, value))
        except _BrokenError as error:
            error.key = key
            raise
        broken = _BrokenError("the entry is not closed before the next one begins, or the file ends")
        broken.key = key
        raise broken

    def skipped(self, at: int) -> int:
        """Where what was opened before `at` is closed; the end of the text where it is not."""
        end = self._closed(at, self.close, _BRACES if self.close == "}" else _PARENTHESES)
        return len(self.text) if end < 0 else end

    def _past(self, what: re.Pattern[str], at: int) -> int:
        found = what.match(self.text, at)
        return found.end() if found else at

    def _key(self, at: int) -> tuple[str, int]:
        found = _KEY.match(self.text, at)
        end = found.end() if found else at
        told, sign = self.text[at:end], self.text[end : end + 1]
        if self.close == ")" and ")" in told:
            return told.partition(")")[0].strip(), at + told.index(")")
        if sign == ",":
            return told.strip(), end + 1
        if sign != "=":
            return told.strip(), end
        # There is no comma behind the key, or no key.
        words = told.split()
        return " ".join(words[:-1]), at + told.rfind(words[-1]) if words else end

    def _value(self, at: int, name: str) -> tuple[str, int]:
        """The value that begins at `at`, its parts joined, and where it ends."""
        parts: list[str] = []
        size = 0
        while True:
            part, at = self._part(at, name)
            parts.append(part)
            size += len(part)
            if size > LONGEST:
                raise _BrokenError(f"the value of '{name}' has more than {LONGEST >> 20} MB")
            at = self._past(_SPACE, at)
            if not self.text.startswith("#", at):
                return "".join(parts), at
            at = self._past(_SPACE, at + 1)

    def _part(self, at: int, name: str) -> tuple[str, int]:
        text, sign = self.text, self.text[at : at + 1]
        if sign in ("{", '"'):
            quoted = sign == '"'
            if not self.escaping and (found := (_QUOTED if quoted else _BRACED).match(text, at)):
                return found[1], found.end()
            strict, lenient = (
                (_BRACES_AND_QUOTES, _ESCAPING_BRACES_AND_QUOTES) if quoted else (_BRACES, _ESCAPING_BRACES)
            )
            end = self._closed(at + 1, '"' if quoted else "}", lenient if self.escaping else strict)
            if end < 0:
                raise _BrokenError(
                    f"the value of '{name}' is not closed before the next entry begins, or the file ends"
                )
            return text[at + 1 : end - 1], end
        word = _WORD.match(text, at)
        if not word:
            if sign in (",", self.close):
                return "", at
            raise _BrokenError(f"'{name}' has no value")
        return self.macros.get(word[0].lower(), word[0]), word.end()

    def _closed(self, at: int, close: str, marks: re.Pattern[str]) -> int:
        """Behind the first `close` from `at` on that stands in no braces; -1 where there is none."""
        depth = 0
        for found in marks.finditer(self.text, at):
            sign = found[0]
            if sign == close and not depth:
                return found.end()
            if sign == "{":
                depth += 1
            elif sign == "}":
                if not depth:
                    return -1
                depth -= 1
        return -1


_PARENTHESES: Final = pattern(r"[{})]")
