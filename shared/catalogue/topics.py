"""The topics: who writes each, what it holds, how long it is kept (design: "The flow")."""

from dataclasses import dataclass

from shared.clock import DAY, Ms


@dataclass(frozen=True, slots=True)
class Topic:
    """One log. `kept` is None where records are kept for ever."""

    name: str
    writers: tuple[str, ...]
    holds: str
    kept: Ms | None


COMMANDS = Topic("sanad.commands", ("ingest", "gateway", "sla", "survey", "router"), "requests, with text", 14 * DAY)
DESK = Topic("sanad.desk", ("router",), "the desk's facts, without text", None)
SLA = Topic("sanad.sla", ("sla",), "the clocks' facts", None)
SURVEYS = Topic("sanad.surveys", ("survey",), "the surveys' facts, without comments", None)
DELIVERIES = Topic("sanad.deliveries", ("router",), "what must go out, with its text", 14 * DAY)

TOPICS: dict[str, Topic] = {topic.name: topic for topic in (COMMANDS, DESK, SLA, SURVEYS, DELIVERIES)}
