"""`digest.delivery.leaving`: tokens by which readers leave, and how they are found again in what comes back."""

import re
from base64 import urlsafe_b64decode
from email.utils import parseaddr
from string import ascii_letters, digits
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from digest.delivery.leaving import PATH, link, mailto, mark, read_token, read_verp, token, verp
from digest.model import Addressee

KEY = b"a secret"
ANA = Addressee("mail", "ana@example.org")
WORDS = f"{ascii_letters}{digits}-_"
ADDRESSES = st.builds(
    lambda local, domain: f"{local}@{domain}.org",
    st.text(alphabet=f"{ascii_letters}{digits}+.", min_size=1, max_size=20).filter(
        lambda text: text.strip(".") == text and ".." not in text
    ),
    st.text(alphabet=ascii_letters, min_size=1, max_size=20),
)
TOKENS = st.builds(lambda address, key: token(key, "ana", Addressee("mail", address)), ADDRESSES, st.binary(max_size=8))


@given(ADDRESSES, st.binary(max_size=80), st.sampled_from(["ana", "bob", ""]))
def test_shape(address: str, key: bytes, profile: str) -> None:
    """W03: a token has 128 bits in 22 letters that need no quoting anywhere, whoever it is of."""
    made = token(key, profile, Addressee("mail", address))
    assert re.fullmatch("[A-Za-z0-9_-]{22}", made)
    assert len(urlsafe_b64decode(made + "==")) == 16


def test_whose() -> None:
    """A token is of one reader, one profile, one channel and one key, and the same each time: mails can be written
    again byte for byte, and links in old mails stay good (W04).
    """
    made = {
        token(KEY, "ana", ANA),
        token(KEY, "bob", ANA),
        token(KEY, "ana", Addressee("mail", "bob@example.org")),
        token(KEY, "ana", Addressee("webhook", "ana@example.org")),
        token(b"another", "ana", ANA),
    }
    assert len(made) == 5
    assert token(KEY, "ana", ANA) == token(KEY, "ana", ANA)
    assert token(KEY, "ana", ANA._replace(address=" Ana@Example.ORG", name="Ana")) == token(KEY, "ana", ANA)


def test_fields_do_not_run_into_each_other() -> None:
    """No other profile and address are the same when they stand side by side."""
    assert token(KEY, "a", Addressee("mail", "b@c.org")) != token(KEY, "a\nmail", Addressee("b@c.org", ""))
    assert token(KEY, "ana", Addressee("mail", "x")) != token(KEY, "an", Addressee("amail", "x"))


def test_mark() -> None:
    """What the store keeps tells tokens apart, and is none: nobody makes a link of it (W03)."""
    made = token(KEY, "ana", ANA)
    assert mark(made) == mark(made)
    assert mark(made) != mark(token(KEY, "bob", ANA))
    assert made not in mark(made)
    assert re.fullmatch("[0-9a-f]{32}", mark(made))


@given(TOKENS, ADDRESSES)
def test_link_and_mailto(made: str, address: str) -> None:
    """The link's last step is the token; the mailto's subject is read back to it; neither names the reader."""
    assert link("https://example.org/", made) == f"https://example.org/{PATH}{made}"
    assert read_token(link("https://example.org/", made)) == made
    url = urlsplit(mailto(address, made))
    assert (url.scheme, unquote(url.path)) == ("mailto", address)
    [subject] = parse_qs(url.query)["subject"]
    assert subject == f"unsubscribe {made}"
    assert read_token(subject) == made


@given(TOKENS, st.text(max_size=20), st.text(max_size=20))
def test_read_back(made: str, before: str, after: str) -> None:
    """A token is found in any text around it, as replies and translations put there, if it stands for itself."""
    assume(not before or before[-1] not in WORDS)
    assume(not after or after[0] not in WORDS)
    assume(not re.search(r"[A-Za-z0-9_-]{22}", before) and not re.search(r"[A-Za-z0-9_-]{22}", after))
    assert read_token(f"{before}{made}{after}") == made


@given(st.text(max_size=200))
def test_nothing_to_read(text: str) -> None:
    """No text raises; a text without 22 such letters in a row has no token."""
    found = read_token(text)
    assert found is None or found in text
    if not re.search("[A-Za-z0-9_-]{22}", text):
        assert found is None


def test_which_of_several() -> None:
    """A text with the same token twice is clear, one with two tokens is not: nobody is unsubscribed by a guess."""
    one, two = token(KEY, "ana", ANA), token(KEY, "bob", ANA)
    assert read_token(f"Re: unsubscribe {one} ({one})") == one
    assert read_token(f"{one} {two}") is None
    assert read_token(f"x{one}") is None


@given(TOKENS, ADDRESSES)
def test_verp(made: str, address: str) -> None:
    """E16: a bounce's address says whose mail it was, as it stands or in angle brackets, and is a mail address."""
    sent = verp(address, made)
    assert read_verp(sent) == read_verp(f" <{sent}>\r\n") == made
    assert sent.rpartition("@")[2] == address.rpartition("@")[2]
    assert parseaddr(sent)[1] == sent


@pytest.mark.parametrize(
    "address", ["", "<>", "bounces@example.org", "bounces+@example.org", "+" + "a" * 22 + "@x.org"]
)
def test_no_verp(address: str) -> None:
    """Any other address has no token."""
    assert read_verp(address) is None
