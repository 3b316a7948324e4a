"""What is counted when a fact has become readable: one table from facts to figures.

Counted by the projections' workers after the documents are written, and only what is live: a fact that was in the log
before this process began, or is read again after a crash or for a rebuild, is no news (`shared.metrics.consumers`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.gateway.zeros import begin
from shared.broker import Record
from shared.catalogue.codec import Malformed, decode
from shared.catalogue.facts import (
    CommandSettled,
    DeliveryReported,
    Fact,
    MessageReceived,
    MessageSetAside,
    StatusChanged,
    SurveyAnswered,
    SurveyCancelled,
    SurveyExpired,
    SurveyScheduled,
    SurveySent,
    SurveySkipped,
    TargetBreached,
    TargetCancelled,
    TargetMet,
    TargetWarned,
    TicketOpened,
    TicketRouted,
    WorkAssigned,
)
from shared.clock import SECOND, Clock, Ms
from shared.metrics import Metrics
from shared.policy.terms import Status

Row = Callable[[Metrics, Any, Ms, Ms], None]


class Figures:
    """Counts facts of all topics."""

    def __init__(self, metrics: Metrics, clock: Clock) -> None:
        self._metrics, self._clock = metrics, clock
        begin(metrics)

    def count(self, records: Sequence[Record]) -> None:
        """All of these are readable now."""
        now = self._clock.now()
        for record in records:
            try:
                envelope = decode(record)
            except Malformed:
                continue
            row = ROWS.get(type(envelope.body))
            if row is not None:
                row(self._metrics, envelope.body, envelope.time, now)


def _received(metrics: Metrics, fact: MessageReceived, at: Ms, now: Ms) -> None:
    metrics.desk.accepted.one(fact.channel).inc()
    metrics.desk.readable.one(fact.channel).observe(max(0, now - fact.sent_at) / SECOND)


def _set_aside(metrics: Metrics, fact: MessageSetAside, at: Ms, now: Ms) -> None:
    metrics.desk.set_aside.one(fact.channel, fact.reason).inc()


def _reported(metrics: Metrics, fact: DeliveryReported, at: Ms, now: Ms) -> None:
    metrics.desk.reported.one(fact.outcome).inc()


def _opened(metrics: Metrics, fact: TicketOpened, at: Ms, now: Ms) -> None:
    metrics.desk.opened.one(fact.channel, fact.cause).inc()
    metrics.desk.routed.one(fact.team, "opened").inc()


def _routed(metrics: Metrics, fact: TicketRouted, at: Ms, now: Ms) -> None:
    if fact.team != fact.former_team:
        metrics.desk.routed.one(fact.team, fact.cause).inc()


def _changed(metrics: Metrics, fact: StatusChanged, at: Ms, now: Ms) -> None:
    if fact.status is Status.RESOLVED:
        metrics.desk.resolved.one(fact.cause).inc()


def _assigned(metrics: Metrics, fact: WorkAssigned, at: Ms, now: Ms) -> None:
    metrics.desk.assigned.one(fact.how).inc()
    metrics.desk.waited.one(fact.how).observe(max(0, fact.why.waited) / SECOND)


def _settled(metrics: Metrics, fact: CommandSettled, at: Ms, now: Ms) -> None:
    metrics.desk.settled.one(fact.command_type, fact.outcome).inc()
    if fact.outcome == "refused":
        metrics.desk.rejected.one(fact.reason or "").inc()


def _breached(metrics: Metrics, fact: TargetBreached, at: Ms, now: Ms) -> None:
    metrics.promises.settled.one(fact.target, "breached").inc()
    metrics.promises.detected.one(fact.target).observe(max(0, at - fact.due_at) / SECOND)


def _met(metrics: Metrics, fact: TargetMet, at: Ms, now: Ms) -> None:
    metrics.promises.settled.one(fact.target, "met").inc()


def _cancelled(metrics: Metrics, fact: TargetCancelled, at: Ms, now: Ms) -> None:
    metrics.promises.settled.one(fact.target, "cancelled").inc()


def _warned(metrics: Metrics, fact: TargetWarned, at: Ms, now: Ms) -> None:
    metrics.promises.warned.one(fact.target).inc()


def _survey(outcome: str) -> Row:
    return lambda metrics, fact, *_: metrics.promises.surveys.one(fact.kind, outcome).inc()


def _sent(metrics: Metrics, fact: SurveySent, at: Ms, now: Ms) -> None:
    metrics.promises.surveys.one(fact.kind, "reminded" if fact.reminder else "sent").inc()


def _answered(metrics: Metrics, fact: SurveyAnswered, at: Ms, now: Ms) -> None:
    metrics.promises.surveys.one(fact.kind, "answered").inc()
    metrics.promises.answers.one(fact.kind, str(fact.score)).inc()


ROWS: Mapping[type[Fact], Row] = {
    MessageReceived: _received,
    MessageSetAside: _set_aside,
    DeliveryReported: _reported,
    TicketOpened: _opened,
    TicketRouted: _routed,
    StatusChanged: _changed,
    WorkAssigned: _assigned,
    CommandSettled: _settled,
    TargetBreached: _breached,
    TargetMet: _met,
    TargetCancelled: _cancelled,
    TargetWarned: _warned,
    SurveyScheduled: _survey("scheduled"),
    SurveySent: _sent,
    SurveySkipped: _survey("skipped"),
    SurveyCancelled: _survey("cancelled"),
    SurveyExpired: _survey("expired"),
    SurveyAnswered: _answered,
}
