"""`digest.config`: what a config says, and every way in which it can be wrong.

A bad file stands in `data/config/NAME.yaml`, its complaints in `NAME.txt` beside it.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.config import Config, load, schema, starter
from digest.config.shape import File
from digest.delivery.settings import Imap, Maildir, Secret
from digest.errors import ConfigError
from digest.model import Profile, Site, Term
from digest.sources.settings import (
    Arxiv,
    Feed,
    Fetching,
    Folder,
    HuggingFace,
    Mailbox,
    OpenReview,
    Pubmed,
    Rxiv,
    SemanticScholar,
    Wanted,
)
from digest.text import one_line

DATA = Path(__file__).parent / "data" / "config"

EXAMPLE = """\
site:
  title: Paper digest            # shown on every page
  base_url: https://example.org/digest
  note: |
    Questions to [Ana](mailto:ana@example.org).
sources:
  - listings/*.txt
out: feeds
store: digest.db
profiles:
  ana:
    title: Ana's papers
    zone: Europe/Berlin
    keywords:
      quantization: 3
      speech recognition: 2
      survey: -1
      rag:
    authors:
      "Sinha, A.": 5
      Moreau:
    mutes: [blockchain]
    limit: 20
    threshold: 1.5
  bob:
    keywords: ['quantization:3', speech recognition, '"graph: theory":-2']
    authors: [Ada Moreau, "Říha, T."]
"""


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "digest.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def complaints(path: Path) -> list[str]:
    """What is wrong with a config, without the folder that it lies in."""
    with pytest.raises(ConfigError) as caught:
        load(path)
    return [complaint.removeprefix(f"{path.parent}{os.sep}") for complaint in caught.value.complaints]


def load_with(folder: Path, **tops: str) -> Config:
    lines = {"profiles": "{ana: {keywords: [rag]}}", **tops}
    return load(write(folder, "".join(f"{key}: {value}\n" for key, value in lines.items())))


def profile_with(folder: Path, **keys: str) -> Profile:
    lines = {"keywords": "[rag]", **keys}
    text = "profiles:\n  ana:\n" + "".join(f"    {key}: {value}\n" for key, value in lines.items())
    return load(write(folder, text)).profiles[0]


# ---------------------------------------------------------------------------------------- what it says


def test_example(tmp_path: Path) -> None:
    """A config is what its file says, profiles in the order of the file."""
    path = write(tmp_path, EXAMPLE)
    assert load(path) == Config(
        path=path,
        site=Site(
            title="Paper digest",
            base_url="https://example.org/digest/",
            note="Questions to [Ana](mailto:ana@example.org).",
        ),
        sources=(str(tmp_path / "listings/*.txt"),),
        out=tmp_path / "feeds",
        store=tmp_path / "digest.db",
        profiles=(
            Profile(
                name="ana",
                title="Ana's papers",
                terms=(
                    Term(text="quantization", weight=3.0),
                    Term(text="speech recognition", weight=2.0),
                    Term(text="survey", weight=-1.0),
                    Term(text="rag", weight=1.0),
                ),
                authors=(Term(text="Sinha, A.", weight=5.0), Term(text="Moreau", weight=3.0)),
                mutes=("blockchain",),
                limit=20,
                threshold=1.5,
                zone="Europe/Berlin",
            ),
            Profile(
                name="bob",
                title="bob",
                terms=(
                    Term(text="quantization", weight=3.0),
                    Term(text="speech recognition", weight=1.0),
                    Term(text="graph: theory", weight=-2.0),
                ),
                authors=(Term(text="Ada Moreau", weight=3.0), Term(text="Říha, T.", weight=3.0)),
            ),
        ),
    )


def test_defaults(tmp_path: Path) -> None:
    """All that a config needs is a profile with an interest; the rest has the defaults of the model."""
    config = load(write(tmp_path, "profiles: {ana: {authors: [Moreau]}}"))
    assert config.site == Site()
    assert (config.sources, config.out, config.store) == ((), tmp_path / "feeds", tmp_path / "digest.db")
    assert config.profiles == (Profile(name="ana", title="ana", authors=(Term(text="Moreau", weight=3.0),)),)


def test_empty_is_absent(tmp_path: Path) -> None:
    """A key with nothing, or `~`, after it is as good as absent."""
    bare = load(write(tmp_path, "profiles: {ana: {keywords: [rag]}}"))
    tops = "site:\nsources:\nout: ~\nstore:\nprofiles:\n  ana:\n    keywords: [rag]\n"
    keys = "".join(f"    {key}:\n" for key in ("title", "zone", "authors", "mutes", "limit", "threshold"))
    assert load(write(tmp_path, tops + keys)) == bare
    assert load(write(tmp_path, "site: {title: , base_url: , note: ~}\nprofiles: {ana: {keywords: [rag]}}")) == bare


@pytest.mark.parametrize(
    "written",
    "no on y true null Null 17:30 7:30 6:30:00 1.10 1_000 0x1F 010 1e3 -1 2605.21700 2026-05-26 2026-05-26T08:00:00Z "
    "C# C++".split(),
)
def test_text_stays(tmp_path: Path, written: str) -> None:
    """A text that YAML would take for something else stays what was written, as title, keyword, mute and author."""
    assert profile_with(tmp_path, title=written).title == written
    assert profile_with(tmp_path, keywords=f"{{{written}: 2}}").terms == (Term(text=written, weight=2.0),)
    assert profile_with(tmp_path, mutes=f"[{written}]").mutes == (written,)
    assert profile_with(tmp_path, authors=f"[{written}]").authors[0].text == written


@pytest.mark.parametrize(
    ("written", "weight"),
    [
        ("3", 3.0),
        ("-0.5", -0.5),
        ("+2", 2.0),
        ("1e2", 100.0),
        ("010", 10.0),
        ("'4'", 4.0),
        (".5", 0.5),
        ("1000", 1000.0),
    ],
)
def test_weights(tmp_path: Path, written: str, weight: float) -> None:
    """A weight is the decimal number that was written, never an octal or a sexagesimal one."""
    assert profile_with(tmp_path, keywords=f"{{rag: {written}}}").terms[0].weight == weight


def test_texts_are_clean(tmp_path: Path) -> None:
    """Escapes in quotes bring no character into a text that an output could choke on."""
    config = load(
        write(
            tmp_path,
            'site: {title: "a\\0\\r\\nb\\u202E c", note: "x\\ey\\n\\nz\\n"}\n'
            'profiles: {ana: {title: " e\\u0301 ", keywords: {"two\\n words\\b": 1}, mutes: ["sp\\0am"]}}\n',
        )
    )
    assert (config.site.title, config.site.note) == ("a b c", "xy\n\nz")
    ana = config.profiles[0]
    assert (ana.title, ana.terms[0].text, ana.mutes) == ("é", "two words", ("spam",))


def test_aliases(tmp_path: Path) -> None:
    """Profiles may share a value by anchor and alias."""
    config = load(
        write(
            tmp_path,
            "profiles:\n  ana: {keywords: &ours {rag: 2, survey: -1}, limit: &many 7}\n"
            "  bob: {keywords: *ours, limit: *many}\n",
        )
    )
    ana, bob = config.profiles
    assert ana.terms == bob.terms == (Term(text="rag", weight=2.0), Term(text="survey", weight=-1.0))
    assert ana.limit == bob.limit == 7


@pytest.mark.parametrize("text", ["\ufeff" + EXAMPLE, EXAMPLE.replace("\n", "\r\n"), f"---\n{EXAMPLE}...\n"])
def test_same_file_otherwise(tmp_path: Path, text: str) -> None:
    """A byte order mark, Windows line ends and document marks make no difference."""
    expected = load(write(tmp_path, EXAMPLE))
    assert load(write(tmp_path, text)) == expected


def test_frozen(tmp_path: Path) -> None:
    """A config cannot be changed."""
    config = load(write(tmp_path, EXAMPLE))
    with pytest.raises(AttributeError):
        config.out = tmp_path  # type: ignore[misc]


def test_every_zone(tmp_path: Path) -> None:
    """Every zone that the system knows may be written, but its own local one and the placeholder."""
    zones = sorted(available_timezones() - {"localtime", "Factory"})
    profiles = "".join(f"  p{n}: {{zone: {zone}, keywords: [a]}}\n" for n, zone in enumerate(zones))
    config = load(write(tmp_path, f"profiles:\n{profiles}"))
    assert [profile.zone for profile in config.profiles] == zones


@pytest.mark.parametrize(
    ("written", "base_url"),
    [
        ("https://example.org", "https://example.org/"),
        ("https://example.org/a/", "https://example.org/a/"),
        ("http://[::1]:8000/x", "http://[::1]:8000/x/"),
        ("HTTP://Example.org/%C3%A9", "HTTP://Example.org/%C3%A9/"),
        ("http://localhost:8000", "http://localhost:8000/"),
    ],
)
def test_base_url(tmp_path: Path, written: str, base_url: str) -> None:
    """A base address ends in a slash, written or not."""
    assert load_with(tmp_path, site=f'{{base_url: "{written}"}}').site.base_url == base_url


@pytest.mark.parametrize(
    "written",
    [
        "",
        "example.org",
        "//example.org/",
        "/digest/",
        "ftp://example.org/",
        "https:/example.org",
        "https:///digest/",
        "https://:80/",
        "https://example.org:port/",
        "https://example.org:99999/",
        "https://[::1/",
        "https://example.org/?a=b",
        "https://example.org/#top",
        "https://ana:secret@example.org/",
        "https://example.org/a b/",
        "https://example.org/%zz/",
        'https://example.org/"x"/',
        "https://example.org/<x>/",
        "javascript:alert(1)",
    ],
)
def test_bad_base_url(tmp_path: Path, written: str) -> None:
    """A base address that is not a whole http or https address is refused at its place."""
    path = write(tmp_path, f"profiles: {{ana: {{keywords: [rag]}}}}\nsite:\n  base_url: '{written}'\n")
    [complaint] = complaints(path)
    assert complaint.startswith("digest.yaml:3:13: site.base_url: must be ")


# -------------------------------------------------------------------------------------------- its paths


def test_paths(tmp_path: Path) -> None:
    """Paths are taken from the config's folder, unless they are absolute; patterns stay patterns."""
    config = load_with(tmp_path, sources="[a, ./b/*.txt, ../c, /d/**/e]", out="/srv/feeds", store="state/../x.db")
    assert config.sources == (
        str(tmp_path / "a"),
        str(tmp_path / "b/*.txt"),
        str(tmp_path / "../c"),
        "/d/**/e",
    )
    assert (config.out, config.store) == (Path("/srv/feeds"), tmp_path / "state/../x.db")


