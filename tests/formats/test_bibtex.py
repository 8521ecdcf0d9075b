"""`digest.formats.bibtex`: BibTeX and biblatex in their dialects, and beside bibtexparser."""

import logging
import re
from pathlib import Path
from typing import Any

import bibtexparser
import pytest
from builders import a_document
from formats_scene import SAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.formats import parse
from digest.formats.bibtex import detect
from digest.formats.bibtex_entries import Entry, entries
from digest.formats.head import head
from digest.formats.signs import Sign
from digest.formats.tex import plain, verbatim
from digest.model import Listing, Problem


def read(text: str | bytes) -> list[Listing | Problem]:
    return list(parse(a_document(text), "bibtex"))


def one(text: str) -> Listing:
    (listing,) = read(text)
    assert isinstance(listing, Listing), listing
    return listing


def article(fields: str) -> Listing:
    return one(f"@article{{key, title = {{Counting}}, {fields}}}")


# ------------------------------------------------------------------------------------------------ syntax


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("@article{k, title = {Counting {DNA} once}}", "Counting DNA once"),
        ('@article{k, title = "Counting {"}DNA{"} once"}', 'Counting "DNA" once'),
        ('@article{k, title = "Schr\\"odinger"}', "Schrödinger"),
        ("@ARTICLE ( k , TITLE = {Counting (all of it)} )", "Counting (all of it)"),
        ('@article(k, title = "A ) in quotes")', "A ) in quotes"),
        ('@string{a = "Counting"} @misc{k, title = A # " once" # {, twice}}', "Counting once, twice"),
        ('@string{a = "b"}\n@string{b = a # "c"}\n@misc{k, title = b}', "bc"),
        ("@misc{k, title = notdefined}", "notdefined"),
        ("@misc{k, title = 1984}", "1984"),
        ("@misc{k, title = jan}", "jan"),
        ("@misc{k, title = Without any quotes, year = 2020}", "Without any quotes"),
        ("@misc{k, title = {Counting}, year = }", "Counting"),
        ("@misc{k, title = {Counting},,, year = 2020,}", "Counting"),
        ("@misc{k,\n title\n=\n{Counting\n  once}}", "Counting once"),
        ("@misc{k, % why\n title = {Counting} % because\n , year = 2020 % }\n}", "Counting"),
        ("@misc{k, title = {Counting} year = 2020}", "Counting"),
        ("@misc{a key of words, title = {Counting}}", "Counting"),
        ("@misc{k, title = {a \\{ b}}", "a { b"),
        ("@misc{k, title = {ends in a backslash \\\\}}", "ends in a backslash"),
        ("@misc{k, abstract = {x}, title = {me@example.org {and} @misc{no, one}}}", "me@example.org and @miscno, one"),
        ("\ufeff@misc{k, title = {Counting}}", "Counting"),
        ("text with an @ sign (a), ana@example.org {x}\n@misc{k, title = {Counting}} and more", "Counting"),
    ],
)
def test_an_entry_is_read_however_it_is_written(text: str, title: str) -> None:
    """Delimiters, joins, macros, comments, and what programs leave out."""
    assert one(text).title == title


def test_what_is_no_entry_lists_nothing() -> None:
    """Comments, preambles, strings, and entries behind a sign of percent or in a comment's braces."""
    aside = (
        "% @misc{a, title = {A}}\n  %% @misc{b, title = {B}}\n@comment{@misc{c, title = {C}} }\n@Comment(x)\n"
        '@preamble{"\\def\\x{@misc{d, title = {D}}}"}\n@string{e = "E"}\n'
    )
    assert [x.title for x in read(f"{aside}@misc{{f, title = {{F}}}}") if isinstance(x, Listing)] == ["F"]
    assert [x.what for x in read(aside) if isinstance(x, Problem)] == ["there is no entry of BibTeX in it"]


