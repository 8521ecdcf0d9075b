"""A formula of TeX to MathML that a page may print: latex2mathml writes it, a list of what is allowed passes it.

Elements and attributes are those of MathML Core (W3C) that draw; nothing that acts, refers or embeds is among them, so
that it does not matter what the TeX says. Where something else appears, the formula is left to its text.
"""

import re
import unicodedata
from functools import lru_cache
from html import escape, unescape
from itertools import groupby
from typing import TYPE_CHECKING

from digest.patterns import pattern
from digest.rendering.tex.symbols import LOWERED, RAISED, letter

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LONGEST = 1000
"""TeX of more characters is shown as text."""

_ELEMENTS = frozenset(
    "math mi mn mo ms mtext mspace mrow mfrac msqrt mroot mstyle msub msup msubsup munder mover munderover "
    "mmultiscripts mprescripts mtable mtr mtd mpadded mphantom".split()
)
_LEAVES = frozenset(["mi", "mn", "mo", "ms", "mtext"])
# Of the attributes that latex2mathml writes, those that matter: and what their values may be.
_ATTRIBUTES = {
    "mathvariant": pattern("normal"),
    "stretchy": pattern("true|false"),
    "linethickness": pattern(r"0(?:px|em|pt)?"),
    "width": pattern(r"-?[0-9.]{1,6}(?:em|ex|px)"),
    "fence": pattern("true|false"),
    "accent": pattern("true|false"),
}
_CARRIES = {
    "mathvariant": {"mi"},
    "stretchy": {"mo"},
    "linethickness": {"mfrac"},
    "width": {"mspace"},
    "accent": {"mover"},
}
# These hold so many children, in order; the others any number, which an mrow stands for.
_FIXED = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}
# MathML Core knows no variants but `normal`: the letters themselves are in their alphabet.
_VARIANTS = {"script": "script", "double-struck": "bb", "fraktur": "fraktur", "bold": "bold"}

# One word, one symbol, or one number with what belongs to it: the text says the same, and is lighter, easier to search
# and to read aloud. So is a script whose base stands outside of the formula.
_SCRIPTS = "".join(sorted(RAISED | LOWERED))
_PLAIN = pattern(
    rf"[^\W_{_SCRIPTS}]+|.|[<>=∼≈±≤≥≲≳⩽⩾≃+–-]*\s?[+-]?[\d.,]+\s?[%×°′″+]?|[_^].*|[{_SCRIPTS}]+|https?://\S+", re.DOTALL
)
# latex2mathml takes these for letters.
_OPERATORS = {"~": "∼", "′": "′", "″": "″", "‴": "‴"}
# Environments that number their lines, which would say what the source does not.
_NUMBERED = pattern(r"\\(begin|end)\{(align|equation|gather|multline|alignat|flalign|eqnarray)\}")
_NORMAL = '<mi mathvariant="normal">'
_UPRIGHT = pattern(_NORMAL + "[A-Za-z]</mi>")


@lru_cache(maxsize=8192)
def mathml(formula: str, text: str) -> str:
    """The formula, without its dollars, as a whole `<math>` element with `text` for those who cannot see it; "" where
    `text` says as much, and where it cannot be made of what is allowed.
    """
    if _PLAIN.fullmatch(text) or "\\" in text or len(formula) > LONGEST:
        return ""
    from latex2mathml import exceptions
    from latex2mathml.converter import convert_to_element

    unread: tuple[type[Exception], ...] = (
        *(error for error in vars(exceptions).values() if isinstance(error, type)),
        *(_NotAllowedError, LookupError, ValueError, TypeError, AttributeError),
        *(AssertionError, StopIteration, RuntimeError),
    )
    try:
        inner = _written(convert_to_element(_NUMBERED.sub(r"\\\1{\2*}", formula)))
    except unread:
        return ""
    return f'<math alttext="{escape(text)}">{inner}</math>' if inner else ""


class _NotAllowedError(ValueError):
    pass


def _written(element: "Element") -> str:
    """The element in as few bytes as say the same; raises `_NotAllowedError`."""
    tag = element.tag
    if tag not in _ELEMENTS:
        raise _NotAllowedError(tag)
    attributes = _attributes(element)
    if tag in _LEAVES:
        return _leaf(element, attributes)
    children = [_written(child) for child in element]
    wanted = _FIXED.get(tag)
    if wanted is not None:
        if len(children) != wanted:
            raise _NotAllowedError(tag)
        # A place that holds nothing is still a place.
        return f"<{tag}{attributes}>{''.join(child or '<mrow/>' for child in children)}</{tag}>"
    inner = "".join(_words(list(filter(None, children))))
    if tag == "mrow" or tag == "mstyle":
        return inner if sum(map(bool, children)) <= 1 or inner.count("<") == 2 else f"<mrow>{inner}</mrow>"
    if inner.startswith("<mrow>") and sum(map(bool, children)) == 1:
        inner = inner[len("<mrow>") : -len("</mrow>")]  # these elements are rows themselves
    if tag == "math":
        return inner
    if not inner and tag not in ("mspace", "mtd", "mtr"):
        return ""
    return f"<{tag}{attributes}>{inner}</{tag}>" if inner else f"<{tag}{attributes}/>"


def _words(children: list[str]) -> list[str]:
    """The elements of a row, upright letters side by side made one: a word, which is upright anyway."""
    words: list[str] = []
    for upright, run in groupby(children, lambda child: bool(_UPRIGHT.fullmatch(child))):
        letters = list(run)
        if upright and len(letters) > 1:
            words.append(f"<mi>{''.join(one[len(_NORMAL)] for one in letters)}</mi>")
        else:
            words += letters
    return words


def _attributes(element: "Element") -> str:
    kept = ""
    for name, value in sorted(element.attrib.items()):
        allowed = _ATTRIBUTES.get(name)
        if name in ("href", "style") or name.startswith("on"):
            raise _NotAllowedError(name)
        if allowed and element.tag in _CARRIES.get(name, ()) and allowed.fullmatch(value):
            kept += f' {name}="{value}"'
    return kept


def _leaf(element: "Element", attributes: str) -> str:
    if len(element):
        raise _NotAllowedError(element.tag)
    text = unicodedata.normalize("NFC", unescape(element.text or ""))
    if "\\" in text or "$" in text or (not text.replace("\u00a0", "").isprintable() and not text.isspace()):
        raise _NotAllowedError(element.tag)  # what latex2mathml did not know it writes as it stood
    if element.tag == "mi" and (element.text or "").startswith("&#x000") and text.isalpha() and text.isascii():
        attributes = ' mathvariant="normal"'  # so, and without saying it, latex2mathml writes one letter of \\mathrm
    variant = _VARIANTS.get(element.get("mathvariant", ""), "")
    if variant:
        text = "".join(letter(character, variant) for character in text)
    if not text:
        return ""
    tag = element.tag
    if tag == "mi" and (text in _OPERATORS or (unicodedata.category(text[0]) == "Sm" and text not in "∞∂∇∀∃")):
        return f"<mo>{escape(_OPERATORS.get(text, text), quote=False)}</mo>"
    return f"<{tag}{attributes}>{escape(text, quote=False)}</{tag}>"
