"""Values as people and programs read them: lines for a terminal, objects for JSON Lines."""

import json
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from digest.model import Bibliographic, Problem
from digest.rendering.objects import listing_object, paper_object, ranked_object

__all__ = [
    "listing_object",
    "name",
    "note",
    "paper_object",
    "people",
    "print_object",
    "print_problems",
    "ranked_object",
    "width",
]


def print_object(value: dict[str, Any]) -> None:
    """One object on one line, in UTF-8 whatever the terminal's encoding is."""
    text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    # A file's name may hold bytes that are no UTF-8.
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")


def print_problems(problems: Iterable[Problem]) -> None:
    """Each problem as a line on standard error."""
    for problem in problems:
        print(f"digest: {problem}", file=sys.stderr)


def width() -> int:
    """The columns of the terminal; 100 where there is none."""
    return shutil.get_terminal_size((100, 24)).columns


def people(known: Bibliographic, most: int = 3) -> str:
    """Authors in a few words: names, `et al.`, or only their number."""
    if known.authors:
        cut = known.authors_truncated or len(known.authors) > most
        return ", ".join(known.authors[:most]) + (" et al." if cut else "")
    return f"{known.author_count} author{'' if known.author_count == 1 else 's'}" if known.author_count else ""


def name(known: Bibliographic) -> str:
    """The id by which a person would look the paper up; empty where none is known."""
    return next((f"{scheme}:{value}" for scheme, value in known.ids.items()), "")


def note(line: str) -> None:
    """A line of a log, on standard error. Who read it may have gone: what stays goes on all the same."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)