def test_relative_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A config that is named by a relative path gives paths that are as short as what it says."""
    write(tmp_path, "sources: [listings/*.txt]\nprofiles: {ana: {keywords: [rag]}}\n")
    monkeypatch.chdir(tmp_path)
    config = load("digest.yaml")
    assert (config.sources, config.out) == (("listings/*.txt",), Path("feeds"))


def test_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` at the beginning of a path is the home folder."""
    monkeypatch.setenv("HOME", "/home/ana")
    config = load_with(tmp_path, sources="[~/papers/*.txt]", out="~/site", store="~/digest.db")
    assert config.sources == ("/home/ana/papers/*.txt",)
    assert (config.out, config.store) == (Path("/home/ana/site"), Path("/home/ana/digest.db"))


def test_folder_is_no_pattern(tmp_path: Path) -> None:
    """Brackets in the name of the config's folder are not taken for a part of a source's pattern."""
    folder = tmp_path / "papers [2026]"
    folder.mkdir()
    (folder / "a.txt").write_text("x")
    pattern, plain = load_with(folder, sources="['*.txt', a.txt]").sources
    assert list(Path("/").glob(pattern.removeprefix("/"))) == [folder / "a.txt"]
    assert Path(plain).read_text() == "x"


@pytest.mark.parametrize(
    ("out", "store", "published"),
    [
        ("feeds", "feeds/digest.db", True),
        ("feeds", "./a/../feeds/b/digest.db", True),
        (".", "digest.db", True),
        ("..", "digest.db", True),
        ("feeds", "feeds", True),
        ("feeds", "feeds2/digest.db", False),
        ("feeds", "feeds/../digest.db", False),
        ("{here}/feeds", "feeds/digest.db", True),
        ("feeds", "{here}/feeds/digest.db", True),
        ("feeds", "/var/digest.db", False),
    ],
)
def test_store_stays_private(tmp_path: Path, out: str, store: str, published: bool) -> None:
    """A store in the folder that is published is refused, however the two are written."""
    out, store = out.format(here=tmp_path), store.format(here=tmp_path)
    path = write(tmp_path, f"out: {out}\nstore: {store}\nprofiles: {{ana: {{keywords: [rag]}}}}\n")
    if published:
        [complaint] = complaints(path)
        assert complaint.startswith("digest.yaml:2:8: store: would be published")
    else:
        load(path)


