"""`make bench`: what starting, parsing, merging, ranking, rendering and sending cost, beside baselines of the same
minute.

    python -m bench                  everything: some minutes
    python -m bench --quick          smaller pages, nothing installed: less than a minute
    python -m bench --only stages    one section of startup, stages, commands, personal, sending, formats, daily, many

Times are CPU seconds, medians of several turns (see bench/measuring.py). Only what has a limit is judged.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any

from figures import (
    Daily,
    Far,
    Held,
    Large,
    Many,
    Personal,
    Reading,
    Sending,
    Stage,
    Start,
    Whole,
    exponent,
    table,
    verdict,
)
from measuring import PLACES
from pages import LAYOUTS
from processes import IMPORTS, NOTHING, Installation, here, install, starts, wholes

# Nothing of digest is imported here: a process begins with the resident size of the one that starts it, so this
# one must stay smaller than all that it measures.

BENCH = Path(__file__).parent
ROOT = BENCH.parent
PERSONAL_BENCH = BENCH / "personal.py"
SENDING_BENCH = BENCH / "sending.py"
FORMATS_BENCH = BENCH / "formats.py"
DAILY_BENCH = BENCH / "daily.py"
MANY_BENCH = BENCH / "many.py"

SECTIONS = ("startup", "stages", "commands", "personal", "sending", "formats", "daily", "many")
SIZES = (1_000, 10_000, 100_000)
QUICK_SIZES = (1_000, 10_000)

PARSING = tuple(f"parse {layout}" for layout in LAYOUTS)
SIZED = (*PARSING, "merge", "rank")
"""The stages that are measured over each number of listings."""
RENDERING = tuple(f"{kind} of {shown}" for shown in (30, 1000) for kind in ("rss", "atom", "html"))
"""Those that are measured over editions of so many papers."""

BASELINES = {
    "parse": "a loop over the decoded lines of the same file",
    "merge": "a dict of the same listings (a tenth are repeats) by the hash of their lower-cased abstract",
    "rank": "`keyword in text` for each of the six keywords, the text being title and abstract in lower case",
    "rss, atom": "feedgen alone, given the finished texts of the same entries (a feed's first page holds 250 kB)",
    "html": "a loop in a Jinja template that prints title, authors and abstract, escaped",
}

READERS = 10_000
"""So many readers are served in the section `personal`."""
PERSONAL = ("mail", "rss", "atom", "page")
TIMES = 100
"""So many times as fast as the plain way a mail must be made at least."""
SWELLING = 16.0
"""MB by which the process may grow from the first hundred mails to the last."""
LARGE = ("rss", "atom", "jsonfeed", "html")
MOMENT = 0.05
"""Seconds that an edition of 1,000 papers may take in one format."""

PLAIN = {
    "mail": "a Jinja render of the same templates, css-inline and email.message for each mail",
    "rss, atom": "feedgen for each feed, the texts of its entries made for it",
    "page": "a Jinja render of the same templates for each page, every paper's block anew",
}

MAILS = 10_000
"""So many go into the sink in the section `sending`."""
CONNECTIONS = (1, 2, 4, 8)
QUARTER = 0.25
"""Of the CPU time of smtplib a mail may take."""
AHEAD = 4.0
"""Times as many mails as smtplib one connection must carry to a server that is far away."""

LENGTH = 1_000_000
"""Bytes of the document that each format reads."""
SNAPSHOTS = (10, 200)
"""MB of the two snapshots over which memory is told."""
QUICK_SNAPSHOTS = (2, 20)
LARGE_SNAPSHOT = 1_000
HELD = 64.0
"""MB that reading a snapshot may take, whatever its length."""

PLAINEST = ("authors_abstract",)
"""The layout that tells least by itself and so takes the longest to read."""
PAGE = "abstract_id_dates"
"""The layout of the page that whole commands read."""

GROWTH = 1.05
"""The greatest power of the number of listings with which parsing and merging may grow."""
FLAT = 1.25
"""How many times the memory of the smallest page parsing the largest may take: caches fill, nothing else grows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How thorough a run is."""

    sizes: tuple[int, ...]
    """Numbers of listings, ascending."""
    layouts: tuple[str, ...]
    """Those of the pages that are read from a cold start."""
    turns: int
    """How often each cold start is made."""
    budget: float
    """CPU seconds to spend on a figure, if one turn does not take them."""


def main() -> None:
    try:
        _measure(_arguments())
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"bench: {error}") from None


def _measure(args: argparse.Namespace) -> None:
    quick = args.quick
    plan = Plan(
        sizes=tuple(sorted(set(args.sizes or (QUICK_SIZES if quick else SIZES)))),
        layouts=PLAINEST if quick else tuple(LAYOUTS),
        turns=args.turns or 7,
        budget=(0.2 if quick else 1.0) if args.budget is None else args.budget,
    )
    print(f"{os.cpu_count()} CPUs, {platform.machine()}, Python {platform.python_version()}, {platform.system()}")
    told: dict[
        str, Sequence[Daily | Many | Start | Stage | Whole | Personal | Large | Sending | Far | Reading | Held]
    ] = {}
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        writers = [_write(size, folder) for size in {*plan.sizes, *((20, 1000) if "startup" in args.only else ())}]
        alone = quick or args.here or not {"startup", "commands", "daily", "many"} & set(args.only)
        installation = here() if alone else install(ROOT, folder / "installed")
        if sum(writer.wait() for writer in writers):
            raise SystemExit("bench: the pages could not be written")
        if "startup" in args.only:
            told["startup"] = _startup(installation, folder, plan)
        if "stages" in args.only:
            told["stages"] = _stages(folder, plan)
        if "commands" in args.only:
            told["commands"] = _commands(installation, folder, plan)
        if "personal" in args.only:
            told["personal"] = _personal(READERS // 10 if quick else READERS)
            told["large"] = _large(plan)
        if "sending" in args.only:
            told["sending"], told["far"] = _sending(args.mails or (MAILS // 20 if quick else MAILS), quick)
        if "formats" in args.only:
            told["formats"] = _formats(LENGTH // 10 if quick else LENGTH, plan)
            few, much = QUICK_SNAPSHOTS if quick else SNAPSHOTS
            told["memory"] = _memory((few, LARGE_SNAPSHOT if args.large else much), folder)
        if "daily" in args.only:
            told["daily"] = _daily(installation, plan)
        if "many" in args.only:
            told["many"] = _many(installation, READERS // 20 if quick else READERS)
    if args.json:
        rows = ({"section": section, **asdict(figure)} for section, figures in told.items() for figure in figures)
        args.json.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="pages of 1,000 and 10,000 listings, and --here")
    parser.add_argument("--sizes", type=_sizes, metavar="N,N", help="numbers of listings (1000,10000,100000)")
    parser.add_argument("--turns", type=int, metavar="N", help="how often each cold start is made (7)")
    parser.add_argument("--budget", type=float, metavar="X", help="CPU seconds to spend on each other figure (1)")
    parser.add_argument("--mails", type=int, metavar="N", help=f"how many mails are sent ({MAILS})")
    parser.add_argument("--large", action="store_true", help=f"read a snapshot of {LARGE_SNAPSHOT:,} MB among formats")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="this section; may be repeated")
    parser.add_argument("--here", action="store_true", help="start what is installed here: no fresh environment")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures, one JSON object a line")
    args = parser.parse_args()
    args.only = args.only or list(SECTIONS)
    return args


def _sizes(text: str) -> tuple[int, ...]:
    sizes = text.split(",")
    if not all(size.isdecimal() and int(size) for size in sizes):
        raise argparse.ArgumentTypeError(f"'{text}' is no list of numbers; write it as 1000,10000")
    return tuple(map(int, sizes))


def _write(size: int, folder: Path) -> subprocess.Popen[bytes]:
    """A process that writes a page of `size` listings in each layout to `_pages(folder, size)`."""
    _pages(folder, size).mkdir()
    return subprocess.Popen([sys.executable, BENCH / "pages.py", str(size), _pages(folder, size)])


def _pages(folder: Path, size: int) -> Path:
    return folder / str(size)


# ------------------------------------------------------------------------------------------------- sections


def _startup(installation: Installation, folder: Path, plan: Plan) -> list[Start]:
    samples = sorted((ROOT / "digest" / "samples").glob("*.txt")) or sorted(_pages(folder, 20).glob("*.txt"))
    found = starts(
        installation, samples, [_pages(folder, 1000) / f"{layout}.txt" for layout in plan.layouts], plan.turns
    )
    names = {NOTHING: "pass", IMPORTS: "imports"}
    rows = [
        (
            start.command,
            f"{start.cpu * 1000:,.0f}",
            f"{start.ratio:.2f}",
            f"{start.least:.2f}-{start.most:.2f}",
            f"{start.limit:g} x {names[start.base]}",
            verdict(start.ratio, start.limit),
        )
        for start in found
    ]
    print(f"\nCold start: {installation.said}; {plan.turns} turns\n")
    print(table(("digest", "CPU ms", "ratio", "min-max", "limit", ""), rows))
    print(f"\nratio: to `python -c {NOTHING}` (pass) or `python -c '{IMPORTS}'` (imports), run in turn")
    return found


def _stages(folder: Path, plan: Plan) -> list[Stage]:
    found = [stage for name in SIZED for stage in _sized(name, folder, plan)]
    found += [_stage(name, 0, folder, plan) for name in RENDERING]
    rows = [
        (
            stage.stage,
            f"{stage.count:,}",
            f"{stage.cpu * 1000:,.1f}",
            f"{stage.cpu / stage.count * 1e6:,.0f}",
            f"{stage.size / stage.cpu / 1e6:,.1f}",
            f"{stage.ratio:,.1f}",
            f"{stage.peak:,.0f}",
            f"{stage.rise:,.0f}",
        )
        for stage in found
    ]
    print("\nStages, each in a process of its own\n")
    print(table(("stage", "n", "CPU ms", "us each", "MB/s", "x baseline", "peak MB", "of it by the stage"), rows))
    print("\nbaselines, run in turn in the same process:")
    for name, what in BASELINES.items():
        print(f"  {name}: {what}")
    if len(plan.sizes) > 1:
        _growth(found)
    return found


def _sized(name: str, folder: Path, plan: Plan) -> list[Stage]:
    """A stage over each size; over the smallest before and after the others, for growth is told from it and the
    machine may have changed its speed meanwhile.
    """
    first, *others = [_stage(name, size, folder, plan) for size in plan.sizes]
    if not others:
        return [first]
    again = _stage(name, plan.sizes[0], folder, plan)
    return [replace(first, cpu=(first.cpu + again.cpu) / 2), *others]


def _stage(name: str, size: int, folder: Path, plan: Plan) -> Stage:
    return Stage(**_told(BENCH / "stages.py", name, str(size), _pages(folder, size), str(plan.budget)))


def _growth(found: Sequence[Stage]) -> None:
    rows = []
    for name in SIZED:
        steps = [stage for stage in found if stage.stage == name]
        power = exponent([stage.count for stage in steps], [stage.cpu for stage in steps])
        limit = (f"{GROWTH}", verdict(power, GROWTH)) if name != "rank" else ("", "")
        rows.append((name, "time", f"{power:.3f}", *limit))
        if name in PARSING:
            swelling = steps[-1].peak / steps[0].peak
            rows.append((name, "memory", f"x {swelling:.2f}", f"x {FLAT}", verdict(swelling, FLAT)))
    print(f"\nGrowth from {found[0].count:,} to {steps[-1].count:,}: the exponent of time; peak memory as a multiple\n")
    print(table(("stage", "of", "growth", "limit", ""), rows))


def _commands(installation: Installation, folder: Path, plan: Plan) -> list[Whole]:
    found = [
        whole
        for size in plan.sizes
        for whole in wholes(installation, _pages(folder, size) / f"{PAGE}.txt", size, plan.budget)
    ]
    rows = [
        (
            whole.command,
            f"{whole.count:,}",
            f"{whole.cpu:,.2f}",
            f"{whole.cpu / whole.count * 1e6:,.0f}",
            f"{whole.ratio:,.1f}",
            f"{whole.peak:,.0f}",
        )
        for whole in sorted(found, key=lambda whole: whole.command)
    ]
    print(f"\nWhole processes over a page of layout {PAGE}: {installation.said}\n")
    print(table(("digest", "listings", "CPU s", "us each", "x baseline", "peak MB"), rows))
    print("\nbaseline: a Python that splits the same page into words")
    return found


def _personal(readers: int) -> list[Personal]:
    found = [Personal(**_told(PERSONAL_BENCH, kind, str(readers))) for kind in PERSONAL]
    rows = [
        (
            one.kind,
            f"{one.cpu * 1e6:,.0f}",
            f"{one.plain * 1e6:,.0f}",
            f"{one.ratio:,.0f}",
            f"{one.size:,}",
            f"{one.rise:,.1f}",
            *(
                ("ok" if one.ratio >= TIMES and one.rise <= SWELLING else "OVER", f"{TIMES} x, {SWELLING:g} MB")
                if one.kind == "mail"
                else ("", "")
            ),
        )
        for one in found
    ]
    print(f"\nPersonal editions: {readers:,} readers, each of 30 of the day's 1,000 papers\n")
    print(table(("for each", "us", "plain us", "x plain", "bytes", "MB risen", "", "limit"), rows))
    print("\nplain, for a few readers of each block of 500:")
    for name, what in PLAIN.items():
        print(f"  {name}: {what}")
    return found


PAPERS = 1_000
"""So many new ones the feed of the section `daily` has."""


def _daily(installation: Installation, plan: Plan) -> list[Daily]:
    if not which("smtp-sink", path=PLACES):
        print("\nA daily run: smtp-sink is missing; get it by: apt-get install postfix")
        return []
    python = str(installation.python)
    words: list[str | Path] = [sys.executable, DAILY_BENCH, str(PAPERS), str(plan.turns), python]
    told = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True)
    found = [Daily(**json.loads(line)) for line in told.stdout.splitlines() if line.startswith("{")]
    rows = [
        (
            one.tool,
            f"{one.cpu:.2f}",
            f"{one.wall:.2f}",
            f"{one.peak:,.0f}",
            f"{one.ratio:.2f}",
            *((f"{one.limit:g}", "ok" if one.ratio >= one.limit else "UNDER") if one.limit else ("", "")),
        )
        for one in found
    ]
    print(f"\nA daily run of one reader: {PAPERS:,} new papers in a feed on loopback; {installation.said}\n")
    print(table(("tool", "CPU s", "wall s", "peak MB", "x ours", "limit", ""), rows))
    print("\nours: fetched, merged, ranked, kept; feeds and pages published; a mail of the 30 best sent by the ledger")
    print("rss2email: a mail for each paper; with its digest option one mail of all; reader: fetched and kept, no mail")
    return found


PLAINLY = 20
"""So many readers are served the plain way too."""


def _many(installation: Installation, readers: int) -> list[Many]:
    if not which("smtp-sink", path=PLACES):
        print("\nA daily run of many readers: smtp-sink is missing; get it by: apt-get install postfix")
        return []
    one = Many(**_told(MANY_BENCH, str(readers), str(PLAINLY), str(installation.python)))
    print(f"\nA daily run of {one.readers:,} readers, sent and not published; {installation.said}\n")
    row = (
        f"{one.readers:,}",
        f"{one.cpu:.1f}",
        f"{one.cpu / one.readers * 1e3:.2f}",
        f"{one.wall:.1f}",
        f"{one.peak:,.0f}",
        f"{one.plain:,.0f}",
        f"{one.ratio:.1f}",
        f"{one.limit:g}",
        "ok" if one.ratio >= one.limit else "UNDER",
    )
    print(table(("readers", "CPU s", "ms a reader", "wall s", "peak MB", "plain CPU s", "x ours", "limit", ""), [row]))
    print(f"\nours: {one.papers:,} new papers fetched, merged, ranked, kept; a mail each of the 30 best, by the ledger")
    print(
        f"plain, by {PLAINLY} readers: feedparser, a look for each keyword, Jinja, css_inline, email, smtplib; unkept"
    )
    return [one]


def _large(plan: Plan) -> list[Large]:
    found = [Large(**_told(PERSONAL_BENCH, f"large {kind}", str(plan.budget))) for kind in LARGE]
    rows = [
        (
            one.format,
            f"{one.cpu * 1e3:,.1f}",
            f"{one.cold * 1e3:,.0f}",
            f"{one.size / 1e6:,.1f}",
            f"{MOMENT * 1e3:g}",
            verdict(one.cpu, MOMENT),
        )
        for one in found
    ]
    print(f"\nAn edition of {found[0].count:,} papers\n")
    print(table(("format", "ms", "ms from nothing", "MB", "limit", ""), rows))
    print(
        "\nms: when other editions of the day have shown its papers; from nothing: the first of all, with its imports"
    )
    return found


def _sending(count: int, quick: bool) -> tuple[list[Sending], list[Far]]:
    missing = [name for name in ("smtp-sink", "smtp-source") if not which(name, path=PLACES)]
    if missing:
        print(f"\nSending was skipped: there is no {' and no '.join(missing)} (Debian: apt-get install postfix)")
        return [], []
    connections = CONNECTIONS[1:3] if quick else CONNECTIONS
    few = max(min(count // 100, 100), 5)
    command = [str(SENDING_BENCH), f"{count}", "1" if quick else "3", f"{few}", ",".join(map(str, connections))]
    done = subprocess.run([sys.executable, *command], stdout=subprocess.PIPE, check=True, text=True)
    *near, last = map(json.loads, done.stdout.splitlines())
    found, far = [Sending(**row) for row in near], Far(**last)
    _cost(found)
    _speed(found)
    print(f"\nOne connection to a server that is {far.delay * 1000:g} ms away, there and back\n")
    kept = "ok" if far.ratio >= AHEAD else "UNDER"
    ratios = (f"{far.ratio:.2f}", f"{AHEAD:g}", kept, f"{far.to_each:.2f}")
    row = (f"{far.count}", f"{far.rate:.2f}", f"{far.plain:.2f}", *ratios)
    print(table(("mails", "mails/s", "smtplib", "x smtplib", "limit", "", "x one each"), [row]))
    print("\nFour is what there is to be had: smtplib waits four times for a mail, ours once")
    return found, [far]


def _cost(found: Sequence[Sending]) -> None:
    rows = [
        (
            f"{one.connections}",
            f"{one.cpu * 1e6:,.0f}",
            f"{one.freezing * 1e6:,.0f}",
            f"{one.to_bytes:.2f}",
            f"{QUARTER:g}",
            verdict(one.to_bytes, QUARTER),
            f"{one.carrying:.2f}",
            verdict(one.carrying, QUARTER),
            f"{one.to_text:.2f}",
            f"{one.to_message:.2f}",
            f"{one.to_each:.2f}",
            f"{one.to_source_cpu:.1f}",
        )
        for one in found
    ]
    ours = ("connections", "CPU us a mail", "of it freezing")
    theirs = (
        "to smtplib",
        "limit",
        "",
        "but for freezing",
        "",
        "to text",
        "to messages",
        "to one each",
        "to smtp-source",
    )
    print(f"\nSending {found[0].count:,} mails of 60 kB into Postfix's smtp-sink, with every guarantee\n")
    print(table((*ours, *theirs), rows))
    print(
        "\nsmtplib: a loop over one connection that gives `sendmail` bytes; text: one that gives it text; messages: one"
    )
    print("that gives `send_message` a message; one each: bytes, over a connection for each mail.")
    print("Freezing: until the mail's bytes are on disk")


def _speed(found: Sequence[Sending]) -> None:
    rows = [
        (
            f"{one.connections}",
            f"{one.rate:,.0f}",
            f"{one.to_kept:.2f}",
            f"{one.to_source:.2f}",
            "1",
            "ok" if one.to_source >= 1 else "UNDER",
            f"{one.rise:.1f}",
            f"{SWELLING:g}",
            verdict(one.rise, SWELLING),
            f"{one.log:.0f}",
        )
        for one in found
    ]
    rates = ("connections", "mails/s", "x smtplib", "x smtp-source", "limit", "")
    print("\nThe same by the clock, freezing among it\n")
    print(table((*rates, "MB risen", "limit", "", "MB of log"), rows))


def _formats(size: int, plan: Plan) -> list[Reading]:
    found = [Reading(**row) for row in _rows(FORMATS_BENCH, "speed", str(size), str(plan.budget))]
    rows = [
        (
            one.format,
            f"{one.size / one.cpu / 1e6:,.1f}",
            f"{one.count / one.cpu:,.0f}",
            one.peer,
            f"{one.size / one.plain / 1e6:,.1f}",
            f"{one.ratio:,.2f}",
            *(("", "") if one.limit is None else (f"{one.limit:g}", "ok" if one.ratio >= one.limit else "UNDER")),
            one.made,
        )
        for one in found
    ]
    print(f"\nFormats: documents of about {size / 1e6:g} MB, each parsed to its last listing\n")
    print(table(("format", "MB/s", "listings/s", "peer", "its MB/s", "x peer", "limit", "", "document"), rows))
    print("\nx peer: how many times as fast, in turn. Records that are repeated are kinder to caches than others")
    return found


def _memory(sizes: Sequence[int], folder: Path) -> list[Held]:
    found = []
    for size in sizes:
        path = folder / f"{size}.jsonl"
        subprocess.run([sys.executable, FORMATS_BENCH, "write", str(size * 1_000_000), path], check=True)
        found.append(Held(**_told(FORMATS_BENCH, "memory", path)))
        path.unlink()
    swelling = found[-1].peak / found[0].peak
    rows = [
        (
            f"{one.size / 1e6:,.0f}",
            f"{one.count:,}",
            f"{one.peak:,.1f}",
            f"{one.rise:,.1f}",
            f"{HELD:g}",
            verdict(one.peak, HELD),
        )
        for one in found
    ]
    print("\nMemory: a snapshot of kaggle's, read in a process of its own\n")
    print(table(("MB", "listings", "peak MB", "of it by reading", "limit", ""), rows))
    print(f"\nthe last to the first: x {swelling:.2f}, limit x {FLAT}: {verdict(swelling, FLAT)}")
    return found


def _told(*command: str | Path) -> dict[str, Any]:
    """What a program of ours prints: one JSON object."""
    (found,) = _rows(*command)
    return found


def _rows(*command: str | Path) -> list[dict[str, Any]]:
    """The same where it prints several, one a line."""
    done = subprocess.run([sys.executable, *command], stdout=subprocess.PIPE, check=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


if __name__ == "__main__":
    main()
