"""What a request knows already, and in which coding it takes the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.web.conditions import http_date, status, takes_gzip

TAG = '"0f1e-gzip"'
AT = 784_111_777
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
LATER, EARLIER = "Sun, 06 Nov 1994 08:49:38 GMT", "Sun, 06 Nov 1994 08:49:36 GMT"


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({}, 200),
        ({"if-none-match": TAG}, 304),
        ({"if-none-match": f"W/{TAG}"}, 304),
        ({"if-none-match": '"other"'}, 200),
        ({"if-none-match": '"0f1e"'}, 200),
        ({"if-none-match": f'"a", W/"b,c" ,{TAG}'}, 304),
        ({"if-none-match": f'"a, {TAG[1:-1]}, b"'}, 200),
        ({"if-none-match": "*"}, 304),
        ({"if-none-match": " * "}, 304),
        ({"if-none-match": ""}, 200),
        ({"if-none-match": TAG[1:-1]}, 200),
        ({"if-modified-since": DATE}, 304),
        ({"if-modified-since": LATER}, 304),
        ({"if-modified-since": EARLIER}, 200),
        ({"if-modified-since": "Sunday, 06-Nov-94 08:49:37 GMT"}, 304),
        ({"if-modified-since": "Sun Nov  6 08:49:37 1994"}, 304),
        ({"if-modified-since": "yesterday"}, 200),
        ({"if-modified-since": "Sun, 06 Nov 99999 08:49:37 GMT"}, 200),
        ({"if-none-match": '"other"', "if-modified-since": DATE}, 200),
        ({"if-none-match": TAG, "if-modified-since": EARLIER}, 304),
        ({"if-match": TAG}, 200),
        ({"if-match": "*"}, 200),
        ({"if-match": f'"a", {TAG}'}, 200),
        ({"if-match": f"W/{TAG}"}, 412),
        ({"if-match": '"other"'}, 412),
        ({"if-match": TAG, "if-none-match": TAG}, 304),
        ({"if-match": '"other"', "if-none-match": TAG}, 412),
        ({"if-match": TAG, "if-unmodified-since": EARLIER}, 200),
        ({"if-unmodified-since": EARLIER}, 412),
        ({"if-unmodified-since": DATE}, 200),
        ({"if-unmodified-since": "never"}, 200),
    ],
)
def test_conditions_are_weighed_as_rfc_9110_has_it(headers: dict[str, str], answer: int) -> None:
    """F14: If-None-Match beats If-Modified-Since, `*` and lists work, and its comparison is the weak one."""
    assert status(headers, TAG, AT) == answer


@given(st.lists(st.from_regex(r"[\x21\x23-\x7e]{0,8}", fullmatch=True), max_size=5))
def test_a_tag_is_found_where_it_stands_in_a_list(others: list[str]) -> None:
    """F14: whatever other tags a list has, it matches exactly where it has ours."""
    listed = [f'"{other}"' for other in others if f'"{other}"' != TAG]
    for place in range(len(listed) + 1):
        assert status({"if-none-match": ",".join([*listed[:place], f"W/{TAG}", *listed[place:]])}, TAG, AT) == 304
    assert status({"if-none-match": " , ".join(listed)}, TAG, AT) == 200


@given(*(st.text(max_size=40) for _ in range(5)))
def test_no_header_breaks_the_look(a: str, b: str, c: str, d: str, e: str) -> None:
    """Whatever a header says, there is an answer."""
    headers = {"if-match": a, "if-none-match": b, "if-modified-since": c, "if-unmodified-since": d}
    assert status(headers, TAG, AT) in (200, 304, 412)
    assert status({"if-modified-since": c}, TAG, AT) in (200, 304)
    assert takes_gzip(e) in (True, False)


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZip", True),
        ("x-gzip", True),
        ("gzip, deflate, br", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("gzip ; q=0.5", True),
        ("identity, gzip;q=0.5", False),
        ("identity;q=0.5, gzip;q=0.5", True),
        ("identity;q=0", False),
        ("br", False),
        ("gzipped", False),
        ("gzip;q=x", False),
    ],
)
def test_gzip_is_for_who_takes_it(accepted: str | None, takes: bool) -> None:
    """F13: gzip goes to who names it or `*`, and likes it no less than the plain file."""
    assert takes_gzip(accepted) is takes


def test_dates_are_written_as_http_has_them() -> None:
    """RFC 9110, 5.6.7: the one form that is sent."""
    assert http_date(AT) == DATE
