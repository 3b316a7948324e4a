"""One record per type as it was first released. `python -m tests.contracts.golden_records` writes those missing.

A file that is there is never rewritten: old records lie in logs for ever, and every later version must read them.
"""

import json
from pathlib import Path

from services.verbs.contract_files.examples import example_envelope
from services.verbs.contract_files.registry import CONTRACTS
from shared.broker import Outgoing, Record
from shared.catalogue.codec import encode

FOLDER = Path(__file__).parent / "golden"


def path_of(wire_type: str) -> Path:
    return FOLDER / f"{wire_type}.json"


def current(wire_type: str) -> Outgoing:
    return encode(example_envelope(wire_type), CONTRACTS[wire_type].topic.name, 0)


def write_golden(outgoing: Outgoing) -> str:
    content = {
        "topic": outgoing.topic,
        "key": outgoing.key.decode(),
        "headers": {name: value.decode() for name, value in outgoing.headers},
        "value": json.loads(outgoing.value),
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def read_golden(wire_type: str) -> Record:
    content = json.loads(path_of(wire_type).read_text("utf-8"))
    headers = tuple((name, value.encode()) for name, value in content["headers"].items())
    return Record(content["topic"], 0, 0, 0, content["key"].encode(), json.dumps(content["value"]).encode(), headers)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for wire_type in CONTRACTS:
        if not path_of(wire_type).exists():
            path_of(wire_type).write_text(write_golden(current(wire_type)), "utf-8")
            print("wrote", path_of(wire_type).name)


if __name__ == "__main__":
    main()
