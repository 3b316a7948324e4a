"""Is all well? Eight numbers."""

from deploy.board.panel import COUNT, PER_SECOND, SECONDS, Line, Panel, Row, quantiles, rate, stand


def number(title: str, says: str, unit: str, expr: str, alarm: float | None = None) -> Panel:
    """One figure, as it is now."""
    return Panel(title, says, unit, (Line(expr, ""),), "number", alarm)


ROW = Row(
    "Is all well?",
    (
        number("Processes up", "Processes that answer Prometheus.", COUNT, 'sum(up{job="sanad", service=~"$service"})'),
        number(
            "Alerts firing", "Alerts of deploy/prometheus/rules that fire now; deploy/RUNBOOK.md says what to do.", COUNT,
            'count(ALERTS{alertname=~"Sanad.*", alertstate="firing"}) or vector(0)', 1,
        ),
        number("Accepted", "Messages a second that are in a conversation, of all channels.", PER_SECOND,
               rate("sanad_messages_accepted_total")),
        number("New tickets", "Tickets a second, however opened.", PER_SECOND, rate("sanad_tickets_opened_total")),
        number("Readable after, p99", "From the customer's sending to the moment agents can read it: all but one of a hundred.",
               SECONDS, quantiles("sanad_message_readable_seconds", "", "")[1].expr, 10),
        number("Waiting for an agent", "Work items in all queues.", COUNT, f"sum({stand('sanad_queue_items', 'desk, team')})"),
        number("Furthest behind", "Age of the oldest record any consumer has not applied.", SECONDS,
               'max(sanad_consumer_lag_seconds{service=~"$service"})', 30),
        number("Dead letters kept", "What could not be taken and nobody has settled yet.", COUNT,
               f"sum({stand('sanad_kept_dead_letters', 'desk')})", 1),
    ),
)  # fmt: skip
