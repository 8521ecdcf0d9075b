"""A text with TeX in it to text and formulas: outside of formulas only what is surely TeX is changed.

Abstracts also hold prices, paths, identifiers and patterns: `$5`, `C:\\temp`, `snake_case`, `\\d+`. So the macros of
text are a list, a script outside of a formula needs braces or a number, and what is not known stays as it is.
"""

import re
from bisect import bisect
from collections.abc import Callable, Mapping
from functools import lru_cache

from digest.patterns import pattern
from digest.rendering.tex.formulas import ARGUMENTS, formula
from digest.rendering.tex.macros import ESCAPED, MACRO, MATH, SWITCH, known, macro, shown_formula
from digest.rendering.tex.reading import Part, Source, groups, inside
from digest.rendering.tex.setting import script
from digest.rendering.tex.spans import Span, spans
from digest.text import clean, one_line

# What stands between two of these is copied.
_SPECIAL = pattern(r"[\\$^_{~`]|--+")
# Addresses, paths and code are copied whole: in them a tilde is a tilde.
_VERBATIM = pattern(
    r"(?P<address>(?:https?://|ftp://|(?<![\w@./-])www\.|(?<![\w@./-])(?:[\w-]+\.)+[a-z]{2,}/)[^\s{}$]*"
    r"|(?<![\w.+-])[\w.+-]+@[\w.-]+)"
    r"|(?<![\w\\])[A-Za-z]:\\[^\s{}$]*|(?<!\S)\\\\\w[^\s{}$]*\\[^\s{}$]*"
    r"|`(?![`\s])[^`'\s]{1,80}`"
)
_MAY_BE_VERBATIM = pattern(r"://|www\.|@|\.[a-z]{2,}/|:\\|\\\\|`")

# References that are tied to their number. A tilde before other numbers says `about`.
_NUMBERED = pattern(r"(?<![A-Za-z])([A-Za-z]+)\.?$")
_COUNTED = frozenset(
    "fig figs figure figures table tables tab sec secs sect section sections eq eqs eqn eqns equation equations ref "
    "refs theorem theorems thm lemma lemmas corollary proposition prop definition chapter chapters appendix "
    "algorithm algorithms alg part parts type types class phase phases run runs day days step steps level levels vol "
    "no nos band bands case cases model models stage stages track tracks task tasks dr group layer "
    "version windows python".split()
)
_NUMBER = pattern(r"[+-]?\d+(?!\d*\.\d)")
_ELEMENTS = frozenset(
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb "
    "Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg "
    "Tl Pb Bi Th U Pu".split()
)
_ELEMENT = pattern(r"[A-Z][a-z]?")
_FORMULA_BEFORE = pattern(r"[A-Za-z0-9₀-₉()]*$")
_OPENING = pattern(r"[{$]|\\[(\[b]")
_NAME_BEFORE = pattern(r"\\[A-Za-z]+$")
_PROTECTED = pattern(r"[A-Z][\w-]*")


@lru_cache(maxsize=2048)
def parts(text: str) -> tuple[Part, ...]:
    """`text`, of one line, in parts that follow each other: prose, and formulas with their source.

    The texts joined are one clean line. Every formula is nonempty.
    """
    text = one_line(text)
    formulas = spans(text) if "$" in text or "\\" in text else {}
    source = Source(text, len(text), formulas, _closes(text, formulas), _verbatim(text), _read)
    settled = _settled(_read(source, 0))
    whole = "".join(part.text for part in settled)
    cleaned = clean(whole)
    # Marks that combine over the border of two parts are rarer than anything else here.
    return tuple(settled) if cleaned == whole else (Part(cleaned),)


def _verbatim(text: str) -> list[tuple[int, int, str]]:
    """What is no TeX: where each stretch starts and ends, and what it says, in order."""
    if not _MAY_BE_VERBATIM.search(text):
        return []
    return [
        (found.start(), found.end(), ESCAPED.sub(r"\1", found[0]) if found["address"] else found[0])
        for found in _VERBATIM.finditer(text)
    ]


def _closes(text: str, formulas: Mapping[int, Span]) -> dict[int, int]:
    closes: dict[int, int] = {}
    opened: list[int] = []
    past = 0
    for found in re.finditer(r"\\.|[{}$]", text, re.DOTALL):
        at = found.start()
        if at < past:
            continue
        if at in formulas:
            past = formulas[at].end
        elif found[0] == "{":
            opened.append(at)
        elif found[0] == "}" and opened:
            closes[opened.pop()] = at
    return closes


