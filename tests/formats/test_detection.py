"""What a document is taken for, and what is said of one that cannot be read."""

import pytest
from builders import a_document
from hypothesis import given
from hypothesis import strategies as st
from mixing import documents
from pages import LAYOUTS, invented, seen_on
from test_startup import imported

from digest.errors import UsageError
from digest.formats import _BY_LOOK, _BY_ROOT, FORMATS, _asked, hypertext, notes, parse
from digest.formats.head import head
from digest.model import Document, Listing, Problem

PAPERS = list(invented(24, seed=7))


def parsed(content: str | bytes, format: str | None = None) -> tuple[list[Listing], list[Problem]]:
    items = list(parse(a_document(content), format))
    return [x for x in items if isinstance(x, Listing)], [x for x in items if isinstance(x, Problem)]


def page(layout: str, first: int = 0, last: int = 6) -> str:
    return "".join(LAYOUTS[layout](PAPERS[first:last]))


def assert_told(listings: list[Listing], layout: str, first: int = 0, last: int = 6) -> None:
    by_abstract = {listing.abstract: listing for listing in listings}
    for paper in PAPERS[first:last]:
        listing = by_abstract[paper.abstract]
        for name, value in seen_on(layout, paper).items():
            assert getattr(listing, name) == value, (name, paper.id)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_recognised_and_read_whole(layout):
    """A page in any of the four layouts is read without being told which it is."""
    listings, problems = parsed(page(layout, 0, 24))
    assert problems == []
    assert len(listings) == 24
    assert_told(listings, layout, 0, 24)


@pytest.mark.parametrize("ending", ["", "\n", "\n\n\n"])
@pytest.mark.parametrize("second", LAYOUTS)
@pytest.mark.parametrize("first", LAYOUTS)
def test_a_file_of_two_layouts_is_read_to_its_end(first, second, ending):
    """Where a page of one layout is followed by one of another, no listing of either is lost or spoilt."""
    listings, problems = parsed(page(first, 0, 4) + ending + page(second, 8, 12))
    assert problems == []
    assert_told(listings, first, 0, 4)
    assert_told(listings, second, 8, 12)
    assert len(listings) == 8


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_encodings_are_told_apart(layout, encoding):
    """UTF-8 with a mark and UTF-16 with or without one give the same listings as UTF-8."""
    assert parsed(page(layout).encode(encoding)) == parsed(page(layout))


def test_a_byte_that_is_no_utf8_is_read_as_windows_1252():
    """A line in Latin-1 in the midst of UTF-8 keeps its letters, and so do the lines around it."""
    text = (
        "Ada Moreau, Tomás Říha\nWe count papers.\n".encode()
        + "Émile Lefèvre, Zoë Kim\nWe count them again.\n".encode("cp1252")
    )
    listings, problems = parsed(text)
    assert problems == []
    assert [x.authors for x in listings] == [("Ada Moreau", "Tomás Říha"), ("Émile Lefèvre", "Zoë Kim")]


def test_line_ends_of_all_systems_are_line_ends():
    """CR LF and lone CR separate lines as LF does."""
    text = page("abstract_id_dates")
    assert parsed(text.replace("\n", "\r\n")) == parsed(text)
    assert [x.ids for x in parsed(text.replace("\n", "\r"))[0]] == [x.ids for x in parsed(text)[0]]


def test_control_characters_vanish_and_listings_stay():
    """A NUL or an escape in a listing is left out of its text; the listing is kept."""
    listings, problems = parsed("We count\x00 papers \x1b[31monce.\n5 pages\narXiv:2605.00001\n")
    assert problems == []
    assert listings[0].abstract == "We count papers [31monce."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n\t\n ", "is empty"),
        (b"%PDF-1.7\nrest", "a PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a PNG image"),
        (bytes(range(256)) * 20, "binary data"),
        (b"\x7fELF\x02\x01\x01" + bytes(500), "a program"),
    ],
)
def test_what_is_no_text_is_one_problem_that_says_what_it_is(content, said):
    """An empty or binary file gives one problem with its name and what it is."""
    listings, problems = parsed(content)
    assert listings == []
    assert len(problems) == 1
    assert said in problems[0].what
    assert problems[0].file == "page.txt"


