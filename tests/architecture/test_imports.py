"""Importing a module does nothing: no clients, reads, threads or module-level apps."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT


def deeds(root: Path, *packages: str) -> str:
    """What importing every module below the packages did, in a fresh interpreter."""
    watcher = [sys.executable, "-m", "tests.architecture.quiet_import", *packages]
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{ROOT}"}
    ran = subprocess.run(watcher, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_importing_the_product_does_nothing() -> None:
    assert deeds(ROOT, "services", "shared").splitlines() == []


@pytest.mark.parametrize(
    ("text", "deed"),
    [
        ("import socket\nsocket.socket().bind(('127.0.0.1', 0))", "socket.bind"),
        ("import socket\nsocket.getaddrinfo('localhost', 80)", "socket.getaddrinfo"),
        ("import sqlite3\nsqlite3.connect(':memory:')", "sqlite3.connect"),
        ("import subprocess\nsubprocess.run(['true'])", "subprocess.Popen"),
        ("open('desk.yaml').read()", "open desk.yaml"),
        ("open('made.txt', 'w').close()", "open made.txt"),
        ("from threading import Event, Thread\nThread(target=Event().wait, daemon=True).start()", "left running"),
        ("from fastapi import FastAPI\nservice = FastAPI()", "loud.service is a FastAPI"),
        ("import never_written", "ModuleNotFoundError"),
        ("import sqlite3\nstore = sqlite3.connect(':memory:')", "loud.store is a Connection"),
    ],
)
def test_a_module_that_acts_on_import_is_found(tmp_path: Path, text: str, deed: str) -> None:
    (tmp_path / "loud").mkdir()
    (tmp_path / "desk.yaml").touch()
    (tmp_path / "loud" / "__init__.py").write_text(text)
    assert deed in deeds(tmp_path, "loud")


def test_a_module_that_only_defines_is_quiet(tmp_path: Path) -> None:
    (tmp_path / "calm").mkdir()
    (tmp_path / "calm" / "__init__.py").write_text("from fastapi import FastAPI\n\ndef build() -> FastAPI: ...\n")
    (tmp_path / "calm" / "__main__.py").write_text("raise SystemExit(3)")
    assert deeds(tmp_path, "calm") == ""
