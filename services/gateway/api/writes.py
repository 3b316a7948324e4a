"""Every write that is one command: a row each. The body is the command without what the path and the credential say."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from inspect import Parameter, Signature
from typing import Annotated, Any

from fastapi import Body, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from services.gateway.api.answers import OutcomeAnswer
from services.gateway.api.asking import Asking
from services.gateway.api.conditions import IfMatch, check_files, check_match
from services.gateway.api.copies import ReplyBody, name_copies
from services.gateway.api.foreseen import foresee
from services.gateway.api.later import check_rules
from services.gateway.api.outcomes import IdempotencyKey, write
from services.gateway.api.table import Route, current
from services.gateway.api.times import check_times
from services.gateway.api.wording import Note
from services.gateway.writing import digest_of
from shared.catalogue.commands import (
    AcceptOffer,
    BlockContactPoint,
    Command,
    CompleteTask,
    DeclineOffer,
    EscalateTicket,
    LinkTickets,
    MergeCustomers,
    MergeTickets,
    OpenTask,
    OpenTicket,
    PlanShifts,
    PutAgent,
    PutCustomer,
    ReleaseWork,
    RemoveAgent,
    RestoreMessage,
    SetPresence,
    SplitTicket,
    SwitchRules,
    TakeWork,
    TransferWork,
    UnlinkContactPoint,
    UnlinkTickets,
    UnmergeTicket,
    UpdateTicket,
)
from shared.http import Problem
from shared.ids import named_id, random_id

NO_CONTROLS = r"^[^\x00-\x1f\x7f]+$"
Parts = dict[str, Any]
WRITTEN = {202: {"model": OutcomeAnswer, "description": "Durable, not decided yet: ask at `Location`."}}


@dataclass(frozen=True, slots=True)
class Write:
    """`summary` is for the schema; `fixed` is said by us; `fresh` is an id we make.

    `shapes` are fields the caller gives in another shape than the command has them; `complete` puts those right.
    """

    method: str
    path: str
    command: type[Command]
    act: str
    summary: str
    fixed: Mapping[str, Any] = field(default_factory=dict)
    fresh: str | None = None
    shapes: Mapping[str, Any] = field(default_factory=dict)
    complete: Callable[[Asking, Parts], Awaitable[Parts]] | None = None

    @property
    def in_path(self) -> tuple[str, ...]:
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


def body_of(row: Write) -> type[BaseModel] | None:
    """The command's own fields that the caller gives; None where there are none."""
    given = {"by", "desk", row.fresh, *row.in_path, *row.fixed}
    fields: dict[str, Any] = {
        name: (Annotated[row.shapes.get(name, info.annotation), info], info.default if not info.is_required() else ...)
        for name, info in row.command.model_fields.items()
        if name not in given
    }
    config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    name = f"{row.command.__name__}Body"
    return create_model(name, __config__=config, __doc__=row.command.__doc__, **fields) if fields else None


def endpoint_of(row: Write) -> Callable[..., Any]:
    """The endpoint: command together, precondition checked, asked, answered."""
    model = body_of(row)

    async def endpoint(**given: Any) -> OutcomeAnswer:
        asking, response, key = (given.pop(name) for name in ("asking", "response", "key"))
        match: str | None = given.pop("match", None)
        body: BaseModel | None = given.pop("body", None)
        said = {name: getattr(body, name) for name in body.model_fields_set} if body else {}
        await check_rules(asking, row.command, said)
        parts = {**said, **given, **row.fixed, "by": asking.principal}
        if row.fresh:
            parts[row.fresh] = _fresh_id(asking, key, row.fresh)
        if "desk" in row.command.model_fields:
            parts["desk"] = asking.principal.desk
        if row.complete is not None:
            parts = await row.complete(asking, parts)
        command = _command(row.command, parts)
        digest = digest_of(command, match)
        try:
            command = await check_match(asking, command, given.get("ticket"), match)
            await check_files(asking, command)
            command = await foresee(asking, command)
        except Problem:
            # what the first arrival of a request has changed is no reason to refuse its repeat
            if key is None or not await asking.gate.commands.repeats(asking.principal, key, digest):
                raise
        return await write(asking, command, key, response, digest)

    optional = model is not None and not any(info.is_required() for info in model.model_fields.values())
    endpoint.__signature__ = _signature(row, model, optional=optional)  # type: ignore[attr-defined] # FastAPI reads it
    endpoint.__name__, endpoint.__doc__ = _name(row), row.command.__doc__
    return endpoint


def _command(kind: type[Command], parts: Mapping[str, Any]) -> Command:
    """Raises Problem where the parts fit one by one but not together."""
    try:
        command = kind(**parts)
        said = command.model_dump()
        if not all(map(storable, _numbers(said))):
            raise Problem(422, "invalid", "A number is beyond what can be kept.")
        check_times(said)
    except ValidationError as fault:
        places = [".".join(map(str, error["loc"][:1])) for error in fault.errors(include_input=False)]
        raise Problem(422, "invalid", "Some values do not fit.", findings=places) from None
    return command


def storable(number: int) -> bool:
    """Every reader, JavaScript too, keeps such a number exactly."""
    return abs(number) < 1 << 53


