"""An operator's own templates: they take the place of shipped ones, are fenced in, and are named when they fail."""

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT
from jinja2 import Environment, UndefinedError, meta, nodes
from rendering_scene import SITE, an_archive, editions

from digest.errors import ConfigError
from digest.rendering import render
from digest.rendering.environment import check, environment, templates

Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Writes own templates and gives their folder."""

    def written(**files: str | bytes) -> Path:
        for name, text in files.items():
            path = tmp_path / "own" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / "own"

    return written


def published(own: Path | None, format: str = "md") -> str:
    """The newest edition as it is published with a folder of own templates."""
    site = replace(SITE, templates=str(own) if own else None)
    return render(an_archive(*editions()), site, [format])[0].content.decode()


def refused(own: Path, format: str = "md") -> str:
    """The sentence with which an own template fails."""
    with pytest.raises(ConfigError) as caught:
        published(own, format)
    (complaint,) = caught.value.complaints
    return complaint.removeprefix(f"{own}/")


def complaints(own: Path) -> list[str]:
    """What a look at the folder finds."""
    with pytest.raises(ConfigError) as caught:
        check(str(own))
    return [complaint.removeprefix(f"{own}/") for complaint in caught.value.complaints]


# --------------------------------------------------------------------------------------------- taking the place


def test_an_own_template_takes_the_place_of_the_shipped_one(folder: Folder) -> None:
    """Only the one of its name; all others stay as they are shipped."""
    own = folder(
        **{"edition.md": "{{ profile }}: {% for part in parts %}{{ part.entries | length }}{% endfor %} papers\n"}
    )
    assert published(own) == "Efficient inference: 4 papers\n"
    assert published(own, "html") == published(None, "html")
    check(str(own))


def test_an_own_template_extends_the_shipped_one_of_its_name(folder: Folder) -> None:
    """`shipped/` is always what is shipped: one block is replaced, `super()` prints what it had."""
    own = folder(
        **{"edition.md": '{% extends "shipped/edition.md" %}{% block footer %}{{ super() }}Bye.\n{% endblock %}'}
    )
    assert published(own) == published(None) + "Bye.\n"
    check(str(own))


def test_a_part_is_replaced_for_all_that_print_it(folder: Folder) -> None:
    """A template that others include is one file: whoever prints it prints the own one."""
    own = folder(**{"paper.md": "* {{ entry.paper.title }}\n"})
    assert len(re.findall(r"(?m)^\* ", published(own))) == 4
    assert "# Efficient inference" in published(own)


def test_a_block_of_the_layout_is_on_every_page(folder: Folder) -> None:
    """The layout is extended once, and all pages that extend it have the new block."""
    own = folder(**{"layout.html": '{% extends "shipped/layout.html" %}{% block footer %}<p>Ours</p>{% endblock %}'})
    site = replace(SITE, templates=str(own))
    pages = [r.content.decode() for r in render(an_archive(*editions()), site, ["html"]) if r.media_type == "text/html"]
    assert sum("<p>Ours</p>" in page for page in pages) >= 1
    assert all("<footer>" in page for page in pages)


def test_a_style_sheet_alone_is_replaced(folder: Folder) -> None:
    """`style.css` is printed as it stands, without being a template."""
    own = folder(**{"style.css": "body { color: teal }\n/* {{ not }} {% a template %} */\n"})
    page = published(own, "html")
    assert "body { color: teal }\n/* {{ not }} {% a template %} */" in page
    assert environment(str(own)).globals["style"] != environment().globals["style"]
    check(str(own))


def test_own_parts_may_be_included(folder: Folder) -> None:
    """A template of another name is nothing to complain of where an own one names it."""
    own = folder(**{"edition.md": '{% include "parts/mine.md" %}', "parts/mine.md": "Mine: {{ number }}\n"})
    assert published(own) == "Mine: 2\n"
    check(str(own))


@pytest.mark.parametrize("name", ["edition.html", "edition.md"])
def test_without_own_templates_the_shipped_ones_print(folder: Folder, name: str) -> None:
    """A folder with nothing in it changes nothing."""
    own = folder(**{".hidden": "", "edition.md~": "what an editor left"})
    check(str(own))
    kind = name.rpartition(".")[2]
    assert published(own, kind) == published(None, kind)


def test_the_same_edition_gives_the_same_bytes(folder: Folder) -> None:
    """Chance has no way in: neither `lipsum` nor the filter `random` is there."""
    assert "'lipsum' is undefined" in refused(folder(**{"edition.md": "{{ lipsum() }}"}))
    assert complaints(folder(**{"edition.md": "{{ [1, 2] | random }}"})) == ["edition.md:1: No filter named 'random'."]


# ------------------------------------------------------------------------------------------------- the fence

ESCAPES = [
    "{{ ''.__class__.__mro__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ parts|map(attribute='__class__')|join }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ joiner.__init__.__globals__.os }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ dict.__base__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ self.__init__.__globals__ }}",
    "{{ range.__class__ }}",
    "{{ parts.__class__ }}",
    "{{ parts[0].__class__.__init__.__globals__ }}",
    "{{ parts[0].entries[0].rank.__class__ }}",
    "{{ profile.format.__globals__ }}",
    "{{ '{0.__class__}'.format(profile) }}",
    "{{ '{0.__class__.__mro__}'.format_map({'0': profile}) }}",
    "{{ ('{0.__class__}'|string).format(parts) }}",
    "{{ {'f': '{0.__class__}'.format}.f(parts) }}",
    "{% set f = '{0.__class__}'.format %}{{ f(parts) }}",
    "{{ ['{0.__class__}']|map('format', 1)|list }}{{ ''.__class__ }}",
    "{{ (1).__class__ }}",
    "{{ config.items() }}",
    "{{ request }}",
    "{{ range(10**9) }}",
    "{{ parts.append(1) }}",
    "{{ {}.update({1: 2}) }}",
    "{% set x = [] %}{{ x.append(1) }}",
    "{{ profile.encode().decode.__self__ }}",
    '{% include "/etc/passwd" %}',
    '{% include "../secret.md" %}',
    '{% include "../../../../../../etc/passwd" %}',
    '{% include "shipped/../../pyproject.toml" %}',
    '{% include "shipped/../layout.html" %}',
    '{% extends "//etc/passwd" %}',
    '{% import "os" as os %}{{ os }}',
    "{{ _() }}",
    "{{ joiner|attr('__init__')|attr('__globals__') }}",
    "{{ ''|attr('__cl' ~ 'ass__') }}",
    "{{ ''|attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
    "{{ []|sum(attribute='__class__', start=parts)|attr('__class__') }}",
]


@pytest.mark.parametrize("template", ESCAPES)
def test_there_is_no_way_out_of_the_sandbox(folder: Folder, tmp_path: Path, template: str) -> None:
    """W14: classes, globals, files, large ranges and changes to values are refused, or print nothing."""
    (tmp_path / "secret.md").write_text("SECRET")
    said = refused(folder(**{"edition.md": f"\n{template}"}))
    assert said.startswith("edition.md:2: ")
    assert "SECRET" not in said


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("{{ '%s' % profile }}", "Efficient inference"),
        ("{{ '{0}'.format(profile) }}", "Efficient inference"),
        ("{{ profile|upper }}", "EFFICIENT INFERENCE"),
        ("{% for i in range(3) %}{{ loop.index }}{% endfor %}", "123"),
        ("{% set n = namespace(x=1) %}{% set n.x = 2 %}{{ n.x }}", "2"),
        ("{{ [3, 1, 2]|sort|join(',') }}", "1,2,3"),
    ],
)
def test_what_templates_are_for_goes_on_inside(folder: Folder, template: str, printed: str) -> None:
    """Loops, filters and formatting of what is given work as in any template."""
    assert published(folder(**{"edition.md": template})) == printed


@pytest.mark.parametrize("name", ["edition.html", "mine.html", "deep/mine.html"])
def test_what_is_printed_in_a_page_is_escaped(folder: Folder, name: str) -> None:
    """W08: autoescape is on in own pages and their parts, in included, imported and inherited ones."""
    printed = "{% set x = '<b>' ~ heading %}{{ x }}"
    files = {name: printed}
    if name != "edition.html":
        files["edition.html"] = (
            f'{{% extends "shipped/layout.html" %}}{{% block main %}}{{% include "{name}" %}}{{% endblock %}}'
        )
    page = published(folder(**files), "html")
    assert "&lt;b&gt;Tuesday" in page
    assert "<b>Tuesday" not in page


def test_unescaped_is_the_operators_word(folder: Folder) -> None:
    """`|safe` in an own template prints what it is given: docs/templates.md says so."""
    page = published(folder(**{"edition.html": "{{ ('<b>' ~ heading)|safe }}"}), "html")
    assert page.startswith("<b>Tuesday")
    assert "`| safe`" in GUIDE


# ---------------------------------------------------------------------------------------------- when it fails


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("a\n{{ headin }}", "edition.md:2: 'headin' is undefined (did you mean 'heading'?); docs/templates.md"),
        (
            "{{ parts[0].titel }}",
            "edition.md:1: MarkdownPart has no 'titel' (did you mean 'title'?); docs/templates.md",
        ),
        ("\n\n{% for x in parts %}", "edition.md:3: Unexpected end of template."),
        ("{{ 1 + }}", "edition.md:1: unexpected 'end of print statement'"),
        ("{{ x | nothing }}", "edition.md:1: No filter named 'nothing'."),
        ("{% nothing %}", "edition.md:1: Encountered unknown tag 'nothing'."),
        ('{% extends "editon.md" %}', "edition.md:1: there is no template 'editon.md' (did you mean 'edition.md'?)"),
        ("\n{{ 1 / 0 }}", "edition.md:2: ZeroDivisionError: division by zero"),
        ("{{ heading + 1 }}", "edition.md:1: TypeError: "),
        ('{% include "edition.md" %}', "edition.md:1: RecursionError"),
        (
            "{{ ''.__class__ }}",
            "edition.md:1: access to attribute '__class__' of 'str' object is unsafe: own templates",
        ),
        (b"\xff", "edition.md: is not UTF-8 (byte 0); save it as UTF-8"),
        ("{% macro m(a) %}\n{{ a.b.c }}\n{% endmacro %}\n{{ m(1) }}", "edition.md:2: "),
    ],
)
def test_a_failure_names_its_file_and_line(folder: Folder, template: str | bytes, said: str) -> None:
    """Whatever goes wrong in an own template is one ConfigError: where, what, and what may have been meant."""
    assert refused(folder(**{"edition.md": template})).startswith(said)


def test_a_failure_is_named_in_the_own_file_that_it_comes_from(folder: Folder) -> None:
    """An own part that a shipped page includes, and an own block that the shipped layout prints."""
    assert refused(folder(**{"paper.md": "\n\n{{ entry.rnk }}"})).startswith(
        "paper.md:3: MarkdownEntry has no 'rnk' (did you mean 'rank'?); docs/templates.md lists"
    )
    own = folder(**{"edition.html": '{% extends "shipped/edition.html" %}\n{% block main %}\n{{ nope }}{% endblock %}'})
    assert refused(own, "html").startswith("edition.html:3: 'nope' is undefined")


def test_a_failure_elsewhere_is_not_blamed_on_the_operator(folder: Folder) -> None:
    """A shipped template that fails is a fault of ours, and stays the error that it is."""
    own = folder(**{"style.css": ""})
    with pytest.raises(UndefinedError):
        environment(str(own)).get_template("edition.md").render()


def test_a_look_finds_everything_at_once(folder: Folder) -> None:
    """Every file with a fault is named, in order, before anything is printed."""
    own = folder(
        **{
            "edition.md": "\n{% if %}",
            "editon.html": "a name that nothing uses",
            "layout.html": '{% include "xyzzy.html" %}',
            "profile.html": b"caf\xe9",
            "style.css": b"\xff",
            "notes.txt": "what is this?",
        }
    )
    found = complaints(own)
    assert [re.sub(r"(?<=: ).*", "", line) for line in found] == [
        "edition.md:2: ", "layout.html:1: ", "profile.html: ", "style.css: ", "editon.html: ", "notes.txt: ",
    ]  # fmt: skip
    assert found[1] == "layout.html:1: there is no template 'xyzzy.html'"
    assert found[4] == "editon.html: no page, mail or text uses a template of this name (did you mean 'edition.html'?)"


@pytest.mark.parametrize(
    "template",
    [
        '{% include "navigation.md" ignore missing %}',
        '{% include ["navigation.md", "paper.md"] ignore missing %}',
        '{% include ["navigation.md", "shipped/paper.md"] %}',
        '{% include "shipped/layout.html" %}',
        "{% include which %}",
    ],
)
def test_a_look_knows_what_may_be_missing(folder: Folder, template: str) -> None:
    """Parts that may be missing, one of several, and names that are only known when it prints are no complaint."""
    check(str(folder(**{"edition.md": template})))


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """A misspelt path in the configuration is found before a run."""
    assert complaints(tmp_path / "nowhere") == [f"{tmp_path}/nowhere: there is no such folder of templates"]


def test_a_hidden_shipped_folder_is_never_used(folder: Folder) -> None:
    """`shipped/` is not the operator's to fill: such a file is named as one that nothing uses."""
    own = folder(**{"shipped/edition.md": "mine", "edition.md": '{% include "shipped/edition.md" %}'})
    assert published(own) == published(None)
    assert complaints(own)[0].startswith("shipped/edition.md: ")


