"""Every metric, declared once: name with its unit, help, labels. Labels are bounded; none is ever a person or a text."""

from collections.abc import Awaitable, Callable

from shared.documents import DocumentsUnavailable
from shared.metrics.consumers import ConsumerMeter, ConsumerMetrics
from shared.metrics.desk import DeskMetrics
from shared.metrics.doors import DoorMetrics
from shared.metrics.promises import PromiseMetrics
from shared.metrics.registry import Registry

__all__ = ["ConsumerMeter", "Metrics"]

Refresh = Callable[[], Awaitable[None]]
"""Sets gauges that are read from documents only when somebody looks."""


class Metrics:
    """The process's metrics in a registry of their own, so that tests and several engines never share one.

    Counters begin at zero with the process and count live facts only: a fact that was in the log before, or that is
    read again for a rebuild or after a crash, is not counted (see `ConsumerMeter`). What must survive a restart is a
    gauge, set from documents on each look.
    """

    def __init__(self) -> None:
        registry = self.registry = Registry()
        self.consumers = ConsumerMetrics(registry)
        self.desk = DeskMetrics(registry)
        self.promises = PromiseMetrics(registry)
        self.doors = DoorMetrics(registry)
        self._unread = registry.counter("sanad_unread_gauges_total", "Groups of gauges that could not be read.").one
        self._refreshes: list[Refresh] = []

    @property
    def content_type(self) -> str:
        return self.registry.content_type

    def on_look(self, refresh: Refresh) -> None:
        """Call this before every look."""
        self._refreshes.append(refresh)

    async def render(self) -> bytes:
        """The text format Prometheus reads. While the store is away, gauges keep what they last showed."""
        for refresh in self._refreshes:
            try:
                await refresh()
            except DocumentsUnavailable:
                self._unread().inc()
        return self.registry.render()
