"""The image without an engine to build it: its Dockerfile is sound, and what it copies is enough to run on."""

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.settings import Settings
from tests.architecture.tree import ROOT
from tests.unit.deploy import image

LINTER = Path(sys.executable).parent / "hadolint"


def test_the_linter_finds_nothing() -> None:
    ran = subprocess.run([LINTER, image.DOCKERFILE], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.returncode) == ("", 0)


def test_the_linter_finds_something_in_a_bad_one(tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM python\nRUN cd /tmp\n")
    assert subprocess.run([LINTER, bad], capture_output=True, check=False).returncode == 1


def test_signals_reach_python_and_nobody_is_root() -> None:
    assert json.loads(image.instruction("ENTRYPOINT"))[-1] == "-m"
    assert json.loads(image.instruction("CMD")) == ["services", "run"]
    assert image.instruction("STOPSIGNAL") == "SIGTERM"
    user, group = image.instruction("USER").split(":")
    assert int(user) > 0
    assert int(group) > 0


def test_packages_are_those_written_down() -> None:
    text = image.DOCKERFILE.read_text()
    assert "--require-hashes" in text
    assert "--only-binary :all:" in text
    assert "requirements/run.txt" in text


def test_what_it_sets_are_settings() -> None:
    names = {name for name in image.environment() if name.startswith("SANAD_")}
    assert names <= {f"SANAD_{name.upper()}" for name in Settings.model_fields}
    assert {"SANAD_FOLDER", "SANAD_METRICS_PORT"} <= names


def test_all_it_copies_is_there_and_is_sent() -> None:
    there = image.sent()
    for source, _ in image.copied():
        assert any(path == source or path.startswith(f"{source}/") for path in there), source


def test_nothing_is_sent_that_it_does_not_need() -> None:
    assert "requirements/run.txt" in image.sent()
    sources = [source for source, _ in image.copied()] + ["requirements/run.txt"]
    assert [
        path for path in image.sent() if not any(path == one or path.startswith(f"{one}/") for one in sources)
    ] == []
    assert not [path for path in image.sent() if path.startswith(("tests/", ".git"))]


class Probed(http.server.BaseHTTPRequestHandler):
    """Says 200 or 500, as the server was told."""

    status = 200

    def do_GET(self) -> None:
        assert self.path == "/livez"
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(params=[200, 500])
def probed(request: pytest.FixtureRequest) -> Iterator[tuple[int, int]]:
    """What it answers, and its port."""
    told = type("Told", (Probed,), {"status": request.param})
    with http.server.HTTPServer(("127.0.0.1", 0), told) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield request.param, server.server_port
        server.shutdown()
        thread.join()


def test_the_health_check_believes_the_process(probed: tuple[int, int]) -> None:
    status, port = probed
    command = [sys.executable, *image.health_check()[1:]]
    ran = subprocess.run(command, env={"SANAD_METRICS_PORT": str(port)}, capture_output=True, check=False)
    assert (ran.returncode == 0) is (status == 200)


@pytest.mark.slow
def test_what_is_copied_is_enough_for_every_service(tmp_path: Path) -> None:
    image.lay_out(tmp_path)
    asked = "import services.verbs.run, services.verbs.one_service, services.verbs.parts, shared.shells.faust_shell"
    told = f"{asked}, shared.shells.aiokafka_shell, services.verbs.cli"
    ran = subprocess.run([sys.executable, "-c", told], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    for name in ("router", "sla", "survey", "ingest", "gateway"):
        ran = subprocess.run(
            [sys.executable, "-m", f"services.{name}"], cwd=tmp_path, env={"PATH": "/usr/bin"}, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 2
        assert "SANAD_KAFKA_SERVERS" in ran.stderr


def test_a_file_nobody_sends_is_found() -> None:
    rules = ["*", "!services", "**/*.pyc"]
    assert not image._is_ignored("services/a/b.py", rules)
    assert image._is_ignored("services/a/b.pyc", rules)
    assert image._is_ignored("tests/a.py", rules)
    assert (ROOT / ".dockerignore").is_file()
