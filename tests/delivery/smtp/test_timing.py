"""`digest.delivery.smtp.timing`: how long a server may take, and how much it is given a minute."""

from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from digest.delivery.smtp.timing import Deadlines, Pace


def test_the_deadlines_of_the_standard() -> None:
    """D09; RFC 5321 section 4.5.3.2: 5 minutes for a reply, 10 for that to the dot; and an hour in all."""
    assert Deadlines() == Deadlines(connect=30, command=300, body=180, dot=600, session=3600, quit=2)


@given(st.integers(1, 5), st.lists(st.tuples(st.integers(0, 160), st.integers(0, 4)), max_size=30))
def test_no_minute_has_more_than_its_share(most: int, asked: list[tuple[int, int]]) -> None:
    """D16: in any 60 seconds at most so many go, and after the pause that is told there is room."""
    pace, now, went = Pace(most), 0.0, []
    for wait, wanted in asked:
        now += wait / 4  # exact as binary fractions
        room = pace.room(now, wanted)
        assert 0 <= room <= wanted
        for _ in range(room):
            pace.take(now)
            went.append(now)
        assert sum(one > now - 60 for one in went) <= most
        if pause := pace.pause(now):
            assert not pace.room(now, 1)
            assert deepcopy(pace).room(now + pause, 1)
        else:
            assert pace.room(now, 1)


def test_no_limit() -> None:
    """Where nothing is said of a minute, everything may go at once."""
    pace = Pace(0)
    for _ in range(1000):
        pace.take(0.0)
    assert pace.room(0.0, 1000) == 1000
    assert pace.pause(0.0) == 0
