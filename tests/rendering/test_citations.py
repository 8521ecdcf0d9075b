"""Citations: read back by a small reader of each format, with keys that stay, and no TeX that does anything."""

import re
from datetime import date

import pytest
from builders import a_paper, a_ranked, an_edition
from hostile import collected, texts
from hypothesis import given
from rendering_scene import SITE, an_archive, editions, ranked_papers

from digest.model import Paper
from digest.rendering import render, wording
from digest.rendering.citations import bibtex, key, ris
from digest.rendering.latex import field
from digest.text import one_line

# ------------------------------------------------------------------------------------- readers of the formats


class Entry(dict):
    """A BibTeX entry: its fields, with its kind and key."""

    kind: str
    key: str


def read_bibtex(text: str) -> list[Entry]:
    """As BibTeX reads: what stands before an @ is skipped, values stand in braces, and every brace counts, one after
    a backslash too. Refuses a field that stands twice and whatever is left over.
    """
    entries, at = [], 0
    while (at := text.find("@", at)) >= 0:
        head = re.compile(r"@(\w+)\{([^\s,{}()=\"#%'\\~]+),").match(text, at)
        assert head, f"no entry: {text[at : at + 60]!r}"
        entry = Entry()
        entry.kind, entry.key = head.groups()
        at = head.end()
        while name := re.compile(r"\s*(\w+)\s*=\s*(?=\{)").match(text, at):
            start, at = name.end(), braced(text, name.end())
            assert name[1] not in entry, f"{name[1]} stands twice"
            entry[name[1]] = text[start + 1 : at - 1]
            if text[at] != ",":
                break
            at += 1
        end = re.compile(r"\s*\}").match(text, at)
        assert end, f"the entry does not end: {text[at : at + 60]!r}"
        at = end.end()
        entries.append(entry)
    return entries


def braced(text: str, start: int) -> int:
    """Where the group that opens at `start` has ended."""
    depth = 0
    for found in re.compile(r"[{}]").finditer(text, start):
        depth += 1 if found[0] == "{" else -1
        if not depth:
            return found.end()
    raise AssertionError("a brace has no partner")


def names(value: str) -> list[str]:
    """A list of authors: parted by `and` outside of braces."""
    parts, depth, start = [], 0, 0
    for found in re.finditer(r"[{}]|\s+and\s+", value):
        if found[0] in "{}":
            depth += 1 if found[0] == "{" else -1
        elif not depth:
            parts.append(value[start : found.start()])
            start = found.end()
    return [*parts, value[start:]] if value else []


_TEX = {
    r"\%": "%", r"\&": "&", r"\#": "#", r"\_": "_", r"\$": "$", r"\textasciitilde{}": "~", r"\textasciicircum{}": "^",
    r"\textbackslash{}": "\\", r"\textbraceleft{}": "\0", r"\textbraceright{}": "\1", r"\textless{}": "<",
    r"\textgreater{}": ">", r"\textbar{}": "|",
}  # fmt: skip


def typeset(value: str) -> str:
    """What TeX prints of a field without commands but for escaped signs."""
    value = re.sub("|".join(map(re.escape, _TEX)), lambda found: _TEX[found[0]], value)
    return value.replace("{", "").replace("}", "").replace("\0", "{").replace("\1", "}")


def read_ris(content: str) -> list[list[tuple[str, str]]]:
    """The records: lines of a tag, two spaces, a hyphen and a space, ended by CRLF; TY first, ER last."""
    records: list[list[tuple[str, str]]] = []
    assert content == "" or content.endswith("\r\n")
    for line in content.split("\r\n")[:-1]:
        found = re.fullmatch(r"([A-Z][A-Z0-9])  - (.*)", line)
        assert found, f"no line of RIS: {line!r}"
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", line)
        if found[1] == "TY":
            assert not records or records[-1][-1][0] == "ER"
            records.append([])
        records[-1].append((found[1], found[2]))
    assert all(record[-1] == ("ER", "") and [tag for tag, _ in record].count("TY") == 1 for record in records)
    return records


def one(paper: Paper) -> Entry:
    (entry,) = read_bibtex(bibtex(paper))
    return entry


def told(paper: Paper, tag: str) -> list[str]:
    (record,) = read_ris(ris(paper))
    return [value for name, value in record if name == tag]


# --------------------------------------------------------------------------------------------------- files


