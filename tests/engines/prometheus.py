"""A Prometheus of the tests' own, and what tests ask it. Without Debian's package they are skipped, and the end of the run
says so; with SANAD_ENGINES=required they fail instead."""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from deploy.engines import prometheus
from tests.engines.kafka import need, quiet

Sample = tuple[Mapping[str, str], float]


class Asked:
    """A running server, by its HTTP interface."""

    def __init__(self, address: str) -> None:
        self._client = httpx2.Client(base_url=address, timeout=30)

    def query(self, expr: str) -> list[Sample]:
        """All samples of an expression now. Raises AssertionError with what the server says against it."""
        answer = self._get("/api/v1/query", {"query": expr})
        if answer["resultType"] == "scalar":
            return [({}, float(answer["result"][1]))]
        return [(one["metric"], float(one["value"][1])) for one in answer["result"]]

    def unwell(self) -> list[str]:
        """Rules that could not be evaluated, with the reason."""
        groups = self._get("/api/v1/rules", {})["groups"]
        return [
            f"{rule['name']}: {rule['lastError']}"
            for group in groups
            for rule in group["rules"]
            if rule.get("lastError")
        ]

    def down(self) -> list[str]:
        """Targets that do not answer, with the reason."""
        targets = self._get("/api/v1/targets", {"state": "active"})["activeTargets"]
        return [f"{one['scrapeUrl']}: {one['lastError']}" for one in targets if one["health"] == "down"]

    def series(self) -> set[str]:
        """The names of all series there are."""
        return set(self._get("/api/v1/label/__name__/values", {}))

    def _get(self, path: str, query: Mapping[str, str]) -> Any:
        answer = self._client.get(path, params=dict(query)).json()
        assert answer["status"] == "success", f"{query}: {answer.get('error')}"
        return answer["data"]

    def close(self) -> None:
        self._client.close()


def promtool() -> str:
    """The tool. Skips or fails the asking test where there is none."""
    need_prometheus()
    return prometheus.TOOL


def need_prometheus() -> None:
    """Skip, or fail where engines are required, on a machine without Prometheus."""
    need(prometheus.missing())


@contextmanager
def looking_at(targets: Mapping[str, Sequence[str]]) -> Iterator[Asked]:
    """A server that scrapes these processes with our rules, while the block runs."""
    need_prometheus()
    with tempfile.TemporaryDirectory(prefix="sanad-prometheus-") as scratch:
        server = prometheus.start(Path(scratch), quiet, targets)
        asked = Asked(server.address)
        try:
            yield asked
        finally:
            asked.close()
            server.stop()


def host_and_port(address: str) -> str:
    """Of an http address."""
    return re.sub(r"^https?://", "", address)
