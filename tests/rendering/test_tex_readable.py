"""TeX to text: several hundred pairs checked by eye, and the laws that hold for any text."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest import accents
from digest.rendering.tex import pieces, rare, readable, symbols
from digest.rendering.tex.formulas import formula
from digest.rendering.tex.setting import script
from digest.rendering.tex.spans import spans
from digest.text import clean, one_line

GOLDEN = Path(__file__).parent.parent / "data" / "tex" / "readable.tsv"

# What escapes TeX's own signs says, once read, what would be TeX.
ESCAPES = re.compile(r"\\\$x\\\$|\\~\{\}")

TEXISH = st.lists(
    st.one_of(
        st.sampled_from(
            r"$ $ $$ \( \) \[ \] { } ^ _ ~ -- --- `` '' ` ' \\ \ & % # \$ \{ \} \frac \sqrt \over \left( \right) \rm "
            r"\text{ \textbf{ \emph{ \begin{equation} \end{equation} \begin{pmatrix} \end{pmatrix} \href{ \cite[ "
            r"\" \v \c \o \ss \alpha \log \sum \not \hat \mathbb{R} \mathcal{ \foo \foo{ \item \SI{ \ce{ [ ] ( ) x 12 "
            r"3.5 H CO , . word and https://a.b/c_1 C:\temp é ̈ 漢 ∑ < > \u \verb \hspace{".split()
        ),
        st.text(max_size=3),
        st.just(" "),
    ),
    max_size=30,
).map("".join)


def pairs() -> list[tuple[str, str, str]]:
    """Section, source and readable text of each line of the golden file."""
    section, found = "", []
    for line in GOLDEN.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:]
        else:
            source, text = line.split("\t")
            found.append((section, source, text))
    return found


PAIRS = pairs()


@pytest.mark.parametrize("section", dict.fromkeys(section for section, _, _ in PAIRS))
def test_each_pair_reads_as_it_was_checked(section):
    """What each source of the golden file reads as is what was checked by eye."""
    wrong = [(source, readable(source), text) for where, source, text in PAIRS if where == section]
    assert [(source, got) for source, got, text in wrong if got != text] == []


def test_the_golden_file_is_large():
    """At least five hundred different sources have been checked."""
    assert len({source for _, source, _ in PAIRS}) == len(PAIRS) >= 500


def test_what_is_readable_stays_as_it_is():
    """Reading twice is reading once, for all that does not escape TeX's signs."""
    for _, source, text in PAIRS:
        if not ESCAPES.search(source):
            assert readable(text) == text, source


def test_pieces_join_to_the_readable_text():
    """The texts of the pieces are the readable text, cut; no piece is empty."""
    for _, source, text in PAIRS:
        assert "".join(piece.text for piece in pieces(source)) == text
        assert all(piece.text for piece in pieces(source))


@pytest.mark.parametrize(
    "text", ["", "Counting papers once", "A (new) look: 50% of x < y, at 3/4 & more", "É. Žák 漢字"]
)
def test_a_text_without_tex_is_given_back(text):
    """The same object comes back, and one piece of prose."""
    assert readable(text) is text
    assert [piece.text for piece in pieces(text)] == ([text] if text else [])


@given(TEXISH)
@example("$" * 50)
@example("\\" * 51)
@example("{" * 200 + "}" * 200)
@example("$" + "{" * 200 + "x" + "}" * 200 + "$")
@example("\\emph{" * 40 + "x" + "}" * 40)
@example("$\\text{a $x$ b}$")
@example("e$\\acute{}$")
@example("x\u0301$\u0301$")
def test_any_text_is_read_to_one_clean_line(text):
    """Nothing raises; one clean line comes out, which the pieces join to, and it is the same each time."""
    line = one_line(text)
    got = readable(line)
    assert got == one_line(got) == clean(got)
    assert "".join(piece.text for piece in pieces(line)) == got
    assert readable(line) == got


@given(st.lists(st.from_regex(r"[A-Za-z][a-z]{0,8}[.,;:!?]?", fullmatch=True), min_size=1, max_size=20))
def test_words_of_prose_survive(words):
    """Words beside formulas, groups and money come out as they went in, in their order."""
    text = " ".join(f"{word} $x_{{{n}}}$ {{\\em {word}}} costs $5" for n, word in enumerate(words))
    assert re.findall(r"(?<!\S)[A-Za-z]+[.,;:!?]?(?!\S)", readable(text)) == [
        one for word in words for one in (word, word, "costs")
    ]


