"""What CONTRIBUTING.md says of layers and of a few words and calls, asserted over the source itself."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import digest

PACKAGE = Path(digest.__file__).parent
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if "templates" not in path.parts
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}

# From bottom to top. What shares a line must not import each other; a module imports only from lines above its own.
LAYERS = """
    errors progress patterns
    model
    text accents identifiers clock durable
    plugins logs
    merging ranking composing
    timetable announcements verdicts
    formats store rendering delivery
    sources
    sending config
    publishing
    pipeline status doctor
    metrics
    app
    scheduling web
    cli __main__
"""
LEVEL = {name: level for level, line in enumerate(LAYERS.split("\n")) for name in line.split()}
ALLOWED = {("composing", "ranking"), ("__main__", "cli")}
"""What one layer may import from its own: mutes are found as keywords are; `python -m digest` is the command."""

# The members of a family that know neither its other members nor the family.
SIBLINGS = {
    "digest.formats": {
        *("arxiv_listing", "pages"),
        *(
            "kaggle",
            "hf_daily",
            "biorxiv",
            "crossref",
            "openalex",
            "semantic_scholar",
            "openreview",
            "europepmc",
            "pubmed_json",
        ),
        *("dblp_json", "inspire", "datacite", "aps", "csl_json", "json_feed", "digest_json", "json_lines"),
        "arxiv_api",
        "arxiv_oai",
        "dblp",
        "endnote_xml",
        "feeds",
        "ieee_xml",
        "jats",
        "pubmed",
        *("arxiv_html", "scholar_alert", "pubmed_html", "meta_tags", "alert"),
        *("bibtex", "ris", "wos", "medline", "endnote", "table"),
        *("arxiv_listing", "arxiv_page", "benty_fields", "pubmed_text"),
        *("daily_markdown", "markdown_table", "reading_list", "pages"),
    },
    "digest.formats.pages": {"authors_abstract", "abstract_id", "hf_page"},
    "digest.ranking": {"keywords", "authors"},
    "digest.sources": {
        *("feed", "arxiv", "huggingface", "biorxiv", "pubmed", "openreview", "semantic_scholar", "mailbox", "folder"),
    },
    "digest.rendering": {
        *("rss", "atom", "jsonfeed", "html", "txt", "edition_md", "edition_json", "bibliography", "webhooks")
    },
    "digest.cli": {
        *("run", "parse", "formats", "papers", "rank", "why", "show", "feeds", "init"),
        *("send", "status", "doctor", "outbox", "test_mail", "schedule", "serve", "backup", "restore"),
    },
}


def imports(module: str, tree: ast.Module) -> Iterator[str]:
    """The full names of all modules of ours that `tree` imports, anywhere but under `if TYPE_CHECKING:`."""
    for node in walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.split(".")[0] == "digest")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: a relative import"
            if node.module and node.module.split(".")[0] == "digest":
                for name in node.names:
                    full = f"{node.module}.{name.name}"
                    yield full if full in MODULES else node.module


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """`node` and all below it but what only the type checker sees."""
    if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
        below: Iterable[ast.AST] = node.orelse
    else:
        yield node
        below = ast.iter_child_nodes(node)
    for child in below:
        yield from walk(child)


def room(module: str) -> str:
    """The layer's name a module belongs to; the empty string for the package itself."""
    return module.removeprefix("digest").removeprefix(".").split(".")[0]


def calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def in_room(*names: str) -> list[str]:
    return [module for module in MODULES if room(module) in names]


# ------------------------------------------------------------------------------------------ layers


def test_every_room_has_a_layer() -> None:
    """A new top-level module or folder has to be given its place among the layers."""
    assert {room(module) for module in MODULES} - {""} <= LEVEL.keys()


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_from_layers_below_only(module: str) -> None:
    """Nothing is imported from a higher layer or from a neighbour in its own, also inside functions."""
    here = room(module)
    for target in imports(module, TREES[module]):
        there = room(target)
        # The package itself stands on top of all, and holds nothing but its version that a module could need.
        if here not in ("", there) and there and (here, there) not in ALLOWED:
            assert LEVEL[there] < LEVEL[here], f"{module} imports {target}"


def test_the_package_itself_is_imported_for_its_version_only() -> None:
    """`from digest import …` names a module of ours, or __version__."""
    for module, tree in TREES.items():
        for node in walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "digest":
                odd = {name.name for name in node.names if f"digest.{name.name}" not in MODULES} - {"__version__"}
                assert not odd, f"{module}:{node.lineno}: {odd}"


@pytest.mark.parametrize("family", SIBLINGS)
def test_siblings_know_neither_each_other_nor_their_family(family: str) -> None:
    """The members of a family import neither one another nor, but for the command line, the family's own module."""
    members = {f"{family}.{name}" for name in SIBLINGS[family]}
    assert members <= MODULES.keys(), "a member was renamed: say so here"
    for module in members:
        targets = set(imports(module, TREES[module]))
        assert not targets & (members - {module}), f"{module} imports a sibling"
        assert family not in targets, f"{module} imports its family"


