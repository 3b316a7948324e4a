"""`shared` is no junk drawer: every module is on a list with what it is for, and several others need it."""

import ast
from collections.abc import Iterable, Iterator

import pytest

from tests.architecture.tree import SERVICES, Source, house_is_complete, product, sources

# What may lie in shared, and the one thing each is for. A new line here is a decision.
PURPOSE = {
    "__init__": "says what may be here",
    "catalogue": "commands and facts: the contract between services",
    "policy": "desk.yaml as models, its calendar and its findings",
    "broker": "port: the log",
    "brokers": "adapters of the log",
    "shell": "port: who shares out the partitions among processes",
    "documents": "port: what is read by key or page",
    "shells": "adapters of the shell",
    "stores": "adapters of the documents",
    "sqlite": "how both SQLite adapters open a file",
    "group_commit": "one writer thread, many callers, one fsync",
    "checkpoints": "a fold's saved state",
    "checkpoint_chunks": "a saved state cut into immutable pieces",
    "desks": "which desk lives where",
    "moves": "which desks are on the move, what is sealed, where a desk came from",
    "blobs": "bytes by their digest",
    "texts": "what people wrote and are called, joined by whoever shows it",
    "dead_letters": "what could not be taken, kept and visible",
    "worker": "the loop all services share",
    "beats": "when those run again that need not run at once",
    "fold": "what a service is to the worker",
    "worker_ports": "what a worker is given",
    "saving": "when and how a worker saves",
    "decider": "the fold of services that decide",
    "logic": "what a deciding service hands to its fold",
    "draft": "one record's outputs, and the state as they change it",
    "emissions": "what a rule may yield, what a fold may put out",
    "ticks": "one outstanding tick per desk",
    "tables": "tables of a state that can be saved while work goes on",
    "service": "what a service hands to the engine",
    "engine": "starts workers and loops, watches them, drains them",
    "turns": "whose turn it is to write a projection's documents",
    "http": "application, errors and limits of HTTP",
    "http_server": "serves it",
    "pages": "templates",
    "i18n": "Arabic and English words",
    "locale": "their translations",
    "settings": "what an operator may set",
    "secrets": "secrets from files or environment",
    "clock": "the present, and lengths of time",
    "ids": "how every id is made",
    "links": "signed links",
    "survey_links": "what a survey's signed link says",
    "permissions": "who may do what: one table",
    "text": "words of messages: normalising, excerpts, language",
    "room": "how much of strangers' bytes is held at once",
    "logs": "lines without customers' text",
    "metrics": "every metric, declared once",
}
# Needed by fewer than three by their nature.
FEW_IMPORTERS = {
    "__init__": "a package",
    "brokers": "named once, where the engine is built",
    "stores": "as brokers",
    "shells": "as brokers",
    "shell": "the engine is the member, an adapter its shell",
    "sqlite": "there are two SQLite adapters",
    "engine": "named by the wiring",
    "locale": "read by i18n alone",
    "survey_links": "ingest mints them, survey reads them",
    "http_server": "named by the wiring",
    "fold": "the worker's side of a service",
    "worker_ports": "the worker's own, and of who wires it",
    "saving": "the worker's own step",
    "beats": "the worker's own rest",
    "draft": "the decider's own step",
    "group_commit": "as sqlite",
    "checkpoint_chunks": "the checkpoints' own",
    "ticks": "the worker's own step",
    "tables": "the states of deciders",
    "permissions": "the doors' and decide's one table; the customers' portal reads it next",
    "texts": "gateway writes them, ingest reads addresses and subjects when it sends",
    "turns": "the engine hands them out, a rebuild asks for them",
    "worker": "named by the engine",
}
NEEDED_BY = 3
# `from shared import clock` imports shared.clock.
BARE = {"shared", "services", "unittest"}
# Above a quarter by what there are two of: an adapter of each port, and of the shell, for each engine.
SHARE_LIMIT = 0.36


def unit(module: str) -> str:
    """`shared.catalogue.facts.desk` → `catalogue`; `services.sla.rules` → `services.sla`; the rest is nobody."""
    match module.split("."):
        case ["shared", name, *_]:
            return name
        case ["services", name, *_]:
            return f"services.{name}"
        case _:
            return ""


def imported(source: Source) -> Iterator[str]:
    for node in ast.walk(source.parsed()):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{alias.name}" if module in BARE else module for alias in names)


def importers(files: Iterable[Source]) -> dict[str, set[str]]:
    """For each shared unit the other units that import it."""
    found: dict[str, set[str]] = {}
    for source in files:
        here = unit(source.module)
        found.setdefault(here, set())
        for name in imported(source):
            there = unit(name)
            if there not in {"", here}:
                found.setdefault(there, set()).add(here)
    return found


def unlisted(files: Iterable[Source]) -> list[str]:
    units = {unit(source.module) or "__init__" for source in files if source.path.startswith("shared/")}
    return sorted(units - set(PURPOSE))


def unshared(files: Iterable[Source]) -> list[str]:
    return sorted(
        f"{name}: needed by {sorted(by)} only"
        for name, by in importers(files).items()
        if name in PURPOSE and name not in FEW_IMPORTERS and len(by) < NEEDED_BY
    )


def share(files: list[Source]) -> float:
    """Lines of shared among all lines of the product, 0.0 to 1.0."""
    inside = sum(source.lines for source in files if source.path.startswith("shared/"))
    return inside / (sum(source.lines for source in files) or 1)


def test_only_what_is_listed_lies_in_shared() -> None:
    assert unlisted(sources()) == []


def test_what_is_shared_is_needed_by_three() -> None:
    if not house_is_complete():
        pytest.skip("judged from the moment all five services are wired")
    assert unshared(product()) == []


def test_shared_is_about_a_quarter_of_the_code() -> None:
    if not house_is_complete():
        pytest.skip("judged from the moment all five services are wired")
    assert share(product()) <= SHARE_LIMIT


def test_an_exception_is_for_something_that_may_be_there() -> None:
    assert set(FEW_IMPORTERS) <= set(PURPOSE)


def test_an_unlisted_module_is_found() -> None:
    files = [Source("shared/__init__.py", ""), Source("shared/clock.py", ""), Source("shared/misc/a.py", "")]
    assert unlisted(files) == ["misc"]


def test_a_module_needed_by_two_is_found() -> None:
    files = [
        Source("shared/links.py", "import shared.links"),
        Source("shared/clock.py", ""),
        *(Source(f"services/{name}/app.py", "from shared.clock import Ms") for name in SERVICES),
        Source("services/survey/rules.py", "from shared.links import mint"),
        Source("services/survey/app.py", "from shared import links"),
        Source("services/gateway/app.py", "import shared.links"),
    ]
    assert unshared(files) == ["links: needed by ['services.gateway', 'services.survey'] only"]


def test_tests_and_a_module_itself_are_no_importers() -> None:
    files = [Source("shared/ids/a.py", "from shared.ids.b import c"), Source("tests/test_a.py", "import shared.ids")]
    assert importers(files)["ids"] - {""} == set()


def test_the_share_counts_lines() -> None:
    assert share([Source("shared/a.py", "x\n" * 3), Source("services/b.py", "x\n" * 9)]) == 0.25
