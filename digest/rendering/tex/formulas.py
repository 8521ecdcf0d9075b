"""A formula of TeX to one line of text: `\\alpha_4^{2}` -> `α₄²`.

The formula is read once, from left to right, into atoms (The TeXbook, chapter 17: ordinary, large operator, relation,
opening ...), which are then set in a row. Structure is ours, because a line of text needs brackets where paper has
none: `\\frac{a}{b+c}` is `a/(b+c)`. What is not known is shown by its name, and nothing raises.
"""

import re
import unicodedata
from functools import lru_cache

from digest.accents import LETTERS, MARKS
from digest.patterns import pattern
from digest.rendering.tex.rare import symbol
from digest.rendering.tex.setting import Atom, bracket, choose, fraction, in_alphabet, marked, row, script
from digest.rendering.tex.symbols import (
    CLOSING,
    FONTS,
    HATS,
    INFIX,
    LARGE,
    NAMES,
    OPENING,
    ORDINARY,
    SETS,
    UPRIGHT,
    WORDS,
)

DEPTH = 40
"""Groups may be nested as deep as this; TeX that goes deeper is shown as it was written."""

_SPACES_RUN = pattern(r"\s+")
_TOKEN = pattern(r"\\(?:operatorname|[hv]space|tag)\*|\\[A-Za-z]+|\\.|\s+|\d+(?:\.\d+)*|.", re.DOTALL)

# TeX that was escaped once too often on its way: a formula in a line of text has no line breaks.
_TWICE = pattern(r"\\\\(?=[A-Za-z]{2}|[{}|,;])")

# Macros of which nothing is seen, by what they take: {}, or nothing.
_HIDDEN_WITH_ARGUMENT = frozenset(
    "label hspace hspace* vspace vspace* phantom hphantom vphantom color tag tag* mathchoice fontsize".split()
)
_HIDDEN = frozenset(
    "left right middle big Big bigg Bigg bigl bigr bigm Bigl Bigr Bigm biggl biggr Biggl Biggr displaystyle textstyle "
    "scriptstyle scriptscriptstyle limits nolimits nonumber notag noindent protect xspace relax allowbreak nobreak "
    "hfill null strut centering boldmath unboldmath small large footnotesize tiny mathstrut rm it bf sf tt sc sl "
    "em upshape bfseries itshape rmfamily sffamily ttfamily scshape normalfont".split()
)
_SWITCHES = {"cal": "script", "frak": "fraktur", "Bbb": "bb", "boldmath": "bold"}
# What is seen of these is their argument, as upright words.
_UPRIGHT_WORDS = frozenset(
    "mathrm mathup text textrm textnormal textup mbox hbox mathsf textsf mathtt texttt textsc textit textsl emph "
    "operatorname operatorname* operatornamewithlimits mathop textbf textmd mathnormal mathit symrm mathbin mathrel "
    "mathord mathopen mathclose mathpunct mathinner fbox".split()
)
_TEXT = frozenset(
    "text textrm textnormal textup mbox hbox textsf texttt textsc textit textsl emph textbf textmd fbox".split()
)
_OPERATORS = frozenset("operatorname operatorname* operatornamewithlimits mathop".split())
_AS_IT_IS = frozenset(
    "smash boxed underline underbrace overbrace ensuremath underbar cancel substack hyperlink url nolinkurl "
    "path vcenter uline overbracket underbracket raisebox scalebox smashoperator".split()
)
_FRACTIONS = frozenset("frac dfrac tfrac cfrac nicefrac sfrac".split())
_SPACES = frozenset(["\\,", "\\;", "\\:", "\\>", "\\ ", "~", "\\quad", "\\qquad", "\\thinspace", "\\enspace", "\\space",
                     "\\enskip", "\\medspace", "\\thickspace", "\\newline"])  # fmt: skip
_NO_SPACES = frozenset(["\\!", "\\/", "\\-", "\\@", "\\(", "\\)", "\\[", "\\]", "$"])
_FENCES = {
    "norm": "‖‖",
    "abs": "||",
    "ket": "|⟩",
    "bra": "⟨|",
    "braket": "⟨⟩",
    "ceil": "⌈⌉",
    "floor": "⌊⌋",
    "set": "{}",
}
_MATRICES = {"pmatrix": "()", "bmatrix": "[]", "Bmatrix": "{}", "vmatrix": "||", "Vmatrix": "‖‖", "matrix": "  ",
             "smallmatrix": "  ", "cases": "{}", "array": "  ", "tabular": "  "}  # fmt: skip
_ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}

ARGUMENTS = (
    dict.fromkeys(
        [*FONTS, *HATS, *_UPRIGHT_WORDS, *_FENCES, "sqrt", "xrightarrow", "xleftarrow", "pmod", "ensuremath", "boxed"],
        1,
    )
    | dict.fromkeys([*_FRACTIONS, "binom", "dbinom", "tbinom", "stackrel", "overset", "underset"], 2)
    | dict.fromkeys(["textsuperscript", "textsubscript"], 1)
)
"""Macros that take so many groups; where these follow, it is a formula even without dollars."""


@lru_cache(maxsize=8192)
def formula(source: str) -> str:
    """The formula `source`, without its dollars, as one line of text; `source` itself where it is nested too deep.

    At its ends stand the spaces that TeX would set there: those of `~` and `\\,`.
    """
    if "\\\\" in source and "\\begin" not in source:
        source = _TWICE.sub(r"\\", source)
    tokens = _TOKEN.findall(source)
    tokens.reverse()
    try:
        return _SPACES_RUN.sub(" ", row(_atoms(tokens, "", 0), ends=True))
    except _TooDeepError:
        return source


def linked(address: str, words: str) -> str:
    """`here (https://example.org/a)`; the address alone where the words only repeat it, or say that it is one."""
    bare = words.rstrip("/").removeprefix("https://").removeprefix("http://")
    if not words or words.lower() in ("this https url", "this http url", "this url") or bare in address:
        return address or words
    return f"{words} ({address})" if address else words


class _TooDeepError(ValueError):
    pass


# ------------------------------------------------------------------------------------------- reading


def _atoms(tokens: list[str], until: str, depth: int, *, words: bool = False) -> list[Atom]:
    """The atoms up to the token `until`, or to the end; `tokens` is a stack, and what was read is gone from it.

    In `words`, as within \\text, each space counts.
    """
    if depth > DEPTH:
        raise _TooDeepError
    atoms: list[Atom] = []
    while tokens:
        token = tokens.pop()
        if token == "\\end":
            _raw(tokens)
        if token == until:
            break
        if token == "\\over" or token == "\\choose":
            rest = _atoms(tokens, until, depth + 1, words=words)
            return [fraction(atoms, rest) if token == "\\over" else choose(atoms, rest)]
        if token[0] == "\\" and token[1:] in _SWITCHES:
            return atoms + in_alphabet(_atoms(tokens, until, depth + 1, words=words), _SWITCHES[token[1:]])
        if token == "\\end":
            continue
        atoms += _one(token, tokens, depth, words=words)
    return atoms


def _one(token: str, tokens: list[str], depth: int, *, words: bool) -> list[Atom]:
    """The atoms that `token` begins, whose arguments are taken from `tokens`."""
    first = token[0]
    if first == "{":
        return _atoms(tokens, "}", depth + 1, words=words)
    if first == "\\" and len(token) > 1:
        return _macro(token, tokens, depth, words=words)
    if first.isspace():
        return [Atom(" ", "gap" if words else "space")]
    if first in "^_":
        return _scripted(first, tokens, depth, words=words)
    if first == "'":
        return _primes(tokens)
    if first == "~":
        return [Atom(" ", "gap")]
    if token in _NO_SPACES or first == "}":
        return []
    return [_character(token)]


def _character(token: str) -> Atom:
    first = token[0]
    if first.isdigit():
        return Atom(token, "number")
    if first.isalpha():
        return Atom(token, "ordinary")
    if first == "|":
        return Atom(token, "fence")
    if first in "([":
        return Atom(token, "opening")
    if first in ")]":
        return Atom(token, "closing")
    if first in "+-=<>*/:" or (unicodedata.category(first) == "Sm" and first not in "∞∂∇∀∃"):
        return Atom(token, "sign")
    if first in ",;":
        return Atom(token, "comma")
    if first == "&":
        return Atom("", "cell")
    return Atom(token, "ordinary")


def _primes(tokens: list[str]) -> list[Atom]:
    count = 1
    while tokens and tokens[-1] == "'" and count < 3:
        tokens.pop()
        count += 1
    return [Atom("′″‴"[count - 1], "script")]


