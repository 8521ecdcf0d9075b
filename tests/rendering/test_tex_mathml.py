"""Formulas as MathML: whole, valid, compact, and nothing in them that acts."""

import re
import shutil
import subprocess
from html import escape
from xml.etree import ElementTree as ET

import pytest
from browser import VNU as CHECKER
from hypothesis import given
from hypothesis import strategies as st
from test_tex_readable import PAIRS, TEXISH

from digest.rendering.tex import pieces, readable
from digest.text import one_line

ELEMENTS = set(
    "math mi mn mo ms mtext mspace mrow mfrac msqrt mroot mstyle msub msup msubsup munder mover munderover "
    "mmultiscripts mprescripts mtable mtr mtd mpadded mphantom".split()
)
ATTRIBUTES = {"alttext", "mathvariant", "stretchy", "linethickness", "width", "accent"}


def mathml(text: str) -> str:
    """The MathML of the one formula of `text`."""
    (one,) = [piece.mathml for piece in pieces(text) if piece.mathml]
    return one


def check(text: str) -> None:
    """Asserts of each formula of `text` that its MathML is allowed, whole, and named by the text."""
    for piece in pieces(text):
        if piece.mathml:
            root = ET.fromstring(piece.mathml)
            assert {element.tag for element in root.iter()} <= ELEMENTS
            assert {name for element in root.iter() for name in element.attrib} <= ATTRIBUTES
            assert root.get("alttext") == piece.text
            assert not re.search(r"\\|\$|&#", piece.mathml)


@pytest.mark.parametrize(
    ("source", "inner"),
    [
        ("$x^2$", "<msup><mi>x</mi><mn>2</mn></msup>"),
        (r"$M_{\rm halo}$", "<msub><mi>M</mi><mi>halo</mi></msub>"),
        (r"$\mathrm{M}_\mathrm{s}$", '<msub><mi mathvariant="normal">M</mi><mi mathvariant="normal">s</mi></msub>'),
        (r"$\frac{a}{b+c}$", "<mfrac><mi>a</mi><mrow><mi>b</mi><mo>+</mo><mi>c</mi></mrow></mfrac>"),
        (r"$z \sim 2$", "<mi>z</mi><mo>∼</mo><mn>2</mn>"),
        (r"$a < b \& c$", "<mi>a</mi><mo>&lt;</mo><mi>b</mi><mi>&amp;</mi><mi>c</mi>"),
        (r"$\mathcal{L}_{ij}$", "<msub><mi>ℒ</mi><mrow><mi>i</mi><mi>j</mi></mrow></msub>"),
        (r"$\sqrt{x+1}$", "<msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt>"),
    ],
)
def test_a_formula_is_compact_mathml(source, inner):
    """What says nothing is left out: rows of one, name spaces, upright letters one by one."""
    assert mathml(source).removeprefix(f'<math alttext="{escape(readable(source))}">').removesuffix("</math>") == inner


def test_the_text_is_the_alternative():
    """Who cannot see the formula is told the readable text, escaped as an attribute."""
    assert mathml(r'we have $a_1 < "b"$ here').startswith('<math alttext="a₁ &lt; &quot;b&quot;">')


@pytest.mark.parametrize(
    "source",
    [
        "$n$",
        "$5$",
        r"$95\%$",
        r"$\sim 10$",
        r"3$\times$",
        r"$\alpha$",
        "H$_2$O",
        "$^{13}$C",
        r"$\text{GPT}$",
        "M$_{halo}$",
    ],
)
def test_what_text_says_as_well_is_text(source):
    """One word, number or symbol, and a script whose base stands outside, need no MathML."""
    assert [piece.mathml for piece in pieces(source) if piece.mathml] == []