# --------------------------------------------------------------------------------------- the guide is true

_FILE = ROOT / "docs" / "templates.md"
GUIDE = _FILE.read_text(encoding="utf-8") if _FILE.is_file() else ""
SHIPPED = sorted(path.name for path in templates().iterdir() if path.is_file())
PARSED = Environment()
SECTIONS = {
    found[1]: found[2] for found in re.finditer(r"(?ms)^### `([\w.-]+)`[^\n]*\n(.*?)(?=^##+ |\Z)", GUIDE)
}  # fmt: skip
"""The guide's part of each template."""
VALUES = {
    found[1]: found[2] for found in re.finditer(r"(?ms)^### ([A-Z]\w+)\n(.*?)(?=^##+ |\Z)", GUIDE)
}  # fmt: skip
"""The guide's part of each kind of value."""


def tree(name: str) -> nodes.Template:
    return PARSED.parse((templates() / name).read_text(encoding="utf-8"))


def rows(section: str) -> list[str]:
    """What the first column of a section's table names."""
    return re.findall(r"(?m)^\| `(\w+)` \|", section)


def needs(name: str) -> set[str]:
    """What a template must be given: the names that it reads and does not set, but for what Jinja has."""
    return meta.find_undeclared_variables(tree(name)) - {"style", *PARSED.globals}