def _scripted(sign: str, tokens: list[str], depth: int, *, words: bool) -> list[Atom]:
    text = script(row(_argument(tokens, depth, words=words)), sign)
    return [Atom(text, "script")] if text else []


def _macro(token: str, tokens: list[str], depth: int, *, words: bool) -> list[Atom]:
    name = token[1:]
    if token in _SPACES:
        return [Atom(" ", "gap")]
    if token in _NO_SPACES:
        return []
    if name in MARKS and _accents(name, tokens):
        return [Atom(marked(row(_argument(tokens, depth, words=True)), name, MARKS[name]), "ordinary")]
    if not name.isalpha() and not name.endswith("*"):
        return _escaped(name, tokens, depth, words=words)
    for table, kind in _KINDS:
        if name in table:
            return _symbol(table[name], kind, tokens, words=words)
    if name == "colon":
        return [Atom(":", "comma"), Atom(" ", "gap")]
    if name in HATS:
        return [Atom(marked(row(_argument(tokens, depth, words=words)), name, HATS[name]), "ordinary")]
    if name in FONTS:
        return in_alphabet(_argument(tokens, depth, words=words), FONTS[name])
    if name in _UPRIGHT_WORDS:
        return _upright(name, tokens, depth, words=words)
    if name in _FRACTIONS:
        return [fraction(_argument(tokens, depth, words=False), _argument(tokens, depth, words=False))]
    return _structure(name, tokens, depth, words=words)


_KINDS: tuple[tuple[dict[str, str], str], ...] = (
    (ORDINARY, "ordinary"),
    (SETS, "ordinary"),
    (INFIX, "infix"),
    (NAMES, "name"),
    (LARGE, "large"),
    (OPENING, "opening"),
    (CLOSING, "closing"),
    (UPRIGHT, "fence"),
    (LETTERS, "ordinary"),
)


def _accents(name: str, tokens: list[str]) -> bool:
    """A text accent stands here, and not what a formula means by the same sign."""
    following = tokens[-1] if tokens else ""
    return following == "{" or (name in "\"'`^~=." and following[:1].isalpha())


def _symbol(text: str, kind: str, tokens: list[str], *, words: bool) -> list[Atom]:
    # The space behind a macro's name is needed by TeX before a letter, and says nothing.
    if (
        kind in ("ordinary", "opening", "closing", "fence")
        and not words
        and len(tokens) > 1
        and tokens[-1].isspace()
        and tokens[-2][0].isalpha()
    ):
        tokens.pop()
    return [Atom(text, kind)]


def _escaped(name: str, tokens: list[str], depth: int, *, words: bool) -> list[Atom]:
    """A backslash and a character that is no letter."""
    if name == "{":
        return [Atom("{", "opening")]
    if name == "}":
        return [Atom("}", "closing")]
    if name == "|":
        return [Atom("‖", "fence")]
    if name == "\\":
        if tokens and tokens[-1] == "[":
            tokens.pop()
            _atoms(tokens, "]", depth + 1, words=words)
        return [Atom("", "line")]
    return [_character(name) if name not in "&" else Atom("&", "ordinary")]


def _upright(name: str, tokens: list[str], depth: int, *, words: bool) -> list[Atom]:
    text = row(_argument(tokens, depth, words=words or name in _TEXT), ends=True)
    inner = text.strip()
    if not inner:
        return [Atom(" ", "gap")] if text else []
    kind = "name" if name in _OPERATORS else _character(inner).kind if len(inner) == 1 else "ordinary"
    before = [Atom(" ", "gap")] if text[0] == " " else []
    after = [Atom(" ", "gap")] if text[-1] == " " else []
    return [*before, Atom(inner, kind), *after]


