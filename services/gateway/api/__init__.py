"""The API under /v1: tables of routes, each with the act it needs. A route without an act is for everybody, by name."""

from fastapi import APIRouter

from services.gateway.api import (
    attachments,
    customers,
    dead_letters,
    feed,
    keys,
    outcomes,
    people,
    policy,
    projections,
    sign_in,
    tickets,
    work,
    writes,
)
from services.gateway.api.table import Route, mount
from services.gateway.gate import Gate

ROUTES: tuple[Route, ...] = (
    *tickets.ROUTES, *work.ROUTES, *people.ROUTES, *customers.ROUTES, *policy.ROUTES, *attachments.ROUTES,
    *feed.ROUTES, *outcomes.ROUTES, *keys.ROUTES, *dead_letters.ROUTES, *projections.ROUTES, *sign_in.ROUTES, *writes.ROUTES,
)  # fmt: skip


def build_router(gate: Gate) -> APIRouter:
    """All routes, standing on this gate."""
    return mount(gate, ROUTES)