@pytest.mark.parametrize(
    "broken",
    [
        "@article{b, title = {open, year = 2020\n}",
        '@article{b, title = "open, year = 2020\n}',
        "@article{b, title = {closed} year}",
        "@article{b, title {no equals sign}}",
        '@article{b, title = "a } b"}',
        "@article{b, title = {closed}",
        "@article{b",
        "@article{b,",
        '@article{b, title = "quotes "inside" quotes"}',
        "@article{b, author = {Nobody}}",
    ],
)  # fmt: skip
def test_a_broken_entry_costs_only_itself(broken: str) -> None:
    """It is a problem with its line, and both its neighbours are read."""
    found = read(f"@misc{{a, title = {{A}}}}\n\n{broken}\n\n@misc{{c, title = {{C}}}}\n")
    assert [x.title if isinstance(x, Listing) else x.line for x in found] == ["A", 3, "C"]


def test_a_file_that_breaks_off_gives_whole_entries_and_a_problem() -> None:
    """Wherever it is cut, nothing is half read and nothing is dropped."""
    text = (SAMPLES / "bibtex" / "managers.bib").read_text(encoding="utf-8")
    begins = [i for i, line in enumerate(text.split("\n"), 1) if line.lower().startswith(("@art", "@inp", "@tech"))]
    whole = {x.title for x in read(text) if isinstance(x, Listing)}
    end = text.index("@Comment")
    for cut in range(text.index("@Article") + 1, end, 7):
        found = read(text[:cut])
        begun = sum(text[:cut].count("\n") + 1 >= line for line in begins)
        assert len(found) == begun, text[:cut][-30:]
        assert {x.title for x in found if isinstance(x, Listing)} <= whole


def test_a_field_of_ten_megabytes_costs_its_entry() -> None:
    """It is a problem with its line; the entries around it are read."""
    for monster in ("x" * 10_000_000, "x y\n" * 2_500_000):
        found = read(f"@misc{{a, title = {{A}}}}\n@misc{{b, title = {{{monster}}}}}\n@misc{{c, title = {{C}}}}\n")
        assert [x.title if isinstance(x, Listing) else x.line for x in found] == ["A", 2, "C"]


def test_macros_that_grow_without_end_are_cut() -> None:
    """A macro made of itself, again and again, is a problem and no memory."""
    text = '@string{a = "0123456789"}\n' + "@string{a = a # a # a # a # a # a # a # a # a # a}\n" * 50
    found = read(f"{text}@misc{{k, title = {{Counting}}, note = a}}\n")
    assert isinstance(found[-1], Listing)
    assert len(found[-1].comments or "") < 20_000
    assert all(isinstance(x, Problem) and "too long" in x.what for x in found[:-1])


