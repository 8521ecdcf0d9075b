"""Contrast (WCAG 2.2, 1.4.3), and what mail programs make of colours in the dark."""

import re
from collections.abc import Callable
from colorsys import hls_to_rgb, rgb_to_hls
from functools import cache

Colour = tuple[float, float, float]

LEAST = 4.5


def colour(text: str) -> Colour | None:
    """`#rrggbb` as three parts of one; None for what is written otherwise."""
    found = re.fullmatch(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", text.strip().lower())
    return tuple(int(part, 16) / 255 for part in found.groups()) if found else None  # type: ignore[return-value]


def luminance(one: Colour) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in one)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """From 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def turned(one: Colour) -> Colour:
    """The same hue as light as it was dark: how programs invert."""
    hue, light, saturation = rgb_to_hls(*one)
    return hls_to_rgb(hue, 1 - light, saturation)


def _negative(one: Colour) -> Colour:
    return (1 - one[0], 1 - one[1], 1 - one[2])


def _darkened(ground: Colour) -> Colour:
    return turned(ground) if luminance(ground) > 0.18 else ground


def _lightened(ink: Colour) -> Colour:
    return turned(ink) if luminance(ink) < 0.18 else ink


MODES: dict[str, tuple[Callable[[Colour], Colour], Callable[[Colour], Colour]]] = {
    "as sent": (lambda ink: ink, lambda ground: ground),
    "partly inverted": (_lightened, _darkened),
    "fully inverted": (turned, turned),
    "as a negative": (_negative, _negative),
}
"""What becomes of ink and ground. Partly: light grounds become dark and dark inks light, all else stays."""


@cache
def faint(ink: Colour, ground: Colour) -> tuple[str, ...]:
    """The modes in which text of `ink` on `ground` is too faint, each with its contrast."""
    found = {mode: contrast(to_ink(ink), to_ground(ground)) for mode, (to_ink, to_ground) in MODES.items()}
    return tuple(f"{mode} {value:.2f}" for mode, value in found.items() if value < LEAST)
