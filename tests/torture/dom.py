"""What may stand in the DOM of what is made, and what does: nothing that harmless texts would not have made.

The measure is not a list of attacks. What editions of ordinary words hold is what our own templates write; an edition
of naughty strings must hold no element and no attribute besides, whatever a browser makes of its bytes.
"""

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from torture.browser import Browser

AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8").partition("(root)")
AUDIT_SCRIPT = AUDIT[1] + AUDIT[2]

# MathML Core (https://www.w3.org/TR/mathml-core/) without `href`, `style`, `id`, `class` and handlers; and what
# latex2mathml writes of MathML 3 besides. Which of them a page has depends on its formulas.
_MATH = """
    math mi mn mo mtext mspace ms mrow mfrac msqrt mroot mstyle merror mpadded mphantom msub msup msubsup munder mover
    munderover mmultiscripts mprescripts none mtable mtr mtd semantics menclose
""".split()
_MATH_ATTRIBUTES = """
    xmlns display alttext dir mathvariant mathcolor mathbackground mathsize displaystyle scriptlevel form fence
    separator lspace rspace stretchy symmetric maxsize minsize largeop movablelimits accent accentunder width height
    depth voffset linethickness columnalign columnlines columnspacing rowalign rowlines rowspacing columnspan
    rowspan notation lquote rquote
""".split()

# What a note may have: the operator's Markdown, of which nh3 leaves these (digest/rendering/note.py).
_NOTE = "a abbr b blockquote br code dd del dl dt em h2 h3 h4 h5 h6 hr i li ol p pre s strong sub sup ul".split()

ALWAYS = frozenset(
    [f"math:{name}" for name in _MATH]
    + [f"math:{name}@{attribute}" for name in _MATH for attribute in _MATH_ATTRIBUTES]
    + [*_NOTE, "a@href", "a@rel", "a@title"]
)

# Never, whoever writes it: these run, load, ask for secrets or take the reader elsewhere. A form is our search's
# at most, and has no action; a script is compared by its text.
_NEVER = frozenset(
    """
    iframe frame frameset object embed applet base img image audio video source track picture portal fencedframe
    textarea marquee keygen isindex noembed noframes plaintext xmp bgsound layer ilayer param
    form@action button@formaction input@formaction svg:script svg:foreignobject svg:image svg:animate svg:set
    svg:animatetransform svg:animatemotion svg:use svg:feimage meta=refresh meta=set-cookie
    """.split()
)

_PROTOCOLS = ("http:", "https:", "mailto:", "data:application/x-research-info-systems")

_REACHES_OUT = re.compile(r"url\s*\(|@import|expression\s*\(|javascript:|behavior|-moz-binding|\\", re.IGNORECASE)


WIDE = """(() => {
  const width = document.documentElement.clientWidth, whole = document.documentElement.scrollWidth;
  if (whole <= width) return [];
  const over = [...document.body.querySelectorAll("*")].filter((one) =>
    one.getBoundingClientRect().right > width
    || (one.clientWidth && one.scrollWidth > Math.max(one.clientWidth, width)));
  const last = over.filter((one) => !over.some((other) => other !== one && one.contains(other)))[0];
  const way = [];
  for (let one = last; one && one !== document.body; one = one.parentElement) {
    way.unshift(one.localName + (one.classList.length ? "." + [...one.classList].join(".") : ""));
  }
  return [`${way.join(" ") || "something"} is wider than the screen: the page is ${whole} pixels wide, not ${width}`];
})()"""
"""Tells what makes a page wider than its screen."""


# So many marks on one letter are one sign, which no rule breaks.
_UNBREAKABLE = re.compile("[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]{20}")


class Vocabulary(NamedTuple):
    """What editions of harmless texts hold."""

    shapes: frozenset[str]
    scripts: frozenset[str]
    styles: frozenset[str]


def vocabulary(audits: Iterable[dict[str, Any]]) -> Vocabulary:
    """That of all the audits together."""
    audits = list(audits)
    return Vocabulary(
        shapes=frozenset(shape for audit in audits for shape in audit["shapes"]) | ALWAYS,
        scripts=frozenset(script for audit in audits for script in audit["scripts"]),
        styles=frozenset(style for audit in audits for style in audit["styles"]),
    )


def write(browser: Browser, page: str) -> dict[str, Any]:
    """Make `page` the document, as if it had just come, run what it runs, and audit it, also for what is wider than
    the screen. The document before it must be of `ORIGIN`, and have no policy, for a policy outlives what is
    written over it.
    """
    text = json.dumps(page)
    wide = "[]" if _UNBREAKABLE.search(page) else WIDE
    return browser.evaluate(  # type: ignore[no-any-return]
        f"delete window.__pwned; document.open(); document.write({text}); document.close();"
        f" ({{...({AUDIT_SCRIPT})(document), wide: {wide}}})"
    )


def audit(browser: Browser) -> dict[str, Any]:
    """The audit of the document that is shown."""
    return browser.evaluate(f"({AUDIT_SCRIPT})(document)")  # type: ignore[no-any-return]


def fragments(browser: Browser, pieces: list[str]) -> dict[str, Any]:
    """One audit of all `pieces`, each the inside of an element of its own that was shown, as readers of feeds do."""
    return browser.evaluate(  # type: ignore[no-any-return]
        "(() => { delete window.__pwned; document.body.replaceChildren();"
        f" for (const piece of {json.dumps(pieces)}) {{ const box = document.createElement('div');"
        " document.body.append(box); box.innerHTML = piece; }"
        f" return ({AUDIT_SCRIPT})(document.body) }})()"
    )


def faults(audit: dict[str, Any], known: Vocabulary) -> list[str]:
    """What an audit found that must not be, in words; nothing where all is well."""
    shapes = set(audit["shapes"])
    found = [f"it has {shape}" for shape in sorted(shapes - known.shapes)]
    found += [f"it has {shape}, which nothing may" for shape in sorted(shapes & known.shapes & _NEVER)]
    found += [
        f"it has {shape}" for shape in sorted(shapes) if re.search(r"@(?:on|srcdoc)", shape) and shape in known.shapes
    ]
    for holder, value in audit["addresses"]:
        if not holder.partition(" ")[2].startswith(_PROTOCOLS):
            found.append(f"an address: {holder}: {value!r}")
    found += [f"a script: {script[:200]!r}" for script in set(audit["scripts"]) - known.scripts]
    found += [f"a style: {style[:200]!r}" for style in audit["styles"] if style not in known.styles and _strange(style)]
    found += audit.get("wide", [])
    if audit["pwned"] is not None:
        found.append(f"a script ran: window.__pwned is {audit['pwned']!r}")
    return found


@cache
def _strange(style: str) -> bool:
    return bool(_REACHES_OUT.search(style))
