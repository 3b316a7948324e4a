"""Knowing one service is knowing the next: the same files, the same order, the same few places."""

import ast
import re
from collections.abc import Iterable

import pytest

from tests.architecture.tree import ROOT, SERVICES, Source, paths, product

TOP = frozenset(
    {
        ".ci", ".dockerignore", ".gitattributes", ".gitignore", "Makefile", "README.md", "deploy", "pyproject.toml",
        "requirements", "services", "shared", "tests",
    }
)  # fmt: skip
# Beside the five services: wiring, the command line, and nothing else.
AROUND = frozenset({"__init__.py", "__main__.py", "engine.py", "engine", "verbs"})
PROMISE = ("Consumes", "Decides", "Emits")
APP_LIMIT = 40
MAIN_LIMIT = 12
# A service may leave a file out, never give it another name.
OTHER_NAMES = {
    "models.py": "rules.py", "domain.py": "rules.py", "logic.py": "rules.py",
    "service.py": "handlers.py", "consumers.py": "handlers.py", "listeners.py": "handlers.py",
    "repository.py": "store.py", "db.py": "store.py", "tables.py": "store.py", "storage.py": "store.py",
    "main.py": "app.py", "wiring.py": "app.py", "bootstrap.py": "app.py", "server.py": "app.py",
    "routes.py": "api.py", "views.py": "api.py", "routers.py": "api.py", "endpoints.py": "api.py",
    "config.py": "shared/settings.py", "conf.py": "shared/settings.py", "logging.py": "shared/logs.py",
}  # fmt: skip
TEST_FOLDERS = frozenset(
    {
        "unit", "contracts", "architecture", "invariants", "simulation", "traffic", "flow", "e2e", "faults", "bench",
        "bugs", "data", "engines", "simulated_kafka", "__init__.py", "conftest.py",
    }
)  # fmt: skip


def second_parts(files: Iterable[str], top: str) -> set[str]:
    return {path.split("/")[1] for path in files if path.startswith(f"{top}/")}


def misplaced(files: Iterable[str]) -> list[str]:
    listed = list(files)
    return [
        *sorted({path.split("/")[0] for path in listed} - TOP),
        *(f"services/{name}" for name in sorted(second_parts(listed, "services") - AROUND - set(SERVICES))),
        *(f"tests/{name}" for name in sorted(second_parts(listed, "tests") - TEST_FOLDERS)),
    ]


def renamed(files: Iterable[str]) -> list[str]:
    """Service files under a name of their own, and files that live on beside the folder they grew into."""
    listed = [path for path in files if path.startswith("services/")]
    folders = {path.rsplit("/", 1)[0] for path in listed}
    return [
        f"{path}: call it {OTHER_NAMES[parts[-1]]}"
        for path in listed
        if (parts := path.split("/"))[-1] in OTHER_NAMES and len(parts) == 3 and parts[1] in SERVICES
    ] + [f"{path}: a folder of the same name exists" for path in listed if path.removesuffix(".py") in folders]


def broken_promises(files: list[Source]) -> list[str]:
    """Services whose `__init__` does not say Consumes, Decides and Emits, in this order, or whose wiring outgrew its file."""
    complaints = []
    for source in files:
        match source.path.split("/"):
            case ["services", name, "__init__.py"] if name in SERVICES:
                said = ast.get_docstring(source.parsed()) or ""
                if not re.search(".*".join(PROMISE), said, re.DOTALL):
                    complaints.append(f"{source.path}: say {' … · '.join(PROMISE)} …")
            case ["services", _, "app.py"] if source.lines > APP_LIMIT:
                complaints.append(f"{source.path}: {source.lines} lines, more than {APP_LIMIT}")
            case ["services", name, "__main__.py"] if source.lines > MAIN_LIMIT and name in SERVICES:
                complaints.append(f"{source.path}: {source.lines} lines, more than {MAIN_LIMIT}")
    return complaints


def packages_without_init(files: Iterable[str]) -> list[str]:
    listed = set(files)
    folders = {path.rsplit("/", 1)[0] for path in listed if path.endswith(".py") and "/" in path}
    return sorted(folder for folder in folders if f"{folder}/__init__.py" not in listed)


def test_everything_lies_where_the_design_says() -> None:
    assert misplaced(paths()) == []


def test_same_named_files_in_every_service() -> None:
    assert renamed(paths()) == []


def test_every_service_says_what_it_consumes_decides_and_emits() -> None:
    assert broken_promises(product()) == []


def test_every_folder_of_code_is_a_package() -> None:
    inside = [path for path in paths() if path.startswith(("deploy/", "services/", "shared/", "tests/"))]
    assert packages_without_init(inside) == []


def test_the_root_is_the_one_with_the_makefile() -> None:
    assert (ROOT / "Makefile").is_file()


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("docs/guide.md", "docs"),
        ("setup.py", "setup.py"),
        ("services/billing/rules.py", "services/billing"),
        ("tests/misc/test_a.py", "tests/misc"),
    ],
)
def test_a_stray_path_is_found(path: str, found: str) -> None:
    assert misplaced(["README.md", "services/router/rules.py", path]) == [found]


@pytest.mark.parametrize("name", sorted(OTHER_NAMES))
def test_a_renamed_file_is_found(name: str) -> None:
    assert len(renamed([f"services/router/{name}"])) == 1


def test_a_file_beside_the_folder_it_grew_into_is_found() -> None:
    assert len(renamed(["services/router/rules.py", "services/router/rules/waiting.py"])) == 1


def test_other_nouns_of_a_service_are_its_own() -> None:
    assert renamed(["services/router/desk.py", "services/sla/targets.py", "services/gateway/api/tables.py"]) == []


@pytest.mark.parametrize(
    "source",
    [
        Source("services/sla/__init__.py", '"""Watches clocks."""'),
        Source("services/sla/__init__.py", ""),
        Source("services/sla/__init__.py", '"""Emits a · Decides b · Consumes c."""'),
        Source("services/sla/app.py", "x = 1\n" * 41),
        Source("services/sla/__main__.py", "x = 1\n" * 13),
    ],
)
def test_a_broken_promise_is_found(source: Source) -> None:
    assert len(broken_promises([source])) == 1


def test_a_kept_promise_passes() -> None:
    kept = '"""Clocks.\n\nConsumes sanad.desk · Decides verdicts · Emits sanad.sla.\n"""'
    assert broken_promises([Source("services/sla/__init__.py", kept), Source("services/sla/app.py", "x\n" * 40)]) == []


def test_a_folder_without_init_is_found() -> None:
    assert packages_without_init(["shared/__init__.py", "shared/a.py", "shared/deep/b.py"]) == ["shared/deep"]