def test_an_edition_is_read_back_from_bibtex() -> None:
    """Every paper in the ranking's order, each under its own key, with its title, authors, year and address."""
    tuesday, monday = editions()
    first, second = render(an_archive(tuesday, monday), SITE, ["bib"])
    assert (first.path, first.media_type) == ("efficient/2026-05-26.bib", "application/x-bibtex")
    entries = read_bibtex(first.content.decode())
    papers = [ranked.paper for ranked in tuesday.digest.ranked]
    assert [entry.key for entry in entries] == [key(paper) for paper in papers]
    assert [typeset(entry["title"]) for entry in entries] == [wording.name(paper) for paper in papers]
    assert [entry.kind for entry in entries] == ["misc", "article", "misc", "misc"]
    assert read_bibtex(second.content.decode()) == []
    assert first.content.startswith(b"% paperdigest efficient 2026-05-26: 4 papers\n\n@misc{")


def test_an_edition_is_read_back_from_ris() -> None:
    """The same papers in the same order as in BibTeX, under the same keys."""
    tuesday, monday = editions()
    first, second = render(an_archive(tuesday, monday), SITE, ["ris"])
    assert (first.path, first.media_type) == ("efficient/2026-05-26.ris", "application/x-research-info-systems")
    records = [dict(reversed(record)) for record in read_ris(first.content.decode())]
    papers = [ranked.paper for ranked in tuesday.digest.ranked]
    assert [record["ID"] for record in records] == [key(paper) for paper in papers]
    assert [record["TI"] for record in records] == [wording.name(paper) for paper in papers]
    assert [record["TY"] for record in records] == ["UNPB", "JOUR", "UNPB", "UNPB"]
    assert second.content == b""


def test_a_paper_that_is_listed_twice_is_cited_once() -> None:
    """A key may stand only once in a file."""
    paper = a_paper()
    archive = an_archive(an_edition(a_ranked(paper), a_ranked(paper)))
    assert len(read_bibtex(render(archive, SITE, ["bib"])[0].content.decode())) == 1
    assert len(read_ris(render(archive, SITE, ["ris"])[0].content.decode())) == 1


# ------------------------------------------------------------------------------------------------- BibTeX


START, END = r"\textless{}b\textgreater{}", r"\textless{}/b\textgreater{}"


def test_bibtex_of_an_arxiv_paper_is_arxivs_own() -> None:
    """`@misc` with eprint, archivePrefix, primaryClass and the page's address."""
    assert bibtex(ranked_papers()[0].paper).splitlines() == [
        "@misc{sinha2026quantizing-2605.00001,",
        rf"  title         = {{Quantizing once: 4 \textless{{}} 8 \& {START}bold{END}}},",
        "  author        = {Abhijit Sinha and Łucja Wiśniewska and others},",
        "  year          = {2026},",
        "  eprint        = {2605.00001},",
        "  archivePrefix = {arXiv},",
        "  primaryClass  = {cs.LG},",
        "  url           = {https://arxiv.org/abs/2605.00001}",
        "}",
    ]


def test_bibtex_of_a_paper_with_a_doi_alone_is_an_article() -> None:
    """The DOI and its address, and a note where the title is a headline of ours."""
    entry = one(ranked_papers()[1].paper)
    assert (entry.kind, entry["doi"], entry["url"]) == ("article", "10.1000/a<b>", "https://doi.org/10.1000/a%3Cb%3E")
    assert "no title" in entry["note"]
    assert "author" not in entry


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("DNA and mRNA in 3D", "{DNA} and {mRNA} in {3D}"),
        ("A GPT-4 study", "A {GPT}-4 study"),
        ("X-ray of vitamin C", "{X}-ray of vitamin {C}"),
        ("CMB-S4 at J0035", "{CMB}-{S4} at {J0035}"),
        ("Deep Learning", "Deep Learning"),
        (r"Bounds on $\Delta_2$", r"Bounds on {$\Delta_2$}"),
        (r"$O(n\log n)$ sorting", r"{$O(n\log n)$} sorting"),
        (r"Schr\"odinger's \emph{Cat}", r"Schr{\"o}dinger's \emph{Cat}"),
        (r"Erd\H{o}s--R\'{e}nyi \& friends", r"Erd{\H{o}}s--R{\'{e}}nyi \& friends"),
        (r"Stra\ss e and {\it E. coli}", r"Stra{\ss}e and {\it E. coli}"),
        (r"{DNA} kept", "{DNA} kept"),
        (r"Fig.~1 of \LaTeX", r"Fig.~1 of {\LaTeX}"),
        ("100% of C# & a_b ~ x^2", r"100\% of {C}\# \& a\_b \textasciitilde{} x\textasciicircum{}2"),
        ("saves $5 and $10", r"saves \$5 and \$10"),
        ("Sets {a, b", r"Sets \textbraceleft{}a, b"),
        ("<b> |x|", r"\textless{}b\textgreater{} \textbar{}x\textbar{}"),
    ],
)
def test_titles_are_tex_where_they_are_and_text_where_they_are_not(title: str, written: str) -> None:
    """Sound TeX is kept, with what a style would change in braces; all else is escaped."""
    assert field(title, title=True) == written


