r"""Text for a BibTeX field: TeX that a title has is kept where it is sound, all else is escaped.

BibTeX is TeX: what a field says is compiled by whoever cites the paper. So TeX is kept by a list of what is known to
be harmless, letters, symbols and type faces, and by nothing else: no source gets an `\input`, a `\write` or a `\def`
past it. A text with anything unknown is written in its readable form, as plain Unicode.

BibTeX counts every brace, one after a backslash too, so all that is written here has its braces in pairs.
"""

import re
from typing import NamedTuple

from digest.patterns import pattern
from digest.rendering.tex import readable
from digest.text import one_line


def field(text: str, *, title: bool = False) -> str:
    r"""`text` as the inside of a braced BibTeX field: `Gap of $\Delta$` -> `Gap of {$\Delta$}`.

    In a `title` what a bibliography style would set in small letters and must not is put in braces: words with a
    capital after their first letter, single letters, formulas.
    """
    text = one_line(text)
    pieces = _kept(text)
    if pieces is not None:
        written = "".join(_written(pieces, i, title) for i in range(len(pieces)))
        if _paired(written):
            return written
    # Whoever could not make it readable has left TeX in it; then that is what is shown.
    return _plain(readable(text), title)


class _Piece(NamedTuple):
    """A part of a text: `text` is not escaped yet, `math`, `letter` and `mark` are TeX."""

    kind: str
    value: str
    depth: int


# ----------------------------------------------------------------------------------------- what is kept

_TOKEN = pattern(
    r"(?P<math>\$\$?(?=\S)(?P<inner>(?:[^$\\]|\\.)*?[^\s$\\])\$\$?(?!\d))"
    r"|(?P<accent>\\(?:[\"'`^~=.]\s*|[cvuHkrdbt](?:\s*(?=\{)|\s+))(?:\{\\?[A-Za-z]\}|\\[ij](?![A-Za-z])|[A-Za-z]))"
    r"|\\(?P<word>[A-Za-z]+)(?P<after>\s*\{\}|\s*)"
    r"|(?P<symbol>\\.)"
    r"|(?P<brace>[{}])"
    r"|(?P<text>[^\\{}$]+|\$|\\$)",
    re.DOTALL,
)
_MATH_TOKEN = pattern(r"\\([A-Za-z]+)|\\(.)|(\^\^|[%#&~])")

_LETTERS = frozenset(
    "ss o O l L ae AE oe OE aa AA i j S P dag ddag pounds copyright ldots dots TeX LaTeX textendash textemdash "
    "textregistered texttrademark textdegree textmu textquoteright textquoteleft textbackslash textasciitilde "
    "textless textgreater textbar textunderscore".split()
)
_FACES = frozenset(
    "emph textbf textit textsc texttt textsf textrm textup textsl textsuperscript textsubscript mbox text".split()
)
_SWITCHES = frozenset("it em bf rm tt sc sl sf".split())
_SYMBOLS = frozenset("%&#_$ ,-/")
_MATH_SYMBOLS = frozenset(",;:!> {}|%&#_$-")
_MATH = frozenset(
    """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho varrho
    sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
    frac dfrac tfrac binom sqrt text textrm textit textbf texttt mbox mathrm mathbf mathbb mathcal mathfrak mathsf
    mathit mathscr mathtt boldsymbol bm pmb operatorname rm bf it cal hat bar tilde vec dot ddot check breve acute grave
    overline underline widehat widetilde overrightarrow left right big Big bigl bigr Bigl Bigr middle
    le leq leqslant ge geq geqslant ne neq approx sim simeq cong equiv propto ll gg lesssim gtrsim prec succ doteq
    to gets mapsto rightarrow leftarrow Rightarrow Leftarrow leftrightarrow Leftrightarrow longrightarrow uparrow
    preceq succeq downarrow updownarrow rightharpoonup rightleftharpoons implies iff hookrightarrow
    in notin ni subset subseteq supset supseteq cup cap setminus emptyset varnothing sqcup sqcap uplus
    times cdot div pm mp ast star circ bullet otimes oplus odot ominus wedge vee land lor lnot neg dagger ddagger
    infty partial nabla sum prod coprod int iint iiint oint bigcup bigcap bigoplus bigotimes bigvee bigwedge
    log ln lg exp sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh max min sup inf lim limsup liminf det
    dim ker arg deg gcd hom Pr mod bmod pmod limits nolimits
    ell hbar imath jmath Re Im wp aleph forall exists nexists top bot vdash models angle triangle square Box Diamond
    ldots cdots dots vdots ddots langle rangle lfloor rfloor lceil rceil lvert rvert lVert rVert Vert vert mid nmid
    parallel perp prime colon quad qquad degree sharp flat natural odot oslash
    """.split()
)


