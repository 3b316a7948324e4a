"""Processes in the background: ready or said why not, hurt, ended, found again."""

import json
import os
import sys
from pathlib import Path

import pytest

from deploy.engines import children, running
from deploy.engines.children import Child, ChildFailed
from deploy.engines.running import Running

SERVES = "import signal, time; print('READY', flush=True); signal.pause()"


def start(place: Path, program: str = SERVES, patience: float = 20) -> Child:
    script = place / "program.py"
    script.write_text(program)
    command = [sys.executable, str(script)]
    return children.start("it", command, mark=str(script), log=place / "out.log", ready="^READY", patience=patience)


def test_a_child_is_given_back_when_it_is_ready(tmp_path: Path) -> None:
    child = start(tmp_path)
    assert children.alive(child)
    children.stop(child)
    assert not children.alive(child)
    children.stop(child)


def test_a_child_that_ends_early_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="port is taken"):
        start(tmp_path, "print('the port is taken')")


def test_a_child_that_is_never_ready_is_ended(tmp_path: Path) -> None:
    program = "import os, pathlib, signal; pathlib.Path('pid').write_text(str(os.getpid())); signal.pause()"
    with pytest.raises(ChildFailed, match="not ready after 1 s"):
        start(tmp_path, program.replace("'pid'", repr(str(tmp_path / "pid"))), patience=1)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_child_deaf_to_terms_is_killed(tmp_path: Path) -> None:
    child = start(tmp_path, f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SERVES}")
    children.stop(child, patience=0.2)
    assert not children.alive(child)


def test_a_paused_child_lives_and_can_be_stopped(tmp_path: Path) -> None:
    child = start(tmp_path)
    children.pause(child)
    assert children.alive(child)
    children.stop(child)
    assert not children.alive(child)


def test_a_child_is_found_by_a_later_call(tmp_path: Path) -> None:
    child = start(tmp_path)
    running.write(tmp_path, [Running("it", "127.0.0.1:1", [child])])
    (found,) = running.read(tmp_path)
    assert (found.name, found.address, found.children[0].pid) == ("it", "127.0.0.1:1", child.pid)
    assert children.alive(found.children[0])
    children.kill(child)
    assert not children.alive(found.children[0])
    running.forget(tmp_path)
    running.forget(tmp_path)
    assert running.read(tmp_path) == []


def test_a_stranger_with_the_same_pid_is_not_taken_for_the_child(tmp_path: Path) -> None:
    note = {"name": "it", "pid": os.getpid(), "mark": str(tmp_path / "program.py"), "log": "out.log"}
    stranger = children.found(json.loads(json.dumps(note)))
    assert not children.alive(stranger)
    children.kill(stranger)
    assert not children.alive(stranger)


def test_a_mark_that_is_not_in_the_command_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not in the command"):
        children.launch("it", ["true"], mark="elsewhere", log=tmp_path / "out.log")
