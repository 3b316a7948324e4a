"""What the group remembers is a hint: rewound, ahead, or forgotten, it changes nothing."""

import asyncio
import random
from typing import Any

from tests.faults.fault import Fault, Strike
from tests.faults.house import House
from tests.faults.nemesis.brokers import admin_of

KINDS = ("router", "sla", "survey", "projector")
GROUPS = {"projector": "gateway"}
REWOUND, AHEAD, FORGOTTEN = "rewound", "ahead", "forgotten"


def meddled(how: str) -> Strike:
    """With the group's offsets, while nobody of the service runs."""

    async def strike(house: House, draw: random.Random) -> str | None:
        kind = draw.choice(KINDS)
        members = house.of(kind)
        for member in members:
            await house.stop(member)
        group = f"sanad.{GROUPS.get(kind, kind)}"
        share = draw.random() + (how == AHEAD)
        known = await asyncio.to_thread(_meddle, house, group, [member.name for member in members], how, share)
        for member in members:
            house.start(member)
        await house.ready(*(member.name for member in members))
        return None if known else f"{group} remembered nothing"

    return strike


def _meddle(house: House, group: str, names: list[str], how: str, share: float) -> bool:
    """Whether it remembered anything. A share above 1 is ahead of what it had read, perhaps of all there is."""
    from kafka.admin import MemberToRemove
    from kafka.structs import OffsetAndMetadata

    with admin_of(house) as admin:
        client: Any = admin._client
        # who leaves under a lasting name stays a member for a while
        client.remove_group_members(group, [MemberToRemove(group_instance_id=name) for name in names])
        known = client.list_group_offsets(group)[group]
        if how == FORGOTTEN:
            failed = [said for said in client.delete_groups([group]).values() if said != "OK"]
        else:
            wrong = {where: OffsetAndMetadata(int(one.offset * share), "", -1) for where, one in known.items()}
            failed = [fault for fault in client.alter_group_offsets(group, wrong).values() if fault.errno]
        if failed:
            raise AssertionError(f"{group} was not {how}: {failed}")
    return bool(known)


FAULTS = (
    Fault("group's offsets rewound", meddled(REWOUND), 1, 10),
    Fault("group's offsets ahead", meddled(AHEAD), 1, 10),
    Fault("group forgotten: a new one from nothing", meddled(FORGOTTEN), 1, 10),
)
