"""A daily run of many readers: editions of the day's 1,000 papers are made for each, and sent into Postfix's smtp-sink;
beside the plain way to do that, of which a few readers are enough, since each costs the same.

The plain way: feedparser reads the feed; each keyword of a reader is looked for in each paper; the 30 best are printed
by Jinja from the same templates, their styles inlined, put into a message by `email`, and sent by smtplib over a
connection of their own. Nothing is kept, and no guarantee given.

As a program it prints one JSON object:  python many.py READERS PLAIN PYTHON
"""

import json
import os
import random
import smtplib
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import feedparser
import yaml
from daily import fed
from figures import Many
from mails import SENDER, SHOWN, SITE, letters, papers, plain
from measuring import spend
from pages import WORDS
from sending import sink

from digest.rendering.mail import planned

PAPERS = 1_000
LIMIT = 50.0
"""So many times our CPU time the plain way must take at least."""


def keywords(number: int) -> dict[str, int]:
    """Twelve of a reader: five phrases that stand in about 14 papers of 1,000 each, five words that stand in none, and
    two that nobody wants to read of.
    """
    chance = random.Random(number)
    phrases = [" ".join(chance.sample(WORDS, 2)) for _ in range(5)]
    rare = [word + chance.choice(("ology", "istics", "ement")) for word in chance.sample(WORDS, 5)]
    wanted = {text: chance.choice((1, 2, 3, 5)) for text in (*phrases, *rare)}
    return {**wanted, "never read": -2, " ".join(chance.sample(WORDS, 2)): -1}


def address(number: int) -> str:
    return f"reader-{number}@example.org"


def config(readers: int, url: str, port: int) -> str:
    return yaml.safe_dump(
        {
            "sources": [{"feed": url}],
            "fetch": {"private": True},
            "publish": [],
            "mail": {"from": "digest@example.org", "smtp": {"host": "127.0.0.1", "port": port, "tls": "none"}},
            "profiles": {
                f"reader-{number}": {"keywords": keywords(number), "recipients": [address(number)]}
                for number in range(readers)
            },
        }
    )


def best(entries: list[tuple[str, str]], wanted: dict[str, int]) -> list[int]:
    """The places of the papers (title, abstract) that a reader wants most."""
    scores = [
        sum(weight * ((word in title) + (word in abstract) / 2) for word, weight in wanted.items())
        for title, abstract in entries
    ]
    return sorted(range(len(scores)), key=lambda place: -scores[place])[:SHOWN]


def plainly(readers: int, url: str, port: int) -> Iterator[float]:
    """The CPU seconds of reading the feed, then those of each reader."""
    start = process_time()
    entries = [(entry.title.lower(), entry.summary.lower()) for entry in feedparser.parse(url).entries]
    yield process_time() - start
    # Which papers are in the mail makes no difference to what it costs: these are of the same day and number.
    for number, letter in enumerate(letters(readers, papers(PAPERS))):
        plan = planned(letter, SITE, SENDER)  # how much has room, which the plain way is told
        start = process_time()
        best(entries, keywords(number))
        message = plain(letter, plan)
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.sendmail("digest@example.org", address(number), message)
        yield process_time() - start


def measured(readers: int, few: int, python: Path) -> Many:
    with fed(PAPERS) as url, sink() as port:
        reading, *each = plainly(few + 1, url, port)
        one = sum(each[1:]) / few  # the first one makes templates
        with TemporaryDirectory(prefix="bench-") as folder:
            Path(folder, "digest.yaml").write_text(config(readers, url, port), encoding="utf-8")
            start = perf_counter()
            spent = spend([python.with_name("digest"), "run"], Path(folder))
            wall = perf_counter() - start
    whole = reading + readers * one
    return Many(
        readers=readers,
        papers=PAPERS,
        cpu=spent.cpu,
        wall=wall,
        peak=spent.peak,
        plain=whole,
        ratio=whole / spent.cpu,
        limit=LIMIT,
    )


def main(readers: str, few: str, python: str) -> None:
    os.environ.update(HOME=os.devnull)
    print(json.dumps(asdict(measured(int(readers), int(few), Path(python)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