def test_a_text_that_is_no_listing_is_one_problem_with_its_line():
    """Prose without any sign of a layout is refused once, at its first line, with the way to see what is known."""
    listings, problems = parsed("\n\nDear all,\nthe seminar is cancelled.\nBest\n")
    assert listings == []
    assert len(problems) == 1
    assert problems[0].line == 3
    assert "digest formats" in problems[0].what


def test_a_file_that_cannot_be_opened_is_a_problem():
    """An OSError on opening is a problem that names the file."""

    def refuse():
        raise PermissionError(13, "Permission denied")

    (problem,) = parse(Document(origin="secret.txt", open=refuse))
    assert isinstance(problem, Problem)
    assert str(problem) == "secret.txt: cannot be read: Permission denied"


def test_a_layout_that_is_named_is_not_guessed():
    """With `format` a page is read as that layout, and an unknown name is refused with a hint."""
    listings, _ = parsed("We count papers.\narXiv:2605.00001\n", "abstract_id")
    assert listings[0].format == "abstract_id"
    with pytest.raises(UsageError, match=r"no format 'hf_pgae' \(did you mean 'hf_page'\?\)"):
        parsed("x", "hf_pgae")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_line_of_ten_megabytes_costs_one_listing(layout):
    """A listing with a line of 10 MB is one problem with the line's number; all others are read."""
    pieces = list(LAYOUTS[layout](PAPERS[:5]))
    text = "".join(pieces)
    monster = PAPERS[2].abstract
    assert monster in text or layout == "authors_abstract"
    if layout == "authors_abstract":
        text = "".join(LAYOUTS[layout](PAPERS[:5], wrap=False))
    swollen = text.replace(monster, monster + " and so on" * 1_000_000)
    assert len(swollen) > 10_000_000
    listings, problems = parsed(swollen)
    assert len(problems) == 1
    assert "256 kB" in problems[0].what
    assert problems[0].line == swollen[: swollen.index(monster)].count("\n") + 1
    assert [x.abstract for x in listings] == [p.abstract for p in PAPERS[:5] if p.abstract != monster]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_page_that_breaks_off_keeps_what_was_whole(layout):
    """A half-written file gives every listing before the break; what is left of the last is told, or read."""
    text = page(layout, 0, 6)
    cut = text.index(PAPERS[5].abstract[:60] if layout != "authors_abstract" else PAPERS[5].authors[0] + ",") + 70
    listings, problems = parsed(text[:cut])
    assert_told(listings[:5], layout, 0, 5)
    assert len(listings) + len(problems) == 6


def test_listings_are_not_held():
    """The first listing is given before the document was read to its end."""
    read = []

    class Endless:
        def __init__(self):
            self.source = ("".join(LAYOUTS["abstract_id"](PAPERS)) + "\n").encode()

        def readable(self):
            return True

        closed = False

        def close(self):
            pass

        def readinto(self, buffer):
            read.append(len(buffer))
            data = (self.source * 50)[: len(buffer)]
            buffer[: len(data)] = data
            return len(data)

    import io

    class Raw(Endless, io.RawIOBase):
        pass

    items = parse(Document(origin="endless", open=lambda: io.BufferedReader(Raw())))
    for _ in range(500):
        assert isinstance(next(items), Listing | Problem)
    assert sum(read) < 10_000_000


FRAGMENTS = st.sampled_from(
    [
        "Ada Moreau, Tomás Říha et al.\n",
        "Ngozi Okafor\n",
        "We count papers and find that many are old.\n",
        "arXiv:2605.00001",
        "arXiv:hep-th/9901001v2",
        "Authors' comments: 5 pages\n",
        "Created: 2026-05-01 Updated: 2026-13-45\n",
        "\n",
        "\n\n",
        "  • 8 authors\n",
        "·\n",
        "May 26\n",
        "Dec 4, 2025 2\n",
        "Daily Papers\n",
        "A title of a paper\n",
        "Feb 29\n",
        "x" * 200 + ".\n",
        "The quick brown fox jumps over the lazy dog. " * 9 + "\n",
        "\x00",
        "\r",
        "�",
        "et al.\n",
        "• 0 authors\n",
    ]
)


