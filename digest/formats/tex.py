r"""TeX as bibliographies have it, made plain text: what stands for a letter is that letter, formulas stay as they are.

    plain(r"{DNA} in Schr{\"o}dinger's \textit{What is Life?}")   ->  DNA in Schrödinger's What is Life?
    plain(r"The {\textless} 5\% limit of \ensuremath{\alpha}")      ->  The < 5% limit of $\alpha$

Braces that only keep capitals, type faces, ties and ligatures are gone; a macro that is not known stays.
"""

import re
from typing import Final

from digest.accents import accented
from digest.patterns import pattern
from digest.text import one_line


def plain(text: str, *, braces: bool = False) -> str:
    """`text` on one line without the TeX of running text; with `braces` they stay, as lists of names need them."""
    if not text:
        return ""
    if not _TEX.search(text):
        return one_line(text)
    parts = _MATH.split(text) if "$" in text or "\\(" in text else [text]
    if "\\ensuremath" in text:
        parts[::2] = [_ENSURED.sub(r"$\1$", part) for part in parts[::2]]
        parts[1::2] = [_ENSURED.sub(r"\1", part) for part in parts[1::2]]
        parts = _MATH.split("".join(parts))
    parts[::2] = [_TOKEN.sub(_kept if braces else _told, accented(part)) for part in parts[::2]]
    return one_line("".join(parts))


def verbatim(text: str) -> str:
    """An address or an identifier, which TeX's signs mean nothing to, without what escapes them."""
    if not text:
        return ""
    if "\\" in text:
        text = _ADDRESS.sub("", text.strip())
        text = text.replace("{\\textasciitilde}", "~").replace("\\textasciitilde", "~").replace("\\~{}", "~")
        text = text.replace("{\\textunderscore}", "_").replace("\\textunderscore", "_")
        text = _ESCAPED.sub(r"\1", text)
    return one_line(text.replace("{", "").replace("}", ""))


_TEX: Final = pattern(r"[\\{}~]|--|``|''")
_ENSURED: Final = pattern(r"\\ensuremath\s*\{((?:[^{}]++|\{(?:[^{}]++|\{[^{}]*+\})*+\})*+)\}")
_MATH: Final = pattern(r"((?<!\\)\$\$?[^$]+?(?<!\\)\$\$?|\\\([^()]*?\\\))")
_ADDRESS: Final = pattern(r"^\\(?:url|path|nolinkurl|href)\s*(?=\{)")
_ESCAPED: Final = pattern(r"\\([&%#_$~{}^-])")