def test_both_of_two_entries_with_one_key_are_listed() -> None:
    """A key is cited, and names nothing here."""
    assert [x.title for x in read("@misc{k, title={A}}\n@misc{k, title={B}}") if isinstance(x, Listing)] == ["A", "B"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_are_told_apart(encoding: str, end: str) -> None:
    """The same entries with their lines, whatever system wrote them."""
    text = "@misc{a,\n title = {Über Listen}\n}\n\n@misc{b,\n title = {Zählen}\n}\n".replace("\n", end)
    found = read(text.encode(encoding))
    assert [(x.title, x.position.line) for x in found if isinstance(x, Listing)] == [("Über Listen", 1), ("Zählen", 5)]


# ------------------------------------------------------------------------------------------------ fields


@pytest.mark.parametrize(
    ("fields", "published", "date"),
    [
        ("year = 2023, month = may, day = 4", "2023-05-04", None),
        ("year = {2023}, month = {May}", None, "2023-05"),
        ("year = 2023, month = 5", None, "2023-05"),
        ("year = 2023, month = {05}, day = {04}", "2023-05-04", None),
        ("year = 2023, month = may # {~4}", "2023-05-04", None),
        ('year = 2023, month = "4~" # may', "2023-05-04", None),
        ("year = 2023, month = {May 4}", "2023-05-04", None),
        ("year = 2023, month = {May--June}", None, "2023"),
        ("year = 2023, month = {Spring}", None, "2023"),
        ("year = {c. 1923}", None, "1923"),
        ("year = {in press}", None, None),
        ("date = {2023-05-04}", "2023-05-04", None),
        ("date = {2023-05-04T10:00:00Z}", "2023-05-04", None),
        ("date = {2023-05}", None, "2023-05"),
        ("date = {2023-05-04/2023-05-07}", None, "2023"),
        ("year = {2023}, date = {2023-05-04}", "2023-05-04", None),
        ("year = 2023, month = feb, day = 30", None, "2023-02"),
    ],
)
def test_a_day_is_told_or_none(fields: str, published: str | None, date: str | None) -> None:
    """Only a whole date is a day; less of it is kept as far as it goes."""
    found = article(fields)
    assert (found.published and found.published.isoformat()) == published
    assert found.details.get("date") == date


@pytest.mark.parametrize(
    ("fields", "ids"),
    [
        ("eprint = {2605.00001}, archivePrefix = {arXiv}, primaryClass = {cs.DL}", {"arxiv": "2605.00001"}),
        ("eprint = {arXiv:2605.00001v2}", {"arxiv": "2605.00001"}),
        ("eprint = {0601001}, archivePrefix = {hep-ex}", {"arxiv": "hep-ex/0601001"}),
        ("eprint = {hep-ex/0601001}, eprinttype = {arxiv}, eprintclass = {hep-ex}", {"arxiv": "hep-ex/0601001"}),
        ("journal = {arXiv preprint arXiv:2605.00001}", {"arxiv": "2605.00001"}),
        ("journal = {ArXiv e-prints}, eprint = {2605.00001}", {"arxiv": "2605.00001"}),
        ("journal = {CoRR}, volume = {abs/2605.00001}", {"arxiv": "2605.00001"}),
        ("note = {arXiv:2605.00001 [cs.DL]}", {"arxiv": "2605.00001"}),
        ("doi = {10.48550/arXiv.2605.00001}", {"arxiv": "2605.00001"}),
        ("doi = {https://doi.org/10.1000/A\\_B}", {"doi": "10.1000/a_b"}),
        ("doi = {DOI: 10.1000/(SICI)1<2::AID-3>4.0.CO;2-X}", {"doi": "10.1000/(sici)1<2::aid-3>4.0.co;2-x"}),
        ("url = {https://aclanthology.org/P18-1001}", {"acl": "P18-1001"}),
        ("url = {https://openreview.net/forum?id=rJXMpikCZ}", {"openreview": "rJXMpikCZ"}),
        ("pmid = 33782057, pmcid = {PMC7997936}", {"pmid": "33782057", "pmcid": "PMC7997936"}),
        ("eprint = {33782057}, eprinttype = {pubmed}", {"pmid": "33782057"}),
        ("isbn = {978-3-16-148410-0, 0-306-40615-2}", {"isbn": "9783161484100"}),
        ("eprint = {bar}, eprinttype = {jstor}", {}),
        ("note = {PMID: 33782057}", {"pmid": "33782057"}),
    ],
)  # fmt: skip
def test_identifiers_are_read_wherever_a_program_puts_them(fields: str, ids: dict[str, str]) -> None:
    """arXiv's, DOIs and their kin, in their own fields, in addresses, in journals and notes."""
    assert article(fields).ids == ids


def test_everything_that_is_said_is_kept() -> None:
    """A field that nobody knows is a detail under its own name, as is the second of one name."""
    found = article(
        "title = {Other}, shelf = {7}, publisher = {Press}, number = 3, doi = {none}, eprint = {x:1}, pages = {1 -- 9}"
    )
    assert found.details == {
        "type": "article", "key": "key", "title_2": "Other", "shelf": "7", "publisher": "Press", "issue": "3",
        "doi": "none", "eprint": "x:1", "pages": "1-9",
    }  # fmt: skip
    assert found.title == "Counting"


def test_journals_of_astronomy_have_their_names() -> None:
    """The macros of AASTeX, bare or in braces; an unknown one stays."""
    assert article(r"journal = {\apj}").details["venue"] == "The Astrophysical Journal"
    assert article(r"journal = {{\mnras}}").details["venue"] == "Monthly Notices of the Royal Astronomical Society"
    assert article(r"journal = {\xyz}").details["venue"] == r"\xyz"


def test_an_index_counts_and_an_author_comments() -> None:
    """A note is a comment for readers, unless it is an index's own."""
    assert article("note = {8 pages, to appear}").comments == "8 pages, to appear"
    cited = article("note = {cited By (since 1996)12}")
    assert (cited.comments, cited.metrics) == (None, {"citations": 12})


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"{DNA} in {\textit{E. coli}}", "DNA in E. coli"),
        (r"{\it E. coli}, {\em that} \textbf{is}", "E. coli, that is"),
        (r"Fran\c{c}ois, {\'E}lie, G{\"o}del, \O{}re, {\AA}ngstr{\"o}m", "François, Élie, Gödel, Øre, Ångström"),
        (r"50\% \& \#1 \_ x~y\,z 1--2---3 ``q''", "50% & #1 _ x y z 1–2—3 “q”"),
        (r"$\alpha_{i}$ and {$\beta$} and \$5 and \$6", r"$\alpha_{i}$ and $\beta$ and \$5 and \$6"),
        (r"{\ensuremath{\alpha}}-particles", r"$\alpha$-particles"),
        (r"H{\textsubscript{2}}O {\textless} 5{\textdegree}C", "H2O < 5°C"),
        (r"\href{https://example.org}{here} \unknown{x} \url{https://example.org}", r"here \unknown x https://example.org"),
        (r"{\noopsort{a}}b a\~{}b \^{}", "b a~b ^"),
        ("no tex", "no tex"),
    ],
)  # fmt: skip
def test_running_tex_becomes_text(tex: str, text: str) -> None:
    """Letters are letters, faces and braces are gone, formulas and unknown macros stay."""
    assert plain(tex) == text


