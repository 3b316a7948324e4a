"""The queue, tasks, and what was set aside, to read."""

from services.gateway.api.answers import Answer, List, QueueAnswer
from services.gateway.api.listing import After, Limit, One, wrong_cursor
from services.gateway.api.table import Asked, Route
from services.gateway.reading.desk import conditions


async def queue(asking: Asked, team: One = None, limit: Limit = 50) -> QueueAnswer:
    """What waits for somebody, in the order it will be given out. Age = `now` − `waiting_since`."""
    waiting = await asking.desk.queue(team, limit)
    items = [Answer.model_validate(item) for item in waiting["items"]]
    return QueueAnswer(waiting=waiting["waiting"], now=asking.gate.clock.now(), items=items)


async def tasks(
    asking: Asked,
    after: After = None,
    limit: Limit = 50,
    state: One = None,
    owner: One = None,
    team: One = None,
    ticket: One = None,
) -> List:
    """List tasks, the earliest due first. `state` is open or done."""
    where = conditions(state=state, owner=owner, team=team, ticket=ticket)
    try:
        listing = await asking.desk.tasks(where, after, limit)
    except ValueError:
        raise wrong_cursor() from None
    return List(items=listing.items, next=listing.next)


async def set_aside(asking: Asked, after: After = None, limit: Limit = 50) -> List:
    """Messages set aside (spam, automatic, blocked …) that nobody restored, latest first, with their text."""
    try:
        listing = await asking.desk.set_aside(after, limit)
    except ValueError:
        raise wrong_cursor() from None
    return List(items=listing.items, next=listing.next)


ROUTES = (
    Route("GET", "/v1/queue", queue, "ticket.read"),
    Route("GET", "/v1/tasks", tasks, "ticket.read"),
    Route("GET", "/v1/set-aside", set_aside, "message.read_aside"),
)
