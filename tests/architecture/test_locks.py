"""What is installed is exactly what is written down, for every Python we promise."""

import re

import pytest

from tests.architecture.tree import ROOT

PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)( ; .+)?$")
OWNERS = {
    "faust-streaming": "0.15.", "kafka-python": "3.0.12", "crc32c": "", "fastapi": "", "motor": "3.7.",
    "pymongo": "4.20.", "prometheus-client": "",
}  # fmt: skip


def read(name: str) -> str:
    return (ROOT / "requirements" / name).read_text()


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def entries(lock: str) -> list[list[str]]:
    """The lock's entries, each as its continued lines without backslashes and comments."""
    logical = lock.replace("\\\n", "\x00").splitlines()
    return [
        [part.strip() for part in line.split("\x00") if part.strip()]
        for line in logical
        if line and not line.lstrip().startswith("#")
    ]


def loose(lock: str) -> list[str]:
    """Entries without an exact version or without a SHA-256 of every file."""
    return [
        entry[0]
        for entry in entries(lock)
        if not PINNED.match(entry[0]) or len(entry) == 1 or not all(is_hash(part) for part in entry[1:])
    ]


def is_hash(part: str) -> bool:
    return re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", part) is not None


def versions(lock: str) -> dict[str, str]:
    matches = (PINNED.match(entry[0]) for entry in entries(lock))
    return {canonical(match[1]): match[2] for match in matches if match}


def asked(wishes: str) -> set[str]:
    lines = (line.split("#")[0].strip() for line in wishes.splitlines())
    return {canonical(re.split(r"[<>=;~! ]", line)[0]) for line in lines if line and not line.startswith("-")}


@pytest.mark.parametrize("name", ["run", "dev", "uv"])
def test_every_entry_is_pinned_and_hashed(name: str) -> None:
    assert loose(read(f"{name}.txt")) == []


@pytest.mark.parametrize("name", ["run", "dev", "uv"])
def test_everything_asked_for_is_locked(name: str) -> None:
    assert asked(read(f"{name}.in")) <= set(versions(read(f"{name}.txt")))


def test_checking_uses_what_running_uses() -> None:
    assert versions(read("run.txt")).items() <= versions(read("dev.txt")).items()


@pytest.mark.parametrize(("package", "version"), OWNERS.items())
def test_the_owner_s_packages_are_there_from_the_start(package: str, version: str) -> None:
    assert versions(read("run.txt"))[package].startswith(version)


def test_locks_say_how_to_write_them_again() -> None:
    assert all("make lock" in read(f"{name}.txt")[:120] for name in ("run", "dev", "uv"))


GOOD = "anyio==4.16.0 \\\n    --hash=sha256:" + "a" * 64 + "\n    # via -r run.in\n"


@pytest.mark.parametrize(
    "lock",
    [
        "anyio>=4.16.0",
        "anyio==4.16.0",
        "anyio @ git+ssh://example/anyio",
        GOOD.replace("sha256:a", "sha256:A"),
        GOOD.replace("==", ">="),
    ],
)
def test_a_loose_entry_is_found(lock: str) -> None:
    assert len(loose(lock)) == 1


def test_a_good_entry_passes() -> None:
    assert (loose(GOOD), versions(GOOD)) == ([], {"anyio": "4.16.0"})


def test_wishes_are_read_without_versions_and_comments() -> None:
    wishes = "# why\n-r run.txt\nruamel.yaml  # YAML 1.2\nmotor>=3.7,<4\nuvloop; sys_platform != 'win32'\n"
    assert asked(wishes) == {"ruamel-yaml", "motor", "uvloop"}