def test_default_store_stays_private(tmp_path: Path) -> None:
    """The default store is refused too where it would be published, at the top since no key names it."""
    [complaint] = complaints(write(tmp_path, "profiles: {ana: {keywords: [rag]}}\nout: .\n"))
    assert complaint.startswith("digest.yaml:1:1: would be published")


# ------------------------------------------------------------------------------------------ bad configs

GOLDENS = sorted(path.stem for path in DATA.glob("*.yaml"))


@pytest.mark.parametrize("name", GOLDENS)
def test_complaints(name: str) -> None:
    """Every mistake of a bad file is told at once, in the order of the file, each with its place."""
    expected = (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert complaints(DATA / f"{name}.yaml") == expected


def test_no_data_unused() -> None:
    """Every file beside the bad configs belongs to one of them."""
    files = {path.name for path in DATA.iterdir()}
    assert files == {f"{name}{suffix}" for name in GOLDENS for suffix in (".yaml", ".txt")}


def test_missing(tmp_path: Path) -> None:
    """A config that is not there: the complaint says where it was looked for and how to begin."""
    [complaint] = complaints(tmp_path / "digest.yaml")
    assert complaint == (
        f"digest.yaml: there is no such file (looked for {tmp_path / 'digest.yaml'}); "
        "`digest init` writes one to start from"
    )


def test_missing_named_relatively(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing config is called what the caller called it, and the whole path is told."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=re.escape(f"x.yaml: there is no such file (looked for {tmp_path}/x.yaml)")):
        load("x.yaml")


def test_folder(tmp_path: Path) -> None:
    """A folder is no config."""
    assert complaints(tmp_path) == [f"{tmp_path.name}: is a folder; name the file in it"]


def test_unreadable(tmp_path: Path) -> None:
    """A config that the system will not open is refused with the system's reason."""
    file = write(tmp_path, EXAMPLE)
    assert complaints(file / "x.yaml") == ["x.yaml: cannot be read: Not a directory"]


@pytest.mark.parametrize(
    ("content", "place", "byte"),
    [
        ("site:\n  title: Zürich".encode("latin-1"), "2:11", "0xfc"),
        ("site:\n  title: é".encode() + b"\xff", "2:11", "0xff"),
        (EXAMPLE.encode("utf-16"), "1:1", "0xff"),
    ],
)
def test_not_utf8(tmp_path: Path, content: bytes, place: str, byte: str) -> None:
    """A file that is not UTF-8 is refused at the first byte that shows it."""
    path = write(tmp_path, content)
    assert complaints(path) == [f"digest.yaml:{place}: byte {byte} is not UTF-8; save the file as UTF-8"]


def test_place_after_letters_beyond_ascii(tmp_path: Path) -> None:
    """Columns count characters, not bytes."""
    path = write(tmp_path, "profiles: {ana: {keywords: [größe, 李明, '😀 x'], limit: 3x}}")
    assert complaints(path) == ["digest.yaml:1:55: profiles.ana.limit: must be a whole number, is '3x'"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\u2028"])
def test_lines(tmp_path: Path, line_end: str) -> None:
    """Whatever ends a line in YAML ends it in the places of complaints."""
    path = write(tmp_path, f"a: 1{line_end}b: 2{line_end}{line_end}cc: [}}")
    assert complaints(path)[-1].startswith("digest.yaml:4:6: the bracket that opens on line 4")
    path = write(tmp_path, f"a: 1{line_end}b: 2{line_end}{line_end}cc: \x03")
    assert complaints(path) == ["digest.yaml:4:5: the character U+0003 is not allowed; delete it"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{}", "1:1: the key 'profiles' is missing"),
        ("[]", "1:1: must be a mapping (lines of `key: value`), is a list"),
        ("''", "1:1: must be a mapping (lines of `key: value`), is empty"),
        ("~", " is empty; `digest init` writes one to start from"),
        ("---\n# nothing\n...\n", " is empty; `digest init` writes one to start from"),
    ],
)
def test_hardly_anything(tmp_path: Path, text: str, what: str) -> None:
    """A file that says next to nothing is refused for what it lacks."""
    assert complaints(write(tmp_path, text)) == [f"digest.yaml:{what}"]


def test_long_number(tmp_path: Path) -> None:
    """A number that nobody can mean is refused, and is not repeated in full."""
    [complaint] = complaints(write(tmp_path, f"profiles: {{ana: {{keywords: [rag], limit: {'9' * 5000}}}}}"))
    assert complaint.startswith("digest.yaml:1:42: profiles.ana.limit: must be a smaller whole number")
    assert len(complaint) < 200


def test_complaints_are_lines(tmp_path: Path) -> None:
    """Line breaks and control characters of a file do not come into its complaints."""
    path = write(tmp_path, '"a\\nb\\e[31m": 1\nprofiles: {"x\\ny": {keywords: ["!\\n"], zone: "Mars\\n{x}"}}\n')
    assert complaints(path) == [
        f"digest.yaml:1:1: unknown key 'a b[31m'; there are: {', '.join(File.model_fields)}",
        "digest.yaml:2:12: profiles.x y: a profile's name is 1 to 64 of a-z, 0-9 and '-' (write 'x-y'?)",
        "digest.yaml:2:32: profiles.x y.keywords: keyword '!' has no letter or digit to look for",
        "digest.yaml:2:46: profiles.x y.zone: there is no time zone 'Mars {x}': write one as Europe/Berlin",
    ]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[" * 100_000, "nested deeper than 20 levels"),
        ("a: " + "{a: " * 100_000, "nested deeper than 20 levels"),
        ("".join(f"{'  ' * n}- a:\n" for n in range(30)), "nested deeper than 20 levels"),
        (
            "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 400)),
            "nested deeper than 20 levels",
        ),
        (f"a: &a {{{', '.join(f'k{n}: v' for n in range(6000))}}}\nb: [{'*a, ' * 90}]", "more than 1,000,000 values"),
        (f"a: &a [{'x, ' * 1000}]\n" + "".join(f"b{n}: [*a, *a]\n" for n in range(600)), "more than 1,000,000 values"),
    ],
)
def test_too_much(tmp_path: Path, text: str, what: str) -> None:
    """Nesting and number of values have limits, also where aliases hide them."""
    assert what in complaints(write(tmp_path, text))[-1]


# --------------------------------------------------------------------------------------- laws for any text

_PIECES = """
site: title: base_url: sources: profiles: ana: keywords: limit: zone: mutes: &a *a !!int <<: --- ... : - ? , [ ] { } #
& * ! | > ' " % @ ` ~ x 1. \\ \\x00 \ufeff \x85
""".split(" ")
_YAMLISH = st.lists(st.sampled_from([*_PIECES, " ", "\n", "\n  ", "\n    ", "\t", "- "]), max_size=60).map("".join)


@st.composite
def _damaged(draw: st.DrawFn) -> str:
    """The example with a piece cut out and another put in."""
    start = draw(st.integers(0, len(EXAMPLE)))
    end = draw(st.integers(start, min(len(EXAMPLE), start + 40)))
    return EXAMPLE[:start] + draw(st.one_of(st.text(max_size=5), _YAMLISH)) + EXAMPLE[end:]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(), _YAMLISH, _damaged(), st.binary()))
