"""Where formulas stand in a text: `$..$`, `$$..$$`, `\\(..\\)`, `\\[..\\]`, `\\begin{equation}..\\end{equation}`.

A dollar is also money, and the end of a shell's or a program's variable; what lies between two dollars must look like
a formula to be one. Dollars that open nothing stay dollars. The time is linear in the text.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from digest.patterns import pattern


class Span(NamedTuple):
    """`text[start:end]` is a formula; `body` is what stands between its delimiters."""

    start: int
    end: int
    body: str


_ENVIRONMENTS = "equation|align|gather|multline|eqnarray|displaymath|math|alignat|flalign|split|aligned"
_DELIMITER = pattern(r"\\begin\{(?:" + _ENVIRONMENTS + r")\*?\}|\\.|\$", re.DOTALL)
_LONGEST = 2000
"""A formula has at most so many characters; a dollar after more of them is another one."""

# What is set as text inside a formula says nothing about whether it is one, nor do the names of macros.
_SET_AS_TEXT = pattern(
    r"\\(?:text[a-z]*|mathrm|mathit|mathbf|mathsf|mathtt|mbox|emph|operatorname|href|rm|bf|it)\s*\{[^{}]*\}"
    r"|\{\s*\\(?:rm|bf|it|em|sf|tt|sc)\b[^{}]*\}|\\[A-Za-z]+"
)
_WORDS_OF_PROSE = frozenset(
    "and or to for the of per while with is are was were in on at by from than but an as we this that it its only "
    "about over up between cost costs versus vs vs. via into not nor".split()
)
_LONG_WORD = pattern(r"(?<![\w\\^_{])[a-z]{4,}(?!\w)")
_SENTENCES = pattern(r"[a-z][.!?;:]\s+[A-Z]")
_STRONG = pattern(r"[\\^_]")
# [6], [3, 4-7]: brackets that were escaped.
_CITED = pattern(r"[\d\s,;–-]+")
_CODE = pattern(r"\\[dDsSwWbB](?![A-Za-z{\s])")


def spans(text: str) -> dict[int, Span]:
    """The formulas of `text` by where they start; none lies in another."""
    found = [(m.start(), m[0]) for m in _DELIMITER.finditer(text)]
    ends = _ends(found)
    kept: dict[int, Span] = {}
    lost: set[str] = set()
    past = 0
    for at, (start, token) in enumerate(found):
        if start < past:
            continue
        if token == "$":
            span = _dollars(text, found, ends, at)
        elif token in ("\\(", "\\["):
            span = _bracketed(text, start, ends[at].get(token, -1))
        elif len(token) > 2:
            span = _environment(text, start, token, lost)
        else:
            continue
        if span:
            kept[start] = span
            past = span.end
    return kept


def _ends(found: list[tuple[int, str]]) -> list[dict[str, int]]:
    """For each delimiter, where the next that could close it starts: by what opens."""
    closes = {"\\)": "\\(", "\\]": "\\["}
    later: dict[str, int] = {}
    ends: list[dict[str, int]] = []
    for at in range(len(found) - 1, -1, -1):
        start, token = found[at]
        ends.append(later)
        if token in closes:
            later = {**later, closes[token]: start}
        elif token == "$" and at + 1 < len(found) and found[at + 1] == (start + 1, "$"):
            later = {**later, "$$": at}
    ends.reverse()
    return ends


def _bracketed(text: str, start: int, end: int) -> Span | None:
    body = text[start + 2 : end] if 0 <= end - start <= _LONGEST else ""
    if not body.strip() or _CODE.search(body) or _has_sentence(body):
        return None
    if text[start + 1] == "[" and _CITED.fullmatch(body):
        return None
    return Span(start, end + 2, body)


def _environment(text: str, start: int, token: str, lost: set[str]) -> Span | None:
    closing = "\\end" + token.removeprefix("\\begin")
    end = -1 if closing in lost else text.find(closing, start)
    if end < 0:
        lost.add(closing)  # looked for once, not once for each that opens
        return None
    name = token.removeprefix("\\begin")
    body = text[start + len(token) : end]
    return Span(start, end + len(closing), f"\\begin{name}{body}{closing}")


def _dollars(text: str, found: list[tuple[int, str]], ends: list[dict[str, int]], at: int) -> Span | None:
    """The formula that the dollar `found[at]` opens, if it opens one."""
    start = found[at][0]
    dollars = _next_dollars(found, at)
    end = next(dollars, -1)
    if end == start + 1:
        pair = ends[at + 1].get("$$", -1)
        last = found[pair][0] if pair >= 0 else -1
        body = text[start + 2 : last] if 0 < last - start <= _LONGEST else ""
        if body.strip() and "$" not in body.replace("\\$", "") and not _has_sentence(body):
            return Span(start, last + 2, body)
        return None
    if end < 0 or end - start > _LONGEST:
        return None
    body = text[start + 1 : end]
    if _unbalanced(body):
        # \text{ .. } may hold formulas of its own, whose dollars do not end this one.
        for later in dollars:
            if later - start > _LONGEST:
                break
            if not _unbalanced(text[start + 1 : later]):
                longer = text[start + 1 : later]
                if "\\text" in body or "\\mbox" in body or "\\mathrm" in body:
                    end, body = later, longer
                break
    if not body.strip() or _is_prose(body, text[start - 1 : start] if start else "", text[end + 1 : end + 2]):
        return None
    return Span(start, end + 1, body)


def _next_dollars(found: list[tuple[int, str]], at: int) -> Iterator[int]:
    """Where the next few dollars stand."""
    seen = 0
    for start, token in found[at + 1 : at + 200]:
        if token == "$":
            yield start
            seen += 1
            if seen == 6:
                return


def _unbalanced(body: str) -> bool:
    return body.count("{") - body.count("\\{") > body.count("}") - body.count("\\}")


def _has_sentence(body: str) -> bool:
    """Too many words stand in it for a formula, however it is delimited."""
    bare = _SET_AS_TEXT.sub(" ", body)
    return sum(word in _WORDS_OF_PROSE for word in bare.split()) > 1 or len(_LONG_WORD.findall(bare)) > 3


def _is_prose(body: str, before: str, after: str) -> bool:
    """What stands between two dollars is no formula: money, a variable of a shell, or prose.

    `before` and `after` are what stands around the dollars.
    """
    strong = _STRONG.search(body) is not None
    bare = _SET_AS_TEXT.sub(" ", body)
    prose = sum(word in _WORDS_OF_PROSE for word in bare.split())
    long = len(_LONG_WORD.findall(bare))
    money = body[0].isdigit() and after.isdigit()
    if strong:
        return prose > 1 or long > 3 or bool(prose and (money or body[-1].isspace() or _SENTENCES.search(bare)))
    if prose or long > 1 or money or (body[0].isspace() and body[-1].isspace()) or _SENTENCES.search(bare):
        return True
    if body[-1].isspace() and after.isalnum():
        return True
    # $HOME/bin:$PATH
    return body[:2].isalpha() and body[-1] in "/:;=," and after.isalpha() and not before.isalnum()
