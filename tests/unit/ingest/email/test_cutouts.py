import pytest

from services.ingest.channels.email.cutouts import SHORTEST, cut_out

LINE = b"QUJD" * 19 + b"\r\n"


def run(length: int) -> bytes:
    """Base64 in lines, so long in all."""
    return (LINE * (length // len(LINE) + 1))[:length]


def put_back(raw: bytes) -> bytes:
    slim, cutouts = cut_out(raw)
    for label, piece in cutouts.pieces.items():
        assert slim.count(label) == 1
        slim = slim.replace(label, bytes(piece))
    return slim


@pytest.mark.parametrize("before", [0, 1, 77, SHORTEST // 2 - 1, SHORTEST // 2, SHORTEST - 3, SHORTEST, 3 * SHORTEST])
@pytest.mark.parametrize("length", [SHORTEST, SHORTEST + 1, 3 * SHORTEST // 2, 5 * SHORTEST + 11])
def test_a_long_run_is_cut_out_wherever_it_lies(before: int, length: int) -> None:
    raw = b"-" * before + b": -\r\n\r\n" + run(length) + b"\r\n--edge"
    slim, cutouts = cut_out(raw)
    assert len(cutouts.pieces) == 1
    assert len(slim) < before + 100
    assert put_back(raw) == raw


@pytest.mark.parametrize("before", [0, 1, 77, SHORTEST // 2, SHORTEST - 3])
def test_runs_that_are_not_long_stay(before: int) -> None:
    raw = b"-" * before + (b": -" + run(SHORTEST - 1)) * 5 + b"--edge"
    assert cut_out(raw)[0] == raw


def test_every_long_run_is_cut_out() -> None:
    raw = (b"Content: -\r\n\r\n" + run(SHORTEST * 2) + b"\r\n--edge\r\n") * 7
    slim, cutouts = cut_out(raw)
    assert len(cutouts.pieces) == 7
    assert len(slim) < 1_000
    assert put_back(raw) == raw
