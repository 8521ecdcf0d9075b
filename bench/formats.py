"""Each format's parser over a long document, beside what else reads such a document, in turn.

As a program it prints JSON objects, one a line:

    python formats.py speed BYTES BUDGET    every format
    python formats.py write BYTES FILE      a snapshot of so many bytes, as Kaggle distributes it
    python formats.py memory FILE           reading that
"""

import csv
import gc
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from figures import Held, Reading
from measuring import paired, peak
from pages import Invented, many, wrapped

from digest.formats import FORMATS
from digest.model import Document, Listing
from digest.sources.files import document

SAMPLES = Path(__file__).parents[1] / "tests" / "data" / "formats"

LIMITS = {"feed": 30.0, "arxiv_api": 30.0, "arxiv_listing": 1.7, "kaggle": 3.0}
"""Times as fast as its peer a format must be at least."""
SEVERAL = 4
"""So many times the budget is spent on what has a limit."""
KEPT = 50
"""So many times as long a snapshot is read too: to keep dicts costs more, the more are kept."""


# ------------------------------------------------------------------------------------------------ documents


class Long(NamedTuple):
    """What is read: `data`, so many times over."""

    made: str
    """How it was made."""
    data: bytes
    times: int = 1
    repeats: int = 1
    """How often its records stand in it: at least so many listings it has."""


ENVELOPES = {
    "arxiv_api": (b"<entry", b"</feed>"),
    "arxiv_html": (b"<dl", b"</div>\n</div>\n<footer"),
    "arxiv_oai": (b"<record", b"</ListRecords>"),
    "dblp": (b"<article", b"</dblp>"),
    "endnote_xml": (b"<record>", b"</records>"),
    "feed": (b"<item", b"</channel>"),
    "ieee_xml": (b"<article>", b"</volume>"),
    "pubmed": (b"<PubmedArticle", b"</PubmedArticleSet>"),
    "pubmed_html": (b"<article", b"</div></section>"),
    "scholar_alert": (b'<div class="gs_r', b"</div></body>"),
}
"""What repeats in a document of markup: from the first of the one to the last of the other."""
WHOLE = (
    *("alert", "jats", "meta_tags", "pubmed_json", "pubmed_text", "arxiv_page", "benty_fields"),
    *("daily_markdown", "markdown_table", "reading_list"),
)
"""Those that have one record, name each, or tell a link once: the sample is read again and again."""
MARKUP = (".xml", ".html", ".rss", ".atom", ".rdf")


def sample(name: str) -> Path | None:
    """The largest sample of a format that is no mail: mails are unpacked before a format sees them."""
    found = [
        path
        for path in (SAMPLES / name).glob("*")
        if path.suffix != ".eml" and (path.suffix != ".json" or not path.with_suffix("").exists())
    ]
    return max(found, key=lambda path: (path.stat().st_size, path.name), default=None)


