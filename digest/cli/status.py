"""Say how things stand: the last run, each profile's newest edition and who got it, what waits, what is wrong.

Nothing is changed by it, and it may be asked while a run is at work. The exit code is that of the verdict in the first
line, as things stand now: 0; 3 where sources failed or are stale; 4 where mails were refused, stopped or are in doubt.
Where nothing of this is wrong, 5 if the store or the published folder stopped the last run, and 75 if it died or was
cut short: the next one goes on. Without a store there is nothing to say: 0. Instants are in UTC.
"""

import argparse
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from digest.cli import output, wishes
from digest.errors import OK

if TYPE_CHECKING:
    from digest.status import Shelf, Status
    from digest.store.runs import Run


_PROBLEMS = 3
"""So many problems of the last run are told; the edition's page has them all."""


def arguments(parser: argparse.ArgumentParser) -> None:
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="one JSON object; docs/mail.md names its keys")
    how.add_argument("--metrics", action="store_true", help="numbers for Prometheus; docs/serving.md names them")
    parser.add_argument("--config", metavar="FILE", help="the configuration (digest.yaml in this folder)")
    parser.add_argument("--store", type=Path, metavar="FILE", help="the database that remembers (the config's)")


def execute(args: argparse.Namespace) -> int:
    from digest.app import make_app
    from digest.config import load
    from digest.status import as_object

    app = make_app(load(wishes.config_path(args)), store=args.store)
    status = app.status()
    if args.metrics:
        print(_metrics(status), end="")
    elif args.json:
        output.print_object(as_object(status) if status else {"version": 1, "verdict": None, "exit_code": OK})
    elif not status:
        print("nothing was run yet: `digest run` makes the first edition")
    else:
        for line in lines(status):
            print(line)
    return status.exit_code if status else OK


def _metrics(status: "Status | None") -> str:
    try:
        from digest.metrics import exposition
    except ModuleNotFoundError as error:
        raise wishes.needs("`digest status --metrics`", "metrics", error) from None
    return exposition(status).decode()


def lines(status: "Status") -> list[str]:
    """What is said, for a person."""
    rows = [*_runs(status), *(row for shelf in status.shelves for row in _shelf(shelf)), *_rest(status)]
    width = max(len(label) for label, _ in rows) + 2
    return [_headline(status), "", *(f"{label:{width}}{text}".rstrip() for label, text in rows)]


def _headline(status: "Status") -> str:
    from digest.rendering.wording import counted
    from digest.verdicts import SENTENCES

    said = f"{status.verdict}: {SENTENCES[status.verdict]}"
    if status.why_not:
        return f"{status.verdict}: this store may not send: {status.why_not}"
    if not any(shelf.edition for shelf in status.shelves):
        said = "no edition yet: `digest run` makes the first one"
    if left := sum(shelf.waiting for shelf in status.shelves):
        said += f"; {counted(left, 'message')} still to be sent"
    if status.run and status.run.outcome and status.run.outcome.problems and not status.verdict.startswith("source"):
        said += "; but not all could be read"
    if stopped := status.stopped:
        how = "was stopped by an error" if stopped.outcome else "died midway; the next one goes on where it was"
        return f"the last `digest {stopped.command}` {how}; apart from that, {said}"
    return said


def _runs(status: "Status") -> Iterator[tuple[str, str]]:
    if status.process is not None:
        one = status.working
        since = f"digest {one.command}, since {_instant(one.began)}, " if one else ""
        yield "at work", f"{since}process {status.process}"
    if not (status.run or status.send):
        yield "last run", "none is on record"
    for label, one in (("last run", status.run), ("last send", status.send)):
        if one:
            yield label, f"{_instant(one.began)}, {_ago(one.began, status.at)}: {_ending(one)}"
            problems = one.outcome.problems if one.outcome and one is status.run else ()
            yield from (("", problem) for problem in problems[:_PROBLEMS])
            if len(problems) > _PROBLEMS:
                yield "", f"and {len(problems) - _PROBLEMS:,} problems more"
    if status.read and status.run and status.read != status.run.ended:
        yield "sources", f"were last read without failure {_ago(status.read, status.at)}"


def _ending(run: "Run") -> str:
    if not run.outcome:
        return "never ended: it was killed, or the machine went down"
    if not run.outcome.verdict:
        return f"stopped (exit code {run.outcome.exit_code}): {run.outcome.summary}"
    summary = run.outcome.summary
    return (
        summary if summary.startswith(run.outcome.verdict) else ": ".join(filter(None, [run.outcome.verdict, summary]))
    )


def _shelf(shelf: "Shelf") -> Iterator[tuple[str, str]]:
    from digest.rendering.wording import counted
    from digest.sending.telling import told

    if not shelf.edition:
        yield shelf.name, "no edition yet"
        return
    digest = shelf.edition.digest
    what = counted(len(digest.ranked), "paper") if digest.ranked else f"no papers ({digest.verdict})"
    older = f", {counted(shelf.late, 'day')} ago" if shelf.late else ""
    full = f"; the last with papers {shelf.full}" if shelf.full and shelf.full != digest.day else ""
    yield shelf.name, f"edition {shelf.edition.number} of {digest.day}{older}: {what}{full}"
    if shelf.tally:
        yield "", f"sent{f' of {shelf.day}' if shelf.day != digest.day else ''}: {told(shelf.tally)}"
    if shelf.waiting:
        again = f", the next try {_instant(shelf.due)}" if shelf.due else ", by the next `digest send`"
        yield "", f"{counted(shelf.waiting, 'message')} to be sent{again}"
    if shelf.doubts:
        yield "", f"{counted(shelf.doubts, 'message')} in doubt: `digest outbox` lists them"


def _rest(status: "Status") -> Iterator[tuple[str, str]]:
    from digest.sending.alarm import ADVICE, kind

    if status.suppressed:
        counts = ", ".join(f"{number:,} {reason}" for reason, number in status.suppressed.items())
        yield "sent nothing", f"{counts}: `digest outbox --suppressed` lists them"
    for one in status.troubles:
        yield "trouble", f"{one.what}"
        yield "", f"since {_instant(one.since)}, {'told' if one.told else 'nobody was told yet'}"
        if advice := ADVICE.get(kind(one)):
            yield "", f"what to do: {advice}"
    yield "store", f"{status.path}, {status.size / 1e6:,.1f} MB, {status.papers:,} papers"


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _ago(at: datetime, now: datetime) -> str:
    """`3 hours ago`, in the largest unit of which there are two."""
    past = now - at
    if past < timedelta(0):
        return "by a clock that was ahead of this one"
    for seconds, unit in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if (number := int(past.total_seconds() // seconds)) >= 2:
            return f"{number:,} {unit} ago"
    return "just now" if past < timedelta(minutes=1) else "a minute ago"
