"""Whether a changed schema still reads every record of the old one, and is still read by readers of the old one."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

AT_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems")
AT_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
SAME = ("type", "pattern", "format", "const")


def breaks(old: Schema, new: Schema) -> list[str]:
    """What is incompatible, one sentence each with its path; empty: the change may be released.

    Allowed are new optional fields, wider ranges and sets, and fields nobody had to send that are no longer read.
    """
    return list(_breaks(old, new, old, new, "$"))


def _breaks(old: Schema, new: Schema, old_root: Schema, new_root: Schema, path: str) -> Iterator[str]:
    old, new = _resolve(old, old_root), _resolve(new, new_root)
    if not new or old == new == {}:
        return
    branches = _branches(old), _branches(new)
    if max(map(len, branches)) > 1:
        for branch in branches[0]:
            if all(list(_breaks(branch, other, old_root, new_root, path)) for other in branches[1]):
                yield f"{path}: {branch.get('type', branch.get('$ref', 'a value'))} is no longer taken"
        return
    old, new = branches[0][0], branches[1][0]
    yield from _value_breaks(old, new, path)
    yield from _object_breaks(old, new, old_root, new_root, path)
    for key in ("items", "additionalProperties"):
        if isinstance(old.get(key), dict) and isinstance(new.get(key), dict):
            yield from _breaks(old[key], new[key], old_root, new_root, f"{path}.{key}")
        elif new.get(key) not in (None, True) and old.get(key) != new.get(key):
            yield f"{path}: {key} is narrower"


def _value_breaks(old: Schema, new: Schema, path: str) -> Iterator[str]:
    for key in SAME:
        if key in new and old.get(key) != new[key] and (old.get(key), new[key]) != ("integer", "number"):
            yield f"{path}: {key} was {old.get(key)}, is {new[key]}"
    if "enum" in new and not set(old.get("enum", [old.get("const")])) <= set(new["enum"]):
        yield f"{path}: fewer values are taken"
    for key in (*AT_LEAST, *AT_MOST):
        if key in new and (key not in old or (old[key] < new[key] if key in AT_LEAST else old[key] > new[key])):
            yield f"{path}: {key} was {old.get(key)}, is {new[key]}"


def _object_breaks(old: Schema, new: Schema, old_root: Schema, new_root: Schema, path: str) -> Iterator[str]:
    required = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(required[1] - required[0]):
        yield f"{path}.{name}: old records need not have it, new readers demand it"
    for name in sorted(required[0] - required[1]):
        yield f"{path}.{name}: old readers demand it, new records need not have it"
    former, fields = old.get("properties", {}), new.get("properties", {})
    for name in former.keys() & fields.keys():
        yield from _breaks(former[name], fields[name], old_root, new_root, f"{path}.{name}")


def _branches(schema: Schema) -> list[Schema]:
    return list(schema.get("anyOf", [schema]))


def _resolve(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = target
    return schema
