"""Processes of one machine: who only follows steps back."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from services.verbs.children import CHILDREN, FOLLOWERS, NICENESS, step_back


@pytest.fixture
def child() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as started:
        yield started.pid
        started.kill()


@pytest.mark.parametrize("name", CHILDREN)
def test_no_decision_waits_for_a_follower(child: int, name: str) -> None:
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    step_back(name, child)
    assert os.getpriority(os.PRIO_PROCESS, child) == (max(usual, NICENESS) if name in FOLLOWERS else usual)
