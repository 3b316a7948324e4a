"""Messages, tickets and work: how much came, what became of it, who waits."""

from shared.metrics.registry import Registry


class DeskMetrics:
    """Counters are told by doors and by live facts, gauges are read from documents."""

    def __init__(self, registry: Registry) -> None:
        self._count_messages(registry)
        self._count_tickets(registry)
        self.queued = registry.gauge("sanad_queue_items", "Work items that wait for somebody.", "desk", "team")
        self.oldest = registry.gauge(
            "sanad_queue_oldest_seconds", "How long the longest waiting work item has waited.", "desk"
        )
        self.tickets = registry.gauge("sanad_desk_tickets", "Tickets that are not closed.", "desk", "status")
        self.ready = registry.gauge("sanad_ready_agents", "Agents who are ready for work.", "desk")
        self.letters = registry.gauge("sanad_kept_dead_letters", "Dead letters nobody has settled yet.", "desk")

    def _count_messages(self, registry: Registry) -> None:
        self.received = registry.counter(
            "sanad_messages_received_total", "Messages a door was handed, taken or not, repeats included.", "channel"
        )
        self.refused = registry.counter(
            "sanad_messages_refused_total", "Messages a door did not take.", "channel", "reason"
        )
        self.accepted = registry.counter(
            "sanad_messages_accepted_total", "Messages that are in a conversation.", "channel"
        )
        self.set_aside = registry.counter(
            "sanad_messages_set_aside_total", "Messages that touch no ticket until restored.", "channel", "reason"
        )
        self.readable = registry.histogram(
            "sanad_message_readable_seconds", "From the customer's sending to the moment agents can read it.", "channel"
        )
        self.reported = registry.counter(
            "sanad_deliveries_reported_total", "What became of messages to customers.", "outcome"
        )

    def _count_tickets(self, registry: Registry) -> None:
        self.opened = registry.counter(
            "sanad_tickets_opened_total", "Tickets opened, by what opened them.", "channel", "cause"
        )
        self.routed = registry.counter(
            "sanad_tickets_routed_total", "Tickets given to a team, the first time (opened) or again.", "team", "cause"
        )
        self.resolved = registry.counter(
            "sanad_tickets_resolved_total",
            "Resolutions; one that is opened again and resolved again counts twice.",
            "cause",
        )
        self.assigned = registry.counter("sanad_work_assigned_total", "Work items somebody got.", "how")
        self.waited = registry.histogram(
            "sanad_work_wait_seconds", "How long a work item had waited when somebody got it.", "how"
        )
        self.settled = registry.counter("sanad_commands_settled_total", "Outcomes of commands.", "command", "outcome")
        self.rejected = registry.counter("sanad_commands_refused_total", "Commands the desk refused.", "reason")