def _settled(read: list[Part]) -> list[Part]:
    """Parts of prose that follow each other made one, and single spaces over all borders, none at the ends."""
    joined: list[Part] = []
    prose: list[str] = []
    for part in read:
        if part.formula:
            if prose:
                joined.append(Part("".join(prose)))
                prose = []
            joined.append(part)
        else:
            prose.append(part.text)
    joined.append(Part("".join(prose)))
    settled: list[Part] = []
    space = True
    for text, source in joined:
        text = re.sub(r"\s+", " ", text)
        text = text.lstrip() if space else text
        if text:
            space = text[-1] == " "
            settled.append(Part(text, source))
    while settled and settled[-1].text[-1] == " ":
        last = settled.pop()
        if last.text.rstrip():
            settled.append(Part(last.text.rstrip(), last.formula))
    return settled


def _read(source: Source, start: int) -> list[Part]:
    """What stands from `start` to the source's end, read."""
    text, end = source.text, source.end
    out: list[Part] = []
    at = start
    verbatim = source.verbatim
    following = bisect(verbatim, (start, 0, ""))
    while found := _SPECIAL.search(text, at, end):
        special = found.start()
        while following < len(verbatim) and verbatim[following][1] <= special:
            following += 1
        if following < len(verbatim) and at <= verbatim[following][0] <= special and verbatim[following][1] <= end:
            first, last, told = verbatim[following]
            out.append(Part(text[at:first] + told))
            at = last
            continue
        if special > at:
            out.append(Part(text[at:special]))
        at = _HANDLERS[found[0][0]](source, found, out)
    if at < end:
        out.append(Part(text[at:end]))
    return out


def _dollar(source: Source, found: re.Match[str], out: list[Part]) -> int:
    span = source.formulas.get(found.start())
    if span is None or span.end > source.end:
        out.append(Part("$"))
        return found.end()
    return shown_formula(span.body, span.end, out)


def _group(source: Source, found: re.Match[str], out: list[Part]) -> int:
    """Braces of TeX are not seen; those of sets, templates and programs are."""
    text, at = source.text, found.start()
    close = source.closes.get(at, source.end)
    if close >= source.end:
        out.append(Part("{"))
        return at + 1
    before, after = text[at - 1 : at], text[close + 1 : close + 2]
    held = text[at + 1 : close]
    if not held:
        keep = not (_NAME_BEFORE.search(text, max(0, at - 40), at) or (after and after in "^_"))
    elif switch := SWITCH.match(text, at + 1, close):
        out += inside(source, switch.end(), close)
        return close + 1
    elif held.startswith(("\\cal ", "\\cal{", "\\frak ", "\\mathcal ")):
        return shown_formula(held, close + 1, out)
    elif held.lstrip()[:1] == "\\":
        keep = not known(text, text.index("\\", at))
    elif len(held) == 1 and not held.isalnum():
        keep = held not in "=<>,.:;+-/|%&#~*'"
    else:
        attached = before.isalpha() or after.isalpha() or (after == "-" and held.isalpha())
        capitals = sum(character.isupper() for character in held) > 1 and before not in ("/", "=", "$", "#")
        keep = not (_PROTECTED.fullmatch(held) and (attached or capitals))
    if keep:
        out.append(Part("{"))
    out += inside(source, at + 1, close)
    if keep:
        out.append(Part("}"))
    return close + 1


def _raised(source: Source, found: re.Match[str], out: list[Part]) -> int:
    return _scripted(source, found.start(), "^", out)


def _lowered(source: Source, found: re.Match[str], out: list[Part]) -> int:
    return _scripted(source, found.start(), "_", out)


def _scripted(source: Source, at: int, sign: str, out: list[Part]) -> int:
    """A script without dollars: a group, a macro, or a number where no identifier can be meant."""
    text = source.text
    before = text[at - 1 : at] if at else ""
    following = text[at + 1 : at + 2] if at + 1 < source.end else ""
    close = source.closes.get(at + 1, source.end)
    if following == "{" and before != "[" and close < source.end and close - at < 80:
        out.append(Part(formula(text[at : close + 1])))
        return close + 1
    named = MACRO.match(text, at + 1, source.end) if following == "\\" and before not in ("[", "\\") else None
    if named and named[1]:
        name, past = named[1], named.end()
        found = groups(source, past, ARGUMENTS.get(name, 0))
        if name in MATH or (name in ARGUMENTS and len(found) == ARGUMENTS[name]):
            past = found[-1][1] + 1 if found else past
            out.append(Part(formula(text[at:past])))
            return past
    if before == "}" and following.isalpha() and not text[at + 2 : at + 3].isalpha():
        out.append(Part(script(following, sign)))  # \mathbb{R}^d
        return at + 2
    number = _NUMBER.match(text, at + 1, source.end)
    if number and (_is_raised(text, at, number) if sign == "^" else _is_lowered(text, at, number)):
        out.append(Part(script(number[0], sign)))
        return number.end()
    out.append(Part(sign))
    return at + 1


