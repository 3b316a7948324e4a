"""On a machine without Java the tests on real engines say that they did not run, or fail where they must run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.engines.kafka import ADDRESS, ENGINES

ONE = "tests/contracts/ports/test_broker.py::test_appending_nothing_is_nothing[kafka]"

pytestmark = pytest.mark.slow


def run(place: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """One test on Kafka, on a machine whose programs are all away."""
    inherited = {name: value for name, value in os.environ.items() if name not in {ADDRESS, ENGINES}}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", ONE]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**inherited, "PATH": str(place), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_they_are_skipped_loudly(tmp_path: Path) -> None:
    ran = run(tmp_path)
    assert ran.returncode == 0, ran.stdout
    assert "NOT TESTED" in ran.stdout
    assert "1 tests on real engines: java and mvn not found" in ran.stdout


def test_where_engines_are_required_they_fail(tmp_path: Path) -> None:
    ran = run(tmp_path, SANAD_ENGINES="required")
    assert ran.returncode == 1
    assert "SANAD_ENGINES=required" in ran.stdout
