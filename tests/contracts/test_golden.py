"""Records as they were first released stay readable and mean the same."""

import json
from typing import Any

import pytest

from services.verbs.contract_files.examples import example_envelope
from services.verbs.contract_files.registry import CONTRACTS
from shared.catalogue.codec import decode
from shared.catalogue.envelope import TYPES
from tests.contracts.golden_records import FOLDER, current, path_of, read_golden, write_golden

MISSING = "run `python -m tests.contracts.golden_records` and commit what it writes"


def holds(whole: Any, part: Any) -> bool:
    """Everything of `part` is in `whole`: later versions may add fields, never lose or change one."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(name in whole and holds(whole[name], part[name]) for name in part)
    if isinstance(part, list):
        return isinstance(whole, list) and len(whole) == len(part) and all(map(holds, whole, part))
    return bool(whole == part)


@pytest.mark.parametrize("wire_type", CONTRACTS)
def test_every_type_has_its_golden_record(wire_type: str) -> None:
    assert path_of(wire_type).exists(), MISSING


@pytest.mark.parametrize("wire_type", CONTRACTS)
def test_a_golden_record_is_still_read_whole(wire_type: str) -> None:
    record = read_golden(wire_type)
    again = json.loads(write_golden(_encoded_again(wire_type)))
    assert holds(again["value"], json.loads(record.value))
    assert holds(again["headers"], {name: value.decode() for name, value in record.headers})


def _encoded_again(wire_type: str) -> Any:
    from shared.catalogue.codec import encode

    return encode(decode(read_golden(wire_type)), CONTRACTS[wire_type].topic.name, 0)


@pytest.mark.parametrize("wire_type", CONTRACTS)
def test_todays_records_hold_all_the_golden_ones_held(wire_type: str) -> None:
    assert holds(json.loads(current(wire_type).value), json.loads(read_golden(wire_type).value))


@pytest.mark.parametrize("wire_type", CONTRACTS)
def test_an_example_survives_the_wire(wire_type: str) -> None:
    from shared.broker import Record

    out = current(wire_type)
    record = Record(out.topic, 0, 0, 0, out.key, out.value, out.headers)
    assert decode(record) == example_envelope(wire_type)


def test_no_golden_record_is_of_an_unknown_type() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == sorted(TYPES)


def test_a_lost_field_would_be_noticed() -> None:
    assert not holds({"ticket": "a"}, {"ticket": "a", "epoch": 1})
    assert not holds({"ticket": "b"}, {"ticket": "a"})
    assert holds({"ticket": "a", "new": 1}, {"ticket": "a"})
    assert holds([{"ticket": "a", "new": 1}], [{"ticket": "a"}])
    assert not holds([{"ticket": "a"}], [])
