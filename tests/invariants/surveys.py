"""S8: one survey per (ticket, resolution) at most, one counted answer at most, one invitation of each kind."""

from collections.abc import Iterator

from tests.invariants.evidence import COMMANDS, SURVEYS, Entry, Evidence, Violation

ENDS = ("survey.skipped", "survey.cancelled", "survey.expired", "survey.answered")


def check_surveys(evidence: Evidence) -> Iterator[Violation]:
    scheduled: dict[tuple[str, str, int, str], str] = {}
    once: dict[tuple[str, str, str], Entry] = {}
    for entry in evidence.kept(SURVEYS):
        body = entry.body
        asked = scheduled.setdefault((entry.desk, body["ticket"], body["resolution"], body["kind"]), body["survey"])
        if asked != body["survey"]:
            yield Violation("S8", f"this resolution is asked about by survey {asked}", entry)
        step = _step(entry)
        if step and (entry.desk, body["survey"], step) in once:
            yield Violation("S8", f"the survey had this before: {once[entry.desk, body['survey'], step]}", entry)
        once.setdefault((entry.desk, body["survey"], step), entry)


def _step(entry: Entry) -> str:
    """What may happen once in the life of a survey; "" for what may happen often."""
    if entry.kind in ENDS:
        return "end"
    if entry.kind in ("survey.invited", "survey.sent"):
        return f"{entry.kind} {entry.body.get('reminder', False)}"
    return entry.kind if entry.kind == "survey.scheduled" else ""


def check_answers(evidence: Evidence) -> Iterator[Violation]:
    """A counted answer is one a customer gave."""
    given = {
        (entry.desk, entry.body["survey"], entry.body["score"])
        for entry in evidence.all(COMMANDS)
        if entry.kind == "survey.answer"
    }
    for entry in evidence.kept(SURVEYS):
        if entry.kind == "survey.answered" and (entry.desk, entry.body["survey"], entry.body["score"]) not in given:
            yield Violation("S3", "nobody gave this answer", entry)
