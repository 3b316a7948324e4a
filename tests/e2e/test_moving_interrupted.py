"""Moves that are killed and repeated, files that are bent, and what a sealed desk says: half a desk never serves."""

import gzip
import shutil
import signal
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from tests.e2e.living_desk import LivingDesk
from tests.e2e.moving.house import House, done
from tests.e2e.moving.launcher import ON_THE_MOVE
from tests.e2e.policies import write_fast_policy

pytestmark = pytest.mark.slow
FORM = "/in/forms/pk_waha_contact"
SENT = 12
LAUNCHER = "tests.e2e.moving.launcher"
EXPORT_DEATHS = ("noting:1", "noted:1", "run written:1", "member written:2", "file finishing:1", "file finished:1", "noting:2", "noted:2")  # fmt: skip
SOME_DEATHS = ("noted:1", "facts appended:2", "checkpoint saved:2", "keys loaded:1")
"""Of the deaths of an import, those of every run of the tests; a campaign dies all of them."""
IMPORT_DEATHS = (
    "noting:1", "noted:1", "facts appending:1", "facts appended:2", "log committing:1", "documents written:2",
    "checkpoint forgotten:2", "noted:2", "run appended:3", "run written:9", "checkpoint saved:2", "folded:1",
    "keys loaded:1", "noted:3",
)  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A desk with some work in it that has stopped; its export is written once."""
    folder = tmp_path_factory.mktemp("interrupted")
    house = House(folder, write_fast_policy(folder), dict[str, str], dict[str, str])
    try:
        house.here.start()
        for number in range(SENT):
            assert write(house.here, number) == 202
        settle(house.here)
        assert house.here.stop() == 0
        shutil.copytree(house.here.folder, folder / "as it was")
        done(house.verb(house.here, "export", "--to", str(house.file), "--moves-to", "https://new.example"))
        yield house
    finally:
        house.stop()


def write(desk: LivingDesk, number: int) -> int:
    filled = {"name": "Amal", "email": f"amal{number}@example.com", "message": f"I lost my card {number}"}
    answer = httpx2.post(f"{desk.url}{FORM}", json=filled, headers={"Origin": desk.url}, timeout=15)
    return answer.status_code


def settle(desk: LivingDesk) -> list[dict[str, Any]]:
    """All tickets, once there are as many as were written."""
    deadline = time.monotonic() + 60
    with desk.client() as client:
        while (
            len(tickets := client.get("/v1/tickets", params={"limit": 200}).raise_for_status().json()["items"]) < SENT
        ):
            assert time.monotonic() < deadline, desk.log()
            time.sleep(0.1)
    return list(tickets)


def place(house: House, name: str) -> LivingDesk:
    """An installation of that name with nothing in it."""
    house.file.parent.joinpath(name).mkdir()
    return LivingDesk(house.file.parent / name, house.here.policy)


def check(desk: LivingDesk) -> None:
    """Whole: all tickets, events without gap or repeat, documents as they follow from facts; and it takes what comes."""
    desk.start()
    try:
        assert len(settle(desk)) == SENT
        with desk.client() as client:
            events = client.get("/v1/events", params={"limit": 1_000}).raise_for_status().json()["items"]
            assert len({event["id"] for event in events}) == len(events)
            for source in ("router", "sla", "survey"):
                numbers = [int(event["sequence"]) for event in events if event["source"] == source]
                assert numbers == list(range(1, len(numbers) + 1)), source
            path = "/v1/projections/console/rebuild"
            client.post(path).raise_for_status()
            deadline = time.monotonic() + 60
            while (told := client.get(path).raise_for_status().json())["state"] not in {"done", "failed"}:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            assert (told["state"], told["wrong"], told["missing"], told["extra"]) == ("done", 0, 0, 0)
        assert write(desk, 1_000) == 202
    finally:
        assert desk.stop() == 0, desk.log()


def test_an_export_that_is_killed_leaves_no_file_and_is_run_again(house: House) -> None:
    for number, death in enumerate(EXPORT_DEATHS):
        desk = place(house, f"export {number}")
        shutil.copytree(house.file.parent / "as it was", desk.folder)
        file = desk.folder.parent / "x.tar"
        killed = house.verb(desk, "export", "--to", str(file), module=LAUNCHER, DEATH=death)
        assert killed.returncode == -signal.SIGKILL, (death, killed.stderr)
        finished = death in {"file finished:1", "noting:2", "noted:2"}
        assert file.exists() is finished, death
        if not finished:
            done(house.verb(desk, "export", "--to", str(file)))
        new = place(house, f"export {number} arrived")
        done(house.verb(new, "import", str(file)))


@pytest.mark.parametrize(
    "death",
    [pytest.param(death, marks=() if death in SOME_DEATHS else pytest.mark.campaign) for death in IMPORT_DEATHS],
)
def test_an_import_that_is_killed_serves_nothing_and_is_run_again(house: House, death: str) -> None:
    desk = place(house, f"import {death}")
    killed = house.verb(desk, "import", str(house.file), module=LAUNCHER, DEATH=death)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    if death not in {"noting:1", "noted:3"}:
        refused = house.verb(desk, "run")
        assert refused.returncode == 2
        assert "cut short: run it again" in refused.stderr
    done(house.verb(desk, "import", str(house.file)))
    check(desk)


def test_every_point_of_dying_is_tried() -> None:
    tried = {death.partition(":")[0] for death in (*EXPORT_DEATHS, *IMPORT_DEATHS)}
    assert tried >= set(ON_THE_MOVE)


def bent(house: House, name: str, content: bytes) -> Path:
    path = house.file.parent / name
    path.write_bytes(content)
    return path


def test_a_file_that_is_cut_or_bent_anywhere_is_refused_and_changes_nothing(house: House) -> None:
    packed = house.file.read_bytes()
    plain = gzip.decompress(packed)
    with tarfile.open(house.file) as tar:
        inside = [member.offset_data + member.size // 2 for member in tar if member.size]
    files = [
        bent(house, "cut.tar.gz", packed[: len(packed) * 2 // 3]),
        bent(house, "cut.tar", plain[: len(plain) // 2]),
    ]
    files += [bent(house, "endless.tar", plain[: plain.rindex(b"manifest.json")]), bent(house, "empty.tar", b"")]
    for number, at in enumerate([inside[0], inside[1], inside[len(inside) // 2], inside[-1]]):
        flipped = bytearray(plain)
        flipped[at] ^= 0x04
        files.append(bent(house, f"bent {number}.tar", bytes(flipped)))
    flipped = bytearray(packed)
    flipped[len(packed) // 2] ^= 0x10
    files.append(bent(house, "bent.tar.gz", bytes(flipped)))
    desk = place(house, "refusing")
    for file in files:
        refused = house.verb(desk, "import", str(file))
        assert refused.returncode == 2, (file, refused.stderr)
        assert str(file) in refused.stderr
        assert not desk.folder.exists()


def test_a_file_of_another_format_is_refused_with_who_wrote_it(house: House) -> None:
    path = house.file.parent / "newer.tar"
    told = orjson.dumps({"kind": "a desk of Sanad", "format": 2, "made_by": "7.1.0"})
    with tarfile.open(path, "w") as tar:
        member = tarfile.TarInfo("format.json")
        member.size = len(told)
        source = house.file.parent / "format"
        source.write_bytes(told)
        with source.open("rb") as file:
            tar.addfile(member, file)
    desk = place(house, "older")
    refused = house.verb(desk, "import", str(path))
    assert refused.returncode == 2
    assert "format 2, written by Sanad 7.1.0" in refused.stderr
    assert not desk.folder.exists()


def test_a_desk_that_is_here_already_is_not_touched(house: House) -> None:
    desk = place(house, "other")
    desk.start()
    assert write(desk, 7) == 202
    running = house.verb(desk, "import", str(house.file))
    assert running.returncode == 2
    assert "already open in process" in running.stderr
    desk.stop()
    there = {path: path.read_bytes() for path in desk.folder.rglob("*") if path.suffix in {".json", ".key"}}
    refused = house.verb(desk, "import", str(house.file))
    assert refused.returncode == 2
    assert "there is a desk support here already" in refused.stderr
    assert {path: path.read_bytes() for path in there} == there
    desk.start()
    assert write(desk, 8) == 202
    desk.stop()


def test_a_sealed_desk_says_later_at_every_door_even_after_a_restart(house: House) -> None:
    desk = house.here
    desk.start()
    try:
        filled = {"name": "Amal", "email": "amal@example.com", "message": "I lost my card"}
        refused = httpx2.post(f"{desk.url}{FORM}", json=filled, headers={"Origin": desk.url}, timeout=15)
        assert (refused.status_code, refused.headers["Retry-After"], refused.json()["reason"]) == (
            503,
            "60",
            "desk_sealed",
        )
        assert _mail(desk) == (451, "4.3.2 This desk is moving, try again later")
        tickets = settle(desk)
        with desk.client() as client:
            act = client.patch(f"/v1/tickets/{tickets[0]['id']}", json={"status": "resolved"})
            assert (act.status_code, act.headers["Retry-After"], act.json()["reason"]) == (503, "60", "desk_sealed")
            assert "It lives at https://new.example now" in act.json()["detail"]
            events = client.get("/v1/events", params={"limit": 1_000}).json()["items"]
            time.sleep(3)
            assert client.get("/v1/events", params={"limit": 1_000}).json()["items"] == events
        assert "sealed since its export, to https://new.example" in desk.log()
    finally:
        desk.stop()


def _mail(desk: LivingDesk) -> tuple[int, str]:
    import smtplib

    with smtplib.SMTP("127.0.0.1", desk.smtp_port, timeout=15) as door:
        try:
            door.sendmail(
                "huda@example.com", ["support@example.com"], b"From: huda@example.com\r\nSubject: x\r\n\r\nMy card\r\n"
            )
        except smtplib.SMTPDataError as refused:
            return refused.smtp_code, bytes(refused.smtp_error).decode() if isinstance(
                refused.smtp_error, bytes
            ) else refused.smtp_error
    return 250, ""


def test_a_desk_that_is_taken_back_goes_on(house: House) -> None:
    desk = place(house, "taken back")
    shutil.copytree(house.file.parent / "as it was", desk.folder)
    done(house.verb(desk, "export", "--to", str(desk.folder.parent / "x.tar")))
    done(house.verb(desk, "export", "--unseal"))
    check(desk)


def test_an_export_is_for_its_owner_alone(house: House) -> None:
    assert house.file.stat().st_mode & 0o777 == 0o600
