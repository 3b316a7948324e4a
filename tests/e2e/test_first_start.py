"""A first start that is killed at any moment is taken up by the next one; a second start has nothing left to set up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.crash_launcher import DEATH
from tests.e2e.living_desk import LivingDesk
from tests.e2e.policies import write_fast_policy
from tests.e2e.staff import people

DEATHS = (
    "documents committing:1", "log committing:1", "log committed:1", "write durable:1", "write durable:2",
    "write durable:8", "documents committed:60", "published:20",
)  # fmt: skip
pytestmark = pytest.mark.slow


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[LivingDesk]:
    desk = LivingDesk(tmp_path, write_fast_policy(tmp_path), "tests.e2e.crash_launcher")
    try:
        yield desk
    finally:
        desk.kill()


def die_while_starting(desk: LivingDesk, death: str) -> None:
    desk.launch(**{DEATH: death})
    assert desk.wait_until_dead() == -9
    assert not (desk.folder / "admin.key").exists()


@pytest.mark.parametrize("death", DEATHS)
def test_a_first_start_that_was_killed_is_finished_by_the_next(death: str, desk: LivingDesk) -> None:
    die_while_starting(desk, death)
    desk.start()
    with desk.client() as admin:
        agents = {agent["id"]: agent for agent in admin.get("/v1/agents").json()["items"]}
        assert agents.keys() == {*people(), "admin"}
        assert {agents[agent]["state"] for agent in people()} == {"ready"}
        assert admin.get("/v1/policy").json()["version"] == 1
    assert desk.stop() == 0


def test_a_policy_that_was_put_right_meanwhile_is_the_one_in_force(desk: LivingDesk) -> None:
    die_while_starting(desk, "write durable:1")
    text = desk.policy.read_text(encoding="utf-8")
    desk.policy.write_text(text.replace("prefix: SUP", "prefix: CARE"), encoding="utf-8")
    desk.start()
    with desk.client() as admin:
        assert admin.get("/v1/policy").json()["policy"]["desk"]["prefix"] == "CARE"


def test_a_second_start_sets_nothing_up(desk: LivingDesk) -> None:
    first = desk.start()
    with desk.client() as admin:
        before = admin.get("/v1/events", params={"limit": 1_000}).json()["items"]
    assert desk.stop() == 0
    second = desk.start()
    with desk.client() as admin:
        assert admin.get("/v1/events", params={"limit": 1_000}).json()["items"] == before
    print(f"\nfirst start {first:.1f} s, second start {second:.1f} s")