def jinja(names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith((".css", ".js"))]


def test_every_template_has_its_section() -> None:
    """The guide names each shipped file, and none that is gone."""
    assert sorted(SECTIONS) == SHIPPED


@pytest.mark.parametrize("name", jinja(SHIPPED))
def test_every_variable_that_a_template_reads_is_in_the_guide(name: str) -> None:
    """The table of a template has what it reads; and what it has, the template or one that it extends reads."""
    read = needs(name)
    above = {"layout.html"} & set(filter(None, meta.find_referenced_templates(tree(name))))
    inherited = set().union(*map(needs, above))
    told = rows(SECTIONS[name])
    assert len(told) == len(set(told))
    assert read <= set(told) | (inherited & set(rows(SECTIONS.get("layout.html", "")))), "not in the guide"
    assert set(told) <= read | inherited, "the guide has what no template reads"


@pytest.mark.parametrize("name", jinja(SHIPPED))
def test_every_block_is_in_the_guide(name: str) -> None:
    """A template's section says which blocks may be replaced."""
    blocks = {block.name for block in tree(name).find_all(nodes.Block)}
    told = re.search(r"(?m)^Blocks: (.*)$", SECTIONS[name])
    assert set(re.findall(r"`(\w+)`", told[1]) if told else []) == blocks


