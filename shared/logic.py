"""What a deciding service is made of: its rules as functions, and a desk's place in the logs (design: R2, R5)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import Fact
from shared.catalogue.topics import Topic
from shared.clock import Ms
from shared.emissions import Emission
from shared.tables import Table


class State(Protocol):
    """One desk, as one service sees it. It must survive `rest`/`restore` and its tables' save unchanged."""

    def tables(self) -> Mapping[str, Table[Any]]:
        """What is large, by name."""

    def rest(self) -> dict[str, Any]:
        """Everything else, as JSON; called at every save, so small."""

    def restore(self, rest: dict[str, Any]) -> None:
        """Take `rest` in, after the tables, and derive what is not saved."""


S = TypeVar("S", bound=State)


@dataclass(frozen=True, slots=True)
class Logic(Generic[S]):
    """What a deciding service is: its rules as functions.

    `decide` yields emissions lazily; every fact is given to `evolve` before the next line of `decide` runs.
    `broken` says what to emit for a record whose rule fails; `counts` is the fact that accompanies each delivery.
    `folds_own` tells how a lost checkpoint is made good: from the own facts (their input is kept only for days), or by
    deciding the whole input again.
    """

    source: str
    topic: Topic
    open: Callable[[str, str], S]
    decide: Callable[[S, Envelope, Ms], Iterator[Emission]]
    evolve: Callable[[S, Fact, Ms], None]
    next_timer: Callable[[S], Ms | None]
    broken: Callable[[S, Envelope], Iterator[Emission]]
    folds_own: bool = False
    counts: type[Fact] | None = None


@dataclass(slots=True)
class Line(Generic[S]):
    """A desk's place in the logs: its time, how many records it has written and read."""

    desk: str
    organisation: str
    state: S
    time: Ms = 0
    seq: int = 0
    delivered: int = 0
    mark: int = 0
    taken: int = 0
    """Records since the process began."""
