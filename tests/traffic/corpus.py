"""Real messages, read from beside the repository; nothing of their text is kept in it."""

import csv
import random
from dataclasses import dataclass
from pathlib import Path

MESSAGES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "messages"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a customer wrote, in which language, and what somebody later said it was about."""

    text: str
    language: str
    label: str


def is_there() -> bool:
    return MESSAGES.exists()


def wordings(seed: int, count: int) -> list[Wording]:
    """Half English, half Arabic, the same ones for the same seed."""
    draw = random.Random(seed)
    english = _read("banking77_en_train.csv", "text", "category", "en")
    arabic = _read("arbanking77_train.csv", "text", "label", "ar")
    drawn = draw.sample(english, count // 2) + draw.sample(arabic, count - count // 2)
    draw.shuffle(drawn)
    return drawn


def _read(name: str, text: str, label: str, language: str) -> list[Wording]:
    with (MESSAGES / name).open(encoding="utf-8", newline="") as file:
        return [Wording(" ".join(row[text].split()), language, row[label]) for row in csv.DictReader(file)]
