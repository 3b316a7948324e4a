"""Writes the generated contracts into the repository, unless they would break what was released."""

import json
from collections.abc import Mapping
from pathlib import Path

from services.verbs.contract_files.asyncapi import write_document
from services.verbs.contract_files.compatibility import breaks
from services.verbs.contract_files.schemas import Schema, schemas, write_schema

ROOT = Path(__file__).resolve().parents[3]
RELEASED = "shared/catalogue/released"
ASYNCAPI = "deploy/asyncapi.yaml"


class Incompatible(Exception):
    """Released types changed so that old records or old readers break: such a change is a new version of the type."""

    def __init__(self, broken: Mapping[str, list[str]]) -> None:
        super().__init__("; ".join(f"{name} {sentence}" for name, found in broken.items() for sentence in found))
        self.broken = broken


def released(root: Path = ROOT) -> dict[str, Schema]:
    """The schemas in the repository, by type, those of types no longer written among them."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((root / RELEASED).glob("*.json"))}


def broken_promises(former: Mapping[str, Schema], current: Mapping[str, Schema]) -> dict[str, list[str]]:
    """What the current schemas break, by type."""
    found = {name: breaks(former[name], schema) for name, schema in current.items() if name in former}
    return {name: sentences for name, sentences in found.items() if sentences}


def texts() -> dict[str, str]:
    """Every generated file by its path from the root."""
    files = {f"{RELEASED}/{name}.json": write_schema(schema) for name, schema in schemas().items()}
    return {**files, ASYNCAPI: write_document()}


def write_contracts(root: Path = ROOT, *, before_release: bool = False) -> list[str]:
    """Write what changed; returns its paths. Raises Incompatible and writes nothing.

    `before_release` skips that check, for types no log outside a developer's machine holds yet.
    """
    broken = {} if before_release else broken_promises(released(root), schemas())
    if broken:
        raise Incompatible(broken)
    changed = []
    for path, text in texts().items():
        file = root / path
        if not file.exists() or file.read_text("utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
            changed.append(path)
    return changed
