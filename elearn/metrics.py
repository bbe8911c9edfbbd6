"""Figures for Prometheus: of the load, never of people."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from pymongo import monitoring

from elearn.models.portable import DUPLICATE_KEY

LAG_EVERY_S = 0.05
LAG_BOUNDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
TIME_BOUNDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
BATCH_BOUNDS = (1, 2, 5, 10, 20, 50, 100, 200)


class Metrics:
    """One registry a process, so that tests may have several."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._of_connections()
        self._of_the_log()
        self._of_search()
        self._of_the_store()

    def _of_connections(self) -> None:
        self.connections = self._gauge("connections", "Open WebSocket connections")
        self.deliveries = self._gauge("deliveries_total", "Frames handed to connections")
        self.outbox_bytes = self._gauge("outbox_bytes", "Bytes that wait for slow readers")
        self.topics = self._gauge("topics", "Topics that somebody listens to")
        self.tasks = self._gauge("tasks", "Tasks in the background, those of commands included")
        self.commands = Counter(
            "elearn_commands_total",
            "Commands by name and outcome (ok, duplicate or the error's code)",
            ("command", "outcome"),
            registry=self.registry,
        )
        self.loop_lag = self._times(
            "loop_lag_seconds", "How late the event loop comes round", LAG_BOUNDS
        )

    def _of_the_log(self) -> None:
        self.queue_rows = self._gauge("queue_rows", "Rows that wait to be stored and applied")
        self.store_away = self._gauge("store_away", "1 while the store does not take rows")
        self.redis_heard = self._gauge(
            "redis_heard", "1 while what other nodes publish arrives; also without Redis"
        )
        self.reactions_waiting = self._gauge("reactions_waiting", "Rows that wait for reactions")
        self.reaction_lag = self._gauge(
            "reaction_lag_seconds", "Age of the oldest row of this process that waits for reactions"
        )
        self.reaction_failures = Counter(
            "elearn_reaction_failures_total",
            "Times that the reactions to a row failed; the row is tried again",
            registry=self.registry,
        )
        self.batch_rows = self._times(
            "append_batch_rows", "Rows in one write of the log", BATCH_BOUNDS
        )

    def _of_search(self) -> None:
        self.search = self._times(
            "search_seconds", "The search engine's answers", TIME_BOUNDS, ("query",)
        )
        self.search_slow = self._gauge("search_slow_total", "Searches that took 200 ms or more")
        self.search_empty = self._gauge("search_empty_total", "Searches that found nothing")
        self.index_lag = self._gauge(
            "index_lag_seconds", "How long something has been waiting to be indexed", ("index",)
        )
        self.index_failures = self._gauge(
            "index_failures_total", "Tries to follow the catalogue that failed", ("index",)
        )
        self.search_reduced = self._gauge(
            "search_reduced", "1 while Elasticsearch is not relied on, 0 otherwise"
        )
        self.search_reduced_answers = self._gauge(
            "search_reduced_answers_total", "Answers of the index kept beside Elasticsearch"
        )

    def _of_the_store(self) -> None:
        self.store = self._times(
            "store_seconds",
            "Answers of MongoDB, the driver's waiting included",
            TIME_BOUNDS,
            ("command", "collection"),
        )
        self.store_failures = Counter(
            "elearn_store_failures_total",
            "Store commands that were refused or had no answer",
            ("command",),
            registry=self.registry,
        )

    def _gauge(self, name: str, about: str, labels: tuple[str, ...] = ()) -> Gauge:
        return Gauge(f"elearn_{name}", about, labels, registry=self.registry)

    def _times(
        self, name: str, about: str, bounds: tuple[float, ...], labels: tuple[str, ...] = ()
    ) -> Histogram:
        return Histogram(f"elearn_{name}", about, labels, buckets=bounds, registry=self.registry)

    async def watch_loop(self) -> None:
        """Ask to be woken in a moment and see how much later it was."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self.loop_lag.observe(max(0.0, loop.time() - due))


class StoreTimes(monitoring.CommandListener):
    """Tells the metrics how long the driver's commands take; called from the driver's threads."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._collections: dict[int, str] = {}
        self._children: dict[tuple[str, str], Callable[[float], None]] = {}

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        name: Any = event.command.get(event.command_name)
        self._collections[event.request_id] = name if isinstance(name, str) else ""

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        labels = (event.command_name, self._collections.pop(event.request_id, ""))
        observe = self._children.get(labels)
        if observe is None:
            observe = self._children[labels] = self._metrics.store.labels(*labels).observe
        observe(event.duration_micros / 1_000_000)
        if _refused(event.reply):
            self._metrics.store_failures.labels(event.command_name).inc()

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        self._collections.pop(event.request_id, None)
        self._metrics.store_failures.labels(event.command_name).inc()


def _refused(reply: Mapping[str, Any]) -> bool:
    """The command was answered, and its writes were not taken. A key that is there already is no
    failure: that is how a repeat and a lost race are noticed."""
    errors = reply.get("writeErrors", ())
    return "writeConcernError" in reply or any(e.get("code") not in DUPLICATE_KEY for e in errors)