def _is_raised(text: str, at: int, number: re.Match[str]) -> bool:
    """`R^2`, `10^-3`, `(x)^2`."""
    before, after = text[at - 1 : at], text[number.end() : number.end() + 1]
    return at > 0 and (before.isalnum() or before in ")]}|$%") and after not in ("^", "_")


def _is_lowered(text: str, at: int, number: re.Match[str]) -> bool:
    """`x_1`, `F_1`, `CO_2`, `Fe_2O_3`, and not `layer_1`, `GPT_4` or `x_1_y`."""
    after = text[number.end() : number.end() + 1]
    before = text[max(0, at - 40) : at]
    if after == "_" or not number[0].isdigit():
        return False
    letters = before[-1:].isalpha() and not (before[-2:-1].isalnum() or before[-2:-1] in ("_", ".", "/", "-", "\\"))
    if letters and not (after.isalpha() and after.islower()):
        return True
    head = _FORMULA_BEFORE.search(before)
    symbols = _ELEMENT.findall(head[0]) if head else []
    lowered_ends = bool(head) and before[-1:].isalpha() and not re.search(r"[a-z]{2}", head[0] if head else "")
    return bool(symbols) and lowered_ends and all(one in _ELEMENTS for one in symbols) and not after.islower()


def _tie(source: Source, found: re.Match[str], out: list[Part]) -> int:
    """`Fig.~3`, `A.~Turing` and `3~mm` are tied; `~10%`, `z~2` and `5~10` say `about`."""
    text, at = source.text, found.start()
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    macro = after == "\\" or (after == "$" and at + 1 in source.formulas)
    if not before or before.isspace() or not after or after.isspace():
        tied = macro and bool(after)
    elif after.isdigit():
        word = re.search(r"\S{1,14}$", text[max(0, at - 14) : at])
        counted = _NUMBERED.search(word[0]) if word else None
        tied = before in ".)]" or (counted is not None and counted[1].lower() in _COUNTED)
    elif before in "/=~:@":
        tied = False
    else:
        tied = macro or after.isalpha() or after in "([`'"
    out.append(Part(" " if tied else "~"))
    return at + 1


def _quote(source: Source, found: re.Match[str], out: list[Part]) -> int:
    """``so'' and `so'."""
    text, at = source.text, found.start()
    before, past = text[at - 1 : at] if at else "", at + 1 + text.startswith("``", at)
    opens = (not before or before in " ([{—–-/\"'`") and past < source.end and not text[past].isspace()
    if not opens or text[past : past + 1] == "`" or before == "`":
        out.append(Part(text[at:past]))
        return past
    double = past - at == 2
    close = text.find("''" if double else "'", past, min(source.end, past + 400 if double else past + 120))
    while not double and close >= 0 and text[close - 1].isalnum() and text[close + 1 : close + 2].isalpha():
        close = text.find("'", close + 1, min(source.end, past + 120))  # don't
    if close < 0 or (text.find("`", past, close) >= 0 and not double):
        out.append(Part("“" if double else "`"))
        return past
    if not _inside_one_group(source, past, close):
        out.append(Part("“" if double else "‘"))
        return past
    out.append(Part("“" if double else "‘"))
    out += inside(source, past, close)
    out.append(Part("”" if double else "’"))
    return close + (2 if double else 1)


def _inside_one_group(source: Source, start: int, end: int) -> bool:
    """No formula and no group that begins between `start` and `end` ends beyond."""
    for found in _OPENING.finditer(source.text, start, end):
        at = found.start()
        span = source.formulas.get(at)
        if (span.end if span else source.closes.get(at, at)) > end:
            return False
    return True


def _dash(source: Source, found: re.Match[str], out: list[Part]) -> int:
    """Dashes stand between two things, close or with a space on both sides; `--help` and `i--` have none."""
    text, at, past = source.text, found.start(), found.end()
    before, after = text[at - 1 : at] if at else " ", text[past : past + 1] or " "
    even = before.isspace() == after.isspace() and len(found[0]) <= 3 and before not in "<!" and after != ">"
    out.append(Part(("—" if len(found[0]) == 3 else "–") if even and at else found[0]))
    return past


def _macro(source: Source, found: re.Match[str], out: list[Part]) -> int:
    return macro(source, found.start(), out)


_HANDLERS: Mapping[str, Callable[[Source, re.Match[str], list[Part]], int]] = {
    "\\": _macro,
    "$": _dollar,
    "{": _group,
    "^": _raised,
    "_": _lowered,
    "~": _tie,
    "`": _quote,
    "-": _dash,
}
