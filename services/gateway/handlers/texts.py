"""What people wrote, out of the commands and deliveries that carried it, into the text store.

Texts are folded whatever the desk decides, for facts do not say which it took: the door judges first (`api/foreseen`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from shared.broker import Record
from shared.catalogue.codec import Malformed, decode
from shared.catalogue.commands import (
    AnswerSurvey,
    CompleteTask,
    LinkContactPoint,
    OpenTask,
    OpenTicket,
    PutAgent,
    PutCustomer,
    ReceiveMessage,
    UpdateTicket,
)
from shared.catalogue.deliveries import DeliverMessage
from shared.catalogue.envelope import Envelope
from shared.catalogue.values import Contact
from shared.clock import Ms
from shared.documents import Put
from shared.emissions import Output
from shared.ids import note_id, promise_id, reply_id, ticket_id
from shared.texts import change, once

SAID = {
    "subject", "text", "full_text", "text_blob", "html_blob", "raw_blob", "attachments", "sender", "copied",
    "external_id", "references", "language", "fields",
}  # fmt: skip


def received(cause: Envelope, said: ReceiveMessage, offset: int) -> Iterator[Put]:
    desk = cause.desk
    yield once(desk, "message", said.message, said.model_dump(mode="json", include=SAID, exclude_defaults=True))
    sender = said.sender
    yield change(desk, "contact", sender.id, offset, sender.model_dump(exclude={"id"}, exclude_defaults=True))
    yield from _met(desk, said.copied)
    if said.fields:
        yield once(desk, "fields", cause.id, said.fields)


def _met(desk: str, others: Iterable[Contact]) -> Iterator[Put]:
    """What somebody says of others is no news to us where we know them."""
    return (once(desk, "contact", other.id, other.model_dump(exclude={"id"})) for other in others)


def opened(cause: Envelope, opening: OpenTicket, offset: int) -> Iterator[Put]:
    yield once(cause.desk, "message", ticket_id(cause.id), {"subject": opening.subject})
    yield from _written(cause, opening)


def _written(cause: Envelope, command: OpenTicket | UpdateTicket) -> Iterator[Put]:
    """What a person writes on a ticket."""
    desk = cause.desk
    if command.reply:
        body = command.reply.model_dump(mode="json", exclude={"conversation", "cc"}, exclude_none=True)
        copied = [copied.model_dump() for copied in command.reply.cc]
        yield once(desk, "message", reply_id(cause.id), {**body, "copied": copied} if copied else body)
        yield from _met(desk, command.reply.cc)
    if command.note:
        yield once(desk, "message", note_id(cause.id), {"text": command.note})
    if command.fields:
        yield once(desk, "fields", cause.id, command.fields)


def updated(cause: Envelope, update: UpdateTicket, offset: int) -> Iterator[Put]:
    desk = cause.desk
    yield from _written(cause, update)
    if update.promise:
        yield change(desk, "task", promise_id(cause.id), offset, {"note": update.promise.note})


def task_opened(cause: Envelope, task: OpenTask, offset: int) -> Iterator[Put]:
    yield change(cause.desk, "task", task.task, offset, {"note": task.note})


def task_completed(cause: Envelope, task: CompleteTask, offset: int) -> Iterator[Put]:
    """An assist's result is a note on its ticket as well: which task is one, only the desk knows."""
    yield change(cause.desk, "task", task.task, offset, {"result": task.result})
    if task.result:
        yield once(cause.desk, "message", note_id(cause.id), {"text": task.result})


def agent_put(cause: Envelope, agent: PutAgent, offset: int) -> Iterator[Put]:
    known = {"name": agent.name, "email": agent.email.strip().lower() if agent.email is not None else None}
    if told := {name: value for name, value in known.items() if value is not None}:
        yield change(cause.desk, "agent", agent.agent, offset, told)


def customer_put(cause: Envelope, customer: PutCustomer, offset: int) -> Iterator[Put]:
    if customer.name is not None:
        yield change(cause.desk, "customer", customer.customer, offset, {"name": customer.name})


def contact_linked(cause: Envelope, link: LinkContactPoint, offset: int) -> Iterator[Put]:
    yield change(
        cause.desk, "contact", link.contact.id, offset, link.contact.model_dump(exclude={"id"}, exclude_defaults=True)
    )


def survey_answered(cause: Envelope, answer: AnswerSurvey, offset: int) -> Iterator[Put]:
    """Only a survey's first answer can count, so only its words are kept."""
    yield once(cause.desk, "survey", answer.survey, {"comment": answer.comment, "wording": answer.wording})


def sent(cause: Envelope, delivery: DeliverMessage, offset: int) -> Iterator[Put]:
    """An agent's reply is known from its command; what the desk writes by itself is only here."""
    if delivery.kind != "reply":
        yield once(cause.desk, "message", delivery.message, {"text": delivery.text, "language": delivery.language})


ROWS: Mapping[type[Any], Callable[[Envelope, Any, int], Iterable[Put]]] = {
    ReceiveMessage: received,
    OpenTicket: opened,
    UpdateTicket: updated,
    OpenTask: task_opened,
    CompleteTask: task_completed,
    PutAgent: agent_put,
    PutCustomer: customer_put,
    LinkContactPoint: contact_linked,
    AnswerSurvey: survey_answered,
    DeliverMessage: sent,
}


class TextProjector:
    """A Fold without any memory of its own."""

    recovers_from: str | None = None

    def apply(self, record: Record) -> list[Output]:
        try:
            envelope = decode(record)
        except Malformed:
            return []  # the decider of this topic keeps it as a dead letter; twice would count it twice
        row = ROWS.get(type(envelope.body))
        return [*row(envelope, envelope.body, record.offset)] if row else []

    def timers(self) -> dict[str, tuple[str, Ms]]:
        return {}

    def save(self) -> Iterator[tuple[str, bytes | None]]:
        return iter(())

    def unsaved(self) -> None:
        """Nothing was to be saved."""

    def load(self, chunks: Mapping[str, bytes]) -> None:
        """Nothing was saved."""

    def condemn(self, offset: int) -> None:
        """No rule of this fold can fail half way."""

    def recover(self, own: Record) -> int | None:
        return None
