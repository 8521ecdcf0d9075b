"""What a published file is called to those who fetch it, known by its name; and what its page may load."""

import html

from digest.patterns import pattern
from digest.rendering.addresses import FEEDS

_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".json": "application/json",
    ".xml": "application/xml",
    ".opml": "text/x-opml",
    ".bib": "application/x-bibtex",
    ".ris": "application/x-research-info-systems",
    ".svg": "image/svg+xml",
}
"""Text, which is UTF-8 and gets smaller when it is gzipped."""

_BINARY = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".pdf": "application/pdf",
}
"""What an operator may put beside."""

UNKNOWN = "application/octet-stream"

NOTHING = "default-src 'none'"
_POLICIES = {
    "text/html": f"{NOTHING}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "image/svg+xml": f"{NOTHING}; style-src 'unsafe-inline'",
}
_SHEET = f"{NOTHING}; style-src 'self'"
"""A feed that is opened in a browser may have its style sheet, which lies beside it."""

_OWN = pattern(rb'<meta http-equiv="Content-Security-Policy" content="([\x20\x21\x23-\x3b\x3d\x3f-\x7e]{1,2000})">')
_HEAD = 4096


def media_type(name: str) -> str:
    """The media type of a file of that name, without parameters."""
    for feed in FEEDS:
        if name == feed.name or name.endswith(f".{feed.name}"):
            return feed.media_type
    suffix = _suffix(name)
    return _TYPES.get(suffix) or _BINARY.get(suffix, UNKNOWN)


def is_text(name: str) -> bool:
    return _suffix(name) in _TYPES


def policy(name: str, content: bytes) -> str:
    """The Content-Security-Policy of a file: a page's own, which names its script by a hash, or the least there is."""
    kind = media_type(name)
    if kind == "text/html" and (own := _OWN.search(content, 0, _HEAD)):
        return html.unescape(own[1].decode("ascii"))
    return _SHEET if kind.endswith("xml") and kind not in _POLICIES else _POLICIES.get(kind, NOTHING)


def _suffix(name: str) -> str:
    return name[name.rfind(".") :].lower() if "." in name else ""
