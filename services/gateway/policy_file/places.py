"""Reading the file's structure: where everything stands, and what a policy file may not contain."""

from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from services.gateway.policy_file.cleverness import find_cleverness
from services.gateway.policy_file.findings import Finding, PolicyErrors, Steps, spell

MOST_BYTES = 256 * 1024
"""A policy travels in one command."""
DEEPEST = 20
Place = tuple[int, int]


@dataclass(slots=True)
class _Level:
    steps: Steps
    mapping: bool
    keys: set[str] = field(default_factory=set)
    key: str | None = None
    count: int = 0


class Places:
    """Line and column (from 1) of every value, and of every key where the key is what is wrong."""

    def __init__(self) -> None:
        self.values: dict[Steps, Place] = {}
        self.keys: dict[Steps, Place] = {}
        self.findings: list[Finding] = []
        self.safe = True
        """Nothing in the file could unfold into more than is written, or can't be read at all."""
        self._open: list[_Level] = []

    def of(self, steps: Steps, *, key: bool = False) -> Place:
        """The place of the value, or of the nearest thing above it that is in the file."""
        if key and steps in self.keys:
            return self.keys[steps]
        while steps and steps not in self.values:
            steps = steps[:-1]
        return self.values.get(steps, (1, 1))

    def find(self, place: Place, steps: Steps, wrong: str, fix: str) -> None:
        self.findings.append(Finding(*place, spell(steps), wrong, fix))

    def take(self, event: Any) -> None:
        """Follow one parser event; the events come in the order of the file."""
        if isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            self._open.pop()
            return
        if isinstance(event, DocumentStartEvent):
            self._begin(event)
        if not isinstance(event, (AliasEvent, ScalarEvent, MappingStartEvent, SequenceStartEvent)):
            return
        place = (event.start_mark.line + 1, event.start_mark.column + 1)
        level = self._open[-1] if self._open else None
        if level and level.mapping and level.key is None:
            self._take_key(event, level, place)
            return
        steps = self._step(level)
        self.values[steps] = place
        self._refuse_cleverness(event, place, steps)
        if isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            self._descend(_Level(steps, isinstance(event, MappingStartEvent)), place)

    def _begin(self, document: Any) -> None:
        if self.values:
            place = (document.start_mark.line + 1, document.start_mark.column + 1)
            self.find(place, (), "a second document begins here", "write one policy a file")
            self.safe = False

    def _take_key(self, event: Any, level: _Level, place: Place) -> None:
        steps = (*level.steps, str(getattr(event, "value", "?")))
        if not isinstance(event, ScalarEvent):
            raise PolicyErrors(
                [Finding(*place, spell(level.steps), "a key must be a plain word", "write a name, then a colon")]
            )
        self._refuse_cleverness(event, place, steps)
        if event.value in level.keys:
            self.find(place, steps, f"the key {event.value!r} stands here twice", "keep one of the two")
        level.keys.add(event.value)
        level.key = event.value
        self.keys[steps] = place

    def _step(self, level: _Level | None) -> Steps:
        if level is None:
            return ()
        if level.mapping:
            key, level.key = level.key, None
            return (*level.steps, str(key))
        level.count += 1
        return (*level.steps, level.count - 1)

    def _descend(self, level: _Level, place: Place) -> None:
        self._open.append(level)
        if len(self._open) > DEEPEST:
            wrong = f"this is nested more than {DEEPEST} levels deep"
            raise PolicyErrors([Finding(*place, spell(level.steps[:4]), wrong, "no section of a policy needs that")])

    def _refuse_cleverness(self, event: Any, place: Place, steps: Steps) -> None:
        refused = find_cleverness(event)
        if refused is not None:
            self.safe = False
            self.find(place, steps, *refused)


def survey_places(text: str) -> Places:
    """Walk the whole file once. Raises PolicyErrors where it is too large, too deep or no YAML at all."""
    if len(text.encode()) > MOST_BYTES:
        wrong = f"this file is larger than {MOST_BYTES // 1024} KiB"
        raise PolicyErrors([Finding(1, 1, "", wrong, "move people and data out of it")])
    places = Places()
    try:
        for event in YAML(typ="rt", pure=True).parse(text):
            places.take(event)
    except MarkedYAMLError as broken:
        mark = broken.problem_mark or broken.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        wrong = f"this is not valid YAML ({broken.problem or broken.context})"
        raise PolicyErrors(
            [*places.findings, Finding(place[0], place[1], "", wrong, "check quotes, colons and indentation")]
        ) from None
    except PolicyErrors:
        raise
    except (YAMLError, ValueError, RecursionError) as broken:
        wrong = f"this is not valid YAML ({type(broken).__name__})"
        raise PolicyErrors([Finding(1, 1, "", wrong, "check for control characters and the file's encoding")]) from None
    return places