@pytest.mark.parametrize(
    "source",
    [
        r"$\href{javascript:alert(1)}{x^2}$",
        r"$\style{background:url(javascript:alert(1))}{x^2}$",
        r"$\class{evil}{x^2}$",
        r"$\cssId{evil}{x^2}$",
        r"$\unicode{x3c}script\unicode{x3e}^2$",
        r"$x^2 </math><script>alert(1)</script>$",
        r'$x^2" onload="alert(1)$',
        r"$\text{<img src=x onerror=alert(1)>}^2$",
        r"$\mathrm{<script>}^2$",
        r"$\require{html}\data{x=1}{x^2}$",
        r"$\color{red;behavior:url(x)}{x^2}$",
        r"$\begin{array}{c}x^2<b>\end{array}$",
        r"$\hspace{1em onload=x}x^2$",
        r"$\toggle{a^2}{b}\endtoggle$",
        r"$\def\x{<script>}\x^2$",
        r"$\newcommand{\x}{\href{javascript:1}{y}}\x^2$",
        r"$\url{javascript:alert(1)}^2$",
        r"$\rule{1em}{1em}x^2$",
        r"$\genfrac{<}{>}{1pt onload=x}{0}{a}{b}$",
        r"$&lt;script&gt;^2$",
    ],
)
def test_nothing_active_comes_through(source):
    """Whatever the TeX says, only elements and attributes that draw come out, and its signs are escaped."""
    check(source)
    printed = "".join(piece.mathml for piece in pieces(source))
    assert not re.search(r"<(?!/?m)", printed)
    assert not re.search(r"(?i)<[^>]*\s(?:href|style|class|id|on\w+)\s*=", re.sub(r'"[^"]*"', '""', printed))


@pytest.mark.parametrize(
    "unit", ["{", r"\sqrt{", r"\frac{x}{", "x^{", r"\left(", r"\hat{", r"\text{", r"\begin{matrix}"]
)
def test_deep_formulas_are_text(unit):
    """What is nested too deep for a page neither raises nor comes out in part."""
    for depth in (3, 30, 300, 900):
        check(f"$a_1 {unit * depth}y{'}' * depth}$")


def test_lines_are_not_numbered():
    """Environments that would number their lines do not: the source says no number."""
    assert "(1)" not in mathml(r"\begin{align} a_1 &= b \\ c &= d \end{align}")


def test_the_golden_sources_are_allowed():
    """Every formula of the golden file is on the list, well-formed and named."""
    for _, source, _ in PAIRS:
        check(source)


def test_most_formulas_have_mathml():
    """At least nine in ten of the golden formulas with scripts in groups: the fallback is for the odd."""
    formulas = [source for _, source, _ in PAIRS if re.fullmatch(r"\$[^$]*[\^_]\{[^$]*\$", source)]
    assert sum(any(piece.mathml for piece in pieces(one)) for one in formulas) >= 0.9 * len(formulas) > 20


@given(TEXISH.map(lambda text: f"$x^2 {one_line(text)}$"))
def test_any_formula_is_allowed_or_text(text):
    """Nothing raises, and nothing but the list comes out, whatever stands between the dollars."""
    check(one_line(text))


@given(st.text(max_size=20))
def test_any_text_in_a_formula_is_escaped(text):
    """Characters of XML in a formula's text stay characters."""
    check(one_line(rf"$y_1 = \text{{{text}}}$"))


@pytest.mark.slow
@pytest.mark.skipif(not (CHECKER.exists() and shutil.which("java")), reason="the Nu checker is not here")
def test_the_nu_checker_finds_nothing(tmp_path):
    """A page with all formulas of the golden file is valid HTML, without an error or a warning."""
    found = [piece.mathml for _, source, _ in PAIRS for piece in pieces(source) if piece.mathml]
    page = tmp_path / "page.html"
    body = "\n".join(f"<p>{one}</p>" for one in found)
    page.write_text(f'<!DOCTYPE html><html lang="en"><head><title>Formulas</title></head><body>{body}</body></html>')
    done = subprocess.run(
        ["java", "-jar", str(CHECKER), "--format", "text", str(page)], capture_output=True, text=True, timeout=120
    )
    assert len(found) > 200
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