def _structure(name: str, tokens: list[str], depth: int, *, words: bool) -> list[Atom]:
    """The macros that set their arguments in two dimensions, hide them, or are not known."""

    def argument() -> list[Atom]:
        return _argument(tokens, depth, words=words)

    if name == "sqrt":
        index = row(_option(tokens, depth))
        inner = argument()
        sign = _ROOTS.get(index) or script(index, "^") + "√"
        told = bracket(inner, product=False)
        return [Atom(sign + (told if told[:1] == "(" or not {"_", "^"} & set(told) else f"({told})"), "ordinary")]
    if name in ("stackrel", "overset", "underset"):
        over, base = argument(), argument()
        return [*base, Atom(script(row(over), "_" if name == "underset" else "^"), "script")]
    if name in ("xrightarrow", "xleftarrow"):
        under, over = _option(tokens, depth), argument()
        arrow = Atom("→" if name == "xrightarrow" else "←", "infix")
        scripts = [(row(under), "_"), (row(over), "^")]
        return [arrow, *(Atom(script(text, sign), "script") for text, sign in scripts if text)]
    if name in ("binom", "dbinom", "tbinom"):
        return [choose(argument(), argument())]
    if name in _FENCES:
        return [Atom(_FENCES[name][0], "opening"), *argument(), Atom(_FENCES[name][1], "closing")]
    if name in ("pmod", "pod"):
        return [
            Atom(" ", "gap"),
            Atom(f"(mod {row(argument())})" if name == "pmod" else f"({row(argument())})", "name"),
        ]
    if name == "not":
        return [Atom(unicodedata.normalize("NFC", row(argument()) + "\u0338"), "infix")]
    if name in ("textsuperscript", "textsubscript"):
        return [Atom(script(row(argument()), "^" if name == "textsuperscript" else "_"), "script")]
    if name == "href":
        return [Atom(linked(_raw(tokens).strip(), row(_argument(tokens, depth, words=True)).strip()), "ordinary")]
    if name in ("textcolor", "colorbox"):
        _raw(tokens)
        return argument()
    if name == "begin":
        return _environment(_raw(tokens), tokens, depth)
    if name in _HIDDEN_WITH_ARGUMENT:
        _raw(tokens)
        return []
    if name in ("left", "right") and tokens and tokens[-1] == ".":
        tokens.pop()
        return []
    if name in _HIDDEN:
        # The space behind the name of a macro is its end, and not seen.
        if tokens and tokens[-1].isspace() and not words:
            tokens.pop()
        return []
    if name in _AS_IT_IS:
        inner = argument()
        return [Atom(bracket(inner, product=True), "ordinary")] if "brac" in name else inner
    if name in WORDS:
        return [Atom(WORDS[name], "name")]
    known = symbol(name)
    if known:
        return _symbol(known, _character(known).kind, tokens, words=words)
    return [Atom(name, "name")]


def _environment(name: str, tokens: list[str], depth: int) -> list[Atom]:
    name = name.rstrip("*")
    if name in ("array", "tabular"):
        _option(tokens, depth)
        _raw(tokens)
    atoms = _atoms(tokens, "\\end", depth + 1)
    if name not in _MATRICES:
        return [Atom("; ", "comma") if atom.kind == "line" else atom for atom in atoms if atom.kind != "cell"]
    lines: list[list[list[Atom]]] = [[[]]]
    for atom in atoms:
        if atom.kind == "line":
            lines.append([[]])
        elif atom.kind == "cell":
            lines[-1].append([])
        else:
            lines[-1][-1].append(atom)
    told = [", ".join(filter(None, map(row, cells))) for cells in lines]
    fences = _MATRICES[name]
    return [Atom(f"{fences[0].strip()}{'; '.join(filter(None, told))}{fences[1].strip()}", "ordinary")]


def _argument(tokens: list[str], depth: int, *, words: bool) -> list[Atom]:
    """The next group, or the next single token."""
    while tokens and tokens[-1].isspace():
        tokens.pop()
    if not tokens or tokens[-1] == "}":
        return []
    token = tokens.pop()
    if len(token) > 1 and token[0].isdigit():
        tokens.append(token[1:])
        token = token[0]
    if token in "^_&":
        return [Atom(token, "ordinary")]
    if depth > DEPTH:
        raise _TooDeepError
    return _one(token, tokens, depth + 1, words=words)


def _option(tokens: list[str], depth: int) -> list[Atom]:
    """The next argument in square brackets; nothing where there is none."""
    if tokens and tokens[-1] == "[":
        tokens.pop()
        return _atoms(tokens, "]", depth + 1)
    return []


def _raw(tokens: list[str]) -> str:
    """The next group as it was written, or nothing where none begins here."""
    if not tokens or tokens[-1] != "{":
        return ""
    tokens.pop()
    open_groups, taken = 1, []
    while tokens:
        token = tokens.pop()
        open_groups += (token == "{") - (token == "}")
        if not open_groups:
            break
        taken.append(token)
    return "".join(taken)
