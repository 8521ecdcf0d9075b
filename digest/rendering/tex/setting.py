"""The atoms of a formula set in one line of text: scripts, fractions, marks, and the spaces between."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from digest.patterns import pattern
from digest.rendering.tex.symbols import LOWERED, RAISED, SUBSCRIPTS, SUPERSCRIPTS, letter

_NUMBER_OR_WORD = pattern(r"[0-9]+(?:\.[0-9]+)?|[A-Za-z][A-Za-z0-9]*|.[\u0300-\u036f]*", re.DOTALL)
_WORD = pattern(r"[A-Za-z]{3}")
# Scripts that are signs of their own, raised or lowered as they stand.
_RAISED_SIGNS = {"∘": "°", "°": "°", "⊤": "ᵀ"} | dict.fromkeys(("′", "″", "‴", "*", "∗", "⋆", "†", "‡"), "")
_LOWERED_SIGNS = dict.fromkeys(("⊙", "⊕"), "")


class Atom(NamedTuple):
    text: str
    kind: str
    """ordinary, number, name, infix, large, opening, closing, sign, comma, script, fraction, space, gap, cell, line."""


def script(text: str, sign: str) -> str:
    """`text` raised (`sign` is `^`) or lowered (`_`): in Unicode's small characters where each has one and it is no
    word, which stays fit to search for and to read aloud: `x²`, `M_halo`, `e^(-x²/2)`.
    """
    text = text.strip()
    signs = _RAISED_SIGNS if sign == "^" else _LOWERED_SIGNS
    if text in signs:
        return signs[text] or text
    small = text.replace(" ", "")
    made = small.translate(SUPERSCRIPTS if sign == "^" else SUBSCRIPTS)
    if all(character in (RAISED if sign == "^" else LOWERED) for character in made) and not _WORD.search(small):
        return made
    return sign + (text if _NUMBER_OR_WORD.fullmatch(text) or _bracketed(text) else f"({text})")


def row(atoms: Sequence[Atom], *, ends: bool = False) -> str:
    """The atoms side by side, with spaces where the source has them and where words would run together; with `ends`
    also those at both ends.
    """
    out: list[str] = []
    space = gap = False
    right: str | None = None  # what the operator before asks for: a space, none, or nothing in particular
    operand = named = guarded = opened = False

    for i, (text, kind) in enumerate(atoms):
        if kind in ("space", "gap"):
            space, gap = True, gap or kind == "gap"
            continue
        if kind in ("cell", "line"):
            space = True
            continue
        wordlike = text[:1].isalnum() or kind in ("large", "name", "fraction")
        before = " " if space else ""
        if kind == "fraction" and (operand or _multiplies(atoms, i + 1)):
            text = f"({text})"
        if kind == "infix":
            before = " " if space and (operand or out) else ""
            right, following = (before if operand else ""), False
        elif kind == "sign":
            if right == "" and not operand:
                before = ""
            right, following = None if operand else "sign", False
        elif kind == "script":
            before, following = "", True
        else:
            following = kind not in ("opening", "comma")
            if right == "sign":
                before = "" if gap else before
                right = None
            elif right is not None:
                before, right = right, None
            if kind in ("closing", "comma") or opened:
                before = ""
            if wordlike and (named or guarded):
                before = " "
            if kind == "name" and operand:
                before = " "
        if before and (out or (ends and gap)):
            out.append(" ")
        out.append(text)
        if kind == "script":
            guarded = text[0] in "^_" and text[-1] != ")"
        else:
            named, guarded = kind in ("name", "large"), False
            operand = following
        opened = kind == "opening"
        space = gap = False
    if gap and ends:
        out.append(" ")
    return "".join(out)


def _multiplies(atoms: Sequence[Atom], at: int) -> bool:
    """What stands from `at` on is a factor or a script of what stands before."""
    while at < len(atoms) and atoms[at].kind in ("space", "gap"):
        at += 1
    return at < len(atoms) and atoms[at].kind in (
        "ordinary", "number", "name", "opening", "script", "fraction", "large"
    ) and atoms[at].text[:1] not in ".!?%"  # fmt: skip


def in_alphabet(atoms: list[Atom], alphabet: str) -> list[Atom]:
    """Single letters in `alphabet`; bold words stay as they are, for they are words."""
    if alphabet == "bold" and _WORD.search(row(atoms)):
        return atoms
    return [
        Atom("".join(letter(character, alphabet) for character in atom.text), atom.kind)
        if atom.kind in ("ordinary", "number")
        else atom
        for atom in atoms
    ]


def marked(text: str, name: str, mark: str) -> str:
    """`text` under the accent `mark`: a letter with its scripts has it over the letter; several have it by name."""
    text = text.strip()
    rest = text[1:].lstrip("".join(RAISED | LOWERED) + "′″")
    if not text:
        return ""
    if not rest or rest[0] in "^_" or all(unicodedata.combining(character) for character in rest):
        head = {"ı": "i", "ȷ": "j"}.get(text[0], text[0])
        return unicodedata.normalize("NFC", head + mark + text[1:])
    if name == "overline" and text.isalnum():
        return "".join(character + mark for character in text)
    if not name.isalpha() or len(name) == 1:
        return unicodedata.normalize("NFC", text[0] + mark + text[1:])
    return f"{name.removeprefix('wide').replace('overline', 'bar')}({text})"


def fraction(above: list[Atom], below: list[Atom]) -> Atom:
    over, under = row(above), row(below)
    if len(below) == 2 and over[:1] == under[:1] and over[:1] in ("d", "∂", "Δ", "δ"):  # a derivative
        return Atom(f"{over}/{under}", "fraction")
    return Atom(f"{bracket(above, product=True)}/{bracket(below, product=False)}", "fraction")


def choose(above: list[Atom], below: list[Atom]) -> Atom:
    return Atom(f"({row(above)} choose {row(below)})", "ordinary")


def bracket(atoms: list[Atom], *, product: bool) -> str:
    """The row in brackets, unless it holds together without: it is one thing, or, where that is enough, a product."""
    text = row(atoms)
    kinds = [atom.kind for atom in atoms if atom.kind not in ("space", "gap", "script")]
    one = len(kinds) <= 1 and kinds != ["fraction"]
    factors = product and " " not in text and not {"sign", "infix", "comma", "fraction"}.intersection(kinds)
    return text if one or factors or _bracketed(text) else f"({text})"


def _bracketed(text: str) -> bool:
    """The text begins with a bracket that its last character closes."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    open_brackets = 0
    for character in text[:-1]:
        open_brackets += (character == "(") - (character == ")")
        if not open_brackets:
            return False
    return True
