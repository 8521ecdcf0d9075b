"""What the head of a JSON document shows of the records in it: detection looks at their keys."""

import json
import re
from functools import lru_cache
from typing import Any, Final

from digest.formats.head import Head
from digest.formats.objects import Value, decoded, within
from digest.patterns import pattern

_LENIENT: Final = json.JSONDecoder(strict=False)


def begun(head: Head, *places: str) -> list[Value]:
    """The first records of a document, as far as its head shows them, to tell what they are by their keys."""
    value = outline(head)
    told = value if isinstance(value, list) else [value]
    records = [one for top in told[:_LOOKED_AT] if isinstance(top, dict) for one in within(top, places)]
    return records[:_LOOKED_AT]


_LOOKED_AT: Final = 5


def outline(head: Head) -> Any:
    """The first value of a document as far as its head shows it: what is cut off is left out."""
    return _outline(head.text)


@lru_cache(maxsize=4)
def _outline(text: str) -> Any:
    for line in text.split("\n", 3)[:3] if text.lstrip().startswith("{") else ():
        if line.startswith("{") and isinstance(value := decoded(line.encode("utf-8", "replace")), dict):
            return value
    for _ in range(5):
        closed = _closed(text)
        try:
            return _LENIENT.decode(closed) if closed else None
        except RecursionError:
            return None
        except json.JSONDecodeError as error:
            text = text[: error.pos]
        except ValueError:
            return None
    return None


_MARK: Final = pattern(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[{}\[\],]', re.DOTALL)
_DEEPEST: Final = 100


def _closed(text: str) -> str:
    """The first value of a JSON text that may be cut off, closed behind the last thing in it that is whole."""
    open_: list[str] = []
    end, closing = 0, ""
    for found in _MARK.finditer(text):
        sign = found[0]
        if sign in "{[":
            open_.append("}" if sign == "{" else "]")
        elif sign in "}]":
            if not open_:
                break
            open_.pop()
        elif sign != ",":
            continue
        if len(open_) > _DEEPEST:
            break
        end = found.start() if sign == "," else found.end()
        closing = "".join(reversed(open_))
        if not open_:
            break
    if not end:
        return ""
    begin = text.find("[") if text.lstrip()[:1] == "[" else text.find("{")
    begun = _BEGUN.match(text, end) if closing.startswith("}") else None
    more = f"{'' if text[end - 1] == '{' else ','}{begun[1]}:null" if begun else ""
    return text[begin:end] + more + closing


_BEGUN: Final = pattern(r'\s*+,?\s*+("(?:[^"\\]++|\\.)*+")\s*+:\s*+["\w-]')
"""A name whose value is cut off: that it is there is known."""
