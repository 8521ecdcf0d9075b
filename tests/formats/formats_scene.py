"""Samples of formats: invented ones, which lie beside their goldens, and real ones beside the checkout."""

import json
import os
import re
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Any

from conftest import ROOT

from digest.formats import parse
from digest.model import Listing, Problem
from digest.rendering.objects import listing_object
from digest.sources.files import document

SAMPLES = Path(__file__).parents[1] / "data" / "formats"
"""One folder for each format; a sample `x.xml` has its golden in `x.xml.json`."""

REAL = ROOT.parent / "shared" / "formats"
MARKS = SAMPLES / "real.json"
"""What the real samples hold, by the name of the file: facts in clear, texts as marks that say whether they are equal,
so that nothing of them is copied.
"""

REWRITE = "REWRITE_GOLDENS" in os.environ


def samples() -> list[Path]:
    """The invented samples, without their goldens."""
    found = [p for p in SAMPLES.rglob("*") if p.is_file() and p.parent != SAMPLES]
    return sorted(p for p in found if p.suffix != ".json" or not p.with_suffix("").exists())


def golden(sample: Path) -> Path:
    return sample.with_name(f"{sample.name}.json")


def read(path: Path, format: str | None = None) -> list[Listing | Problem]:
    return list(parse(document(path), format))


def told(items: Iterable[Listing | Problem]) -> list[dict[str, Any]]:
    """Listings and problems as `digest parse --json` and its messages tell them, each file by its name alone."""
    found: list[dict[str, Any]] = []
    for item in items:
        if isinstance(item, Problem):
            found.append({"problem": item.what, "line": item.line})
        else:
            known = listing_object(item)
            known["source"]["file"] = known["source"]["file"].rpartition("/")[2]
            found.append({name: value for name, value in known.items() if value not in (None, [], {}, False)})
    return found


def marked(items: Iterable[Listing | Problem]) -> list[dict[str, Any]]:
    """The same with each text as a mark, and long lists as a mark and their length."""
    found = told(items)
    for known in found:
        for name in ("title", "abstract", "comments", "problem"):
            if name in known:
                known[name] = mark(known[name])
        for name in ("links", "details"):
            if name in known:
                known[name] = {key: mark(value) for key, value in known[name].items()}
        for name in ("authors", "categories"):
            if name in known and not (name == "categories" and all(map(_CODE.fullmatch, known[name]))):
                known[name] = f"{len(known[name])} {mark(known[name])}"
    return found


_CODE = re.compile(r"[a-z-]+(?:\.[A-Za-z-]+)?")
"""A category of arXiv's, which is a fact; keywords are texts."""


def mark(value: object) -> str:
    """Eight digits that are equal for what is equal."""
    return blake2b(json.dumps(value, ensure_ascii=False).encode(), digest_size=4).hexdigest()