def test_siblings_are_all_that_their_families_name() -> None:
    """What a registry or the command line names as a part is held to the rule above."""
    from digest.cli import COMMANDS
    from digest.formats import FORMATS
    from digest.formats.pages import LAYOUTS
    from digest.ranking import SIGNALS
    from digest.rendering import RENDERERS
    from digest.sources import SOURCES

    families = {"formats": FORMATS, "formats.pages": LAYOUTS, "ranking": SIGNALS, "rendering": RENDERERS}
    families["sources"] = SOURCES
    for family, registry in families.items():
        named = {path.partition(":")[0].removeprefix(f"digest.{family}.") for path in registry._builtin.values()}
        assert named == SIBLINGS[f"digest.{family}"]
    assert {name.replace("-", "_") for name in COMMANDS} == SIBLINGS["digest.cli"]


# ------------------------------------------------------------------------------------------ calls and words


@pytest.mark.parametrize("module", MODULES)
def test_only_the_clock_asks_what_time_it_is(module: str) -> None:
    """Days and instants are arguments everywhere else."""
    if module == "digest.clock":
        return
    asking = (
        "now",
        "utcnow",
        "today",
        "time",
        "time_ns",
        "monotonic",
        "monotonic_ns",
        "perf_counter",
        "localtime",
        "gmtime",
    )
    for line, name in calls(TREES[module]):
        owner, _, method = name.rpartition(".")
        clocks = ("datetime", "date", "time", "datetime.datetime", "datetime.date", "time_")
        assert not (owner in clocks and method in asking), f"{module}:{line}: {name}()"
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            assert not {name.name for name in node.names} & set(asking), f"{module}:{node.lineno}"


@pytest.mark.parametrize("module", in_room("merging", "ranking", "composing", "rendering", "text", "model"))
def test_what_decides_opens_nothing(module: str) -> None:
    """Merging, ranking, composing and rendering ask no clock, no chance, no network and no file of the reader's."""
    forbidden = {"os", "socket", "random", "sqlite3", "subprocess", "tempfile", "urllib.request", "secrets", "io"}
    for node in walk(TREES[module]):
        if isinstance(node, ast.Import):
            assert not {name.name for name in node.names} & forbidden, f"{module}:{node.lineno}"
        elif isinstance(node, ast.ImportFrom):
            assert node.module not in forbidden | {"digest.clock"}, f"{module}:{node.lineno}"
    impure = ("open", "uuid1", "uuid4", "uuid.uuid1", "uuid.uuid4")
    assert not [f"{module}:{line}: {name}" for line, name in calls(TREES[module]) if name in impure]


@pytest.mark.parametrize("module", MODULES)
def test_everything_is_caught_in_one_place_only(module: str) -> None:
    """`except Exception` stands at the stage boundary of the pipeline; what is as wide elsewhere raises again."""
    if module == "digest.pipeline":
        return
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.ExceptHandler):
            named = ast.walk(node.type) if node.type else [ast.Name("BaseException")]
            caught = {name.id for name in named if isinstance(name, ast.Name)}
            again = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            assert "Exception" not in caught, f"{module}:{node.lineno}"
            assert again or "BaseException" not in caught, f"{module}:{node.lineno}"


@pytest.mark.parametrize("module", MODULES)
def test_only_the_command_line_prints(module: str) -> None:
    """Nothing else writes to the terminal."""
    if room(module) == "cli":
        return
    written = [
        f"{line}: {name}"
        for line, name in calls(TREES[module])
        if name in ("print", "sys.stdout.write", "sys.stderr.write")
    ]
    assert not written, f"{module}:{written}"


@pytest.mark.parametrize("module", MODULES)
def test_files_stay_short(module: str) -> None:
    """No module has more than 600 lines."""
    assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= 600


def test_modules_are_called_by_what_they_are() -> None:
    """No module is named for being useful, general or in charge."""
    hollow = {"util", "utils", "helper", "helpers", "manager", "managers", "base", "common", "misc", "core", "tools"}
    assert not [module for module in MODULES if hollow & set(module.split("."))]


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is(module: str) -> None:
    """Each module begins with a docstring."""
    assert ast.get_docstring(TREES[module])


def test_importing_the_package_is_light() -> None:
    """`import digest` imports none of its rooms and nothing that a light command does not need."""
    heavy = {"feedgen", "jinja2", "markdown", "pydantic", "yaml", "sqlite3", "nh3", "ahocorasick_rs", "lxml", "numpy"}
    for module in (
        "digest",
        "digest.errors",
        "digest.model",
        "digest.text",
        "digest.plugins",
        "digest.cli",
        "digest.formats",
    ):
        for node in TREES[module].body:
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.split(".")[0] for name in names} & heavy, f"{module}:{node.lineno}"
    top = ast.Module([node for node in TREES["digest"].body if not isinstance(node, ast.FunctionDef)], [])
    assert not list(imports("digest", top))


# ------------------------------------------------------------------------------------------ this file can fail


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import digest.app", ["digest.app"]),
        ("def f():\n    from digest.store.sqlite import SqliteStore", ["digest.store.sqlite"]),
        ("from digest.rendering import wording", ["digest.rendering.wording"]),
        ("from digest import errors, __version__", ["digest.errors", "digest"]),
        ("if TYPE_CHECKING:\n    from digest.app import App\nelse:\n    import digest.cli", ["digest.cli"]),
        ("import digestive, os.path", []),
    ],
)
def test_imports_are_found(source: str, found: list[str]) -> None:
    """Imports at the top and inside functions are seen, those for the type checker are not."""
    assert list(imports("x", ast.parse(source))) == found