_TOKEN: Final = pattern(
    r"\\href\s*\{[^{}]*\}|\\(?:noopsort|raisebox|hspace|vspace|color|textcolor|fontsize)\*?\s*\{[^{}]*\}"
    r"|\\(?P<word>[A-Za-z]+)(?P<after>\{\}|\s+|(?=\{))?|\\(?P<sign>.)(?:(?<=[~^])\{\})?|[{}~]|-{2,3}|``|''",
    re.DOTALL,
)
_LIGATURES: Final = {"--": "–", "---": "—", "``": "“", "''": "”", "~": " ", "{": "", "}": ""}
_SIGNS: Final = dict.fromkeys("-/!@", "") | dict.fromkeys("\\ ,;:\n\t>", " ")
_SIGNS.update({sign: sign for sign in "&%#_{}~^"})
# A dollar stays escaped: the bare one begins a formula for whoever reads on.
_SIGNS["$"] = "\\$"
_FACES: Final = frozenset(
    "textit textbf textsc texttt textrm textsf textsl textup textmd textnormal emph em it bf sc tt rm sf sl itshape "
    "bfseries scshape ttfamily rmfamily sffamily slshape upshape mdseries normalfont underline uline mbox hbox text "
    "textsuperscript textsubscript relax protect url path nolinkurl uppercase lowercase MakeUppercase MakeLowercase "
    "NoCaseChange enquote bibinfo small large footnotesize boldsymbol mathrm unskip ignorespaces null strut xspace "
    "selectlanguage foreignlanguage".split()
)
_LETTERS: Final = {
    "textless": "<", "textgreater": ">", "textbar": "|", "textbackslash": "\\", "backslash": "\\", "slash": "/",
    "textbraceleft": "{", "textbraceright": "}", "lbrace": "{", "rbrace": "}", "textasciitilde": "~",
    "textasciicircum": "^", "textunderscore": "_", "textdollar": "\\$", "textasciigrave": "`", "textquotesingle": "'",
    "textquotedbl": '"', "textquoteleft": "‘", "textquoteright": "’", "textquotedblleft": "“", "lq": "‘", "rq": "’",
    "textquotedblright": "”", "quotedblbase": "„", "quotesinglbase": "‚", "guillemotleft": "«", "guillemotright": "»",
    "guillemetleft": "«", "guillemetright": "»", "guilsinglleft": "‹", "guilsinglright": "›", "textendash": "–",
    "textemdash": "—", "textellipsis": "…", "ldots": "…", "dots": "…", "textbullet": "•", "textperiodcentered": "·",
    "textdegree": "°", "degree": "°", "textcelsius": "℃", "celsius": "℃", "textmu": "µ", "micro": "µ", "textohm": "Ω",
    "textpm": "±", "texttimes": "×", "textdiv": "÷", "textminus": "−", "textonehalf": "½", "textonequarter": "¼",
    "textthreequarters": "¾", "textonesuperior": "¹", "texttwosuperior": "²", "textthreesuperior": "³",
    "textregistered": "®", "texttrademark": "™", "textcopyright": "©", "copyright": "©", "S": "§", "textsection": "§",
    "P": "¶", "textparagraph": "¶", "dag": "†", "textdagger": "†", "ddag": "‡", "textdaggerdbl": "‡", "pounds": "£",
    "textsterling": "£", "texteuro": "€", "euro": "€", "textyen": "¥", "textcent": "¢", "textordfeminine": "ª",
    "textordmasculine": "º", "textexclamdown": "¡", "textquestiondown": "¿", "textnumero": "№", "textmusicalnote": "♪",
    "textasteriskcentered": "∗", "textleftarrow": "←", "textrightarrow": "→", "textuparrow": "↑", "textdownarrow": "↓",
    "textvisiblespace": "␣", "TeX": "TeX", "LaTeX": "LaTeX", "LaTeXe": "LaTeX2ε", "BibTeX": "BibTeX", "quad": " ",
    "qquad": " ", "par": " ", "newline": " ", "linebreak": " ", "space": " ", "nobreakspace": " ", "thinspace": " ",
    "nobreakdash": "", "allowbreak": "", "hyp": "-", "textschwa": "ə", "textalpha": "α", "textbeta": "β",
    "textgamma": "γ", "textdelta": "δ", "textepsilon": "ε", "textzeta": "ζ", "texteta": "η", "texttheta": "θ",
    "textkappa": "κ", "textlambda": "λ", "textnu": "ν", "textxi": "ξ", "textpi": "π", "textrho": "ρ", "textsigma": "σ",
    "texttau": "τ", "textphi": "φ", "textchi": "χ", "textpsi": "ψ", "textomega": "ω", "textDelta": "Δ",
    "textGamma": "Γ", "textOmega": "Ω", "textSigma": "Σ", "textLambda": "Λ", "textPhi": "Φ", "textPsi": "Ψ",
}  # fmt: skip


def _told(found: re.Match[str]) -> str:
    if word := found["word"]:
        if word in _LETTERS:
            return _LETTERS[word]
        if word in _FACES:
            return ""
        return found[0] if found["after"] is None else f"\\{word} "
    if sign := found["sign"]:
        return _SIGNS.get(sign, found[0])
    return _LIGATURES.get(found[0], "")


def _kept(found: re.Match[str]) -> str:
    return found[0] if found[0] in "{}" else _told(found)
