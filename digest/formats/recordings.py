"""An answer of a server as programs record it for later, in JSON: what it answered stands in `body`, as one text.

    {"url": "https://export.arxiv.org/api/query?…", "status_code": 200, "headers": {…}, "body": "<?xml version=…"}

vcrpy's cassettes have `{"body": {"string": …}}` inside of `response`; an HTTP archive is none.
"""

from functools import partial
from io import BytesIO
from typing import Final

from digest.model import Document, Problem
from digest.patterns import pattern

_FIRST: Final = pattern(
    rb'(?:\xef\xbb\xbf)?\s*\{\s*"(?:url|uri|request|response|method|status|status_code|headers|body)"'
)
_STATUS: Final = pattern(rb'"(?:status_code|status)"\s*:\s*(?:\d{3}\b|\{\s*"code")')
_BODY: Final = pattern(rb'"body"\s*:\s*(?:"|\{\s*"string"\s*:\s*")')


def is_recording(data: bytes) -> bool:
    """Whether a document that begins so is an answer: its first key, a status, and a body that is a text."""
    return bool(_FIRST.match(data) and _STATUS.search(data) and _BODY.search(data))


def recorded(document: Document) -> Document | Problem:
    """What the server answered, under the name of the document. Raises OSError."""
    from digest.formats.objects import Object, objects  # which few documents need

    for found in objects(document, "response"):
        body = found.value.get("body") if isinstance(found, Object) else None
        text = body.get("string") if isinstance(body, dict) else body
        if isinstance(text, str):
            return Document(
                origin=document.origin,
                open=partial(BytesIO, text.encode("utf-8", "replace")),
                fetched=document.fetched,
            )
    return Problem(document.origin, None, "is a recorded answer whose body cannot be read")