def test_an_address_loses_only_what_escapes_it() -> None:
    """Signs that TeX would read are what they are."""
    assert (
        verbatim(r"\url{https://example.org/\~{}ana/a\_b?c=1\&d={\%}20--x}")
        == "https://example.org/~ana/a_b?c=1&d=%20--x"
    )


# ------------------------------------------------------------------------------------------------ recognised


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("@article{k, title = {x}}", Sign.CERTAIN),
        ("Scopus\nEXPORT DATE: 01 May 2026\n\n@ARTICLE{K2026,\n author={A}, ", Sign.CERTAIN),
        ('@string{a = "b"}\n', Sign.CERTAIN),
        ("@misc{\n title = {x}}", Sign.CERTAIN),
        ("# Reading list\n\n- one\n\n```bibtex\n@article{k, title = {x}}\n```\n", Sign.LIKELY),
        ("@ana wrote: {x}", None),
        ("mail@example.org (title = x)", None),
        ("@media print { a = b }", None),
        ("@article without anything", None),
    ],
)
def test_bibtex_is_recognised_by_an_entry_with_a_field(text: str, sign: Sign | None) -> None:
    """An entry at the beginning of a line; within Markdown it may be an aside."""
    assert detect(head(text.encode())) == sign


# ------------------------------------------------------------------------------------------------ beside the oracle


def theirs(text: str) -> list[tuple[str, str, dict[str, str]]]:
    """What bibtexparser reads, with what it calls duplicates, in the order of the file; its first of two fields."""
    logging.disable(logging.ERROR)
    library = bibtexparser.parse_string(text, parse_stack=list(ENCLOSURES))
    logging.disable(logging.NOTSET)
    found: list[tuple[str, str, dict[str, str]]] = []
    for block in library.blocks:
        block = getattr(block, "ignore_error_block", None) or block
        if isinstance(block, bibtexparser.model.Entry):
            fields: dict[str, str] = {}
            for field in block.fields:
                fields.setdefault(field.key.lower(), " ".join(str(field.value).split()))
            found.append((block.entry_type.lower(), block.key, fields))
    return found


