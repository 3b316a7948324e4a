"""What the schema promises holds for whatever anybody sends: no error of ours, answers of the promised shape."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core import NOT_SET
from schemathesis.core.result import Ok

from shared.clock import SECOND
from tests.unit.gateway import facts as say
from tests.unit.gateway.serving import Server, application
from tests.unit.gateway.test_reading import one_ticket
from tests.unit.gateway.world import World

EXAMPLES = 8
ACCEPTED = 202
LIVE = "/v1/feed"
BOUNDED = settings(
    max_examples=EXAMPLES, database=None, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def test_every_operation_has_a_summary_and_its_own_id() -> None:
    operations = [
        operation
        for path, methods in application().app.openapi()["paths"].items()
        if path.startswith("/v1")
        for operation in methods.values()
    ]
    assert all(operation["summary"] and not operation["summary"].endswith(".") for operation in operations)
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids))


def test_every_operation_but_those_of_strangers_names_its_credentials() -> None:
    paths = application().app.openapi()["paths"]
    open_to_all = {path for path, methods in paths.items() for one in methods.values() if "security" not in one}
    assert open_to_all == {"/v1/sessions", "/v1/sign-in-requests"}


async def make(folder: Path) -> tuple[Server, str]:
    server = Server(await World(folder).open())
    await one_ticket(server.world)
    await server.world.say(say.task())
    await server.world.catch_up()
    return server, await server.key()


async def send(server: Server, token: str, case: Any) -> httpx2.Response:
    headers = {name: str(value) for name, value in (case.headers or {}).items()}
    headers = {name: value for name, value in headers.items() if name.lower() != "authorization" and value.isascii()}
    content: dict[str, Any] = {}
    if case.body is not NOT_SET:
        raw = isinstance(case.body, bytes)
        content = {"content": case.body} if raw else {"json": case.body}
        headers |= {"Content-Type": case.media_type} if raw and case.media_type else {}
    # the present would stand still otherwise: no bucket would ever fill again
    server.world.clock.time += SECOND
    async with server.client(token) as client:
        response = await client.request(
            case.method, case.formatted_path, params=case.query or None, headers=headers, **content
        )
    if response.status_code == ACCEPTED and (command := response.json().get("command")):
        # nobody decides here, and a desk that stands still takes nothing more
        await server.world.settle(command)
        await server.world.catch_up()
    return response


def judge(document: dict[str, Any], case: Any, response: httpx2.Response) -> None:
    """The answer is of the promised kind and shape."""
    place = f"{case.method} {case.path}: {response.status_code} {response.text[:300]}"
    assert response.status_code < 500, place
    promised = document["paths"][case.path][case.method.lower()]["responses"]
    answer = promised.get(str(response.status_code), promised["4XX"] if response.status_code >= 400 else None)
    assert answer is not None, place
    kind = response.headers.get("content-type", "").partition(";")[0]
    if response.content:
        assert kind in answer["content"], place
        if kind.endswith("json"):
            schema = {**answer["content"][kind]["schema"], "components": document["components"]}
            jsonschema.validate(response.json(), schema)


@pytest.mark.slow
def test_generated_requests_are_answered_as_promised(tmp_path: Path) -> None:
    document = application().app.openapi()
    schema = schemathesis.openapi.from_dict(document)
    operations = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    sent = 0
    with asyncio.Runner() as runner:
        server, token = runner.run(make(tmp_path))

        def check(operation: Any) -> None:
            @BOUNDED
            @given(case=operation.as_strategy())
            def run(case: Any) -> None:
                nonlocal sent
                sent += 1
                judge(document, case, runner.run(send(server, token, case)))

            run()

        for operation in operations:
            if operation.path != LIVE:
                check(operation)
        failures = server.failures
        runner.run(server.world.close())
    assert failures == []
    assert sent > 3 * len(operations)
