"""A desk arrives beside another one whose doors run on: what they take meanwhile is decided, too."""

from pathlib import Path

import pytest

from services.verbs.moving import arriving
from services.verbs.moving.stillness import Still, Told, settle
from shared.service import Ports
from tests.unit.verbs.moving.site import facts_of, goes_on, message, move, open_desk, send, silent, site

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
HERE, OTHER = "support", "billing"
OPENED = 5


async def test_what_a_door_takes_right_after_the_last_look_is_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site(tmp_path / "old") as ports:
        await open_desk(ports, HERE, messages=OPENED)
        await open_desk(ports, OTHER, messages=3)
    await move(tmp_path / "old", tmp_path / "new", HERE, tmp_path / "x.tar")
    async with site(tmp_path / "new") as ports:
        before = await facts_of(ports, HERE)
    taken: list[int] = []

    async def settle_beside_a_door(ports: Ports, partition: int, told: Told) -> Still:
        still = await settle(ports, partition, told)
        if not taken:
            taken.append(77)
            await send(ports, HERE, message(ports, HERE, 77))
        return still

    monkeypatch.setattr(arriving, "settle", settle_beside_a_door)
    await move(tmp_path / "old", tmp_path / "new", OTHER, tmp_path / "y.tar")
    assert taken
    async with site(tmp_path / "new") as ports:
        await settle(ports, 0, silent)
        assert await ports.documents.of(HERE).count("tickets") == OPENED + 1
        assert goes_on(await facts_of(ports, HERE), before)
