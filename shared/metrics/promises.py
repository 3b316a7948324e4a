"""What was promised and whether it was kept, and what customers said."""

from shared.metrics.registry import Registry


class PromiseMetrics:
    """SLA targets and surveys."""

    def __init__(self, registry: Registry) -> None:
        self.settled = registry.counter(
            "sanad_targets_settled_total", "Promises kept, missed and called off.", "target", "outcome"
        )
        self.warned = registry.counter("sanad_targets_warned_total", "Warnings before a deadline.", "target")
        self.detected = registry.histogram(
            "sanad_breach_detection_seconds", "From a missed deadline to the fact that says so.", "target"
        )
        self.clocks = registry.gauge("sanad_open_clocks", "Promises not decided yet.", "desk", "state")
        self.overdue = registry.gauge(
            "sanad_overdue_clocks", "Running clocks past their deadline whose verdict is not out yet.", "desk"
        )
        self.surveys = registry.counter("sanad_surveys_total", "What became of surveys.", "kind", "outcome")
        self.answers = registry.counter("sanad_survey_answers_total", "Counted answers.", "kind", "score")
