"""A breaker per channel account: after some failures in a row nothing is sent for a while, then one delivery tries."""

from dataclasses import dataclass

from shared.clock import MINUTE, SECOND, Clock, Ms

FAILURES = 5
FIRST_PAUSE: Ms = 30 * SECOND
LONGEST_PAUSE: Ms = 10 * MINUTE


@dataclass(slots=True)
class Circuit:
    """One account's recent luck. `shut_until` is 0 while everything works."""

    failures: int = 0
    pause: Ms = FIRST_PAUSE
    shut_until: Ms = 0
    trying: bool = False


class Breakers:
    """In this process's memory: every process finds out for itself, and forgets at a restart."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._circuits: dict[tuple[str, str], Circuit] = {}

    def enter(self, desk: str, account: str) -> Ms:
        """0: send, and tell how it went. Else how long to leave this account alone."""
        circuit = self._circuits.get((desk, account))
        if circuit is None or not circuit.shut_until:
            return 0
        rest = circuit.shut_until - self._clock.monotonic()
        if rest <= 0 and not circuit.trying:
            circuit.trying = True
            return 0
        return max(rest, SECOND)

    def shut(self, desk: str) -> int:
        """How many of its accounts are left alone until the other side has answered once."""
        return sum(at == desk and circuit.shut_until > 0 for (at, _), circuit in self._circuits.items())

    def worked(self, desk: str, account: str) -> None:
        """The other side answered, whatever it said."""
        self._circuits.pop((desk, account), None)

    def failed(self, desk: str, account: str) -> None:
        """It did not answer, or asked to be left alone."""
        circuit, now = self._circuits.setdefault((desk, account), Circuit()), self._clock.monotonic()
        circuit.failures += 1
        # those that were under way together when it broke fail together: that is one failure, not many
        if circuit.failures >= FAILURES and circuit.shut_until <= now:
            circuit.shut_until = now + circuit.pause
            circuit.pause, circuit.trying = min(2 * circuit.pause, LONGEST_PAUSE), False

    def left(self, desk: str, account: str) -> None:
        """The one that was to try did not come to it: another one may."""
        if circuit := self._circuits.get((desk, account)):
            circuit.trying = False
