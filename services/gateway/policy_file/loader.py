"""desk.yaml in, a compiled policy or everything that is wrong with it out."""

from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import YAMLError

from services.gateway.policy_file.checks import CHECKS
from services.gateway.policy_file.checks.names import Names
from services.gateway.policy_file.compiler import compile_policy
from services.gateway.policy_file.findings import Fault, Finding, PolicyErrors, spell
from services.gateway.policy_file.places import Places, survey_places
from services.gateway.policy_file.reading import read_file
from shared.clock import Ms, SystemClock
from shared.policy.policy import Policy


def load_policy(text: str, at: Ms | None = None) -> Policy:
    """Compile the text of a desk.yaml. `at` decides for which years zones and holidays are worked out (default: now).

    Raises PolicyErrors with every finding: line, column, path, what is wrong, how to put it right.
    """
    places = survey_places(text)
    raw = _read(text) if places.safe else None
    if not isinstance(raw, dict):
        raise PolicyErrors(
            places.findings or [Finding(1, 1, "", "this is no policy", "begin with desk: and its settings")]
        )
    names = Names(raw)
    file, faults = read_file(raw)
    if file:
        names.put_aside(faults)
        faults += [fault for check in CHECKS for fault in check(file, names)]
    findings = places.findings + [place_fault(fault, places) for fault in faults]
    if findings or file is None:
        raise PolicyErrors(findings)
    return compile_policy(file, SystemClock().now() if at is None else at)


def place_fault(fault: Fault, places: Places) -> Finding:
    """The place of the value, or of its name where that is what is wrong."""
    steps, at_key = fault.steps, fault.at_key
    if steps[-1:] == ("id",) and steps not in places.values:
        steps, at_key = steps[:-1], True
    line, column = places.of(steps, key=at_key)
    return Finding(line, column, spell(steps), fault.wrong, fault.fix)


class _Constructor(RoundTripConstructor):
    """Dates stay text, so that one that doesn't exist is a finding with a place like any other."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_yaml_str)


def _read(text: str) -> Any:
    yaml = YAML(typ="rt", pure=True)
    yaml.Constructor = _Constructor
    yaml.allow_duplicate_keys = True
    try:
        return _plain(yaml.load(text))
    except (YAMLError, ValueError) as broken:
        wrong = f"a value in this file can't be read ({type(broken).__name__})"
        raise PolicyErrors([Finding(1, 1, "", wrong, "look for numbers of many digits")]) from None


def _plain(value: Any) -> Any:
    """Without the round-trip wrappers; keys are text, as everywhere in a policy."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value
