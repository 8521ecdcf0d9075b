"""The style sheet: contrast in both schemes, and nothing fetched."""

import re
from itertools import product

import pytest

from digest.rendering.environment import templates

STYLE = (templates() / "style.css").read_text("utf-8")
COLOUR = re.compile(r"--(\w+): #([0-9a-f]{3}|[0-9a-f]{6});")

SCHEMES = {
    "light": STYLE[: STYLE.index("@media")],
    "dark": STYLE[STYLE.index("prefers-color-scheme: dark") : STYLE.index("*, ::before")],
    "print": STYLE[STYLE.index("@media print") :],
}
TEXT = [
    *product(("ink", "quiet", "link", "accent"), ("ground",)),
    ("ink", "mark"),
    ("ink", "chip"),
    ("accent", "mark"),
    ("ground", "accent"),
]
"""Which colour is written on which; `accent` is also the focus ring, which asks for less."""

SHAPES = [("accent", "ground"), ("accent", "line"), ("accent", "chip"), ("quiet", "ground")]
"""Which colour is drawn beside which: bars and their outline, the score's and a day's frame, the field to type in."""


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    digits = colour if len(colour) == 6 else "".join(digit * 2 for digit in colour)
    linear = []
    for at in (0, 2, 4):
        value = int(digits[at : at + 2], 16) / 255
        linear.append(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)
    red, green, blue = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_the_standard_does() -> None:
    """Black on white is 21, and #767676 on white the well-known 4.54."""
    assert contrast("000", "ffffff") == pytest.approx(21)
    assert contrast("767676", "fff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_has_enough_contrast(scheme: str) -> None:
    """WCAG 2.2, 1.4.3 AA: 4.5 to 1 for every pair of colours that carries text."""
    palette = dict(COLOUR.findall(SCHEMES[scheme]))
    for front, back in TEXT:
        assert contrast(palette[front], palette[back]) >= 4.5, f"{front} on {back} ({scheme})"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_shapes_have_enough_contrast(scheme: str) -> None:
    """WCAG 2.2, 1.4.11 AA: 3 to 1 for what tells something without being text."""
    palette = dict(COLOUR.findall(SCHEMES[scheme]))
    for shape, beside in SHAPES:
        assert contrast(palette[shape], palette[beside]) >= 3, f"{shape} beside {beside} ({scheme})"


def test_nothing_moves() -> None:
    """Who asks for less motion gets none, because nobody gets any."""
    assert not re.search(r"animation|transition|scroll-behavior", STYLE)


def test_marks_are_seen() -> None:
    """Marked words differ from their surroundings in every scheme."""
    for text in SCHEMES.values():
        palette = dict(COLOUR.findall(text))
        assert contrast(palette["mark"], palette["ground"]) > 1.1


def test_colours_are_named_once() -> None:
    """No colour stands outside the palette, so the pairs above are all there are."""
    rest = re.sub(r"--\w+: #[0-9a-f]+;", "", STYLE)
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b|rgb|hsl", rest)


def test_both_schemes_and_print_name_every_colour() -> None:
    """A colour that one scheme forgets would be another scheme's."""
    names = {scheme: set(dict(COLOUR.findall(text))) for scheme, text in SCHEMES.items()}
    assert names["light"] == names["dark"] == names["print"]


def test_sheet_can_stand_in_a_page() -> None:
    """It fetches nothing and cannot end the element that it stands in."""
    assert not re.search(r"url\(|@import|</", STYLE)
    assert ":focus-visible" in STYLE
