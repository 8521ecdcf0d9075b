"""JSON as services answer with it, as far as a source has to look inside: how many there are, and where it goes on."""

import json
from collections.abc import Callable
from typing import Any, Final

_WHY: Final = ("message", "error", "ERROR", "detail")


def told(answer: bytes) -> dict[str, Any]:
    """The object that an answer is; an empty one where it is none."""
    found = _read(answer)
    return found if isinstance(found, dict) else {}


def at(answer: bytes, *keys: str) -> list[Any]:
    """The list that stands below `keys`, or that the answer is; an empty one where there is none."""
    found = _read(answer)
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, list) else []


def wants_list(*keys: str) -> Callable[[bytes], str]:
    """What says why an answer has no list below `keys`: in the service's own words, where it has some."""

    def doubt(answer: bytes) -> str:
        found = _read(answer)
        why = ""
        for key in keys:
            why = why or _why(found)
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, list):
            return ""
        return f"it answers: {why or _why(_read(answer)) or 'an error'}"

    return doubt


def _why(found: object) -> str:
    words = (found.get(key) for key in _WHY) if isinstance(found, dict) else ()
    return next((" ".join(word.split())[:200] for word in words if isinstance(word, str) and word.strip()), "")


def _read(answer: bytes) -> Any:
    try:
        return json.loads(answer)
    except (ValueError, RecursionError):
        return None
