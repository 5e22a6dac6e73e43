"""What the service counts, in the form Prometheus reads."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    """Counters of one service; several may live in one process."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self.requests = Counter(
            "dedup_requests", "Requests answered.", ["route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "dedup_request_seconds",
            "Seconds from a request's head to the end of its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.turned_away = Counter(
            "dedup_turned_away",
            "Requests turned away for want of room or time.",
            ["reason"],
            registry=registry,
        )
        self.articles = Gauge("dedup_articles", "Articles in the index.", registry=registry)
        self.commits = Counter("dedup_commits", "Transactions committed.", registry=registry)
        self.committed = Counter(
            "dedup_committed_requests", "Changes committed in them.", registry=registry
        )
        self.restarts = Counter(
            "dedup_worker_restarts", "Processes started again.", ["kind"], registry=registry
        )
        self._workers = Gauge(
            "dedup_workers", "Processes that are up.", ["kind"], registry=registry
        )
        self._waiting = Gauge(
            "dedup_waiting_requests", "Requests that wait.", ["kind"], registry=registry
        )

    def workers(self, kind: str, count: Callable[[], float]) -> None:
        """Say how to count the processes of a kind."""
        self._workers.labels(kind).set_function(count)

    def waiting(self, kind: str, count: Callable[[], float]) -> None:
        """Say how to count the requests that wait for a kind of process."""
        self._waiting.labels(kind).set_function(count)

    def page(self) -> bytes:
        """Return everything as Prometheus reads it."""
        return generate_latest(self._registry)
