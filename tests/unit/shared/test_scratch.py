"""A scratch store is gone when its job is done, whoever else sweeps the folder."""

import errno
import shutil
from pathlib import Path

import pytest

from shared.documents import Collection, Put
from shared.stores.scratch import scratch
from shared.stores.sqlite import SqliteDocuments

pytestmark = pytest.mark.anyio

TICKETS = Collection("tickets")


async def a_job(folder: Path) -> None:
    async with scratch(folder, [TICKETS]) as own:
        await own.write([Put("tickets", "desk", "a", 1, {})])


async def test_nothing_is_left_of_it(tmp_path: Path) -> None:
    await a_job(tmp_path)
    assert left_in(tmp_path) == []


async def test_a_sweep_between_its_last_write_and_its_removal_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    close = SqliteDocuments.close

    async def then_another_begins(documents: SqliteDocuments) -> None:
        await close(documents)
        monkeypatch.setattr(SqliteDocuments, "close", close)
        await a_job(tmp_path)

    monkeypatch.setattr(SqliteDocuments, "close", then_another_begins)
    await a_job(tmp_path)
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("code", [errno.ENOENT, errno.ENOTEMPTY])
async def test_a_sweep_during_its_removal_harms_nothing(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "rmtree", lambda *_args, **_kept: refuse(code))
    await a_job(tmp_path)
    assert len(left_in(tmp_path)) == 1


async def test_what_cannot_be_removed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "rmtree", lambda *_args, **_kept: refuse(errno.EACCES))
    with pytest.raises(PermissionError):
        await a_job(tmp_path)


def left_in(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


def refuse(code: int) -> None:
    raise OSError(code, "refused")
