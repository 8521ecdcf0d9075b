"""Which addresses may be asked, and where they are.

A host is looked up once for each request, what was found is checked, and only that is connected to: a name that
changes its mind in between (DNS rebinding) changes nothing.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

_NAT64: Final = IPv6Network("64:ff9b::/96")


class Target(NamedTuple):
    """An address taken apart."""

    scheme: str
    host: str
    port: int
    path: str
    """With the query: what stands in the first line of a request."""

    @property
    def house(self) -> str:
        """Who answers there; one house may have many hosts."""
        return next((one for one in _HOUSES if self.host == one or self.host.endswith(f".{one}")), self.host)


_HOUSES: Final = ("arxiv.org", "ncbi.nlm.nih.gov", "openreview.net", "semanticscholar.org", "biorxiv.org")
"""Services whose rules count requests to all of their hosts together."""


def target(url: str) -> Target:
    """Raises ValueError with what is wrong with it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("is no address") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"begins with {parts.scheme[:20] or 'no scheme'}: only http and https are asked")
    if not host or port == 0:
        raise ValueError("has no host that could be asked")
    if "@" in parts.netloc:
        raise ValueError("has a user in it: nobody is told a password in an address")
    if not url.isascii() or any(letter <= " " or letter == "\x7f" for letter in url):
        raise ValueError("is not ASCII: write a host as xn--…, other letters as %XX")
    return Target(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), _path(parts))


def _path(parts: SplitResult) -> str:
    return f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"


def redirected(url: str, location: str) -> str:
    """Where a redirect leads. Raises ValueError for where none may: to clear text, or to what `target` refuses."""
    try:
        onward = urljoin(url, location.strip())
    except ValueError:
        raise ValueError("is redirected to what is no address") from None
    try:
        there = target(onward)
    except ValueError as error:
        raise ValueError(f"is redirected to an address that {error}") from None
    if urlsplit(url).scheme == "https" and there.scheme != "https":
        raise ValueError(f"is redirected from https to clear text at {there.host}, which is not followed")
    return onward


def is_public(address: str) -> bool:
    """It belongs to the whole network: not to this machine, this house, a provider's inside or a group. An address that
    carries another one is as good as that.
    """
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and (inner := _carried(found)):
        found = inner
    return found.is_global and not found.is_multicast and not found.is_reserved


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def shown(url: str) -> str:
    """An address as messages have it: what stands in a query, or before the host, may be a secret."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "an address"
    scheme = f"{parts.scheme}://" if parts.scheme else ""
    return f"{scheme}{host}{parts.path}{'?…' if parts.query else ''}"
