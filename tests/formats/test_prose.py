"""Markup in titles and abstracts made plain text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.formats.prose import plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<jats:p>Of <jats:italic>E. coli</jats:italic> &amp; H<sub>2</sub>O</jats:p>", "Of E. coli & H2O"),
        ("<jats:sec><jats:title>Aims</jats:title><jats:p>We x.</jats:p></jats:sec>", "Aims We x."),
        ("<h4>Background</h4>Text", "Background Text"),
        ("a<br/>b<p>c</p>d<span class='x'>e</span>f", "a b c def"),
        ("n<m and m>k, <b and c>", "n<m and m>k, <b and c>"),
        ("<i>p</i> < 0.05 & q > 3", "p < 0.05 & q > 3"),
        ("p&lt;0.05 and q&gt;3", "p<0.05 and q>3"),
        ("AT&T, R&D; &copy; &#x3b1;&#945;", "AT&T, R&D; © αα"),
        ("&lt;i&gt;In vivo&lt;/i&gt; &amp;amp; more", "In vivo & more"),
        ('<mml:math xmlns:mml="http://x"><mml:mi>x</mml:mi><mml:mo>=</mml:mo><mml:mn>2</mml:mn></mml:math>', "x=2"),
        (
            "<jats:alternatives><jats:tex-math>$$x^2$$</jats:tex-math><mml:math>x</mml:math></jats:alternatives> q",
            "$x^2$ q",
        ),
        (r"<tex-math>\documentclass{a}\begin{document}$y$\end{document}</tex-math>", "$y$"),
        ('<math><mi>a</mi><annotation encoding="application/x-tex">a</annotation></math>', "a"),
        ("<script>alert(1)</script>a<!-- <b>no</b> -->b<![CDATA[c]]>", "abc"),
        ("$a<b$ and $c>d$", "$a<b$ and $c>d$"),
        ("", ""),
    ],
)
def test_markup_is_taken_away_and_nothing_else(text, expected):
    """Tags of HTML, JATS and MathML go, blocks part words, references become characters; signs of less stay."""
    assert plain(text) == expected


@pytest.mark.parametrize(
    "piece", ['<a x="', "<i ", "<!--", "<alternatives>", "<script>", "<tex-math>", "&lt;", " a=1", "<annotation ", "<"]
)
def test_no_text_takes_long(piece):
    """Hundreds of thousands of letters that open something and close nothing take a moment."""
    started = time.process_time()
    plain("<p" + piece * (300_000 // len(piece)))
    assert time.process_time() - started < 2


@given(st.text("<>/&;abpi =\"'!-#x"))
def test_any_text_gives_a_line(text):
    """Whatever the text is, what comes out is one line."""
    assert "\n" not in plain(text)
