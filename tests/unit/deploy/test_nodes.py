"""What a Kafka on this machine is: as many nodes as its folder holds, and a name its own tools can read."""

from pathlib import Path
from uuid import UUID

import pytest

from deploy.engines.kafka import check_nodes, new_identity
from deploy.engines.running import EngineFailed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for node in range(3):
        place = tmp_path / f"node{node}" / "log" / "meta.properties"
        place.parent.mkdir(parents=True)
        place.touch()
    return tmp_path


def test_a_new_one_has_one_node_unless_more_are_asked(tmp_path: Path) -> None:
    assert [check_nodes(tmp_path, None), check_nodes(tmp_path, 3)] == [1, 3]


def test_one_that_is_there_comes_back_as_it_was(folder: Path) -> None:
    assert [check_nodes(folder, None), check_nodes(folder, 3)] == [3, 3]


def test_one_that_is_there_does_not_become_another(folder: Path) -> None:
    with pytest.raises(EngineFailed, match=r"holds a Kafka of 3 nodes, which cannot become 1.*FORGET"):
        check_nodes(folder, 1)


def test_a_name_that_looks_like_an_option_is_drawn_again() -> None:
    drawn = iter((UUID(int=0xFB << 120), UUID(int=0xF8 << 120), UUID(int=1)))
    assert new_identity(lambda: next(drawn)) == "A" * 20 + "AQ"
