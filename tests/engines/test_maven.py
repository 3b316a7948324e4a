"""Jars: fetched once, checked, and never mixed with those of another version. A stand-in plays Maven."""

import hashlib
import os
from pathlib import Path

import pytest

from deploy.engines import kafka, maven
from deploy.engines.running import EngineFailed
from tests.engines.kafka import quiet

STAND_IN = """#!/bin/sh
for argument; do case "$argument" in -DoutputDirectory=*) into=${argument#*=} ;; esac; done
test -z "$NO_LINE" || { echo "no line to anywhere"; exit 1; }
mkdir -p "$into" && printf '%s' "$CONTENT" > "$into/engine.jar" && echo fetched >> "$NOTES"
"""


class Machine:
    """A cache, a recipe, and a Maven that delivers what it is told to."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.root, self._patch = root, patch
        (root / "bin").mkdir()
        for name in ("mvn", "java"):
            (root / "bin" / name).write_text(STAND_IN)
            (root / "bin" / name).chmod(0o755)
        patch.setenv("PATH", f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}")
        patch.setenv("XDG_CACHE_HOME", str(root / "cache"))
        patch.setenv("NOTES", str(root / "notes"))
        self.recipe = root / "engine"
        self.recipe.mkdir()
        self.write("one")
        self.deliver("one")

    def write(self, content: str) -> None:
        """The recipe wants this jar."""
        (self.recipe / maven.POM).write_text(f"<project>{content}</project>")
        (self.recipe / maven.SUMS).write_text(f"{hashlib.sha256(content.encode()).hexdigest()}  engine.jar\n")

    def deliver(self, content: str) -> None:
        """Maven brings this jar."""
        self._patch.setenv("CONTENT", content)

    def fetch(self) -> str:
        return (maven.fetch(self.recipe, quiet) / "engine.jar").read_text()

    @property
    def fetched(self) -> int:
        return len((self.root / "notes").read_text().splitlines())


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_jars_are_fetched_once(machine: Machine) -> None:
    assert [machine.fetch(), machine.fetch()] == ["one", "one"]
    assert machine.fetched == 1


def test_another_version_has_a_place_of_its_own(machine: Machine) -> None:
    machine.fetch()
    machine.write("two")
    machine.deliver("two")
    assert machine.fetch() == "two"
    machine.write("one")
    assert machine.fetch() == "one"
    assert machine.fetched == 2


def test_a_jar_that_is_not_the_one_written_down_is_refused_and_not_kept(machine: Machine) -> None:
    machine.deliver("something else")
    for _ in range(2):
        with pytest.raises(EngineFailed, match=r"not those written down.*\n.*engine\.jar"):
            machine.fetch()
    machine.deliver("one")
    assert machine.fetch() == "one"


def test_pinning_writes_down_what_maven_brings(machine: Machine) -> None:
    machine.deliver("newer")
    assert maven.pin(machine.recipe, quiet) == 1
    assert machine.fetch() == "newer"


def test_what_maven_says_is_passed_on(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_LINE", "yes")
    with pytest.raises(EngineFailed, match="no line to anywhere"):
        machine.fetch()


def test_a_machine_without_java_is_told_what_to_do(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(machine.root))
    with pytest.raises(EngineFailed, match=r"java and mvn not found.*Java 17 and Maven"):
        machine.fetch()


def test_kafkas_jars_are_written_down_in_order() -> None:
    sums = (kafka.RECIPE / maven.SUMS).read_text().splitlines()
    names = [line.split("  ")[1] for line in sums]
    assert names == sorted(names)
    assert "kafka_2.13-4.3.1.jar" in names
    assert all(len(line.split("  ")[0]) == 64 for line in sums)
