"""XML as a stream of elements, and text with markup in it."""

import tracemalloc
from contextlib import suppress
from io import BufferedReader, RawIOBase

import pytest
from builders import a_document
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SourceError
from digest.formats.head import head
from digest.formats.markup import child, elements, line, root, text
from digest.formats.prose import plain, prose
from digest.model import Document, Problem


def read(content: str | bytes, *names: str) -> list[str]:
    """The texts of the elements, and `!` for a problem."""
    return ["!" if isinstance(x, Problem) else text(x) for x in elements(a_document(content), *names)]


@pytest.mark.parametrize(
    ("content", "name", "space"),
    [
        ("<a/>", "a", ""),
        ('<?xml version="1.0"?>\n<!-- <b> -->\n<!DOCTYPE a [<!ELEMENT a ANY>]>\n<a x="1">', "a", ""),
        ('<p:a xmlns:p="urn:p" xmlns="urn:q">', "a", "urn:p"),
        ("<a xmlns='urn:q'>", "a", "urn:q"),
        ("text", "", ""),
        ("<", "", ""),
        ("<!-- " * 1000, "", ""),
    ],
)
def test_the_root_is_found_behind_what_may_stand_before_it(content: str, name: str, space: str) -> None:
    """Declarations, comments and DTDs are passed over; a prefix is resolved."""
    found = root(head(content.encode()))
    assert (found.name, found.space) == (name, space) if found else name == ""


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("<r><i>a</i><i>b</i></r>", ["a", "b"]),
        ("<i>a</i>\n<i>b</i>", ["a", "b"]),
        ("<r><i>a</i></r><?xml version='1.0'?><!DOCTYPE r><r><i>b</i></r>", ["a", "b"]),
        ("<r><i>a &nbsp;&uuml;&hellip;&#150; b</i></r>", ["a ü…– b"]),
        ("<r><i>a & b < c</i></r>", ["a & b < c"]),
        ("<r><i>a&#0;&#xD800;b</i></r>", ["ab"]),
        ("<r><i><![CDATA[a & <b>]]></i><i>&</i></r>", ["a & <b>", "&"]),
        ("<r><p:i>a</p:i></r>", ["a"]),
        (b"<r><i>\xe9\xc3\xa9</i></r>", ["éé"]),
        ("<r><i>a</i><i>b", ["a", "!"]),
        ("<r><i>a</i><x></r>", ["a", "!"]),
        ("<r><i>a<b>c</i></r>", ["ac", "!"]),
        ("<r><i>a</i></r>tail", ["a"]),
        ("<r><i>&unknown; a</i></r>", ["&unknown; a"]),
    ],
)
def test_what_is_wrong_is_mended_or_told(content: str | bytes, texts: list[str]) -> None:
    """What can be mended without loss is read as it was meant; anything else is read as far as it goes, and told."""
    try:
        assert read(content, "i") == texts
    except SourceError:
        assert texts == ["!"]


def test_entities_of_a_document_are_refused() -> None:
    """A bomb of entities, or one that names a file, is refused before anything is read."""
    for bomb in ('<!ENTITY a "aaaa">', '<!ENTITY a SYSTEM "file:///etc/passwd">', '<!eNtItY % a "b">'):
        for encoding in ("utf-8", "utf-16"):
            with pytest.raises(SourceError, match="entities"):
                read(
                    f"<?xml version='1.0'?><!DOCTYPE r [<!ELEMENT r ANY>{bomb}]><r><i>&a;</i></r>".encode(encoding), "i"
                )


def test_an_entity_that_is_declared_in_the_midst_is_never_expanded() -> None:
    """Only what stands before the root could declare one, and no declaration is read."""
    hidden = "<r><i>x</i></r><!DOCTYPE r [<!ENTITY a 'expanded'>]><r><i>&a;</i></r>"
    assert "expanded" not in "".join(read(hidden, "i"))


def test_nesting_without_end_is_no_crash() -> None:
    """Elements in elements without end are refused by the parser and told."""
    with pytest.raises(SourceError):
        read("<i>" * 100_000, "j")
    assert read("<r><i>a</i>" + "<x>" * 100_000, "i") == ["a", "!"]


