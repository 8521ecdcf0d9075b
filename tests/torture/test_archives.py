"""The archives themselves: the same everywhere, and as bad as they are meant to be."""

import pytest

from torture import naughty
from torture.archives import ALL, FIELDS, an_archive, strings, used


def test_a_number_gives_the_same_archive_each_time():
    """An archive is made of its number and nothing else, so that a failure can be looked at again."""
    assert an_archive(17) == an_archive(17)
    assert an_archive(17) != an_archive(18)


def test_the_cheat_sheet_has_all_its_vectors(shared):
    """All 110 vectors of the cheat sheet are found, each a string of its own, and what is active of its prose."""
    assert len(naughty.owasp()) >= naughty.OWASP + 40
    assert set(naughty.owasp()) <= set(strings())
    assert set(naughty.blns()) <= set(strings())


@pytest.mark.slow
def test_every_string_stands_in_every_field(figure):
    """All archives together have every string, as it is, in every field, and more than 2,000 editions."""
    seen = {pair for number in range(ALL) for pair in used(number)}
    wanted = {(field, text) for field in FIELDS for text in strings()}
    assert wanted - seen == set()
    editions = sum(len(an_archive(number).archive.recent) for number in range(ALL))
    assert editions >= 2000
    figure("{count:,} random editions", count=editions)
    figure("{count:,} naughty strings", count=len(strings()))
