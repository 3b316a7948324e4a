"""Lets each bug loose in a process of its own and reports who caught it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.bugs.plant import NAME, ROOT, Bug
from tests.engines import kafka, mongo

SIMULATIONS = ("desk", "toy", "kafka")
LIMIT = 600
PLUGINS = ("anyio.pytest_plugin", "tests.bugs.plugin", "no:cacheprovider")
"""No others: importing all that are installed takes three times as long as most of these tests."""
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


@dataclass(frozen=True, slots=True)
class Catch:
    """What became of a bug. `how` is the promise that was broken, or the test that failed."""

    bug: Bug
    caught: bool
    how: str
    seeds: int = 0


def chase(bug: Bug) -> Catch:
    return _hunt(bug) if bug.caught_by in SIMULATIONS else _test(bug)


def _hunt(bug: Bug) -> Catch:
    ran = _run([sys.executable, "-m", "tests.bugs.hunt", bug.name], bug)
    if ran.returncode:
        return Catch(bug, caught=False, how=f"the hunt itself failed: {ran.stderr[-400:]}")
    told = json.loads(ran.stdout.splitlines()[-1])
    return Catch(bug, told["caught"], ", ".join(told["promises"]), told["seeds"])


def _test(bug: Bug) -> Catch:
    """Caught where the named test fails, rather than cannot be run (pytest's exit codes: 1 is failed tests)."""
    plugins = [argument for plugin in PLUGINS for argument in ("-p", plugin)]
    asked = [sys.executable, "-m", "pytest", "-q", "-x", *plugins, bug.caught_by]
    ran = _run(asked, bug)
    return Catch(bug, ran.returncode == 1 and "failed" in ran.stdout, bug.caught_by.rsplit("::", 1)[-1])


def _run(command: Sequence[str], bug: Bug) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, **ALONE, NAME: bug.name, "PYTHONPATH": str(ROOT)}
    try:
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
        )
    except subprocess.TimeoutExpired as late:
        # a desk that never comes to rest is a caught bug only if its hunt says so in time
        return subprocess.CompletedProcess(command, 2, "", f"no end after {late.timeout} s")


def chase_all(bugs: Sequence[Bug], at_once: int = 2) -> Iterator[Catch]:
    """All of them, in order. Real engines are started once, for all that need them, and stopped at the end."""
    try:
        if any(bug.engines for bug in bugs):
            kafka.address(), mongo.address()  # children find them by the environment
        with ThreadPoolExecutor(at_once) as pool:
            yield from pool.map(chase, bugs)
    finally:
        kafka.stop()
        mongo.stop()
