"""Planted bugs stay plantable, the committed table tells of exactly these, and none escapes."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bugs.chase import SIMULATIONS, Catch, chase_all
from tests.bugs.plant import NAME, ROOT, Bug
from tests.bugs.report import REPORT, expected, row, rows_of, write
from tests.bugs.table import BUGS

ASKED_FOR = 15 + 25


def test_there_are_enough_of_them_with_names_of_their_own() -> None:
    assert len({bug.name for bug in BUGS}) == len(BUGS) >= ASKED_FOR


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_its_text_is_found_exactly_once_and_still_compiles_when_replaced(bug: Bug) -> None:
    assert compile(bug.spoil(bug.path.read_text("utf-8")), str(bug.path), "exec").co_code


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_who_should_catch_it_exists(bug: Bug) -> None:
    if bug.caught_by not in SIMULATIONS:
        path, _, name = bug.caught_by.partition("[")[0].partition("::")
        text = (ROOT / path).read_text("utf-8")
        if "import *" in text:  # a suite collected once more
            text = (ROOT / "tests/contracts/ports" / Path(path).name).read_text("utf-8")
        assert f"def {name}" in text


def test_the_committed_table_tells_of_these_and_no_others() -> None:
    assert rows_of(REPORT.read_text("utf-8")) == expected(BUGS), "run `python -m tests.bugs --write`"
    assert "escaped" not in REPORT.read_text("utf-8")


def test_a_table_is_written_anew_for_those_that_were_let_loose() -> None:
    before = REPORT.read_text("utf-8")
    catch = Catch(BUGS[0], caught=True, how="S99", seeds=7)
    after = write(BUGS, [catch], before)
    assert rows_of(after) == rows_of(before)
    assert [line for line in after.splitlines() if line not in before] == [row(catch)]
    with pytest.raises(KeyError):
        write([Bug("never seen", "shared.ids", "", "", "desk")], [], before)


def test_a_text_that_does_not_match_once_is_refused() -> None:
    bug = Bug("none", "shared.ids", "no such text", "", "desk")
    with pytest.raises(LookupError, match="0 times"):
        bug.spoil("some other text")
    with pytest.raises(LookupError, match="2 times"):
        bug.spoil("no such text, no such text")


def python(script: str, bug: str = "") -> str:
    environment = {"PYTHONPATH": str(ROOT), NAME: bug}
    return subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()


def test_a_bug_is_in_the_process_that_asked_for_it_and_in_no_other() -> None:
    script = (
        "import tests.bugs.plugin; from shared.ids import fact_id; print(fact_id('a', 't', 1) == fact_id('b', 't', 1))"
    )
    assert python(script, "an unscoped id") == "True"
    assert python(script) == "False"


def test_a_module_that_is_imported_already_cannot_be_spoiled() -> None:
    script = (
        "import shared.ids\nfrom tests.bugs.plant import plant_named\n"
        "try:\n    plant_named('an unscoped id')\nexcept RuntimeError as refused:\n    print(refused)"
    )
    assert python(script) == "shared.ids is imported already"


@pytest.mark.slow
def test_none_escapes() -> None:
    assert escaped([bug for bug in BUGS if not bug.engines]) == []


@pytest.mark.slow
@pytest.mark.engines
def test_none_escapes_from_real_engines() -> None:
    assert escaped([bug for bug in BUGS if bug.engines]) == []


def escaped(bugs: list[Bug]) -> list[str]:
    return [catch.bug.name for catch in chase_all(bugs) if not catch.caught]
