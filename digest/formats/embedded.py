"""Pages that carry their data with them, for the scripts that draw them: the data as a document by itself.

    papers.html   ─▶ papers.html!DailyPapers      the JSON from which Hugging Face draws a day's papers

What a script has drawn may be read in the page; what it was drawn from says more, and is what the site's API says too.
"""

from functools import partial
from io import BytesIO
from typing import Final

from digest.model import Document

_PLACES: Final = {b'data-target="DailyPapers"': ("DailyPapers", "data-props")}
"""What shows, in the first bytes of a page, that it carries data; the part that does, and the attribute of it."""


def carries(data: bytes) -> bool:
    """Whether a document that begins with `data` is such a page."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" and any(sign in data for sign in _PLACES)


def carried(document: Document) -> Document | None:
    """The data that a page carries; None where there is none after all. Raises OSError or SourceError."""
    from digest.formats.hypertext import attribute, opened

    page = opened(document)
    for target, name in _PLACES.values():
        for node in page.all(f"[data-target='{target}']"):
            if data := attribute(node, name).encode("utf-8", "replace"):
                origin = f"{document.origin}!{target}"
                return Document(origin=origin, open=partial(BytesIO, data), fetched=document.fetched)
    return None