@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit",
    [*"$\\{}^_~`[", "\\(", "\\[", "$$", "$x", "$ and ", "\\textbf{", "{\\em ", "\\frac", "$\\frac", "\\begin{equation}",
     "^{", "_{", "a_1", "HO_2", "www.", "a.", "x@", "\\cite[", "\\v ", "`x ", "{}", "$\\text{", "\\sqrt[", "$\\over",
     "a~1", "a-", "C:\\", "\\foo{", "\\left("],
)  # fmt: skip
def test_hostile_repetition_takes_no_longer(unit):
    """A hundred thousand characters of one sign are read in a moment: the time is linear in the text."""
    text = unit * (100_000 // len(unit))
    assert len(readable(text)) <= 2 * len(text)


# ------------------------------------------------------------------------------------------- parts


def test_our_symbols_are_those_of_pylatexenc():
    """Where pylatexenc has a macro too, it looks the same, but for the few where it has plain ASCII or an old sign."""
    tables = symbols.ORDINARY | symbols.INFIX | symbols.LARGE | symbols.OPENING | symbols.CLOSING | accents.LETTERS
    differ = {
        name
        for name, text in tables.items()
        if (theirs := rare.symbol(name).strip()) and theirs != text and not theirs.isascii()
    }
    assert differ == {"bigoplus", "bigotimes", "textperiodcentered", "textasciicircum"}


def test_rare_symbols_come_from_pylatexenc():
    """A macro that our tables lack is asked of pylatexenc, and nobody is asked what day it is."""
    assert readable(r"$a \curlyvee b$") == "a ⋎ b"
    assert readable(r"$\today$") == "today"
    assert rare.symbol("today") == rare.symbol("nonsense") == ""


@pytest.mark.parametrize(
    ("text", "sign", "shown"),
    [("2", "^", "²"), ("i,j", "_", "_(i,j)"), ("halo", "_", "_halo"), ("12.1", "^", "^12.1"), ("(i)", "^", "⁽ⁱ⁾"),
     ("(i,j)", "_", "_(i,j)"), ("∘", "^", "°"), ("⊙", "_", "⊙"), ("*", "^", "*"), ("*", "_", "_*"), ("", "^", "")],
)  # fmt: skip
def test_scripts_are_small_where_they_can_be(text, sign, shown):
    """Unicode's small characters where each has one and it is no word, else a sign that says what it is."""
    assert script(text, sign) == shown


@pytest.mark.parametrize(
    ("text", "bodies"),
    [
        ("$x$ and $y$", ["x", "y"]),
        ("$x$$y$", ["x", "y"]),
        ("$$x$$", ["x"]),
        (r"\$x$", []),
        (r"\\$x$", ["x"]),
        ("saves $5 and $10", []),
        ("$5 or $x$", ["x"]),
        (r"$\text{for $x$ in}\ A$ b", [r"\text{for $x$ in}\ A"]),
        (r"\(x\) \[y\]", ["x", "y"]),
        (r"grep \(\d+\)", []),
        (r"\begin{equation}x\end{equation} \begin{align*}y\end{align*}",
         [r"\begin{equation}x\end{equation}", r"\begin{align*}y\end{align*}"]),
        (r"\begin{equation}x", []),
    ],
)  # fmt: skip
def test_formulas_are_told_from_money(text, bodies):
    """Spans are found in order, and what is money, code or prose is none."""
    assert [span.body for span in spans(text).values()] == bodies


def test_a_formula_too_deep_is_shown_as_it_is():
    """Groups nested a thousand deep do not exhaust the stack, and are not lost."""
    deep = r"\frac{" * 1000 + "x"
    assert formula(deep) == deep


def test_common_tex_needs_no_library():
    """Reading the usual formulas and macros imports neither library; a plain text imports nothing at all."""
    code = (
        "import sys; from digest.rendering.tex import readable; readable('plain'); "
        "assert 'digest.rendering.tex.prose' not in sys.modules; "
        r"readable(r'Erd\H{o}s $\mathcal{O}(\sqrt{n}\log n) \le \frac{\alpha}{2}$, \emph{so} 5\%'); "
        "print(*sorted({'pylatexenc', 'latex2mathml'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []
