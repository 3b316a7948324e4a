"""Before anything happened every figure of the gateway is there, at zero, under all words that may come."""

import re
from collections.abc import Mapping

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.gateway.zeros import begin, begin_desk
from services.ingest.counting import REFUSALS
from shared.metrics import Metrics
from tests.architecture.tree import product

pytestmark = pytest.mark.anyio
REJECTED = re.compile(r'Rejected\(\s*"([a-z_]+)"')
REFUSED = re.compile(r'Refusal\(\s*\d+,\s*"([a-z_]+)"')


async def values(name: str, label: str) -> set[str]:
    """All values of a label that are shown from the start."""
    metrics = Metrics()
    begin(metrics)
    begin_desk(metrics, ["email", "webform", "email"], ["cards"])
    families = text_string_to_metric_families((await metrics.render()).decode())
    found = [one for family in families for one in family.samples if one.name in {name, f"{name}_count"}]
    assert {one.value for one in found} == {0}
    return {one.labels[label] for one in found}


def said(pattern: re.Pattern[str], folder: str) -> set[str]:
    """The words the code of a folder says."""
    return {word for source in product() if source.path.startswith(folder) for word in pattern.findall(source.text)}


@pytest.mark.parametrize(
    ("name", "label", "least"),
    [
        ("sanad_messages_accepted_total", "channel", {"email", "webform"}),
        ("sanad_message_readable_seconds", "channel", {"email", "webform"}),
        ("sanad_messages_set_aside_total", "reason", {"spam", "automatic", "blocked", "echo"}),
        ("sanad_deliveries_reported_total", "outcome", {"delivered", "failed", "unknown", "stored"}),
        ("sanad_tickets_opened_total", "cause", {"message", "agent", "follow_up", "split"}),
        ("sanad_tickets_routed_total", "team", {"cards"}),
        ("sanad_work_assigned_total", "how", {"automatic", "accepted", "taken", "given", "returned"}),
        ("sanad_work_wait_seconds", "how", {"automatic"}),
        ("sanad_commands_settled_total", "outcome", {"done", "refused", "internal"}),
        ("sanad_targets_settled_total", "outcome", {"met", "breached", "cancelled"}),
        ("sanad_targets_settled_total", "target", {"first_reply", "next_reply", "update", "resolution", "promise"}),
        ("sanad_breach_detection_seconds", "target", {"first_reply", "resolution"}),
        (
            "sanad_surveys_total",
            "outcome",
            {"scheduled", "sent", "reminded", "skipped", "cancelled", "expired", "answered"},
        ),
        ("sanad_survey_answers_total", "score", {"1", "2", "3", "4", "5"}),
    ],
)
async def test_a_figure_is_there_before_it_counts(name: str, label: str, least: set[str]) -> None:
    assert least <= await values(name, label)


async def test_every_refusal_of_the_desk_has_its_figure_from_the_start() -> None:
    reasons = said(REJECTED, "services/router/")
    assert len(reasons) > 40
    assert reasons <= await values("sanad_commands_refused_total", "reason")


def test_every_refusal_of_a_door_has_its_figure_from_the_start() -> None:
    reasons = said(REFUSED, "services/ingest/")
    assert len(reasons) > 8
    assert reasons <= set(REFUSALS)


def test_reasons_are_found_in_code() -> None:
    words: Mapping[re.Pattern[str], str] = {
        REJECTED: 'raise Rejected(\n    "spam")',
        REFUSED: 'Refusal(503, "unavailable", x)',
    }
    assert [pattern.findall(text) for pattern, text in words.items()] == [["spam"], ["unavailable"]]