def _kept(text: str) -> list[_Piece] | None:
    """The pieces of `text` where all its TeX is known; None where it is not, or where braces have no partner."""
    pieces: list[_Piece] = []
    depth, at = 0, 0
    spoken = "\\" in text or "{" in text
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            return None
        at = found.end()
        if found["math"]:
            if not _harmless(found["inner"]):
                return None
            pieces.append(_Piece("math", f"${found['inner']}$", depth))
        elif found["accent"]:
            pieces.append(_Piece("letter", found["accent"], depth))
        elif word := found["word"]:
            if word in _LETTERS:
                pieces.append(_Piece("letter", f"\\{word}", depth))
            elif (word in _FACES and text[at : at + 1] == "{") or (word in _SWITCHES and depth):
                pieces.append(_Piece("mark", f"\\{word}{' ' if word in _SWITCHES else ''}", depth))
            else:
                return None
        elif found["symbol"]:
            if found["symbol"][1] not in _SYMBOLS:
                return None
            pieces.append(_Piece("mark", found["symbol"], depth))
        elif brace := found["brace"]:
            depth += 1 if brace == "{" else -1
            if depth < 0:
                return None
            pieces.append(_Piece("mark", brace, depth))
        else:
            # Among other TeX a tilde is a space that does not break, alone it is a tilde.
            parts = found["text"].split("~") if spoken else [found["text"]]
            for i, part in enumerate(parts):
                pieces += [_Piece("mark", "~", depth)] if i else []
                pieces += [_Piece("text", part, depth)] if part else []
    return None if depth else pieces


def _harmless(formula: str) -> bool:
    """True where a formula has known commands only, and its braces and fences stand in pairs."""
    words = []
    for found in _MATH_TOKEN.finditer(formula):
        word, symbol, other = found.groups()
        if other or (word and word not in _MATH) or (symbol and symbol not in _MATH_SYMBOLS):
            return False
        words.append(word)
    return words.count("left") == words.count("right") and _paired(re.sub(r"\\[{}]", "", formula))


def _paired(text: str) -> bool:
    """True where each brace has its partner, whatever stands before it: as BibTeX counts them."""
    depth = 0
    for brace in re.findall(r"[{}]", text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


# ------------------------------------------------------------------------------------------ how it is written

_ESCAPES = {
    "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_", "$": r"\$", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
}  # fmt: skip
_ESCAPED = pattern(r"[%&#_$~^\\{}<>|]")
_WORD_OR_ESCAPED = pattern(rf"[^\W_]+|{_ESCAPED.pattern}")


def _written(pieces: list[_Piece], i: int, title: bool) -> str:
    piece = pieces[i]
    if piece.kind == "text":
        part = i > 0 and pieces[i - 1].kind == "letter", i + 1 < len(pieces) and pieces[i + 1].kind == "letter"
        return _plain(piece.value, title and not piece.depth, part)
    # At the outer level a style changes the case of letters in commands too: \Delta would become \delta.
    if piece.kind == "letter" or (piece.kind == "math" and title):
        return piece.value if piece.depth else f"{{{piece.value}}}"
    return piece.value


def _plain(text: str, title: bool, part: tuple[bool, bool] = (False, False)) -> str:
    """`text` with TeX's own characters escaped, and in a title with the words that keep their capitals in braces.

    `part` says whether a letter in TeX stands before it and after it: its first or last word goes on there.
    """
    if not title:
        return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], text)

    def written(found: re.Match[str]) -> str:
        if escaped := _ESCAPES.get(found[0]):
            return escaped
        goes_on = (part[0] and not found.start()) or (part[1] and found.end() == len(text))
        return f"{{{found[0]}}}" if _fixed(found[0], goes_on) else found[0]

    return _WORD_OR_ESCAPED.sub(written, text)


def _fixed(word: str, goes_on: bool) -> bool:
    """True for a word whose capitals no style may take away: `DNA`, `mRNA`, `3D`, `S4`, the X of `X-ray`."""
    if any(letter.isupper() for letter in word[1:]):
        return True
    if not word[:1].isupper() or word == "A":
        return False
    return any(map(str.isdecimal, word)) or (len(word) == 1 and not goes_on)
