"""What the desk would refuse, refused before it is asked: words of commands are kept whatever the desk decides.

Judged by what is shown here, so by what was so a moment ago: the desk judges again, and may refuse more. What is not
shown yet may be there by then, so nothing is refused for being unknown.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from services.gateway.api.asking import Asking
from services.gateway.api.outcomes import status_of
from services.gateway.store import AGENTS, CUSTOMERS, TASKS, TICKETS
from shared.catalogue.commands import Command, CompleteTask, PutAgent, PutCustomer
from shared.documents import Body
from shared.http import Problem
from shared.permissions import may, seat_refusal


async def foresee(asking: Asking, command: Command) -> Command:
    """The command, of the record its words belong to. Raises Problem with the desk's own reason."""
    row = ROWS.get(type(command))
    return await row(asking, command) if row else command


async def _agent_put(asking: Asking, command: PutAgent) -> PutAgent:
    seat = await _found(asking, AGENTS.name, command.agent)
    role = None if seat.get("removed", True) else seat["role"]
    if reason := seat_refusal(command.by, command.role, role):
        raise _refused(reason)
    return command


async def _task_completed(asking: Asking, command: CompleteTask) -> CompleteTask:
    task = await _found(asking, TASKS.name, command.task)
    if not task:
        return command
    if task["state"] != "open":
        raise _refused("no_such_task")
    ticket = await _found(asking, TICKETS.name, task.get("ticket"))
    seat = await _found(asking, AGENTS.name, command.by.id)
    teams = () if seat.get("removed", True) else (seat.get("team"), *seat.get("secondary_teams", ()))
    own = command.by.id in {task.get("holder"), ticket.get("owner")}
    if not may(command.by, "task.complete", own=own, team=task.get("team") in teams):
        raise _refused("forbidden")
    return command


async def _customer_put(asking: Asking, command: PutCustomer) -> PutCustomer:
    """The desk changes the record a merged one lives on in: there its name is looked for."""
    customer = command.customer
    while into := (await _found(asking, CUSTOMERS.name, customer)).get("merged_into"):
        customer = into
    return command.model_copy(update={"customer": customer})


async def _found(asking: Asking, collection: str, key: str | None) -> Body:
    """Empty where there is none."""
    found = await asking.gate.documents.of(asking.principal.desk).get(collection, key) if key else None
    return found.body if found else {}


def _refused(reason: str) -> Problem:
    return Problem(status_of(reason), reason, "The desk refuses this.")


ROWS: Mapping[type[Command], Callable[[Asking, Any], Awaitable[Command]]] = {
    PutAgent: _agent_put,
    CompleteTask: _task_completed,
    PutCustomer: _customer_put,
}
