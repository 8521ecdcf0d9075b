"""Texts that formats stumble over: invented ones for every run, and the public collections where they are present."""

import json
import re
from pathlib import Path

from hypothesis import strategies as st

# Signs and words that mean something in one of the formats; a text is a few of them in a row.
_PIECES = [
    *"\\`*_{}[]()<>#+-.!|~^$%&@:;=\"'/?,0123 \n\t", "a", "Z", "é", "中", "😀", "e\u0301", "\u200b", "\u202e",
    "\x00", "\ud800", "\u2028", "\r\n", "**", "__", "``", "~~", "==", "%%", "$$", "[[", "]]", "![", "](", "<!--", "-->",
    "<b>", "</b>", "<script>", "&lt;", "&#60;", "&amp;", "http://x.org/", "https://", "www.x.org", "a@b.org", "#tag",
    ":smile:", "javascript:alert(1)", "@everyone", "@here", "@all", "@channel", "<@1>", "<!channel>", "<#1>",
    "1. ", "- ", "+ ", "# ", "> ", "---", "```", "    ", "word", "two words", "\\alpha", "\\input{x}", "\\textbf{",
    "$x_1$", "{", "}", "^^5c", "\\'e", "\\write18", "@article{x,", "ER  - ", "TY  - JOUR",
]  # fmt: skip

texts = st.lists(st.sampled_from(_PIECES) | st.text(max_size=4), max_size=12).map("".join)
"""A text as the worst of sources would send it."""


def collected() -> list[str]:
    """The naughty strings and the lines of the collection of XSS vectors; none where the folder of data is absent."""
    material = Path(__file__).parents[3] / "shared" / "material"
    if not material.is_dir():
        return []
    strings = json.loads((material / "blns.json").read_text(encoding="utf-8"))
    vectors = re.findall(
        r"^```\w*\n(.*?)^```", (material / "xss-filter-evasion.md").read_text(encoding="utf-8"), re.S | re.M
    )
    return [*strings, *vectors]