ENCLOSURES: list[Any] = [
    bibtexparser.middlewares.ResolveStringReferencesMiddleware(),
    bibtexparser.middlewares.RemoveEnclosingMiddleware(),
]


def ours(text: str) -> list[tuple[str, str, dict[str, str]]]:
    found = [x for x in entries(a_document(text)) if isinstance(x, Entry)]
    return [(x.kind, x.key, {name: " ".join(value.split()) for name, value in x.fields.items()}) for x in found]


@pytest.mark.parametrize("sample", ["managers.bib", "indexes.bib", "biblatex.bib"])
def test_samples_are_read_as_bibtexparser_reads_them(sample: str) -> None:
    """Types, keys and fields, value by value. It leaves joins (`jul # "~5"`) as they are written; BibTeX makes them."""
    text = (SAMPLES / "bibtex" / sample).read_text(encoding="utf-8").replace('jul # "~5--10"', "{jul~5--10}")
    assert ours(text) == theirs(text)


def test_real_entries_are_read_as_bibtexparser_reads_them(shared: Path) -> None:
    """The real export, value by value."""
    for file in (shared / "formats" / "12_exports").glob("*.bib"):
        text = file.read_text(encoding="utf-8")
        assert ours(text) == theirs(text)


WORDS = st.text(st.sampled_from("ab Z9.,:;=#%@()\"é-_&$~'\n"), max_size=12)
BALANCED = st.recursive(WORDS, lambda inner: st.builds("{}{{{}}}{}".format, WORDS, inner, WORDS), max_leaves=4)
BRACED = BALANCED.map("{{{}}}".format)
QUOTED = BALANCED.filter(lambda text: '"' not in text and "}" not in text and "{" not in text).map('"{}"'.format)
NUMBER = st.integers(0, 2100).map(str)
NAMES = st.sampled_from(["title", "author", "year", "Note", "x-y", "url"])
FIELDS = st.lists(st.tuples(NAMES, st.one_of(BRACED, QUOTED, NUMBER)), min_size=1, max_size=5, unique_by=lambda f: f[0])
KEYS = st.text(st.sampled_from("abcXYZ019:-_/.+"), min_size=1, max_size=8)
ENTRIES = st.builds(
    lambda kind, key, fields, comma, space: f"@{kind}{{{key},{space}"
    + f",{space}".join(f"{name}{space}={space}{value}" for name, value in fields)
    + f"{comma}{space}}}\n",
    st.sampled_from(["article", "InProceedings", "misc", "odd"]), KEYS, FIELDS, st.sampled_from(["", ","]),
    st.sampled_from(["", " ", "\n  ", "\t"]),
)  # fmt: skip
BETWEEN = st.sampled_from(["", "\n", "a comment\n", '@string{zz = "q"}\n', "@comment{x {y}}\n", '@preamble{"p"}\n'])


@pytest.mark.slow
@settings(max_examples=300)
@given(st.lists(st.tuples(BETWEEN, ENTRIES), min_size=1, max_size=4))
def test_invented_entries_are_read_as_bibtexparser_reads_them(pieces: list[tuple[str, str]]) -> None:
    """Whatever is written by the rules, both read the same.

    Left out is an `@` at the beginning of a line in a value, which may begin an entry for either, under other rules.
    """
    text = "".join(before + entry.replace("{", f"{{{number}", 1) for number, (before, entry) in enumerate(pieces))
    begun = sum(1 + before.startswith("@") for before, _ in pieces)
    if len(re.findall(r"^\s*@", text, re.MULTILINE)) == begun:
        assert ours(text) == theirs(text)
