"""How things stand, as numbers for Prometheus: `digest status --metrics`, and `/metrics` of `digest serve --metrics`.

The text is the exposition format 0.0.4 of Prometheus, which a scraper fetches and node_exporter's textfile collector
reads. docs/serving.md names the metrics. Needs the packages of `paperdigest[metrics]`.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import get_args

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import CollectorRegistry

from digest.errors import TryAgain
from digest.model import Verdict
from digest.sending.alarm import kind
from digest.status import Shelf, Status, Supply
from digest.store.runs import Run

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def exposition(status: Status | None) -> bytes:
    """All metrics; of an installation that never ran, where `status` is None, only that it has not."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(status))
    return generate_latest(registry)


class _Collector:
    """What prometheus_client asks for metrics."""

    def __init__(self, status: Status | None) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        if self._status is None:
            yield GaugeMetricFamily("digest_papers", "Papers in the store.", value=0)
            return
        yield from _whole(self._status)
        yield from _runs(self._status)
        yield from _supplies(self._status.supplies)
        yield from _shelves(self._status.shelves)


def _whole(status: Status) -> Iterator[Metric]:
    verdict = GaugeMetricFamily("digest_verdict", "1 for the verdict as things stand now.", labels=["verdict"])
    for word in get_args(Verdict):
        verdict.add_metric([word], word == status.verdict)
    yield verdict
    yield GaugeMetricFamily("digest_exit_code", "What `digest status` exits with.", value=status.exit_code)
    yield GaugeMetricFamily("digest_may_send", "1 where this store may send.", value=not status.why_not)
    yield GaugeMetricFamily("digest_at_work", "1 while a run is at work.", value=status.process is not None)
    troubles = GaugeMetricFamily("digest_troubles", "What is wrong now, by its kind.", labels=["kind"])
    for name, count in sorted(Counter(map(kind, status.troubles)).items()):
        troubles.add_metric([name], count)
    yield troubles
    suppressed = GaugeMetricFamily("digest_suppressed", "Addresses that are sent nothing.", labels=["reason"])
    for reason, count in status.suppressed.items():
        suppressed.add_metric([reason], count)
    yield suppressed
    yield GaugeMetricFamily("digest_papers", "Papers in the store.", value=status.papers)
    yield GaugeMetricFamily("digest_store_bytes", "The store and its log.", value=status.size)


def _runs(status: Status) -> Iterator[Metric]:
    if status.read:
        yield GaugeMetricFamily(
            "digest_sources_read_timestamp_seconds",
            "When the last run that could read its sources ended.",
            value=status.read.timestamp(),
        )
    lasts = {run.command: run for run in (status.run, status.send) if run}
    ended = GaugeMetricFamily("digest_last_end_timestamp_seconds", "When the last one ended.", labels=["command"])
    took = GaugeMetricFamily("digest_last_duration_seconds", "How long the last one took.", labels=["command"])
    code = GaugeMetricFamily("digest_last_exit_code", "Of the last one; 75 where it died.", labels=["command"])
    problems = GaugeMetricFamily("digest_last_problems", "What the last one could not read.", labels=["command"])
    for command, run in lasts.items():
        code.add_metric([command], _code(run))
        if run.ended and run.outcome:
            ended.add_metric([command], run.ended.timestamp())
            took.add_metric([command], max((run.ended - run.began).total_seconds(), 0))
            problems.add_metric([command], len(run.outcome.problems))
    yield from (ended, took, code, problems)


def _supplies(supplies: tuple[Supply, ...]) -> Iterator[Metric]:
    failed = GaugeMetricFamily("digest_source_failed", "1 where the newest day failed, or is stale.", labels=["source"])
    missing = GaugeMetricFamily("digest_source_missing", "Days that are still to be fetched.", labels=["source"])
    for supply in supplies:
        failed.add_metric([supply.name], bool(supply.newest and supply.newest.state in ("failed", "stale")))
        missing.add_metric([supply.name], len(supply.missing))
    yield from (failed, missing)


def _code(run: Run) -> int:
    return run.outcome.exit_code if run.outcome else TryAgain.exit_code


def _shelves(shelves: tuple[Shelf, ...]) -> Iterator[Metric]:
    day = GaugeMetricFamily(
        "digest_edition_timestamp_seconds", "Midnight (UTC) of the newest edition's day.", labels=["profile"]
    )
    papers = GaugeMetricFamily("digest_edition_papers", "How many the newest edition shows.", labels=["profile"])
    sent = GaugeMetricFamily(
        "digest_deliveries", "Those of the newest edition that was planned for anybody.", labels=["profile", "state"]
    )
    waiting = GaugeMetricFamily("digest_deliveries_waiting", "Those still to be made.", labels=["profile"])
    doubts = GaugeMetricFamily("digest_deliveries_in_doubt", "Those in doubt and undecided.", labels=["profile"])
    for shelf in shelves:
        if shelf.edition:
            digest = shelf.edition.digest
            day.add_metric([shelf.name], datetime.combine(digest.day, time(), UTC).timestamp())
            papers.add_metric([shelf.name], len(digest.ranked))
        for state, count in sorted(shelf.tally.items()):
            sent.add_metric([shelf.name, state], count)
        waiting.add_metric([shelf.name], shelf.waiting)
        doubts.add_metric([shelf.name], shelf.doubts)
    yield from (day, papers, sent, waiting, doubts)
