"""Where the real material lies. It stays outside of the tree; without it the tests that need it skip loudly."""

from pathlib import Path

import pytest

MAIL = Path(__file__).parents[4].parent / "shared" / "data" / "mail"


def real_mail(folder: str) -> Path:
    path = MAIL / folder
    if not path.is_dir():
        pytest.skip(f"LOUD: {path} is absent, real mail was not tested")
    return path
