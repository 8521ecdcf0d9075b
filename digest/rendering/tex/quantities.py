"""Quantities and molecules, as the packages siunitx and mhchem write them."""

import re

from digest.patterns import pattern
from digest.rendering.tex.formulas import formula
from digest.rendering.tex.setting import script

QUANTITIES = {"SI": 2, "qty": 2, "num": 1, "ang": 1, "si": 1, "unit": 1}
"""Macros of siunitx, and how many groups they take."""

_PREFIXES = {
    "kilo": "k", "mega": "M", "giga": "G", "tera": "T", "milli": "m", "micro": "μ", "nano": "n", "pico": "p",
    "centi": "c", "deci": "d", "femto": "f",
}  # fmt: skip
_UNITS = _PREFIXES | {
    "metre": "m", "meter": "m", "second": "s", "gram": "g", "kilogram": "kg", "kelvin": "K", "volt": "V", "watt": "W",
    "hertz": "Hz", "joule": "J", "newton": "N", "pascal": "Pa", "tesla": "T", "ampere": "A", "electronvolt": "eV",
    "percent": "%", "degree": "°", "celsius": "°C", "degreeCelsius": "°C", "byte": "B", "bit": "bit", "hour": "h",
    "minute": "min", "day": "d", "litre": "L", "liter": "L", "decibel": "dB", "ohm": "Ω", "mole": "mol",
    "km": "km", "cm": "cm", "mm": "mm", "um": "μm", "nm": "nm", "m": "m", "kg": "kg", "g": "g", "mg": "mg", "s": "s",
    "ms": "ms", "us": "μs", "ns": "ns", "Hz": "Hz", "kHz": "kHz", "MHz": "MHz", "GHz": "GHz", "eV": "eV", "keV": "keV",
    "MeV": "MeV", "GeV": "GeV", "TeV": "TeV", "V": "V", "W": "W", "K": "K", "per": "/", "squared": "²", "cubed": "³",
    "square": "²", "cubic": "³", "GB": "GB", "MB": "MB", "dB": "dB",
}  # fmt: skip


_UNIT = pattern(r"\\([A-Za-z]+)\s*")
_SCIENTIFIC = pattern(r"([+-]?[\d.,]*)e([+-]?\d+)")


def quantity(name: str, arguments: list[str]) -> str:
    """`\\SI{3}{\\km}` -> `3 km`, `\\num{2e5}` -> `2×10⁵`, `\\ang{30}` -> `30°`."""
    number = unit = ""
    if name in ("SI", "qty", "num", "ang"):
        found = _SCIENTIFIC.fullmatch(arguments[0])
        power = f"10{script(found[2], '^')}" if found else ""
        number = f"{found[1]}×{power}" if found and found[1] else power or formula(arguments[0])
    if name in ("SI", "qty", "si", "unit"):
        unit = formula(_UNIT.sub(lambda found: _UNITS.get(found[1], found[1]), arguments[-1]).replace(".", " "))
    close = unit in ("°", "%") or not number or not unit
    return number + (" " if not close else "") + (unit or "°" * (name == "ang"))


def chemical(_: str, arguments: list[str]) -> str:
    """`\\ce{SO4^2-}` -> `SO₄²⁻`."""
    text = re.sub(r"([\^_])\{([^{}]*)\}", lambda found: script(found[2], found[1]), arguments[0])
    text = re.sub(r"\^(\d*[+-])", lambda found: script(found[1], "^"), text)
    text = re.sub(r"(?<=[A-Za-z)\]])(\d+)", lambda found: script(found[1], "_"), text)
    text = re.sub(r"(?<=[A-Za-z)\]₀-₉])([+-])(?=$|\s)", lambda found: script(found[1], "^"), text)
    return text.replace("<=>", "⇌").replace("->", "→")