@pytest.mark.parametrize(
    "filler", ["<?xml ", "<!DOCTYPE ", "<![CDATA[", "&", "<", "<!--", "<!DOCTYPE[", "&#", "<i a='"]
)
def test_a_file_of_one_thing_takes_no_time(filler: str) -> None:
    """300 kB of what never ends is read in less than a second or two, whatever it is."""
    with suppress(SourceError):
        read("<r><i>a</i>" + filler * (300_000 // len(filler)), "i")
    plain("a" + filler * (300_000 // len(filler)))


@pytest.mark.parametrize("text", ["ab ", "é", "&amp;", "x\n"])
@pytest.mark.parametrize("wrap", ["{}", "<![CDATA[{}]]>"])
def test_a_text_of_megabytes_costs_its_end(text: str, wrap: str) -> None:
    """Of a text of 12 MB the beginning is kept, it is told with its line, and all others are read."""
    monster = wrap.format(text * (12_000_000 // len(text.encode())))
    found = list(elements(a_document(f"<r>\n<i>a</i>\n<i>{monster}</i><i>b</i></r>"), "i"))
    assert [x.line for x in found if isinstance(x, Problem)] == [3]
    assert read(f"<r><i>a</i><i>{monster}</i><i>b</i></r>", "i")[-1] == "b"
    assert len(found) == 4


def test_lines_are_counted_through_documents() -> None:
    """An element's line is that of its start, DTDs and declarations before it counted."""
    content = "<?xml version='1.0'?>\n<!DOCTYPE r\n>\n<r>\n<i>\na</i>\n</r>\n<?xml\nversion='1.0'?><r>\n<i/></r>"
    assert [line(x) for x in elements(a_document(content), "i") if not isinstance(x, Problem)] == [5, 10]


def test_the_line_of_an_element_beyond_65535() -> None:
    """libxml2 keeps 16 bits of a line, and more where it can."""
    content = "<r>" + "\n" * 70_000 + "<i>a</i>\n</r>"
    assert [line(x) for x in elements(a_document(content), "i") if not isinstance(x, Problem)] == [70_001]


@pytest.mark.slow
def test_memory_is_flat() -> None:
    """Of a stream of 12 MB no more than a little is held at a time."""

    class Long(RawIOBase):
        left = 120

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            data = b"<r>" if self.left == 120 else b"<i><t>abc</t></i>\n" * 5500
            self.left -= 1
            if self.left < 0:
                return 0
            data = data[: len(buffer)]
            buffer[: len(data)] = data
            return len(data)

    tracemalloc.start()
    count = sum(1 for _ in elements(Document(origin="long", open=lambda: BufferedReader(Long(), 100_000)), "i"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count > 500_000
    assert peak < 10_000_000


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<p>H<sub>2</sub>O &amp; ice</p><p>Found.</p>", "H2O & ice Found."),
        ("one<br/>two<BR>three", "one two three"),
        ("n<m and m>k", "n<m and m>k"),
        ("a <b and c> d", "a <b and c> d"),
        ("p<0.05 &lt; q", "p<0.05 < q"),
        ("AT&T &copy; R&D;", "AT&T © R&D;"),
        ("<script>alert(1)</script>x<style>p{}</style>", "x"),
        ("<!-- c -->x<!-- open", "x"),
        ("<jats:p>A</jats:p><jats:p><jats:italic>B</jats:italic></jats:p>", "A B"),
        ("<a href=\"https://a.example.org/?a=1&amp;b=2\" title='x'>L</a>", "L"),
        ("<mml:math><mml:mi>x</mml:mi><mml:mo>=</mml:mo><mml:mn>1</mml:mn></mml:math>", "x=1"),
        ("$a<b$ and $\\langle x \\rangle$", "$a<b$ and $\\langle x \\rangle$"),
        ("", ""),
    ],
)
def test_html_in_a_string_becomes_text(html: str, said: str) -> None:
    """Elements are gone, blocks are spaces, entities are characters, and what is no markup stays."""
    assert plain(html) == said


def test_of_a_formula_that_is_there_twice_the_tex_is_taken() -> None:
    """JATS has TeX beside MathML, in a document of its own."""
    content = (
        r"<i>Let <inline-formula><alternatives><mml:math><mml:mi>x</mml:mi></mml:math><tex-math>\documentclass{minimal}"
        r"\begin{document}$$x^2$$\end{document}</tex-math></alternatives></inline-formula> be<xref>1</xref>.</i>"
    )
    (found,) = [x for x in elements(a_document(content), "i") if not isinstance(x, Problem)]
    # Nothing is held behind the loop.
    assert child(found, "p") is None
    said = [prose(x, "xref") for x in elements(a_document(content), "i") if not isinstance(x, Problem)]
    assert said == ["Let $x^2$ be."]


@given(st.text(alphabet=st.sampled_from("<>&;/!-[]#xp\"'= abCDATA"), max_size=200))
def test_any_string_is_text(content: str) -> None:
    """No mixture of signs raises, and what comes is one line."""
    assert plain(content) == " ".join(plain(content).split())
