"""The generated contracts are those in the repository; what would break a released one is refused."""

import copy
import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import canonical, canonicalize

from services.verbs.contract_files.asyncapi import document
from services.verbs.contract_files.compatibility import breaks
from services.verbs.contract_files.registry import CONTRACTS
from services.verbs.contract_files.release import (
    ASYNCAPI,
    RELEASED,
    ROOT,
    Incompatible,
    released,
    texts,
    write_contracts,
)
from services.verbs.contract_files.schemas import schemas
from tests.contracts.golden_records import read_golden

Schema = dict[str, Any]
REGENERATE = "run `python -m services contracts` and commit what it writes"
COVERED = canonical.Containment.YES
TEXTS = texts()
CURRENT = schemas()


@pytest.mark.parametrize("path", TEXTS)
def test_what_is_generated_is_what_is_committed(path: str) -> None:
    assert (ROOT / path).exists(), REGENERATE
    assert (ROOT / path).read_text("utf-8") == TEXTS[path], REGENERATE


def test_no_released_schema_was_ever_taken_away() -> None:
    listed = ["git", "log", "--diff-filter=D", "--name-only", "--format=", "--", RELEASED]
    assert subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout == ""


@pytest.mark.parametrize("wire_type", CONTRACTS)
def test_a_schema_is_sound_and_takes_its_example_and_its_golden_record(wire_type: str) -> None:
    schema = CURRENT[wire_type]
    assert jsonschema_rs.meta.is_valid(schema)
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert [error for example in schema["examples"] for error in validator.iter_errors(example)] == []
    assert list(validator.iter_errors(json.loads(read_golden(wire_type).value))) == []


@pytest.mark.parametrize("wire_type", CONTRACTS)
def test_a_schema_says_who_where_and_how(wire_type: str) -> None:
    schema = CURRENT[wire_type]
    assert schema["description"]
    assert schema["x-topic"].startswith("sanad.")
    assert schema["x-writers"]
    assert schema["x-readers"]


@pytest.mark.parametrize("wire_type", CONTRACTS)
def test_every_current_schema_is_compatible_with_the_released_one(wire_type: str) -> None:
    assert breaks(released()[wire_type], CURRENT[wire_type]) == []


PLAIN: Schema = {
    "type": "object",
    "properties": {
        "ticket": {"type": "string", "maxLength": 128},
        "cycle": {"type": "integer", "minimum": 1},
        "cause": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "kind": {"enum": ["a", "b"], "type": "string"},
        "skills": {"type": "array", "items": {"$ref": "#/$defs/Skill"}},
    },
    "required": ["ticket", "cycle", "kind"],
    "$defs": {"Skill": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}},
}


def changed(*steps: str, to: Any) -> Schema:
    schema = copy.deepcopy(PLAIN)
    target: Any = schema
    for step in steps[:-1]:
        target = target[step]
    target[steps[-1]] = to
    return schema


def as_written(schema: Schema) -> Schema:
    """Our writers send declared fields only: what an old record can be is narrower than what was taken."""
    return {**schema, "additionalProperties": False}


INCOMPATIBLE = {
    "a field becomes required": changed("required", to=["ticket", "cycle", "kind", "cause"]),
    "a required field becomes optional": changed("required", to=["ticket", "kind"]),
    "another type": changed("properties", "cycle", to={"type": "string"}),
    "a tighter bound": changed("properties", "cycle", to={"type": "integer", "minimum": 2}),
    "a new bound": changed("properties", "cycle", to={"type": "integer", "minimum": 1, "maximum": 9}),
    "a shorter text": changed("properties", "ticket", to={"type": "string", "maxLength": 64}),
    "fewer values": changed("properties", "kind", to={"enum": ["a"], "type": "string"}),
    "null is no longer taken": changed("properties", "cause", to={"type": "string"}),
    "a part demands more": changed("$defs", "Skill", "required", to=["id", "level"]),
    "a new pattern": changed("properties", "ticket", to={"type": "string", "maxLength": 128, "pattern": "^T"}),
    "nothing else is taken": changed("additionalProperties", to=False),
}
COMPATIBLE = {
    "nothing": PLAIN,
    "a new optional field": changed("properties", "note", to={"type": "string"}),
    "a wider bound": changed("properties", "cycle", to={"type": "integer", "minimum": 0}),
    "a longer text": changed("properties", "ticket", to={"type": "string", "maxLength": 256}),
    "more values": changed("properties", "kind", to={"enum": ["a", "b", "c"], "type": "string"}),
    "a number instead of an integer": changed("properties", "cycle", to={"type": "number", "minimum": 1}),
    "one more kind of value": changed(
        "properties", "cause", to={"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}
    ),
    "an optional field is no longer read": changed("properties", "cause", to={}),
}


@pytest.mark.parametrize("change", INCOMPATIBLE)
def test_an_incompatible_change_is_refused(change: str) -> None:
    assert breaks(PLAIN, INCOMPATIBLE[change])


@pytest.mark.parametrize("change", COMPATIBLE)
def test_a_compatible_change_is_allowed_and_an_independent_judge_agrees(change: str) -> None:
    assert breaks(PLAIN, COMPATIBLE[change]) == []
    assert canonicalize(COMPATIBLE[change]).covers(canonicalize(as_written(PLAIN))) == COVERED


@given(st.sampled_from(sorted(INCOMPATIBLE)), st.sampled_from(sorted(COMPATIBLE)))
def test_one_break_among_harmless_changes_is_still_found(broken: str, harmless: str) -> None:
    merged = {**COMPATIBLE[harmless], **{k: v for k, v in INCOMPATIBLE[broken].items() if v != PLAIN.get(k)}}
    assert breaks(PLAIN, merged)


def test_an_incompatible_contract_is_not_written(tmp_path: Path) -> None:
    (tmp_path / RELEASED).mkdir(parents=True)
    file = tmp_path / RELEASED / "sanad.work.take.v1.json"
    former = copy.deepcopy(CURRENT["sanad.work.take.v1"])
    former["required"].append("urgency")
    file.write_text(json.dumps(former), "utf-8")
    with pytest.raises(Incompatible, match="urgency"):
        write_contracts(tmp_path)
    assert json.loads(file.read_text("utf-8")) == former


@pytest.mark.slow
def test_a_second_generation_writes_nothing(tmp_path: Path) -> None:
    assert len(write_contracts(tmp_path)) == len(CONTRACTS) + 1
    assert write_contracts(tmp_path) == []


def references(tree: Any) -> list[str]:
    if isinstance(tree, dict):
        own = [tree["$ref"]] if "$ref" in tree else []
        return own + [found for value in tree.values() for found in references(value)]
    return [found for value in tree for found in references(value)] if isinstance(tree, list) else []


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    tree = document()
    for reference in references(tree):
        if reference.startswith("#/"):
            target: Any = tree
            for step in reference.removeprefix("#/").split("/"):
                target = target[step]
            assert target
        else:
            assert ((ROOT / ASYNCAPI).parent / reference).resolve().exists()


def test_every_type_is_in_one_channel_with_senders_and_receivers() -> None:
    tree = document()
    channels = [name for channel in tree["channels"].values() for name in channel["messages"]]
    assert sorted(channels) == sorted(tree["components"]["messages"])
    for action in ("send", "receive"):
        used = {
            message["$ref"].rsplit("/", 1)[1]
            for operation in tree["operations"].values()
            if operation["action"] == action
            for message in operation["messages"]
        }
        assert used == set(channels)
