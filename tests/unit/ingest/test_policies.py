import asyncio
from pathlib import Path
from typing import cast

import pytest

from services.ingest.policies import DeskDoor, Policies
from services.ingest.policy_fold import opening
from shared.broker import Bounds, Broker, BrokerUnavailable, Record
from shared.catalogue.topics import DESK
from shared.desks import DeskPlace
from tests.unit.ingest.desk import KEY, NOW, OTHER_POLICY, HandClock, filled, headers, open_doors, policy
from tests.unit.ingest.mail import running, until_known

pytestmark = pytest.mark.anyio
PLACE = DeskPlace("support", "acme", 0)


def door(seq: int, **changes: str) -> DeskDoor:
    return DeskDoor(PLACE, policy(**changes), seq)


def test_forms_are_found_by_key_and_mailboxes_by_any_of_their_addresses() -> None:
    policies = Policies()
    policies.put(door(1))
    form, mailbox = policies.form(KEY), policies.mailbox("Info@ACME.example")
    assert form is not None
    assert mailbox is not None
    assert (form.account.id, mailbox.account.id) == ("web", "mail")
    assert policies.form("help@acme.example") is None
    assert policies.mailbox(KEY) is None


@pytest.mark.parametrize("address", ["help@قدس.example", "HELP@xn--ugbi7b.example"])
def test_a_mailbox_is_found_in_either_spelling_of_its_domain(address: str) -> None:
    policies = Policies()
    policies.put(door(1, **{"help@acme.example": "help@قدس.example"}))
    assert policies.mailbox(address) is not None
    assert policies.mailbox("help@acme.example") is None


def test_what_a_new_policy_no_longer_names_is_closed() -> None:
    policies = Policies()
    policies.put(door(1))
    policies.put(door(2, pk_acme_web="pk_acme_new"))
    assert policies.form(KEY) is None
    assert policies.form("pk_acme_new") is not None


def test_an_older_policy_read_again_changes_nothing() -> None:
    policies = Policies()
    policies.put(door(2, pk_acme_web="pk_acme_new"))
    policies.put(door(1))
    assert policies.form(KEY) is None


def test_a_desk_cannot_take_over_another_desk_s_address() -> None:
    policies = Policies()
    policies.put(door(1))
    thief = policy(OTHER_POLICY.replace("help@rival.example", "help@acme.example"))
    policies.put(DeskDoor(DeskPlace("rival-desk", "rival", 0), thief, 1))
    mailbox = policies.mailbox("help@acme.example")
    assert mailbox is not None
    assert mailbox.desk.place.id == "support"


async def test_the_view_goes_on_from_its_checkpoint_without_the_log(tmp_path: Path) -> None:
    clock = HandClock()
    async with open_doors(tmp_path, clock) as doors:
        await doors.apply(policy(), version=4)
        await doors.workers["ingest.policies"].save_slice(now=True)
    async with open_doors(tmp_path, clock) as doors, running(doors):
        await until_known(doors)
        assert (await doors.client.post(f"/in/forms/{KEY}", json=filled(), headers=headers())).status_code == 202
        (message,) = await doors.received()
        assert message.policy_version == 4


async def test_before_the_desks_are_read_a_form_says_later_not_never(tmp_path: Path) -> None:
    clock = HandClock()
    async with open_doors(tmp_path, clock) as doors:
        await doors.apply(policy())
    async with open_doors(tmp_path, clock) as doors:
        answer = await doors.client.get("/in/forms/pk_nobody_has_this")
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        async with running(doors):
            await until_known(doors)
            assert (await doors.client.get("/in/forms/pk_nobody_has_this")).status_code == 404


async def test_a_fact_that_is_none_is_left_to_those_who_judge_it(tmp_path: Path) -> None:
    async with open_doors(tmp_path) as doors:
        consumer = next(each for each in doors.service.consumers if each.topic == DESK.name)
        fold = consumer.fold(0)
        assert (
            fold.apply(Record(DESK.name, 0, 0, NOW, b"support", b"{", (("ce_type", b"sanad.message.sent.v1"),))) == []
        )
        broken = Record(DESK.name, 0, 1, NOW, b"support", b"{", (("ce_type", b"sanad.policy.applied.v1"),))
        assert len(fold.apply(broken)) == 1


async def test_a_log_that_does_not_answer_yet_is_waited_for(tmp_path: Path) -> None:
    class Late:
        """A log whose first answers fail."""

        partitions, failures = 4, 3

        async def bounds(self, _topic: str, _partition: int) -> Bounds:
            self.failures -= 1
            if self.failures >= 0:
                raise BrokerUnavailable("not yet")
            return Bounds(0, 0)

    policies = Policies()
    waiting = asyncio.create_task(opening(policies, cast("Broker", Late()), HandClock()).run())
    try:
        await asyncio.wait_for(policies.complete.wait(), 30)
        assert not waiting.done()
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
