"""Papers whose every field holds one text, and texts that have broken programs before."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from builders import a_paper, a_ranked, a_reason
from hypothesis import strategies as st

from digest.model import Ranked, Reason

# Everything a Python string can hold, lone surrogates too, and more of what markup is made of.
texts = st.text(
    st.one_of(st.characters(exclude_categories=()), st.sampled_from("<>&\"'\\]\r\n\t${}%^_`—é\U0001f600")), max_size=30
)


def full_of(text: str) -> Ranked:
    """A paper with `text` in every field that a source fills."""
    paper = a_paper(
        f"text:{text}",
        ids={"doi": text},
        title=text,
        headline=text,
        abstract=text,
        comments=text,
        authors=(text, f"A {text}", ""),
        categories=(text, "cs.LG"),
        links={"url": f"https://example.org/{text}", text: f"https://example.org/?q={text}"},
    )
    return a_ranked(paper, Reason(text, text, text, 1.25), a_reason(-0.5))


def naughty(shared: Path, name: str) -> Iterator[str]:
    text = (shared / "material" / name).read_text(encoding="utf-8")
    if name.endswith(".json"):
        yield from json.loads(text)
    else:
        yield from (found.strip() for found in re.findall(r"```(?:\w*\n)?(.*?)```", text, re.DOTALL))
