"""Which addresses are written, and how (RFC 3986)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.rendering.addresses import href


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("HTTPS://Example.ORG/A", "https://example.org/A"),
        (" https://example.org \n", "https://example.org"),
        ("https://example.org:8080/", "https://example.org:8080/"),
        ("http://127.0.0.1:8000/x", "http://127.0.0.1:8000/x"),
        ("https://[::1]/x", "https://[::1]/x"),
        ("https://example.org./", "https://example.org./"),
        ("https://example.org/a b<c>\"d\"", "https://example.org/a%20b%3Cc%3E%22d%22"),
        ("https://example.org/100%", "https://example.org/100%25"),
        ("https://example.org/%41%zz", "https://example.org/%41%25zz"),
        ("https://example.org/[x]?[y]=1#z#z", "https://example.org/%5Bx%5D?%5By%5D=1#z%23z"),
        ("https://example.org/ü?ß#é", "https://example.org/%C3%BC?%C3%9F#%C3%A9"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("mailto:ana@example.org?subject=a b", "mailto:ana@example.org?subject=a%20b"),
    ],
)  # fmt: skip
def test_an_address_is_written_as_the_standard_has_it(address, written):
    """What has no place in an address is quoted, hosts become ASCII, and nothing else changes."""
    assert href(address) == written


@pytest.mark.parametrize(
    "address",
    """javascript:alert(1)|data:text/html,x|vbscript:x|file:///etc/passwd|ftp://example.org/|//example.org/|/x|x|
    http:|http://|https:///x|https://?x|https://#x|https://[::1|https://[x]/|https://exa%20mple.org/|https://a..b/|
    https://.../|https://-a.example/|https://user:secret@example.org/|https://example.org:99999/|https://example.org:x/|
    https://example.org\\@evil.example/|http://0x42.0x66.0x7.0x93/|http://1113982867/|http://0102.0146.0007.00000223/|
    http://256.1.1.1/|mailto:|mailto:x|mailto:<script>|mailto:a@b c""".replace("\n    ", "").split("|"),
)
def test_what_leads_nowhere_is_not_written(address):
    """No other scheme, no host that cannot be, no port that is none, no secret before the host."""
    assert href(address) is None


@given(
    st.sampled_from(["", "http://", "https://example.org/", "https://", "mailto:", "mailto:a@b.example?"]), st.text()
)
def test_what_is_written_is_an_address_and_stays_one(start, rest):
    """Whatever comes in, what is written is ASCII without blanks or quotes, and is written the same again."""
    if (written := href(start + rest)) is not None:
        assert re.fullmatch(r"(?:https?://|mailto:)[!#-;=?-\[\]_a-z~]+", written), written
        assert href(written) == written