def _numbers(value: Any) -> Iterator[int]:
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from _numbers(part)
    elif isinstance(value, int):
        yield value


def _signature(row: Write, model: type[BaseModel] | None, *, optional: bool) -> Signature:
    def named(name: str, annotation: Any, default: Any = Parameter.empty) -> Parameter:
        return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)

    body = [] if model is None else [named("body", Annotated[model, Body()])]
    if model is not None and optional:
        body = [named("body", Annotated[model | None, Body()], None)]
    return Signature(
        [
            *(named(name, _path_type(row.command, name)) for name in row.in_path),
            *body,
            named("response", Response),
            named("asking", Annotated[Asking, Depends(current)]),
            named("key", Annotated[str | None, IdempotencyKey], None),
            *([named("match", Annotated[str | None, IfMatch], None)] if "ticket" in row.in_path else []),
        ],
        return_annotation=OutcomeAnswer,
    )


def _path_type(command: type[Command], name: str) -> Any:
    info = command.model_fields[name]
    if info.annotation is not str:
        return Annotated[info.annotation, Path()]
    return Annotated[str, Path(min_length=1, max_length=128, pattern=NO_CONTROLS)]


def _name(row: Write) -> str:
    return "_".join([row.command.__name__, *(part for part in row.in_path if part == "other")]).lower()


def _fresh_id(asking: Asking, key: str | None, kind: str) -> str:
    """The same for every repeat under a key."""
    return named_id(asking.principal.desk, asking.principal.id, key, kind) if key else random_id()


MANUAL = {"target": "manual", "cycle": 0, "cause": "asked"}
WRITTEN_BY_HAND = {"reply": ReplyBody | None, "note": Note | None}
TICKET, WORK, AGENT, CUSTOMER = (
    "/v1/tickets/{ticket}",
    "/v1/work/{work}",
    "/v1/agents/{agent}",
    "/v1/customers/{customer}",
)

WRITES = (
    Write(
        "POST", "/v1/tickets", OpenTicket, "ticket.open", "Open a ticket, for a customer or for the desk alone",
        shapes=WRITTEN_BY_HAND, complete=name_copies,
    ),
    Write(
        "PATCH", TICKET, UpdateTicket, "ticket.update", "Do everything a macro does to a ticket, all or nothing",
        shapes=WRITTEN_BY_HAND, complete=name_copies,
    ),
    Write("POST", f"{TICKET}/merge", MergeTickets, "ticket.merge", "Merge a ticket into another"),
    Write("POST", f"{TICKET}/unmerge", UnmergeTicket, "ticket.merge", "Take a merge back"),
    Write("POST", f"{TICKET}/split", SplitTicket, "ticket.split", "Move messages to a ticket of their own"),
    Write("POST", f"{TICKET}/links", LinkTickets, "ticket.link", "Relate two tickets"),
    Write("DELETE", f"{TICKET}/links/{{kind}}/{{other}}", UnlinkTickets, "ticket.link", "Take a relation back"),
    Write("POST", f"{TICKET}/escalate", EscalateTicket, "ticket.escalate", "Escalate by hand", MANUAL),
    Write("POST", f"{WORK}/take", TakeWork, "work.take", "Take a waiting item"),
    Write("POST", f"{WORK}/transfer", TransferWork, "work.give", "Hand an item to a team or an agent"),
    Write("POST", f"{WORK}/release", ReleaseWork, "work.release", "Give an item back to its queue"),
    Write("POST", f"{WORK}/accept", AcceptOffer, "work.take", "Accept an offer"),
    Write("POST", f"{WORK}/decline", DeclineOffer, "work.take", "Decline an offer"),
    Write("POST", "/v1/tasks", OpenTask, "task.open", "Open a task", fresh="task"),
    Write("POST", "/v1/tasks/{task}/complete", CompleteTask, "task.complete", "Complete a task"),
    Write("POST", "/v1/set-aside/{message}/restore", RestoreMessage, "message.restore", "Restore a message set aside"),
    Write("PUT", AGENT, PutAgent, "people.put", "Add an agent or change one"),
    Write("DELETE", AGENT, RemoveAgent, "people.remove", "End a seat"),
    Write("PUT", f"{AGENT}/presence", SetPresence, "presence.set", "Say who is ready"),
    Write("PUT", f"{AGENT}/shifts", PlanShifts, "shifts.plan", "Plan an agent's shifts"),
    Write("PUT", CUSTOMER, PutCustomer, "customer.put", "Change what is known of a customer"),
    Write("POST", f"{CUSTOMER}/merge", MergeCustomers, "customer.merge", "Two records are one person"),
    Write("DELETE", f"{CUSTOMER}/contact-points/{{contact}}", UnlinkContactPoint, "customer.put", "Unlink an address"),
    Write("PUT", "/v1/contact-points/{contact}/block", BlockContactPoint, "contact.block", "Block a sender, or no longer"),
    Write("PUT", "/v1/rules/{rules}", SwitchRules, "rules.switch", "Put new rules in force, or take them back"),
)  # fmt: skip

ROUTES = tuple(
    Route(row.method, row.path, endpoint_of(row), row.act, {"responses": WRITTEN, "summary": row.summary})
    for row in WRITES
)
