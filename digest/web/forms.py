"""What is posted: the fields of a form, in either of the two shapes that RFC 8058 (section 3.2) allows."""

import re
from collections.abc import Mapping
from email.message import Message
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from digest.patterns import pattern

LARGEST: Final = 65_536
"""So many bytes has a form at most."""

_NAME = pattern(rb'^content-disposition:[^\r\n]*[ ;]name="?([^";\r\n]*)', re.IGNORECASE | re.MULTILINE)


async def body(request: Request) -> bytes:
    """What was posted. Raises HTTPException 413 as soon as it is known to be more than LARGEST."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > LARGEST:
        raise HTTPException(413)
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > LARGEST:
            raise HTTPException(413)
    return bytes(found)


def fields(content_type: str, content: bytes) -> Mapping[str, str]:
    """The fields of a form, by their names in lower case; of several of one name the first."""
    head = Message()
    head["Content-Type"] = content_type or "application/x-www-form-urlencoded"
    found: dict[str, str] = {}
    if head.get_content_maintype() == "multipart":
        pairs = _parts(content, head.get_boundary() or "")
    else:
        pairs = parse_qsl(content.decode("utf-8", "replace"), max_num_fields=None)
    for name, value in pairs:
        found.setdefault(name.strip().lower(), value.strip())
    return found


def _parts(content: bytes, boundary: str) -> list[tuple[str, str]]:
    """The parts of multipart/form-data (RFC 7578) that have a name."""
    found = []
    for part in content.split(b"--" + boundary.encode("utf-8", "replace"))[1:] if boundary else ():
        head, _, value = part.partition(b"\r\n\r\n")
        if name := _NAME.search(head):
            found.append((name[1].decode("utf-8", "replace"), value.decode("utf-8", "replace")))
    return found