@pytest.mark.parametrize(
    "title",
    [
        r"\input{/etc/passwd}", r"$\input{x}$", r"\write18{rm -rf}", r"\immediate\write18{id}", r"^^5cinput{x}",
        r"\def\a{b}", r"$\csname input\endcsname$", r"\let\x=\y", r"\catcode`\%=12", r"{\input x}", r"\@@input x",
        r"\href{javascript:x}{y}", r"\begin{verbatim}", r"\end{document}", r"\expandafter\x", r"$x^^41$",
        r"\directlua{os.execute('id')}", r"\openin5=x", r"\newcommand{\x}{y}", r"$\left( x$", r"$x \unknown$",
        r"\textbf", r"$a%b$", r"\\",
    ],
)  # fmt: skip
def test_tex_that_is_not_known_to_be_harmless_is_only_shown(title: str) -> None:
    """A source's commands are never handed to whoever compiles the bibliography: only escaped signs are left."""
    written = field(f"On {title} and more", title=True)
    commands = set(re.findall(r"\\([A-Za-z]+|.)", written))
    assert commands <= {
        "textbackslash", "textbraceleft", "textbraceright", "textasciicircum", "textasciitilde", *"%$_#&",
    }  # fmt: skip
    assert "^^" not in written


@pytest.mark.parametrize(
    ("authors", "written"),
    [
        (("Ada Moreau", "Tomás Říha"), ["Ada Moreau", "Tomás Říha"]),
        (("Říha, Tomás",), ["Říha, Tomás"]),
        (("Jane Doe, Jr.",), ["Doe, Jr., Jane"]),
        (("Doe, Jane, Jr.",), ["Doe, Jr., Jane"]),
        (("John Smith III",), ["Smith, III, John"]),
        (("Ludwig van Beethoven",), ["Ludwig van Beethoven"]),
        (("LIGO Scientific Collaboration",), ["{LIGO Scientific Collaboration}"]),
        (("Johnson and Johnson",), ["{Johnson and Johnson}"]),
        (("others",), ["{others}"]),
        ((r"Erwin Schr\"odinger",), [r"Erwin Schr{\"o}dinger"]),
        (("王伟",), ["王伟"]),
        (("a, b, c, d",), ["{a, b, c, d}"]),
    ],
)
def test_authors_are_names_that_bibtex_reads(authors: tuple[str, ...], written: list[str]) -> None:
    """Persons as BibTeX parts them, and what is no person in braces."""
    assert names(one(a_paper(authors=authors))["author"]) == written


def test_a_cut_list_of_authors_ends_with_others() -> None:
    """`and others`, whether the list says `et al.` or how many there are."""
    assert names(one(a_paper(authors=("A B",), authors_truncated=True))["author"]) == ["A B", "others"]
    assert names(one(a_paper(authors=("A B",), author_count=9))["author"]) == ["A B", "others"]
    assert "author" not in one(a_paper(authors=(), author_count=9))


@given(texts, texts)
def test_any_text_leaves_a_sound_entry(said: str, other: str) -> None:
    """W08: braces pair, fields stand once, and no command is the source's but those known to be harmless."""
    ids = {"arxiv": said, "doi": other}
    paper = a_paper(f"text:{said}", ids=ids, title=said, headline=said, authors=(other, said), categories=(other,))
    entry = one(paper)
    assert entry.kind == "misc" if one_line(said) else True
    assert len(names(entry.get("author", ""))) == len(wording.names(paper))
    commands = re.findall(r"\\([A-Za-z]+)", entry["title"] + entry.get("author", ""))
    assert set(commands) & {"input", "write"} == set()
    told = set(re.sub(r"[\s{}\\]", "", entry.get("eprint", "")))
    assert told <= set(one_line(said)) | set("%0123456789ABCDEF")


@given(texts.filter(lambda said: not set(said) & set("\\{}$")))
def test_a_text_without_tex_comes_back(said: str) -> None:
    """What is no TeX is typeset as it was written."""
    assert typeset(field(said)) == one_line(said)
    assert typeset(field(said, title=True)) == one_line(said)


def test_collected_attacks_leave_sound_entries() -> None:
    """Every naughty string and every XSS vector as title, author and id: all entries are read back, none more."""
    attacks = collected()
    if not attacks:
        pytest.skip("the folder of real data, ../shared, is not here")
    papers = [
        a_paper(f"text:{i}", ids={"arxiv": x, "doi": x}, title=x, headline=x, authors=(x, x), abstract=x, comments=x)
        for i, x in enumerate(attacks)
    ]
    archive = an_archive(an_edition(*map(a_ranked, papers)))
    entries = read_bibtex(render(archive, SITE, ["bib"])[0].content.decode())
    assert [entry.key for entry in entries] == [key(paper) for paper in papers]
    records = read_ris(render(archive, SITE, ["ris"])[0].content.decode())
    assert [dict(reversed(record))["TI"] for record in records] == [wording.name(paper) for paper in papers]