@given(st.lists(st.one_of(FRAGMENTS, st.text(max_size=30)), max_size=40))
def test_any_mixture_of_fragments_is_answered(pieces):
    """Fragments of all layouts in any order raise nothing, and every listing has a place and something to say."""
    content = "".join(pieces).encode("utf-8", "surrogatepass")
    lines = content.count(b"\n") + content.count(b"\r") + 1
    listings, problems = parsed(content)
    for listing in listings:
        assert 1 <= listing.position.line <= lines
        assert listing.abstract or listing.title or listing.comments
    for problem in problems:
        assert problem.what


@given(st.binary(max_size=4000))
def test_any_bytes_are_answered(content):
    """No string of bytes raises, and none is passed over in silence."""
    listings, problems = parsed(content)
    assert listings or problems


def test_most_of_a_thousand_broken_pages_is_kept():
    """A page with one line missing loses at most the listings that touch it."""
    for layout in LAYOUTS:
        lines = page(layout, 0, 12).splitlines(keepends=True)
        for gone in range(0, len(lines), 3):
            listings, problems = parsed("".join(lines[:gone] + lines[gone + 1 :]))
            assert len(listings) >= 10, (layout, gone, problems)


def test_who_is_not_asked_would_not_have_known_it():
    """A format that is not asked, for the look of a document or for its root, does not take it for its own."""
    for one in documents():
        if one.packed:
            continue
        seen = head(one.data)
        looks = {name for look, names in _BY_LOOK.items() if look == seen.look for name in names}
        rest = {*looks, *_BY_ROOT} - set(_asked(seen))
        assert [name for name in rest if FORMATS[name].detect(seen)] == [], one.name


@pytest.mark.parametrize("before", ["", "<?xml version='1.0'?>\n<!DOCTYPE x>\n<!-- a > b <p> -->\n", "\n  "])
def test_the_roots_of_xml_are_neither_those_of_pages_nor_of_notes(before):
    """What begins with a root that XML formats have is no page, and no notes of papers: those need not be asked."""
    for root in {root for roots in _BY_ROOT.values() for root in roots}:
        for tag in (root, f"x:{root} xmlns:x='urn:x'"):
            begun = head(
                f"{before}<{tag}>\n- [A paper](https://arxiv.org/abs/2605.00001)\n</{tag.split()[0]}>".encode()
            )
            assert not hypertext.is_html(begun)
            assert notes.shape(begun) is None
            assert set(_asked(begun)) <= _BY_ROOT.keys()


@pytest.mark.parametrize("name", _BY_ROOT)
def test_a_format_of_xml_knows_no_root_but_its_own(name):
    """Whatever roots of other formats stand around what it looks for, a format of XML takes nothing for its own."""
    roots = {root for roots in _BY_ROOT.values() for root in roots} | {"html", "opml", "urlset", "svg"}
    insides = [one.data.decode("utf-8", "replace") for one in documents() if one.format == name and not one.packed]
    for root in roots - set(_BY_ROOT[name]):
        for inside in insides:
            assert FORMATS[name].detect(head(f"<{root} xmlns='urn:x'>{inside}".encode())) is None, root


def test_a_feed_is_read_by_few_modules(tmp_path):
    """A feed is recognised and read without the formats of pages, notes, references, mails' HTML and archives."""
    feed = tmp_path / "feed.xml"
    feed.write_text(FORMATS["feed"].EXAMPLE)
    read = imported(f"from digest.cli import main; main(['parse', '{feed}'])")
    rooms = {name.removeprefix("digest.formats.") for name in read if name.startswith("digest.formats.")}
    assert "feeds" in rooms
    assert not rooms & {*_BY_ROOT.keys() - {"feed", "arxiv_api"}, *_BY_LOOK["markup"], "notes", "entries", "hypertext"}
    assert not read & {"tarfile", "zipfile", "selectolax"}
