"""R5: what a clock or a survey asks of the desk reaches it, and nothing reaches it that nobody asked."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.invariants.evidence import COMMANDS, DESK, SLA, SURVEYS, Entry, Evidence, Violation

CAUSES = {"target.breached": "breach", "target.warned": "warning"}
ASKED_BY = {"sla": SLA, "survey": SURVEYS}


def check_escalations(evidence: Evidence) -> Iterator[Violation]:
    """Every breach and warning the policy wants escalated is, whatever died meanwhile."""
    wanted = _escalations_of_every_version(evidence)
    asked = {
        (entry.desk, body["ticket"], body["target"], body["cycle"], body["cause"])
        for entry in evidence.all(COMMANDS)
        if entry.kind == "ticket.escalate"
        for body in [entry.body]
    }
    terms: dict[tuple[str, str, str, int], str] = {}
    for entry in evidence.kept(SLA):
        body = entry.body
        key = (entry.desk, body["ticket"], body["target"], body["cycle"])
        if "sla_policy" in body:
            terms[key] = body["sla_policy"]
        cause = CAUSES.get(entry.kind)
        always = wanted.get((entry.desk, terms.get(key, "")), [])
        if cause and any(_concerns(each, cause, body["target"]) for each in always) and (*key, cause) not in asked:
            yield Violation("S2", "the policy wants it escalated and nobody asked for that", entry)


def _escalations_of_every_version(evidence: Evidence) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    """By desk and SLA policy what every version of it says: whichever was in force, it said this."""
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for entry in evidence.kept(DESK):
        if entry.kind == "policy.applied":
            for policy in entry.body["policy"].get("sla", ()):
                key, said = (entry.desk, policy["id"]), list(policy.get("escalations", ()))
                found[key] = [each for each in found.get(key, said) if each in said]
    return found


def _concerns(escalation: Mapping[str, Any], cause: str, target: str) -> bool:
    does = escalation.get("notify") or escalation.get("raise_tier") or escalation.get("team")
    return bool(escalation["on"] == cause and does and (not escalation["targets"] or target in escalation["targets"]))


def check_invitations(evidence: Evidence) -> Iterator[Violation]:
    """Every invitation reaches the desk under the id survey will know it by; every low score becomes somebody's task."""
    commands = {(entry.desk, entry.id): entry for entry in evidence.all(COMMANDS)}
    tasks = {(entry.desk, entry.causation) for entry in evidence.all(COMMANDS) if entry.kind == "task.open"}
    answered = {(entry.desk, entry.id): entry for entry in evidence.kept(DESK)}
    for entry in evidence.kept(SURVEYS):
        if entry.kind == "survey.invited" and (entry.desk, entry.body["command"]) not in commands:
            yield Violation("S2", "the invitation was never asked of the desk", entry)
        low = entry.kind == "survey.answered" and entry.body.get("low")
        if low and (entry.desk, entry.causation) in answered and (entry.desk, entry.causation) not in tasks:
            yield Violation("S2", "a low score became nobody's task", entry)


def check_askers(evidence: Evidence) -> Iterator[Violation]:
    """What sla and survey asked comes from a fact they read, and the same request is the same command."""
    inputs = {(entry.desk, entry.id) for entry in evidence.all(DESK)}
    first: dict[tuple[str, str], Entry] = {}
    for entry in evidence.all(COMMANDS):
        if entry.source in ASKED_BY and entry.kind not in ("desk.tick", "survey.answer"):
            if (entry.desk, entry.causation) not in inputs:
                yield Violation("S3", "its cause is no fact of the desk", entry)
            known = first.setdefault((entry.desk, entry.id), entry)
            if known.content != entry.content:
                yield Violation("S4", f"the same request was asked differently: {known}", entry)
