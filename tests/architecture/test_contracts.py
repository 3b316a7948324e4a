"""Each import contract of pyproject.toml holds on a tame tree and breaks on a wild one."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.tree import ROOT, SERVICES

VERDICT = re.compile(r"^(.+?) (KEPT|BROKEN)", re.MULTILINE)
LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"

TAME = {
    "services/__main__.py": "import typer\nimport services.router.app\nimport services.sla.app",
    "services/verbs/__init__.py": "import rich\nimport services.ingest.app",
    "services/engine.py": "import services.gateway.app\nimport services.survey.app",
    "services/router/rules.py": "import shared.catalogue.commands\nfrom datetime import timedelta",
    "services/router/handlers.py": "import asyncio\nimport services.router.rules",
    "services/gateway/api/__init__.py": "import fastapi",
    "services/gateway/api/tickets.py": "import starlette",
    "services/survey/pages/__init__.py": "import fastapi",
    "services/ingest/channels/email/__init__.py": "import aiosmtpd",
    "services/ingest/channels/email/relay.py": "import aiosmtplib",
    "shared/brokers/__init__.py": "",
    "shared/brokers/sqlite.py": "import sqlite3",
    "shared/brokers/sqlite_writer.py": "import sqlite3",
    "shared/brokers/kafka.py": "import aiokafka",
    "shared/brokers/kafka_admin.py": "import kafka",
    "shared/shells/__init__.py": "import aiokafka",
    "shared/shells/faust.py": "import faust\nimport mode",
    "shared/stores/__init__.py": "",
    "deploy/board/dashboard.py": "import grafana_foundation_sdk",
    "deploy/engines/kafka.py": "import deploy.engines.maven",
    "deploy/engines/maven.py": "import subprocess",
    "shared/stores/sqlite.py": "import sqlite3",
    "shared/stores/mongo.py": "import pymongo",
    "shared/stores/mongo_driver.py": "import motor",
    "shared/http_errors.py": "import fastapi",
    "shared/metrics.py": "import prometheus_client",
    "shared/logs.py": "import structlog",
    "shared/pages.py": "import jinja2",
    "shared/i18n.py": "import babel\nimport gettext",
    "shared/catalogue/commands.py": "import shared.clock",
    "shared/clock.py": "import time",
    "tests/invariants/__init__.py": "import shared.catalogue.commands",
    "tests/flow/__init__.py": "import services.router.app",
    "tests/engines/foreign.py": "import aiokafka",
}

WILD = {
    "services know each other only by messages": {"services/router/handlers.py": "import services.sla.app"},
    "shared never imports services": {"shared/clock.py": "import services.sla.app"},
    "the product never imports its tests": {"services/sla/app.py": "import tests.flow"},
    "the second model owes nothing to the first": {"tests/invariants/clocks.py": "import services.sla.rules"},
    "rules do no input or output and have no clock": {"services/survey/rules/due.py": "import time"},
    "one door: SQLite": {"services/gateway/store.py": "import sqlite3"},
    "one door: Prometheus": {"services/gateway/app.py": "import prometheus_client"},
    "one door: FastAPI": {"services/ingest/handlers.py": "from starlette.responses import Response"},
    "one door: structlog": {"shared/clock.py": "import structlog"},
    "one door: SMTP": {"services/ingest/delivery.py": "import aiosmtplib"},
    "one door: the terminal": {"services/router/app.py": "import rich"},
    "one door: Jinja": {"services/survey/pages/__init__.py": "import jinja2"},
    "one door: Babel": {"shared/pages.py": "from gettext import gettext"},
    "one door: Kafka": {"services/router/app.py": "import aiokafka"},
    "one door: Kafka's administration": {"shared/brokers/kafka_lane.py": "import kafka"},
    "one door: Faust": {"shared/shells/plain.py": "import faust"},
    "one door: Grafana's boards": {
        "services/gateway/figures.py": "from grafana_foundation_sdk.builders import dashboard"
    },
    "one door: MongoDB": {"services/gateway/store.py": "import pymongo\nimport bson"},
    "the product never starts its engines": {"shared/settings.py": "import deploy.engines.kafka"},
    "engines and boards need nothing of the product": {"deploy/engines/maven.py": "import shared.clock"},
}


def configured() -> dict[str, Any]:
    """The contracts as they stand in pyproject.toml."""
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return settings


def grow(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text + "\n")
    for folder in {place.parent for place in root.rglob("*.py")} | {
        root / "services",
        root / "shared",
        root / "tests",
        root / "deploy",
    }:
        for package in [folder, *folder.parents]:
            if package.is_relative_to(root) and package != root:
                (package / "__init__.py").touch()


def lint(root: Path) -> dict[str, bool]:
    """Contract → kept, for a tree with our configuration and our kinds of contract."""
    (root / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    kinds = (ROOT / "tests/architecture/contracts.py").read_text()
    grow(root, {"tests/architecture/contracts.py": kinds})
    command = [sys.executable, "-c", LINT, "--no-logo", "--no-cache"]
    shown = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stdout
    verdicts = {name: verdict == "KEPT" for name, verdict in VERDICT.findall(shown)}
    assert verdicts, shown
    return verdicts


def plain(path: str) -> dict[str, str]:
    return {f"services/{name}/{path}": "" for name in SERVICES}


@pytest.fixture(scope="module")
def tame(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool]:
    root = tmp_path_factory.mktemp("tame")
    grow(root, plain("app.py") | plain("rules.py") | TAME)
    return lint(root)


@pytest.fixture(scope="module")
def wild(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool]:
    root = tmp_path_factory.mktemp("wild")
    files = plain("app.py") | plain("rules.py") | TAME
    for broken in WILD.values():
        for path, text in broken.items():
            files[path] = f"{files.get(path, '')}\n{text}"
    del files["services/survey/rules.py"]  # grown into a folder
    grow(root, files)
    return lint(root)


@pytest.mark.parametrize("name", WILD)
def test_a_contract_holds_on_a_tame_tree(name: str, tame: dict[str, bool]) -> None:
    assert tame[name]


@pytest.mark.parametrize("name", WILD)
def test_a_contract_breaks_on_a_wild_tree(name: str, wild: dict[str, bool]) -> None:
    assert not wild[name]


def test_every_contract_is_shown_to_break() -> None:
    assert {contract["name"] for contract in configured()["contracts"]} == set(WILD)


def test_every_listed_framework_has_a_door() -> None:
    doors = [contract for contract in configured()["contracts"] if contract["type"] == "door"]
    frameworks = {framework for contract in doors for framework in contract["frameworks"]}
    assert frameworks >= {"sqlite3", "prometheus_client", "fastapi", "starlette", "structlog", "aiosmtpd", "aiosmtplib"}
    assert frameworks >= {"typer", "rich", "jinja2", "babel", "faust", "aiokafka", "kafka", "motor"}
