"""`digest.formats.records`: documents cut into records as bytes."""

import re

import pytest
from builders import a_document

from digest.formats.records import LONGEST, Record, begun
from digest.model import Problem

BEGINS = re.compile(rb"\nTY  - ")


@pytest.mark.parametrize("blank", ["", "\n", "\n\n \n"])
@pytest.mark.parametrize("before", ["", "a head\n"])
def test_records_begin_where_their_first_line_does(blank: str, before: str) -> None:
    """Each with its line, whatever stands before it; what is blank is no record."""
    text = before + "".join(f"{blank}TY  - {number}\nAU  - x\n" for number in range(3))
    found = [one for one in begun(a_document(text), BEGINS) if isinstance(one, Record)]
    assert [one.text.split("\n")[0] for one in found] == ([before.strip()] if before else []) + [
        f"TY  - {number}" for number in range(3)
    ]
    lines = text.split("\n")
    assert all(lines[one.line - 1] == one.text.split("\n")[0] for one in found)


@pytest.mark.parametrize("size", [1, 500, 4090, 65_500, 65_536, 200_000])
def test_no_record_is_cut_where_the_bytes_come_in_pieces(size: int) -> None:
    """A line that begins a record may be split anywhere between two stretches."""
    text = "".join(f"TY  - {number}\n{'x' * (size + number % 9)}\n" for number in range(30))
    found = list(begun(a_document(text), BEGINS))
    assert [one.text.rstrip() for one in found if isinstance(one, Record)] == [
        f"TY  - {number}\n{'x' * (size + number % 9)}" for number in range(30)
    ]


def test_a_record_that_is_too_long_is_left_out() -> None:
    """It is a problem with its line, and those around it are whole, with theirs."""
    text = f"TY  - a\nTY  - b\n{'x y z' * LONGEST}\n\n{'w' * 99}\nTY  - c\n"
    found = list(begun(a_document(text), BEGINS))
    assert [x.line for x in found] == [1, 2, 6]
    assert isinstance(found[1], Problem)
