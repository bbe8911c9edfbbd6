"""Figures for Prometheus: of the load, never of people."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class Metrics:
    """One registry a process, so that tests may have several."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.connections = Gauge(
            "elearn_connections", "Open WebSocket connections", registry=self.registry
        )
        self.deliveries = Gauge(
            "elearn_deliveries_total", "Frames handed to connections", registry=self.registry
        )
        self.commands = Counter(
            "elearn_commands_total",
            "Commands by name and outcome (ok, duplicate or the error's code)",
            ("command", "outcome"),
            registry=self.registry,
        )