def test_any_text(tmp_path: Path, text: str | bytes) -> None:
    """Any bytes are a config or a ConfigError, whose complaints are clean lines that begin with the file."""
    path = write(tmp_path, text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    found: tuple[str, ...] = ()
    try:
        assert load(path).profiles
    except ConfigError as error:
        found = error.complaints or ("",)
    for complaint in found:
        assert re.match(rf"{re.escape(str(path))}:(\d+:\d+:)? [^ ]", complaint)
        assert complaint == one_line(complaint)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(GOLDENS), more=st.integers(1, 9))
def test_places_move_with_the_text(tmp_path: Path, name: str, more: int) -> None:
    """Comments put above a file move every complaint down by as many lines, and change nothing else."""

    def moved(complaint: str) -> str:
        complaint = re.sub(r"(?<=^digest\.yaml:)\d+", lambda m: str(int(m[0]) + more), complaint)
        return re.sub(r"(?<=on line )\d+", lambda m: str(int(m[0]) + more), complaint)

    content = (DATA / f"{name}.yaml").read_bytes()
    before = complaints(write(tmp_path, content))
    assert complaints(write(tmp_path, b"# more\n" * more + content)) == [moved(complaint) for complaint in before]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    title=st.text(),
    limit=st.integers(1, 10**9),
    weight=st.floats(-1000, 1000).filter(bool),
    threshold=st.floats(allow_nan=False, allow_infinity=False),
)
def test_round_trip(tmp_path: Path, title: str, limit: int, weight: float, threshold: float) -> None:
    """What a YAML writer wrote is read back as what it was."""
    wanted = {"title": f"x{title}", "limit": limit, "threshold": threshold, "keywords": {"rag": weight}}
    path = write(tmp_path, yaml.safe_dump({"profiles": {"ana": wanted}}))
    read = load(path).profiles[0]
    assert (read.title, read.limit, read.threshold) == (one_line(f"x{title}"), limit, threshold)
    assert read.terms == (Term(text="rag", weight=weight),)


