"""What comes in by HTTP and SMTP, and what waits to go out."""

from shared.clock import SECOND, Ms
from shared.metrics.registry import Registry

CLASSES = ("2xx", "3xx", "4xx", "5xx")
SESSIONS = ("admitted", "turned_away")
MAILS = ("taken", "refused", "later")
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
        self.oldest = registry.gauge(
            "sanad_outbox_oldest_seconds", "Age of the oldest delivery that is neither done nor held.", "desk"
        )
        self.paused = registry.gauge(
            "sanad_paused_accounts", "Channel accounts nothing is sent by, because the other side fails.", "desk"
        )
        self._routes: set[tuple[str, str]] = set()

    def open(self) -> None:
        """There is a door of ours: its figures are there before anybody comes."""
        self._know("GET", UNMATCHED)

    def answered(self, method: str, route: str, status: int, took: Ms) -> None:
        """One request. `route` is its template (`/v1/tickets/{ticket}`), never its path."""
        if (method, route) not in self._routes:
            self._know(method, route)
        self.requests.one(method, route, f"{status // 100}xx").inc()
        self.answering.one(route).observe(took / SECOND)

    def _know(self, method: str, route: str) -> None:
        self._routes.add((method, route))
        self.requests.begin((method,), (route,), CLASSES)
        self.answering.begin((route,))
