"""On a machine without Java the tests on real engines say that they did not run, or fail where they must run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.engines.kafka import ADDRESS, ENGINES

ONE = {
    "tests/contracts/ports/test_broker.py::test_appending_nothing_is_nothing[kafka]": "java and mvn not found",
    "tests/engines/test_rules.py::test_the_configuration_and_all_rules_are_well_formed": "prometheus and promtool not found",
}
"""A test of each kind of engine, and what is said where that kind is not there."""

pytestmark = pytest.mark.slow


def run(one: str, place: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """One test, on a machine whose programs are all away."""
    inherited = {name: value for name, value in os.environ.items() if name not in {ADDRESS, ENGINES}}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", one]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**inherited, "PATH": str(place), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("one", "lacks"), ONE.items())
def test_they_are_skipped_loudly(one: str, lacks: str, tmp_path: Path) -> None:
    ran = run(one, tmp_path)
    assert ran.returncode == 0, ran.stdout
    assert "NOT TESTED" in ran.stdout
    assert f"1 tests on real engines: {lacks}" in ran.stdout


@pytest.mark.parametrize("one", ONE)
def test_where_engines_are_required_they_fail(one: str, tmp_path: Path) -> None:
    ran = run(one, tmp_path, SANAD_ENGINES="required")
    assert ran.returncode == 1
    assert "SANAD_ENGINES=required" in ran.stdout
