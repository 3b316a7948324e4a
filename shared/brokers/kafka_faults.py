"""What can be wrong with a cluster's log beyond being away for a while, and how its library's errors are told."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from aiokafka.errors import KafkaError

from shared.broker import BrokerUnavailable


@contextmanager
def told(what: str) -> Iterator[None]:
    """Errors of the library and of time become BrokerUnavailable. Their text stays out: it may quote a record."""
    try:
        yield
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerUnavailable(f"{what}: {type(error).__name__}") from error


async def ended(stopping: Coroutine[Any, Any, Any]) -> None:
    """Wait until a client has stopped, however: its library may raise its own cancellations at whoever stops it."""
    task = asyncio.create_task(stopping)
    await asyncio.wait([task])
    if not task.cancelled():
        task.exception()
