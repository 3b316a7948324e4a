"""Where `export` and `import` look for the desk."""

from pathlib import Path

import pytest

from services.verbs.configured import read_settings
from services.verbs.moves import where_it_lives

ADDRESSES = {"SANAD_KAFKA_SERVERS": "kafka:9092", "SANAD_MONGO_URL": "mongodb://mongo:27017"}


@pytest.mark.parametrize(
    ("given", "engine"),
    [
        ({}, "embedded"),
        (ADDRESSES, "kafka"),
        ({"SANAD_KAFKA_SERVERS": "kafka:9092"}, "embedded"),
        ({**ADDRESSES, "SANAD_ENGINE": "embedded"}, "embedded"),
        ({**ADDRESSES, "SANAD_ENGINE": "kafka"}, "kafka"),
    ],
)
def test_a_desk_moves_from_where_its_services_run(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], engine: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert where_it_lives(read_settings()).engine == engine


def test_the_file_of_settings_counts_too(alone: Path) -> None:
    (alone / ".env").write_text("\n".join(f"{name}={value}" for name, value in ADDRESSES.items()))
    assert where_it_lives(read_settings()).engine == "kafka"
    with (alone / ".env").open("a") as file:
        file.write("\nSANAD_ENGINE=embedded\n")
    assert where_it_lives(read_settings()).engine == "embedded"
