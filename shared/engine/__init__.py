"""Runs services in one process: a worker per consumer and partition, the loops beside them, and a clean stop."""

from shared.engine.engine import Engine, no_step

__all__ = ["Engine", "no_step"]
