"""The file of an export: whole under its name, or not there at all."""

import gc
import sys
from pathlib import Path

import pytest

from services.verbs.moving.archive import Writing, members


@pytest.mark.parametrize("name", ["desk.tar", "desk.tar.gz"])
def test_what_was_written_is_read(tmp_path: Path, name: str) -> None:
    writing = Writing(tmp_path / name)
    writing.add("facts", b"a" * 100_000)
    writing.finish({})
    assert [member for member, _ in members(tmp_path / name)] == ["format.json", "facts", "manifest.json"]


@pytest.mark.parametrize("name", ["desk.tar", "desk.tar.gz"])
def test_what_is_abandoned_leaves_nothing_and_says_nothing(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    writing = Writing(tmp_path / name)
    writing.add("facts", b"a" * 100_000)
    writing.abandon()
    del writing
    gc.collect()
    assert told == []
    assert [*tmp_path.iterdir()] == []
