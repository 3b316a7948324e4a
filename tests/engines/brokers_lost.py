"""Brokers of a cluster that die and come back, one at a time, while something else goes on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.engines import children
from deploy.engines.kafka import Cluster

REST = 15.0
"""Seconds from one broker's return until the next one dies: the one before has to catch up, or two copies were missing."""
AWAY = 8.0
"""Seconds a dead one stays away: longer than its session, so that others take over what it led."""


class Losses:
    """What was done so far."""

    def __init__(self) -> None:
        self.killed: list[int] = []


@contextmanager
def losing_brokers(cluster: Cluster) -> Iterator[Losses]:
    """Kill one after another by SIGKILL until the block ends; all are there again then."""
    losses, over = Losses(), threading.Event()

    def run() -> None:
        while not over.wait(REST):
            node = len(losses.killed) % cluster.nodes
            losses.killed.append(node)
            children.kill(cluster.children[node])
            over.wait(AWAY)
            cluster.start_node(node)

    thread = threading.Thread(target=run, name="losing brokers")
    thread.start()
    try:
        yield losses
    finally:
        over.set()
        thread.join()
