"""/livez, /readyz and /metrics as probes and Prometheus meet them."""

from collections.abc import Sequence
from pathlib import Path

import httpx2
import pytest
from fastapi.requests import Request

from shared.catalogue.values import Principal
from shared.desks import Desks
from shared.http import Problem, build_app
from shared.http.operations import ACT, Guard, build_operations, for_everybody, with_permission
from shared.metrics import Metrics
from shared.permissions import may
from tests.unit.shared.engine_stage import open_ports

pytestmark = pytest.mark.anyio
OPERATOR = Principal(organisation="acme", desk="support", id="key-1", role="integrator", scopes=("operations:read",))


class Condition:
    """What an engine would say of itself."""

    def __init__(self, stalled: Sequence[str] = (), reasons: Sequence[str] = ()) -> None:
        self._stalled, self._reasons = list(stalled), list(reasons)

    def stalled(self) -> list[str]:
        return self._stalled

    async def reasons(self) -> list[str]:
        return self._reasons


async def ask(
    path: str, condition: Condition, metrics: Metrics | None = None, guard: Guard = for_everybody
) -> httpx2.Response:
    async def judge(request: Request, act: str) -> Principal:
        if request.headers.get("authorization") is None:
            raise Problem(401)
        assert may(OPERATOR, act)
        return OPERATOR

    app = build_app([build_operations(condition, metrics or Metrics(), guard)], lambda _id, _fault: None, judge=judge)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://desk.test") as client:
        headers = {"Authorization": "Bearer sk"} if guard is not for_everybody else {}
        return await client.get(path, headers=headers)


async def test_a_sound_process_is_live_and_ready() -> None:
    assert (await ask("/livez", Condition())).json() == {"state": "live"}
    assert (await ask("/readyz", Condition())).json() == {"state": "ready"}


async def test_a_stalled_process_is_not_live_and_names_the_consumer() -> None:
    answer = await ask("/livez", Condition(stalled=["router/0"]))
    assert answer.status_code == 500
    assert answer.json()["consumers"] == ["router/0"]


async def test_a_process_that_is_not_ready_lives_and_says_why_it_is_not() -> None:
    condition = Condition(reasons=["draining"])
    answer = await ask("/readyz", condition)
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["draining"])
    assert (await ask("/livez", condition)).status_code == 200


async def test_operators_read_figures_in_the_format_of_prometheus() -> None:
    metrics = Metrics()
    metrics.desk.accepted.one("email").inc(3)
    answer = await ask("/metrics", Condition(), metrics)
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'sanad_messages_accepted_total{channel="email"} 3.0' in answer.text


async def test_a_key_opens_the_figures_of_ones_own_organisation_only(tmp_path: Path) -> None:
    async with open_ports(tmp_path) as ports:
        desks = Desks(ports.documents, 1)
        await desks.open("support", "acme")
        assert (await ask("/metrics", Condition(), guard=with_permission(desks))).status_code == 200
        await desks.open("help", "rival")
        refused = await ask("/metrics", Condition(), guard=with_permission(desks))
        assert (refused.status_code, refused.json()["reason"]) == (403, "several_organisations")


@pytest.mark.parametrize(
    ("role", "scopes", "permitted"),
    [
        ("integrator", ("operations:read",), True),
        ("admin", (), True),
        ("integrator", ("tickets:read",), False),
        ("lead", (), False),
        ("agent", (), False),
        ("customer", (), False),
    ],
)
def test_figures_are_for_those_who_operate(role: str, scopes: tuple[str, ...], permitted: bool) -> None:
    who = Principal.model_validate({**OPERATOR.model_dump(), "role": role, "scopes": scopes})
    assert may(who, ACT) is permitted


async def test_answers_are_counted_by_their_routes_template_whatever_the_path() -> None:
    told: list[tuple[str, str, int]] = []
    operations = build_operations(Condition(), Metrics(), for_everybody)
    app = build_app(
        [operations], lambda _id, _fault: None,
        answered=lambda method, route, status, _took: told.append((method, route, status)),
    )  # fmt: skip
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://desk.test") as client:
        for path in ("/livez", "/nowhere/4111-1111", "/readyz"):
            await client.get(path)
    assert told == [("GET", "/livez", 200), ("GET", "unmatched", 404), ("GET", "/readyz", 200)]