@cache
def value_classes() -> dict[str, list[tuple[str, ...]]]:
    """The fields of every NamedTuple in the rendering's modules, by its name."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for path in sorted((ROOT / "digest" / "rendering").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and "NamedTuple" in {ast.unparse(base) for base in node.bases}:
                fields = [
                    x.target.id for x in node.body if isinstance(x, ast.AnnAssign) and isinstance(x.target, ast.Name)
                ]
                found.setdefault(node.name, []).append(tuple(fields))
    return found


@pytest.mark.parametrize("name", sorted(VALUES))
def test_values_have_the_fields_that_the_guide_says(name: str) -> None:
    """A value's table has its fields, in their order, and no other."""
    assert tuple(rows(VALUES[name])) in value_classes().get(name, [])


@pytest.mark.parametrize("name", jinja(SHIPPED))
def test_every_field_that_a_template_reads_is_in_the_guide(name: str) -> None:
    """Whatever stands behind a dot in a shipped template is a field of a value in the guide, or Jinja's own."""
    read = {node.attr for node in tree(name).find_all(nodes.Getattr) if not jinjas(node)}
    assert read <= {field for section in VALUES.values() for field in rows(section)}


def jinjas(node: nodes.Getattr) -> bool:
    return isinstance(node.node, nodes.Name) and node.node.name == "loop"


def test_types_in_the_guide_are_in_the_guide() -> None:
    """A type that a table names has a section of its own, but for the plain ones."""
    plain = {"Markup", "None"}
    named = set(re.findall(r"\b[A-Z]\w+\b", " ".join(re.findall(r"(?m)^\| `\w+` \| ([^|]+) \|", GUIDE))))
    assert named - plain <= set(VALUES)


def test_examples_of_the_guide_are_templates(tmp_path: Path) -> None:
    """Every example that the guide shows for a file passes the look that a run takes first, and prints."""
    examples = re.findall(r"`([\w.]+)`:\n\n```(?:jinja|css)\n(.*?)```", GUIDE, re.DOTALL)
    assert len(examples) >= 3
    for i, (name, text) in enumerate(examples):
        own = tmp_path / str(i)
        own.mkdir()
        (own / name).write_text(text, encoding="utf-8")
        check(str(own))
        kind = "html" if name.endswith(("html", "css")) else name.rpartition(".")[2]
        assert published(own, kind) != published(None, kind), name
