"""What the pages need to know, out of the facts: the question in force, and which surveys have ended.

A Fold without memory: every document is written whole by one fact, under the guard of its seq.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.survey.store import ENDED, WORDINGS
from shared.broker import Record
from shared.catalogue.codec import Malformed, decode
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import (
    Fact,
    PolicyApplied,
    SurveyAnswered,
    SurveyCancelled,
    SurveyExpired,
    SurveyFact,
    SurveySkipped,
)
from shared.clock import Ms
from shared.documents import Put
from shared.emissions import Output


def policy_applied(cause: Envelope, fact: PolicyApplied) -> Put:
    desk, csat = fact.policy.desk, fact.policy.surveys.csat
    body = {
        "desk": desk.name.model_dump(),
        "languages": list(desk.languages),
        "question": csat.question.model_dump(mode="json"),
    }
    return Put(WORDINGS.name, cause.desk, "csat", cause.seq, body)


def ended(cause: Envelope, fact: SurveyFact) -> Put:
    """A later end does not change the first: none follows an answer, but one may follow a skipped reminder."""
    return Put(ENDED.name, cause.desk, fact.survey, cause.seq, {"how": HOW[type(fact)], "at": cause.time})


HOW: Mapping[type[Fact], str] = {
    SurveyAnswered: "answered",
    SurveyCancelled: "cancelled",
    SurveyExpired: "expired",
    SurveySkipped: "skipped",
}
ROWS: Mapping[type[Fact], Callable[[Envelope, Any], Put]] = {PolicyApplied: policy_applied, **dict.fromkeys(HOW, ended)}
WANTED = frozenset(fact.TYPE.encode() for fact in ROWS)


class Showing:
    """Reads only the facts it shows; the rest is passed over by type."""

    recovers_from: str | None = None

    def apply(self, record: Record) -> list[Output]:
        if next((value for name, value in record.headers if name == "ce_type"), b"") not in WANTED:
            return []
        try:
            envelope = decode(record)
        except Malformed:
            return []  # survey's decider keeps it as a dead letter; twice would count it twice
        return [ROWS[type(envelope.body)](envelope, envelope.body)]

    def timers(self) -> dict[str, tuple[str, Ms]]:
        return {}

    def save(self) -> Iterator[tuple[str, bytes | None]]:
        return iter(())

    def unsaved(self) -> None:
        """Nothing was to be saved."""

    def load(self, chunks: Mapping[str, bytes]) -> None:
        """Nothing was saved."""

    def condemn(self, offset: int) -> None:
        """No rule of this fold can fail half way."""

    def recover(self, own: Record) -> int | None:
        return None
