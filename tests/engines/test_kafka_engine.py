"""The Kafka that `make engines` starts, by its own command line."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.engines import children, kafka, running
from deploy.engines.ports import free_ports
from tests.engines.kafka import need_java, quiet

pytestmark = [pytest.mark.engines, pytest.mark.slow]


def call(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.engines", *arguments, "--folder", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def test_a_node_comes_back_after_a_kill_with_what_it_kept(tmp_path: Path) -> None:
    need_java()
    cluster = kafka.start(tmp_path, quiet, first_port=None)
    try:
        (before,) = cluster.children
        children.kill(before)
        cluster.start_node(0)
        (after,) = cluster.children
        assert children.alive(after)
        assert after.pid != before.pid
        assert "Fatal" not in children.said(after)
    finally:
        cluster.stop()
    assert not children.alive(cluster.children[0])


def test_up_status_and_down(tmp_path: Path) -> None:
    need_java()
    port, other = map(str, free_ports(2))
    ports = ("--port", port, "--mongo-port", other)
    up = call(tmp_path, "up", *ports)
    try:
        assert up.returncode == 0, up.stderr
        assert re.search(rf"kafka is up: 127\.0\.0\.1:{port}$", up.stdout, re.MULTILINE)
        pids = [child.pid for engine in running.read(tmp_path) for child in engine.children]
        assert f"mongo is up: mongodb://127.0.0.1:{other}\n" in up.stdout
        assert call(tmp_path, "up", *ports).returncode == 0
        assert [child.pid for engine in running.read(tmp_path) for child in engine.children] == pids
        assert f"pid {pids[0]}" in call(tmp_path, "status").stdout
        os.kill(pids[0], 9)
        assert call(tmp_path, "status").returncode == 1
    finally:
        assert call(tmp_path, "down").returncode == 0
    assert call(tmp_path, "status").stdout == "no engine was started here: make engines\n"
