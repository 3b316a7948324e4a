"""What a service is made of, and what it is given. `engine` runs it; a service itself starts nothing."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.blobs import Blobs
from shared.broker import Broker
from shared.catalogue.values import Principal
from shared.checkpoints import Checkpoints
from shared.clock import Clock
from shared.dead_letters import DeadLetters
from shared.documents import Documents
from shared.fold import Fold
from shared.metrics import Metrics
from shared.metrics.consumers import Watch
from shared.moves import Seals
from shared.secrets import Secrets
from shared.settings import Settings
from shared.turns import Turns


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside that a service may touch.

    `made_before` says how many deliveries a desk had made when it came here from another installation.
    """

    broker: Broker
    documents: Documents
    checkpoints: Checkpoints
    blobs: Blobs
    dead_letters: DeadLetters
    clock: Clock
    metrics: Metrics
    settings: Settings
    secrets: Secrets
    seals: Seals
    turns: Turns = field(default_factory=Turns)
    made_before: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Consumer:
    """One fold per partition of a topic. `name` also names its checkpoints, so it never changes.

    `watch` is told of live records once their outputs are acknowledged: the place to count what happens. Who `beats`
    runs at most every 20 ms (less often where its store is slow), together with all others that do; nothing that others
    wait for may be late by a beat each.
    What is read `everywhere` is read whole by every process of the service; all else is shared out among them.
    """

    name: str
    topic: str
    fold: Callable[[int], Fold]
    watch: Watch | None = None
    beats: bool = False
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Loop:
    """Work beside the logs (listeners, senders): runs until it is cancelled, then cleans up; an error ends the process.

    What runs `everywhere` is needed by the service's routes, in whatever process they are served.
    """

    name: str
    run: Callable[[], Coroutine[Any, Any, None]]
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """What `services/<name>/app.py` builds. `routes` are FastAPI routers, served by whoever owns the HTTP door.

    `judge` is brought by the service that keeps accounts: for all routes it finds who asks (`shared.http.caller`).
    """

    name: str
    consumers: tuple[Consumer, ...] = ()
    loops: tuple[Loop, ...] = ()
    routes: tuple[Any, ...] = ()
    judge: Callable[[Any, str], Awaitable[Principal]] | None = None
