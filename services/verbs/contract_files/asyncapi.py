"""The AsyncAPI 3.1 document: topics as channels, types as messages, services as those who send and receive."""

from io import StringIO
from typing import Any

from services.verbs.contract_files.registry import CONTRACTS, Contract
from services.verbs.contract_files.schemas import schema_of
from shared.catalogue.topics import TOPICS, Topic
from shared.clock import DAY

SCHEMAS = "../shared/catalogue/released"
ATTRIBUTES = {
    "ce_id": "Deterministic for facts: UUIDv5 of desk, topic and sequence.",
    "ce_source": "The service that wrote it.",
    "ce_type": "The type, with its version.",
    "ce_subject": "<kind>/<id> of what it is about.",
    "ce_time": "RFC 3339, UTC, milliseconds: the desk's time of a fact, the sender's clock of a command.",
    "ce_specversion": "1.0",
    "ce_organisation": "The tenant.",
    "ce_partitionkey": "The desk: unit of order, also the record's key.",
    "ce_correlationid": "The command that began it all.",
    "ce_causationid": "The record that caused this one.",
    "ce_sequence": "Dense per desk and topic, from 1. Not on commands.",
    "ce_position": "Offset of the input a fact comes from. Not on commands.",
    "ce_last": "1 on the final fact of its input. Not on commands.",
    "content-type": "application/json",
}
ALWAYS = [name for name in ATTRIBUTES if name not in ("ce_sequence", "ce_position", "ce_last")]

Tree = dict[str, Any]


def document() -> Tree:
    """The whole document as plain values."""
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Sanad",
            "version": "1.0.0",
            "description": "CloudEvents 1.0.2 in binary mode: attributes in record headers (ce_*), the body alone as "
            "JSON in the value. Every record is keyed by its desk. Unknown fields are ignored; an unknown type stops "
            "its reader.",
        },
        "defaultContentType": "application/json",
        "channels": {_key(topic.name): _channel(topic) for topic in TOPICS.values()},
        "operations": dict(sorted(_operations().items())),
        "components": {
            "messages": {_key(wire_type): _message(contract) for wire_type, contract in CONTRACTS.items()},
            "messageTraits": {"envelope": {"headers": _headers()}},
        },
    }


def _key(name: str) -> str:
    return name.removeprefix("sanad.").replace(".", "_")


def _channel(topic: Topic) -> Tree:
    own = [wire_type for wire_type, contract in CONTRACTS.items() if contract.topic is topic]
    kept = "for ever" if topic.kept is None else f"{topic.kept // DAY} days"
    return {
        "address": topic.name,
        "description": f"Holds {topic.holds}. Kept {kept}.",
        "messages": {_key(name): {"$ref": f"#/components/messages/{_key(name)}"} for name in own},
    }


def _operations() -> Tree:
    found: Tree = {}
    for wire_type, contract in CONTRACTS.items():
        channel = _key(contract.topic.name)
        for action, services in (("send", contract.writers), ("receive", contract.readers)):
            for service in services:
                operation = found.setdefault(
                    f"{service}_{action}s_{channel}",
                    {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "messages": []},
                )
                operation["messages"].append({"$ref": f"#/channels/{channel}/messages/{_key(wire_type)}"})
    return found


def _message(contract: Contract) -> Tree:
    body = contract.body
    schema = schema_of(contract)
    return {
        "name": body.TYPE,
        "title": body.__name__,
        "summary": " ".join((body.__doc__ or "").split()),
        "contentType": "application/json",
        "traits": [{"$ref": "#/components/messageTraits/envelope"}],
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"{SCHEMAS}/{body.TYPE}.json"},
        },
        "examples": [{"name": "full", "payload": example} for example in schema["examples"] if "policy" not in example],
    }


def _headers() -> Tree:
    return {
        "type": "object",
        "required": ALWAYS,
        "properties": {name: {"type": "string", "description": says} for name, says in ATTRIBUTES.items()},
    }


def write_document() -> str:
    """As it lies in the repository."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = StringIO()
    yaml.dump(document(), text)
    return "# Generated from shared/catalogue by `python -m services contracts`.\n" + text.getvalue()
