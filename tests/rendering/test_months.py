"""The calendar: every day stands under its weekday, and every edition can be reached."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from rendering_scene import SITE, Outline, an_archive, editions

from digest.model import ArchiveDay
from digest.rendering import html
from digest.rendering.months import Day, Month, years


def lines(*days: date) -> list[ArchiveDay]:
    return [ArchiveDay(day=day, number=1, shown=day.day, headline=None) for day in sorted(days, reverse=True)]


def href(day: date) -> str:
    return f"{day}.html"


def cells(month: Month) -> list[list[Day | None]]:
    return [[*[None] * week.before, *week.days, *[None] * week.after] for week in month.weeks]


def test_month_is_laid_out_in_weeks() -> None:
    """May 2026 begins on a Friday and has thirty-one days; the days with editions are links with their papers."""
    (year,) = years(lines(date(2026, 5, 26)), href)
    (month,) = year.months
    assert (year.name, year.aside, month.name) == ("2026", "1 edition", "May 2026")
    assert [[day and day.number for day in week] for week in cells(month)] == [
        [None, None, None, None, 1, 2, 3],
        [*range(4, 11)],
        [*range(11, 18)],
        [*range(18, 25)],
        [*range(25, 32)],
    ]
    assert cells(month)[4][1] == Day(26, "2026-05-26.html", 26)
    assert [day for week in cells(month) for day in week if day and day.href] == [Day(26, "2026-05-26.html", 26)]


@given(st.sets(st.dates(date(2, 1, 1), date(9998, 12, 31)), min_size=1, max_size=20))
@settings(max_examples=100, deadline=None)
def test_every_edition_is_under_its_weekday_once(days: set[date]) -> None:
    """Years and months come newest first, hold all days of theirs, and each edition is linked in one place."""
    linked = []
    made = years(lines(*days), href)
    assert [int(year.name) for year in made] == sorted({day.year for day in days}, reverse=True)
    for year in made:
        for month in year.months:
            numbers = [day.number for week in month.weeks for day in week.days]
            assert numbers == list(range(1, len(numbers) + 1))
            for week in cells(month):
                assert len(week) == 7
                for weekday, day in enumerate(week):
                    if day and day.href:
                        edition = date.fromisoformat(day.href.removesuffix(".html"))
                        assert (edition.weekday(), edition.day, day.papers) == (weekday, day.number, day.number)
                        linked.append(edition)
            last = date.fromisoformat(f"{linked[-1]:%Y-%m}-01".zfill(10)).replace(day=len(numbers))
            assert (last + timedelta(days=1)).day == 1
    assert sorted(linked) == sorted(days)


def test_nothing_published_is_no_calendar() -> None:
    """Without editions there are no years."""
    assert years([], href) == []


def test_calendar_is_a_table_that_can_be_heard() -> None:
    """Each month is a table with a caption and column heads; a day's link says how many papers it leads to; only the
    newest year is open.
    """
    archive = an_archive(*editions())
    older = archive._replace(days=(*archive.days, *lines(date(2024, 2, 29))))
    outline = Outline(html.render(older, SITE)[2].content.decode())
    assert outline.texts("caption") == ["May 2026", "February 2024"]
    heads = [attributes for tag, attributes in outline.elements if tag == "th"]
    assert heads == [{"scope": "col"}] * 14
    assert outline.texts("th")[:7] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    assert [text for text in outline.texts("a") if text.endswith(" papers")][-3:] == [
        "25 0 papers",
        "26 4 papers",
        "29 29 papers",
    ]
    assert [a for tag, a in outline.elements if tag == "details"] == [{"open": ""}, {}]
    assert outline.texts("summary") == ["2026 2 editions", "2024 1 edition"]


def test_ten_years_of_editions_stay_a_page() -> None:
    """An archive of every working day of ten years weighs no more than 300 kB, most of it the calendar."""
    start = date(2026, 5, 26)
    days = [day for n in range(3652) if (day := start - timedelta(days=n)).weekday() < 5]
    archive = an_archive(*editions())._replace(days=tuple(lines(*days)))
    page = next(r.content for r in html.render(archive, SITE) if r.path == "efficient/index.html")
    assert len(days) == page.count(b"<small>")
    assert len(page) < 300_000
