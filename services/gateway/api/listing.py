"""Query parameters all lists share, and what a wrong cursor is answered."""

from typing import Annotated

from fastapi import Path, Query

from shared.http import Problem

After = Annotated[str | None, Query(max_length=2_048, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200)]
One = Annotated[str | None, Query(min_length=1, max_length=128)]
PathId = Annotated[str, Path(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]


def wrong_cursor() -> Problem:
    return Problem(400, "wrong_cursor", "This cursor is not one of this list.")


def missing(what: str) -> Problem:
    return Problem(404, f"no_such_{what}", "There is no such thing on this desk.")