# ------------------------------------------------------------------------------------------- the starter


def properties(node: dict[str, Any], definitions: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key of the schema that is not a person's own choice, with what the schema says of it."""
    for key, value in node.get("properties", {}).items():
        yield key, value
        if key in PAGES:  # has a page of its own
            continue
        for inner in (value, value.get("additionalProperties")):
            if isinstance(inner, dict) and "$ref" in inner:
                yield from properties(definitions[inner["$ref"].rpartition("/")[2]], definitions)


PAGES = ("mail", "alerts", "webhooks", "fetch", "schedule")
KEYS = list(properties(schema(), schema()["$defs"]))


def test_starter_loads(tmp_path: Path) -> None:
    """The config that `digest init` writes is a good one."""
    config = load(write(tmp_path, starter()))
    assert [(one.kind, one.name) for one in config.sources] == [("folder", "listings"), ("arxiv", "arXiv cs.CL cs.SD")]
    assert config.profiles[0].terms
    assert config.profiles[0].authors


def test_starter_without_comments(tmp_path: Path) -> None:
    """Every key that the starter has as a comment may be uncommented."""
    config = load(
        write(
            tmp_path,
            re.sub(
                r"^(\s*)# ((?:base_url:|note:|mail:|alerts:|fetch:|recipients:|webhooks:|schedule:|  ).*)$",
                r"\1\2",
                starter(),
                flags=re.MULTILINE,
            ),
        )
    )
    assert config.site.base_url == "https://example.org/digest/"
    assert config.site.note == "Questions to [Ana](mailto:ana@example.org)."
    assert config.mailing
    assert config.alerts.mails == ("ana@example.org",)
    assert [one.address for one in config.profiles[0].recipients] == [
        "ana@example.org",
        "bo@example.org",
        "papers.slack",
    ]


def test_every_key_is_taught() -> None:
    """Every key stands in the starter, and the schema describes it."""
    assert len(KEYS) == 26
    for key, said in KEYS:
        assert re.search(rf"^ *(# )?{key}:", starter(), re.MULTILINE), key
        assert said["description"].endswith("."), key


def test_starter_tells_the_defaults(tmp_path: Path) -> None:
    """Where the starter shows a default it is the true one."""
    config = load(write(tmp_path, starter()))
    bare = load(write(tmp_path, "profiles: {papers: {keywords: [a]}}"))
    assert (config.site, config.out, config.store) == (bare.site, bare.out, bare.store)
    for key in ("limit", "threshold", "zone", "revised", "private"):
        assert getattr(config.profiles[0], key) == getattr(bare.profiles[0], key)


def test_starter_is_short() -> None:
    """The starter is read on one screen, and no line of it is cut in a narrow window."""
    lines = starter().splitlines()
    assert len(lines) <= 55
    assert max(map(len, lines)) <= 110


# ------------------------------------------------------------------------------------------------- sources


def test_sources_on_the_network(tmp_path: Path) -> None:
    """Each service is called by what it is asked for, or as the file says; strings that are no address are files."""
    config = load(
        write(
            tmp_path,
            "sources:\n  - a.txt\n  - https://example.org/feed?key=1\n"
            "  - feed: {url: 'https://example.org/feed', name: Lists}\n  - page: https://example.org/x.html\n"
            "  - arxiv: cs.LG\n  - arxiv: [hep-th, astro-ph.GA]\n"
            "  - arxiv: {query: 'all:x', newest: 9, at: 'http://localhost:1/'}\n"
            "  - huggingface:\n  - biorxiv:\n  - medrxiv: [oncology, genetics]\n  - pubmed: x[tiab]\n"
            "  - pubmed: {query: y, key: {env: KEY}, name: Mine}\n  - openreview: [X.org/2026, TMLR]\n"
            "  - semantic_scholar: {query: z, subjects: Medicine, days: 7}\n"
            "  - imap: {host: imap.example.org, user: ana, password: {env: PW}, folder: Alerts}\n"
            "  - maildir: mail/alerts\n  - folder: listings\n"
            "fetch: {contact: ana@example.org, every: 0.5, private: true, authorities: ca.pem}\n"
            "profiles: {ana: {keywords: [a]}}\n",
        )
    )
    imap = Imap("imap.example.org", 993, "ana", Secret("env", "PW"), "Alerts")
    assert config.sources == (
        str(tmp_path / "a.txt"),
        Wanted("feed", "https://example.org/feed?…", Feed("https://example.org/feed?key=1")),
        Wanted("feed", "Lists", Feed("https://example.org/feed")),
        Wanted("page", "https://example.org/x.html", Feed("https://example.org/x.html", page=True)),
        Wanted("arxiv", "arXiv cs.LG", Arxiv(("cs.LG",))),
        Wanted("arxiv", "arXiv hep-th astro-ph.GA", Arxiv(("hep-th", "astro-ph.GA"))),
        Wanted("arxiv", "arXiv all:x", Arxiv((), "all:x", 9, "http://localhost:1")),
        Wanted("huggingface", "Hugging Face Daily Papers", HuggingFace()),
        Wanted("biorxiv", "bioRxiv", Rxiv("biorxiv")),
        Wanted("medrxiv", "medRxiv oncology, genetics", Rxiv("medrxiv", ("oncology", "genetics"))),
        Wanted("pubmed", "PubMed x[tiab]", Pubmed("x[tiab]")),
        Wanted("pubmed", "Mine", Pubmed("y", Secret("env", "KEY"))),
        Wanted("openreview", "OpenReview X.org 2026, TMLR", OpenReview(("X.org/2026", "TMLR"))),
        Wanted("semantic_scholar", "Semantic Scholar z", SemanticScholar("z", ("Medicine",), 7)),
        Wanted("imap", "Alerts at imap.example.org", Mailbox(imap)),
        Wanted("maildir", "Maildir mail/alerts", Mailbox(Maildir(tmp_path / "mail/alerts"))),
        Wanted("folder", "listings", Folder(tmp_path / "listings")),
    )
    assert config.fetching == Fetching(
        contact="ana@example.org", every=0.5, private=True, authorities=tmp_path / "ca.pem"
    )


def test_sources_are_told_apart(tmp_path: Path) -> None:
    """The ledger of days and the messages know sources by their names: no two have the same."""
    twice = write(
        tmp_path,
        "sources:\n  - https://example.org/feed?a\n  - https://example.org/feed?b\nprofiles: {ana: {keywords: [a]}}\n",
    )
    why = "two of them are called 'https://example.org/feed?…': give one another `name:`, or take it out"
    assert complaints(twice) == [f"digest.yaml:2:3: sources: {why}"]
