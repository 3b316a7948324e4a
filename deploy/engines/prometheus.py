"""A real Prometheus, as Debian packages it: scrapes the desk that runs, with the rules and the settings we ship."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.engines import children
from deploy.engines.children import Child, ChildFailed
from deploy.engines.ports import free_ports
from deploy.engines.running import EngineFailed, Running, Say

NAME = "prometheus"
TOOL = "promtool"
HOST = "127.0.0.1"
READY = r"Server is ready to receive web requests"
SHIPPED = Path(__file__).parents[1] / "prometheus"
FOUND = "    dns_sd_configs:\n"
"""Where the shipped settings begin to say how the desk's processes are found."""
OWN = "localhost:9090"
"""Where they say it looks at itself."""
TRIES = 3

Targets = Mapping[str, Sequence[str]]
"""Where each service's processes answer operators (host:port)."""


@dataclass(slots=True)
class Server:
    """One server."""

    address: str
    child: Child

    def stop(self) -> None:
        """End it. Idempotent."""
        children.stop(self.child)

    def noted(self) -> Running:
        """As the state file keeps it."""
        return Running(NAME, self.address, [self.child])


def missing() -> str:
    """What this machine lacks, as an advice; empty when nothing."""
    lacks = [name for name in (NAME, TOOL) if shutil.which(name) is None]
    return f"{' and '.join(lacks)} not found (Debian: apt-get install prometheus)" if lacks else ""


def start(place: Path, say: Say, targets: Targets, every: str = "2s") -> Server:
    """Bring one up that works in `place` and looks at these processes, with the shipped rules. Raises EngineFailed."""
    if lacks := missing():
        raise EngineFailed(lacks)
    place.mkdir(parents=True, exist_ok=True)
    settings = place / "prometheus.yml"
    text = configured((SHIPPED / "prometheus.yml").read_text(), targets, every)
    for left in reversed(range(TRIES)):
        address = f"{HOST}:{free_ports(1)[0]}"
        settings.write_text(text.replace(OWN, address))
        try:
            child = _start(place, settings, address)
        except ChildFailed as failure:
            if not left:  # somebody else was quicker at that port
                raise EngineFailed(str(failure)) from failure
        else:
            say(f"{NAME}: http://{address}")
            return Server(f"http://{address}", child)
    raise AssertionError


def configured(shipped: str, targets: Targets, every: str) -> str:
    """The shipped settings, but with these processes, and a look at them this often."""
    before, found, after = shipped.partition(FOUND)
    if not found:
        raise EngineFailed("prometheus.yml no longer says by dns_sd_configs how processes are found")
    lines = ["    static_configs:"]
    for service, addresses in targets.items():
        lines.append(f"      - {{targets: {_listed(addresses)}, labels: {{service: {service}}}}}")
    rest = after[after.index("    relabel_configs:") :]
    text = f"{before}{chr(10).join(lines)}\n{rest}"
    for key in ("scrape_interval", "evaluation_interval"):
        text = text.replace(f"{key}: 15s", f"{key}: {every}")
    return text.replace("rules/*.yml", f"{SHIPPED}/rules/*.yml")


def _listed(addresses: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{address}"' for address in addresses) + "]"


def _start(place: Path, settings: Path, address: str) -> Child:
    command = [
        NAME, f"--config.file={settings}", f"--storage.tsdb.path={place / 'series'}", f"--web.listen-address={address}",
        "--storage.tsdb.retention.time=1d", "--log.level=info",
    ]  # fmt: skip
    return children.start(NAME, command, mark=str(settings), log=place / "out.log", ready=READY)