# ---------------------------------------------------------------------------------------------------- RIS


def test_ris_has_what_a_reference_manager_asks_for() -> None:
    """Title, authors with the family name first, date, abstract, keywords, number, addresses and notes, in CRLF."""
    paper = ranked_papers()[0].paper
    (record,) = read_ris(ris(paper))
    assert record == [
        ("TY", "UNPB"),
        ("ID", "sinha2026quantizing-2605.00001"),
        ("TI", "Quantizing once: 4 < 8 & <b>bold</b>"),
        ("AU", "Sinha, Abhijit"),
        ("AU", "Wiśniewska, Łucja"),
        ("PY", "2026"),
        ("DA", "2026/05/24/"),
        ("AB", wording.abstract(paper)),
        ("KW", "cs.LG"),
        ("KW", "cs.CL"),
        ("AN", "arXiv:2605.00001"),
        ("UR", "https://arxiv.org/abs/2605.00001"),
        ("L1", "https://arxiv.org/pdf/2605.00001"),
        ("N1", "Authors: et al."),
        ("N1", "Comments: 12 pages; quantization code inside"),
        ("ER", ""),
    ]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Ada Moreau", "Moreau, Ada"),
        ("Ada M. Q. Moreau", "Moreau, Ada M. Q."),
        ("Moreau, Ada", "Moreau, Ada"),
        ("Ludwig van Beethoven", "van Beethoven, Ludwig"),
        ("Jane Doe, Jr.", "Doe, Jane, Jr."),
        ("John Smith III", "Smith, John, III"),
        ("LIGO Scientific Collaboration", "LIGO Scientific Collaboration"),
        ("Plato", "Plato"),
        ("bin yu", "yu, bin"),
    ],
)
def test_ris_names_begin_with_the_family(name: str, written: str) -> None:
    """`Family, Given, Jr.`"""
    assert told(a_paper(authors=(name,)), "AU") == [written]


@given(texts, texts)
def test_any_text_leaves_a_sound_record(said: str, other: str) -> None:
    """No value starts a line of its own: what a source says never becomes a tag."""
    paper = a_paper(
        f"text:{said}", ids={"doi": other}, title=said, headline=said, abstract=other, authors=(said, other)
    )
    assert told(paper, "TI") == [wording.name(paper)]
    assert told(paper, "AB") == ([wording.abstract(paper)] if wording.abstract(paper) else [])
    assert len(told(paper, "AU")) == len(wording.names(paper))


# --------------------------------------------------------------------------------------------------- keys


@pytest.mark.parametrize(
    ("known", "written"),
    [
        ({}, "moreau2026counting-2605.00001"),
        ({"id": "arxiv:hep-th/9901001", "created": date(1999, 1, 3)}, "moreau1999counting-hep-th9901001"),
        ({"id": "arxiv:math.GT/0309136"}, "moreaucounting-math0309136"),
        ({"title": "On the Évolution of it"}, "moreau2026evolution-2605.00001"),
        ({"title": None, "headline": "We show"}, "moreau2026-2605.00001"),
        ({"title": "关于"}, "moreau2026-2605.00001"),
        ({"authors": ()}, "anon2026counting-2605.00001"),
        ({"authors": ("Ludwig van Beethoven",)}, "vanbeethoven2026counting-2605.00001"),
        ({"authors": ("The LIGO Scientific Collaboration",)}, "ligo2026counting-2605.00001"),
        ({"authors": ("Łucja Říha-O'Neil",)}, "rihaoneil2026counting-2605.00001"),
        ({"published": date(2025, 12, 31)}, "moreau2025counting-2605.00001"),
    ],
)
def test_keys_are_family_year_word_and_number(known: dict, written: str) -> None:
    """ASCII whatever the names are, and made of the paper alone."""
    assert key(a_paper(**known)) == written


def test_papers_without_a_number_have_digits_of_their_id() -> None:
    """Two papers that agree in all that a person sees still have keys of their own."""
    keys = {key(a_paper(f"text:{i}", ids={})) for i in range(1000)}
    assert len(keys) == 1000
    assert all(re.fullmatch(r"moreaucounting-[0-9a-f]{8}", one) for one in keys)


@given(texts, texts, texts)
def test_any_key_is_one_that_bibtex_takes(id: str, title: str, author: str) -> None:
    """Letters, digits, `-` and `.` only, and the same when it is made again from an equal paper."""
    first, second = (a_paper(id, ids={}, title=title, headline=title, authors=(author,)) for _ in range(2))
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*", key(first))
    assert key(first) == key(second)
