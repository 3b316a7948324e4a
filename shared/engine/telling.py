"""What the log is told when something ends the process."""

from typing import Any

from shared.broker import NotLetIn, WrongLog
from shared.catalogue.codec import UnknownType
from shared.checkpoints import NewerCheckpoint, TornCheckpoint
from shared.engine.health import Stalled
from shared.fold import Gap, Spoiled
from shared.logs import place
from shared.worker import LogTruncated

OURS = (Gap, Spoiled, LogTruncated, NewerCheckpoint, TornCheckpoint, UnknownType, Stalled, WrongLog, NotLetIn)
"""Their messages are made of our own words, ids and offsets; any other message may quote a customer."""


def tell_failure(log: Any, name: str, fault: BaseException) -> None:
    """Which part failed, how, and where in the code."""
    reason = {"reason": str(fault)} if isinstance(fault, OURS) else {}
    alarm = "a gap in the log" if isinstance(fault, Gap) else "a part of the process failed"
    log.error(alarm, consumer=name, error=type(fault).__name__, where=place(fault), **reason)
