"""Every alert fires when it should, says what happened to whom, and is silent close by; judged by Prometheus' own tool."""

import re
import subprocess
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from services.verbs.parts import NAMES
from shared.metrics import Metrics
from tests.architecture.tree import ROOT, product
from tests.engines import rules
from tests.engines.alerts import CASES, Case
from tests.engines.prometheus import promtool

RULES = rules.read()
ALERTS = {rule.name: rule for rule in RULES if rule.alerts}
RUNBOOK = ROOT / "deploy" / "RUNBOOK.md"
SERIES = re.compile(r"\b(?:sanad|process)_[a-z_]+\b")
SUFFIX = re.compile(r"_(bucket|sum|count)$")
GIVEN = {"process_start_time_seconds", "process_resident_memory_bytes", "process_cpu_seconds_total"}
"""Every process that Prometheus' client libraries measure has these."""


def declared() -> set[str]:
    return {one.name for one in Metrics().registry.declared} | GIVEN


def check(*arguments: str) -> str:
    ran = subprocess.run([promtool(), *arguments], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.engines
def test_the_configuration_and_all_rules_are_well_formed() -> None:
    shown = check("check", "config", str(rules.FOLDER / "prometheus.yml"))
    assert f"SUCCESS: {len(rules.files())} rule files found" in shown
    check("check", "rules", "--lint=all", "--lint-fatal", *map(str, rules.files()))


@pytest.mark.engines
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.alert)
def test_an_alert_fires_and_is_silent_close_by(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "test.yml"
    path.write_text(written(case, fires=True))
    check("test", "rules", str(path))
    path.write_text(written(case, fires=False))
    check("test", "rules", str(path))


@pytest.mark.engines
def test_a_case_that_is_not_so_is_found(tmp_path: Path) -> None:
    """The tool is asked the right question: what fires is no silence, and silence is nothing that fires."""
    path = tmp_path / "test.yml"
    case = CASES[1]
    for wrong in (Case(case.alert, case.summary, case.quiet, case.quiet), Case(case.alert, "", case.fires, case.fires)):
        path.write_text(written(wrong, fires=True))
        ran = subprocess.run([promtool(), "test", "rules", str(path)], capture_output=True, text=True, check=False)
        assert ran.returncode != 0


def written(case: Case, *, fires: bool) -> str:
    """One test as the tool reads it, of the file the alert stands in."""
    rule = ALERTS[case.alert]
    said = {
        "exp_labels": {**rule.labels, **case.labels},
        "exp_annotations": {**rule.annotations, "summary": case.summary},
    }
    test: dict[str, Any] = {
        "evaluation_interval": case.every,
        "rule_files": [str(rules.FOLDER / "rules" / rule.file)],
        "tests": [
            {
                "interval": case.every,
                "input_series": [
                    {"series": name, "values": values} for name, values in (case.fires if fires else case.quiet).items()
                ],
                "alert_rule_test": [
                    {"eval_time": case.at, "alertname": case.alert, "exp_alerts": [said] if fires else []}
                ],
            }
        ],
    }
    text = StringIO()
    YAML(typ="safe").dump(test, text)
    return text.getvalue()


def test_every_alert_has_its_case() -> None:
    assert Counter(case.alert for case in CASES) == Counter(list(ALERTS))


def test_alerts_compute_nothing_themselves() -> None:
    assert all(rules.watched(rule.expr) for rule in ALERTS.values())


@pytest.mark.parametrize("expr", ["rate(a[5m]) > 1", "a > b", "a", "sum(a) == 0", "a > 1 and rate(b[1m]) > 0"])
def test_an_alert_that_computes_is_found(expr: str) -> None:
    with pytest.raises(ValueError, match="computes nothing"):
        rules.watched(expr)


def test_what_an_alert_watches_is_found() -> None:
    assert rules.watched('a:b > 1 and c{d="e, f"} offset 1w == 0') == ["a:b", 'c{d="e, f"}']


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rules_read_only_figures_we_declare(rule: rules.Rule) -> None:
    recorded = {one.name for one in RULES if not one.alerts}
    names = {SUFFIX.sub("", name) for name in SERIES.findall(re.sub(r"\w+:\w+:\w+", "", rule.expr))}
    assert names <= declared()
    assert set(re.findall(r"\w+:\w+:\w+", rule.expr)) <= recorded


@pytest.mark.parametrize("rule", ALERTS.values(), ids=lambda rule: rule.name)
def test_an_alert_has_all_that_whoever_is_woken_needs(rule: rules.Rule) -> None:
    assert rule.labels["severity"] in {"critical", "warning"}
    assert set(rule.annotations) == {"summary", "description", "runbook"}
    assert "{{" not in rule.annotations["description"]
    path, _, anchor = rule.annotations["runbook"].partition("#")
    assert (path, anchor) == ("deploy/RUNBOOK.md", rule.name.lower())


def test_the_runbook_tells_of_every_alert_and_of_no_other_what_to_look_at_and_what_to_do() -> None:
    sections = re.split(r"^### ", RUNBOOK.read_text("utf-8"), flags=re.MULTILINE)[1:]
    assert sorted(section.split("\n", 1)[0] for section in sections) == sorted(ALERTS)
    for section in sections:
        assert re.search(r"^Look: .+^Do: ", section, re.MULTILINE | re.DOTALL), section


def test_nobody_is_missed_where_partitions_are_counted() -> None:
    """The list in the rule is that of all consumers whose partitions are shared out."""
    rule = next(one for one in RULES if one.name == "consumer:sanad_unattended_partitions:count")
    listed = set(re.findall(r'"consumer", "([^"]+)"', rule.expr))
    assert listed == consumers()


def consumers() -> set[str]:
    """The names of all consumers, as the services' wiring says them."""
    named = re.compile(r'(?:Consumer|Projection)\(\s*"([a-z.-]+)"([^)]*)')
    found = {
        name
        for source in product()
        if source.path.startswith(tuple(f"services/{service}/" for service in NAMES))
        for name, rest in named.findall(source.text)
        if "everywhere=True" not in rest
    }
    return found | {"sla"}
