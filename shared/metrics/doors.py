"""What comes in by HTTP and SMTP, and what waits to go out."""

from shared.clock import SECOND, Ms
from shared.metrics.registry import Registry

UNMATCHED = "unmatched"
"""The route of a request that none takes."""


class DoorMetrics:
    """Of this process's doors."""

    def __init__(self, registry: Registry) -> None:
        self.requests = registry.counter(
            "sanad_http_requests_total", "Requests answered; status is 2xx, 4xx and so on.", "method", "route", "status"
        )
        self.answering = registry.histogram(
            "sanad_http_answer_seconds", "From a request to the first byte of its answer.", "route"
        )
        self.sessions = registry.counter(
            "sanad_smtp_sessions_total", "SMTP clients, by whether there was room for them.", "outcome"
        )
        self.mails = registry.counter("sanad_smtp_mails_total", "Mails, by what the client was answered.", "outcome")
        self.outbox = registry.gauge("sanad_outbox_deliveries", "Deliveries that are not done.", "desk", "state")

    def answered(self, method: str, route: str, status: int, took: Ms) -> None:
        """One request. `route` is its template (`/v1/tickets/{ticket}`), never its path."""
        self.requests.one(method, route, f"{status // 100}xx").inc()
        self.answering.one(route).observe(took / SECOND)
