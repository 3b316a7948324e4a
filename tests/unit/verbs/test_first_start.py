"""The first start of a desk is one: what was begun elsewhere keeps its policy and its people."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.gateway.accounts.keys import Keys
from services.verbs import first_start
from services.verbs.address import KEY_FILE
from services.verbs.embedded import embedded
from services.verbs.first_start import ADMIN, start_desk
from shared.catalogue.values import Principal
from shared.desks import Desks
from shared.moves import Arrival, Movements
from shared.service import Ports
from shared.settings import Settings
from tests.e2e.living_desk import HOUSE

pytestmark = pytest.mark.anyio
ORGANISATION = "waha"


@pytest.fixture
async def ports(tmp_path: Path) -> AsyncIterator[Ports]:
    """As `install` has them: nobody told them what moves."""
    policy = HOUSE / "deploy" / "desk.yaml"
    async with embedded(Settings(_env_file=None, folder=tmp_path, policy=policy, partitions=1)) as ports:
        yield ports


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of a desk; nobody decides here."""
    asked: list[str] = []

    async def ask(_commands: Any, command: Any, _key: str) -> None:
        asked.append(type(command).__name__)

    monkeypatch.setattr(first_start, "_done", ask)
    return asked


async def arrived(ports: Ports, desk: str) -> None:
    movements = Movements(ports.documents)
    place = {"organisation": ORGANISATION, "partition": 0}
    await movements.note(desk, None, place, None, Arrival("move", "open", 1, 0, 0, {}, {}))


async def test_a_desk_that_came_from_elsewhere_only_gives_its_key(ports: Ports, asked: list[str]) -> None:
    await arrived(ports, "support")
    assert await start_desk(ports) == ("support", False)
    assert asked == []
    assert (ports.settings.folder / KEY_FILE).exists()
    assert [place.id for place in await Desks(ports.documents, 1).all()] == ["support"]


async def test_another_folder_changes_nothing_of_a_desk_that_was_started(ports: Ports, asked: list[str]) -> None:
    desk, fresh = await start_desk(ports)
    assert fresh
    assert asked[0] == "ApplyPolicy"
    asked.clear()
    admin = Principal(organisation=ORGANISATION, desk=desk, id=ADMIN, role="admin")
    key, _ = await Keys(ports.documents).create(admin, "verbs on another machine", "admin", (), 1)
    await Keys(ports.documents).revoke(desk, key.id, 2)
    assert await start_desk(ports) == (desk, False)
    assert asked == []
    assert (ports.settings.folder / KEY_FILE).exists()


async def test_a_first_start_that_was_cut_short_goes_on(ports: Ports, asked: list[str]) -> None:
    desk, _ = await start_desk(ports)
    begun = [*asked]
    assert await start_desk(ports) == (desk, True)
    assert asked == begun * 2
