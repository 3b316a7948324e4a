"""The verbs: listed, and cheap when nothing changed. A stand-in for Python writes down what it is asked to do."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

VERBS = {"help", "run", "test", "check", "bench", "faults", "lock", "engines", "engines-down", "topics"}

# Notes its arguments; makes an environment like `-m venv` would; says it is as old as OLD asks; fails where told.
STAND_IN = """#!/bin/sh
echo "$*" >> "$NOTES"
case "$*" in
  *"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
  *version_info*) test -z "$OLD" || exit 1 ;;
  *ensurepip*) test -z "$NO_VENV" || exit 1 ;;
  *--system-certs*) test -z "$NO_LINE" || exit 1 ;;
  *"pip sync"*) test -z "$NO_LINE$OWN_CERTIFICATES" || exit 1 ;;
esac
"""


class Checkout:
    """A copy of the Makefile and the locks, with the stand-in as the machine's Python."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.notes = root / "notes"
        shutil.copy(ROOT / "Makefile", root)
        shutil.copytree(ROOT / "requirements", root / "requirements")
        self.python = root / "python3"
        self.python.write_text(STAND_IN)
        self.python.chmod(0o755)

    def make(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        self.notes.write_text("")
        command = ["make", "--no-print-directory", *arguments, f"PYTHON={self.python}"]
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "MFLAGS"
        }
        settings = {**inherited, "NOTES": str(self.notes), **environment}
        return subprocess.run(command, cwd=self.root, env=settings, capture_output=True, text=True, check=False)

    @property
    def asked(self) -> list[str]:
        return self.notes.read_text().splitlines()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def listed(shown: str) -> set[str]:
    return set(re.findall(r"^  make (\S+) +\S", shown, re.MULTILINE))


def test_help_lists_every_verb_with_its_meaning(checkout: Checkout) -> None:
    assert listed(checkout.make("help").stdout) == VERBS


def test_make_alone_is_help(checkout: Checkout) -> None:
    assert checkout.make().stdout == checkout.make("help").stdout


def test_the_listing_names_no_verb_without_a_meaning() -> None:
    assert listed("  make run      start\n  make stop\n") == {"run"}


def test_the_first_run_sets_up_from_the_locks_and_shows_its_steps(checkout: Checkout) -> None:
    ran = checkout.make("run")
    assert [step for step in ("1/3", "2/3", "3/3", "done") if step in ran.stdout] == ["1/3", "2/3", "3/3", "done"]
    asked = " | ".join(checkout.asked)
    assert re.search(
        r"-m venv .*pip install .*--require-hashes .*uv\.txt.*uv pip sync .*--require-hashes .*run\.txt", asked
    )
    assert checkout.asked[-1] == "-m services run"


def test_the_second_run_does_nothing_but_run(checkout: Checkout) -> None:
    checkout.make("run")
    checkout.make("run")
    assert checkout.asked == ["-m services run"]


def test_on_kafka_the_engines_run_as_long_as_the_desk(checkout: Checkout) -> None:
    checkout.make("run")
    checkout.make("run", "ENGINE=kafka")
    assert checkout.asked == ["-m deploy.engines up", "-m services run", "-m deploy.engines down"]


def test_an_engine_nobody_knows_is_refused(checkout: Checkout) -> None:
    ran = checkout.make("run", "ENGINE=Kafka")
    assert ran.returncode == 2
    assert "ENGINE=Kafka is no engine" in ran.stderr
    assert "-m services run" not in checkout.asked


def test_an_environment_for_checking_serves_running(checkout: Checkout) -> None:
    checkout.make("bench")
    assert "dev.txt" in " ".join(checkout.asked)
    checkout.make("run")
    assert checkout.asked == ["-m services run"]


def test_an_environment_for_running_is_completed_for_checking(checkout: Checkout) -> None:
    checkout.make("run")
    checkout.make("bench")
    assert "dev.txt" in " ".join(checkout.asked)
    assert "-m venv" not in " ".join(checkout.asked)


def test_a_changed_lock_is_installed_again(checkout: Checkout) -> None:
    checkout.make("run")
    (checkout.root / "requirements" / "run.txt").write_text("# another lock\n")
    checkout.make("run")
    assert "pip sync" in " ".join(checkout.asked)


def test_an_interrupted_set_up_is_not_taken_for_a_finished_one(checkout: Checkout) -> None:
    assert checkout.make("run", NO_LINE="yes").returncode != 0
    assert "-m services run" not in checkout.asked
    assert checkout.make("run").returncode == 0
    assert "pip sync" in " ".join(checkout.asked)


def test_a_machine_with_certificates_of_its_own_is_served_too(checkout: Checkout) -> None:
    assert checkout.make("run", OWN_CERTIFICATES="yes").returncode == 0
    assert checkout.asked[-2].endswith("run.txt --system-certs")


@pytest.mark.parametrize(("missing", "advice"), [("OLD", "needs Python 3.11"), ("NO_VENV", "python3-venv")])
def test_a_machine_that_lacks_something_is_told_what(checkout: Checkout, missing: str, advice: str) -> None:
    ran = checkout.make("run", **{missing: "yes"})
    assert ran.returncode != 0
    assert advice in ran.stdout + ran.stderr


@pytest.mark.parametrize("verb", ["check", "test"])
def test_checking_lints_types_contracts_and_tests_in_this_order(checkout: Checkout, verb: str) -> None:
    checkout.make("bench")
    linter = checkout.root / ".venv" / "bin" / "lint-imports"
    shutil.copy(checkout.python, linter)
    checkout.make(verb)
    asked = " | ".join(checkout.asked)
    assert re.search(r"ruff check .*ruff format --check .*mypy.*--no-logo.*pytest ", asked)


def test_the_ci_script_runs_both_and_ten_thousand_seeds() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    steps = re.findall(r"^step (.+)$", script.read_text(), re.MULTILINE)
    assert steps == ["make check", "make test", ".venv/bin/python -m tests.simulation --seeds 10000"]