def lengthened(name: str, path: Path, size: int) -> Long:
    """A sample of the format `name` as a document of about `size` bytes."""
    data = path.read_bytes()
    if name in WHOLE:
        times = max(size // len(data), 1)
        return Long(f"{path.name}, {times:,} times over", data, times)
    if path.suffix == ".json":
        return _long_json(path.name, data, size)
    begin, end = 0, len(data)
    if path.suffix in MARKUP:
        first, last = ENVELOPES[name]
        begin, end = data.index(first), data.rindex(last)
    elif path.suffix in (".csv", ".tsv"):
        begin = data.index(b"\n") + 1
    records = data[begin:end]
    records += b"" if records.endswith(b"\n") else b"\n"
    records += b"\n" if path.suffix in (".bib", ".enw", ".nbib", ".ris", ".txt") else b""
    repeats = max(size // len(records), 1)
    return Long(f"{path.name}, its records repeated", data[:begin] + records * repeats + data[end:], repeats=repeats)


def _long_json(name: str, data: bytes, size: int) -> Long:
    value = json.loads(data)
    records = max(_lists(value), key=lambda found: len(json.dumps(found)))
    repeats = max(size // len(json.dumps(records, ensure_ascii=False).encode()), 1)
    records *= repeats
    return Long(f"{name}, its records repeated", json.dumps(value, ensure_ascii=False).encode(), repeats=repeats)


def _lists(value: object) -> Iterator[list[Any]]:
    """The lists of objects in objects, but for those in lists."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _lists(one)


def snapshot(paper: Invented) -> str:
    """A line as Kaggle has it."""
    days = [day for day in (paper.created, paper.updated) if day]
    told = {
        "id": paper.id,
        "submitter": paper.authors[0],
        "authors": ", ".join(paper.authors),
        "title": paper.title,
        "comments": paper.comments,
        "journal-ref": None,
        "doi": None,
        "report-no": None,
        "categories": "cs.DL cs.IR",
        "license": "http://creativecommons.org/licenses/by/4.0/",
        "abstract": f"  {wrapped(paper.abstract)}\n",
        "versions": [
            {"version": f"v{number}", "created": f"{day:%a, %d %b %Y} 17:59:59 GMT"}
            for number, day in enumerate(days, 1)
        ],
        "update_date": f"{days[-1]}",
        "authors_parsed": [[*reversed(name.split(" ", 1)), ""] for name in paper.authors],
    }
    return f"{json.dumps(told)}\n"


def announced(paper: Invented) -> str:
    """A record of arXiv's daily mail."""
    comments = f"Comments: {paper.comments}\n" if paper.comments else ""
    return (
        f"\\\\\narXiv:{paper.id}\nDate: {paper.created:%a, %d %b %Y} 17:59:59 GMT   (243kb,D)\n\n"
        f"Title: {paper.title}\nAuthors: {', '.join(paper.authors)}\nCategories: cs.DL cs.IR\n{comments}"
        f"License: http://creativecommons.org/licenses/by/4.0/\n\\\\\n  {wrapped(paper.abstract)}\n"
        f"\\\\ ( https://arxiv.org/abs/{paper.id} ,  243kb)\n{'-' * 78}\n"
    )


def entry(paper: Invented) -> str:
    """An entry of arXiv's API."""
    names = "".join(f"<author><name>{escape(name)}</name></author>" for name in paper.authors)
    comments = f"<arxiv:comment>{escape(paper.comments)}</arxiv:comment>" if paper.comments else ""
    url = f"http://arxiv.org/{{}}/{paper.id}v1"
    return (
        f"<entry><id>{url.format('abs')}</id><title>{escape(paper.title)}</title>"
        f"<updated>{paper.updated or paper.created}T17:59:59Z</updated>"
        f'<link href="{url.format("abs")}" rel="alternate" type="text/html"/>'
        f'<link href="{url.format("pdf")}" rel="related" type="application/pdf" title="pdf"/>'
        f"<summary>{escape(wrapped(paper.abstract))}</summary>"
        f'<category term="cs.DL" scheme="http://arxiv.org/schemas/atom"/>'
        f"<published>{paper.created}T17:59:59Z</published>{comments}"
        f'<arxiv:primary_category term="cs.DL"/>{names}</entry>\n'
    )


def item(paper: Invented) -> str:
    """An item of arXiv's RSS."""
    abstract = f"arXiv:{paper.id}v1 Announce Type: new \nAbstract: {paper.abstract}"
    return (
        f"<item><title>{escape(paper.title)}</title><link>https://arxiv.org/abs/{paper.id}</link>"
        f"<description>{escape(abstract)}</description>"
        f'<guid isPermaLink="false">oai:arXiv.org:{paper.id}v1</guid><category>cs.DL</category>'
        f"<pubDate>{paper.created:%a, %d %b %Y} 00:00:00 -0400</pubDate>"
        f"<arxiv:announce_type>new</arxiv:announce_type>"
        f"<dc:creator>{escape(', '.join(paper.authors))}</dc:creator></item>\n"
    )


_ARXIV = 'xmlns:arxiv="http://arxiv.org/schemas/atom"'
WRITTEN: Mapping[str, tuple[str, Callable[[Invented], str], str]] = {
    "feed": (
        f'<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" {_ARXIV}><channel><title>cs.DL</title>\n',
        item,
        "</channel></rss>\n",
    ),
    "arxiv_api": (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {_ARXIV}><id>http://arxiv.org/api/x</id><title>cs.DL</title>\n',
        entry,
        "</feed>\n",
    ),
    "arxiv_listing": (f"{'-' * 78}\n", announced, ""),
    "kaggle": ("", snapshot, ""),
}
"""What has a limit is read with papers of a true paper's length, no two of them equal: head, record, foot."""


LEAST = 500
"""Bytes that an invented paper takes at least."""


def pieces(name: str, size: int) -> Iterator[bytes]:
    """A document of invented papers in the format `name`, of `size` bytes or a little more."""
    head, record, foot = WRITTEN[name]
    yield head.encode()
    written = 0
    for paper in many(size // LEAST + 1):
        if written >= size:
            break
        data = record(paper).encode()
        written += len(data)
        yield data
    yield foot.encode()


# ------------------------------------------------------------------------------------------------ peers


@dataclass(frozen=True, slots=True)
class Peer:
    """What else reads such a document."""

    name: str
    read: Callable[[bytes], object]


def _feedparser(data: bytes) -> object:
    import feedparser

    return feedparser.parse(BytesIO(data))


def _bibtexparser(data: bytes) -> object:
    from bibtexparser.entrypoint import parse_string

    return parse_string(data.decode())


def _rispy(data: bytes) -> object:
    import rispy

    return rispy.loads(data.decode())


def _orjson(data: bytes) -> object:
    import orjson

    return [orjson.loads(line) for line in data.splitlines()]


def _json_lines(data: bytes) -> object:
    return [json.loads(line) for line in data.splitlines() if line.strip()]


def _csv(data: bytes) -> object:
    return list(csv.reader(StringIO(data.decode()), delimiter="\t" if b"\t" in data[:200] else ","))


def _lines(data: bytes) -> object:
    return [line.split() for line in data.decode().split("\n")]


def _lxml(data: bytes) -> object:
    from lxml import etree

    def told(element: Any) -> dict[str, Any]:
        return {"text": element.text, **element.attrib, "in": [(one.tag, told(one)) for one in element]}

    return told(etree.fromstring(data, etree.XMLParser(recover=True, huge_tree=True)))


def _selectolax(data: bytes) -> object:
    from selectolax.lexbor import LexborHTMLParser

    return LexborHTMLParser(data)


_FIELD = re.compile(r"([A-Z][A-Za-z-]+): (.*)")


def _plain_listing(data: bytes) -> object:
    """The daily mail line by line."""
    found: list[dict[str, str]] = []
    record: dict[str, str] = {}
    field = ""
    for line in data.decode().split("\n"):
        if line.startswith("----------"):
            if record:
                found.append(record)
            record, field = {}, ""
        elif line.startswith("\\\\"):
            field = "abstract" if "Title" in record and "abstract" not in record else ""
        elif line.startswith("arXiv:"):
            record["id"] = line[6:]
        elif field != "abstract" and (match := _FIELD.match(line)):
            field = match[1]
            record[field] = match[2]
        elif field:
            record[field] = f"{record.get(field, '')} {line.strip()}".lstrip()
    return found


FEEDPARSER = Peer("feedparser", _feedparser)
PEERS = {
    "feed": FEEDPARSER,
    "arxiv_api": FEEDPARSER,
    "arxiv_listing": Peer("plain, by lines", _plain_listing),
    "kaggle": Peer("orjson, dicts kept", _orjson),
    "bibtex": Peer("bibtexparser", _bibtexparser),
    "ris": Peer("rispy", _rispy),
    "csv": Peer("csv.reader", _csv),
}
BY_SUFFIX = {
    ".json": Peer("json.loads", json.loads),
    ".jsonl": Peer("json.loads, by lines", _json_lines),
    ".xml": Peer("lxml to dicts", _lxml),
    ".html": Peer("selectolax, tree", _selectolax),
}
TEXT = Peer("str.split, by lines", _lines)


# ------------------------------------------------------------------------------------------------ measuring


def speeds(size: int, budget: float) -> Iterator[Reading]:
    """Every built-in format that has samples, and those with a limit over invented papers."""
    for name in FORMATS:
        if name in WRITTEN:
            yield reading(name, Long("invented papers", b"".join(pieces(name, size))), PEERS[name], budget)
        if name == "kaggle":
            longer = Long(f"invented papers, {KEPT} times as many", b"".join(pieces(name, size * KEPT)))
            yield reading(name, longer, PEERS[name], budget)
        if name != "kaggle" and (path := sample(name)):
            peer = PEERS.get(name) or BY_SUFFIX.get(path.suffix, TEXT)
            yield reading(name, lengthened(name, path, size), peer, budget)


def reading(name: str, long: Long, peer: Peer, budget: float) -> Reading:
    parse = FORMATS[name].parse
    held = Document(origin="bench", open=lambda: BytesIO(long.data))
    count, problems = _counted(name, held)
    if count < long.repeats:
        raise SystemExit(f"bench: {name} finds {count:,} listings in {long.made} {long.repeats:,} times")

    def work() -> None:
        for _ in range(long.times):
            for _ in parse(held):
                pass

    def baseline() -> None:
        for _ in range(long.times):
            peer.read(long.data)

    gc.collect()
    pair = paired(work, baseline, budget * (SEVERAL if name in LIMITS else 1))
    return Reading(
        format=name,
        made=long.made,
        size=len(long.data) * long.times,
        count=count * long.times,
        problems=problems * long.times,
        cpu=pair.work,
        peer=peer.name,
        plain=pair.baseline,
        ratio=1 / pair.ratio,
        limit=LIMITS.get(name),
    )


def _counted(name: str, held: Document) -> tuple[int, int]:
    """How many listings and problems there are."""
    listings = problems = 0
    for one in FORMATS[name].parse(held):
        if isinstance(one, Listing):
            listings += 1
        else:
            problems += 1
    return listings, problems


def memory(path: Path) -> Held:
    before = peak()
    count, problems = _counted("kaggle", document(path))
    if problems:
        raise SystemExit(f"bench: {problems:,} problems where there is none")
    return Held(format="kaggle", size=path.stat().st_size, count=count, peak=peak(), rise=peak() - before)


def main(what: str, *words: str) -> None:
    if what == "write":
        with Path(words[1]).open("wb") as file:
            file.writelines(pieces("kaggle", int(words[0])))
        return
    rows = [memory(Path(words[0]))] if what == "memory" else speeds(int(words[0]), float(words[1]))
    for row in rows:
        print(json.dumps(asdict(row)))


if __name__ == "__main__":
    main(*sys.argv[1:])
