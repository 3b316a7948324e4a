"""JSON Schema 2020-12 of every type, generated from the models, which are the source."""

import json
from typing import Any

from services.verbs.contract_files.examples import example
from services.verbs.contract_files.registry import CONTRACTS, Contract

Schema = dict[str, Any]


def schema_of(contract: Contract) -> Schema:
    """The schema of a type's body, and beside it who writes and reads it, where, for how long, and one example."""
    body = contract.body
    schema: Schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:sanad:schema:{body.TYPE}",
        **body.model_json_schema(mode="validation"),
    }
    schema["x-topic"] = contract.topic.name
    schema["x-writers"] = list(contract.writers)
    schema["x-readers"] = list(contract.readers)
    schema["x-subject"] = f"{body.SUBJECT[0]}/{{{body.SUBJECT[1]}}}"
    schema["examples"] = [example(body.TYPE).model_dump(mode="json", exclude_none=True)]
    return schema


def schemas() -> dict[str, Schema]:
    """All of them by type."""
    return {wire_type: schema_of(contract) for wire_type, contract in CONTRACTS.items()}


def write_schema(schema: Schema) -> str:
    """As it lies in the repository: one key a line, Arabic readable."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
