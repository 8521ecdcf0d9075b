r"""TeX as abstracts and titles have it, to text that people read, and to MathML for pages.

    readable(r"Schr\"odinger's $\mathcal{O}(n \log n)$")    ->    Schrödinger's 𝒪(n log n)

What follows is ours, because it was measured to be wrong or missing elsewhere: where formulas stand (`spans`: dollars
are also money), the structure of a formula in one line (`formulas`: pylatexenc reads `\frac{a}{b+c}` as `a/b+c` and
loses the braces of scripts), and the macros of text (`prose`, `macros`). pylatexenc names the symbols that our tables
lack (`rare`); latex2mathml makes MathML (`mathml`). Both are imported only when they are needed.
"""

from typing import NamedTuple


class Piece(NamedTuple):
    """A stretch of a text as it is read."""

    text: str
    mathml: str
    """The formula that it was, as a whole `<math>` element that is safe to print; "" for prose, and for a formula that
    the text says as well: one word, one number with its sign or unit, one symbol, a script without its base.
    """


def readable(text: str) -> str:
    """`text`, one clean line, with its TeX as Unicode: one clean line again. The same object where it has no TeX.

    Nothing raises, and what is not known stays as it was written. What is readable already stays as it is:
    `readable(readable(text)) == readable(text)`, unless `text` escapes what would be TeX without (`\\$x\\$`).
    """
    if not _may_have_tex(text):
        return text
    from digest.rendering.tex.prose import parts

    return "".join([part.text for part in parts(text)])


def pieces(text: str) -> list[Piece]:
    """`readable(text)` in pieces that follow each other, the formulas among them with their MathML."""
    if not _may_have_tex(text):
        return [Piece(text, "")] if text else []
    from digest.rendering.tex.prose import parts

    return [Piece(part.text, _mathml(part.formula, part.text) if part.formula else "") for part in parts(text)]


def _mathml(formula: str, text: str) -> str:
    from digest.rendering.tex.mathml import mathml

    return mathml(formula, text)


def _may_have_tex(text: str) -> bool:
    # A search for each takes less time together than one for all by a pattern: a microsecond an abstract.
    return (
        "$" in text
        or "\\" in text
        or "^" in text
        or "_" in text
        or "~" in text
        or "--" in text
        or "{" in text
        or "`" in text
    )
