"""Which words of which command end where."""

from typing import Any

import pytest

from services.gateway.handlers.texts import TextProjector
from shared.broker import Record
from shared.catalogue.commands import (
    AnswerSurvey,
    CompleteTask,
    LinkContactPoint,
    OpenTask,
    OpenTicket,
    Promise,
    PutAgent,
    PutCustomer,
    ReceiveMessage,
    Reply,
    UpdateTicket,
)
from shared.catalogue.deliveries import DeliverMessage
from shared.catalogue.topics import COMMANDS, DELIVERIES
from shared.catalogue.values import Attachment, Contact, FollowUp
from shared.ids import note_id, promise_id, reply_id, ticket_id
from shared.policy.terms import Channel
from shared.texts import Texts
from tests.unit.gateway.world import NOW, OURS, THEIRS, World, principal, tick

pytestmark = pytest.mark.anyio

FILE = Attachment(blob="b", name="f.pdf", media_type="application/pdf", size=3)


def contact(key: str = "p1", name: str = "هدى") -> Contact:
    return Contact(id=key, kind="email", address=f"{key}@example.com", name=name)


def mail(text: str = "مرحبا", **more: Any) -> ReceiveMessage:
    usual: dict[str, Any] = {"message": "m1", "sender": contact(), "subject": "سؤال", "fields": {"order": "7"}}
    return ReceiveMessage(
        by=principal(seat="mail", role="system"), channel=Channel.EMAIL, account="mail", sent_at=NOW,
        text=text, **{**usual, **more},
    )  # fmt: skip


async def told(world: World, *commands: Any) -> Texts:
    for number, command in enumerate(commands):
        topic = DELIVERIES.name if isinstance(command, DeliverMessage) else COMMANDS.name
        await world.command(command, f"cmd-{number}", topic)
    await world.catch_up()
    return Texts(world.documents.of(OURS))


async def test_a_message_is_kept_with_all_it_carried(world: World) -> None:
    texts = await told(world, mail(attachments=(FILE,), copied=(contact("p2"),), external_id="<x@y>"))
    message = await texts.message("m1")
    assert message
    assert (message.text, message.subject, message.attachments) == ("مرحبا", "سؤال", (FILE,))
    assert (message.sender, message.copied, message.external_id) == (contact(), (contact("p2"),), "<x@y>")
    assert set(await texts.contacts(["p1", "p2"])) == {"p1", "p2"}
    assert await texts.fields(["cmd-0"]) == {"cmd-0": {"order": "7"}}


async def test_what_a_ticket_is_opened_with_by_hand_is_its_subject_a_reply_a_note_and_fields(world: World) -> None:
    opening = OpenTicket(
        by=principal(), desk=OURS, subject="بطاقة", contact="p1", reply=Reply(text="أهلاً", attachments=(FILE,)),
        note="she called", fields={"order": "8"},
    )  # fmt: skip
    texts = await told(world, opening)
    said = await texts.messages([ticket_id("cmd-0"), reply_id("cmd-0"), note_id("cmd-0")])
    assert [(one.subject, one.text) for one in said.values()] == [("بطاقة", ""), ("", "أهلاً"), ("", "she called")]
    assert said[reply_id("cmd-0")].attachments == (FILE,)
    assert await texts.fields(["cmd-0"]) == {"cmd-0": {"order": "8"}}


async def test_the_result_of_a_task_is_there_for_the_task_and_for_a_note(world: World) -> None:
    texts = await told(
        world, CompleteTask(by=principal(), task="k1", result="twice"), CompleteTask(by=principal(), task="k2")
    )
    tasks = await texts.tasks(["k1", "k2"])
    assert (tasks["k1"].result, tasks["k2"].result) == ("twice", "")
    notes = await texts.messages([note_id("cmd-0"), note_id("cmd-1")])
    assert {key: note.text for key, note in notes.items()} == {note_id("cmd-0"): "twice"}


async def test_a_repeat_under_the_same_id_changes_no_text(world: World) -> None:
    texts = await told(world, mail(), mail("forged"))
    message = await texts.message("m1")
    assert message
    assert message.text == "مرحبا"


async def test_a_name_is_what_its_owner_writes_not_what_others_copy(world: World) -> None:
    texts = await told(world, mail(), mail(message="m2", sender=contact("p9"), copied=(contact("p1", "Mallory"),)))
    assert (await texts.contacts(["p1"]))["p1"].name == "هدى"


async def test_who_writes_without_a_name_keeps_the_last_one(world: World) -> None:
    texts = await told(world, mail(), mail(message="m2", sender=contact(name="")))
    known = (await texts.contacts(["p1"]))["p1"]
    assert (known.kind, known.name) == ("email", "هدى")


async def test_one_update_leaves_a_reply_a_note_fields_and_a_promise(world: World) -> None:
    update = UpdateTicket(
        by=principal(), ticket="t1", reply=Reply(text="أهلاً", attachments=(FILE,)), note="VIP", fields={"order": "8"},
        promise=Promise(due_at=NOW, note="call at ten"),
    )  # fmt: skip
    texts = await told(world, update)
    reply = await texts.message(reply_id("cmd-0"))
    note = await texts.message(note_id("cmd-0"))
    assert reply
    assert note
    assert (reply.text, reply.attachments, note.text) == ("أهلاً", (FILE,), "VIP")
    assert await texts.fields(["cmd-0"]) == {"cmd-0": {"order": "8"}}
    assert (await texts.tasks([promise_id("cmd-0")]))[promise_id("cmd-0")].note == "call at ten"


async def test_whom_a_reply_copies_is_kept_with_it_and_known_from_then_on(world: World) -> None:
    known = contact("p1", "Mallory")
    update = UpdateTicket(by=principal(), ticket="t1", reply=Reply(text="x", cc=(contact("p7"), known)))
    texts = await told(world, mail(), update)
    reply = await texts.message(reply_id("cmd-1"))
    assert reply
    assert reply.copied == (contact("p7"), known)
    contacts = await texts.contacts(["p1", "p7"])
    assert (contacts["p7"].address, contacts["p1"].name) == ("p7@example.com", "هدى")
    assert await texts.unheard(["p1", "p7"]) is False
    assert await texts.unheard(["p1", "p8"]) is True


async def test_a_task_keeps_its_note_beside_its_result(world: World) -> None:
    opened = OpenTask(by=principal(), task="k", purpose="call_back", due_at=NOW, note="call")
    texts = await told(world, opened, CompleteTask(by=principal(), task="k", result="reached"))
    task = (await texts.tasks(["k"]))["k"]
    assert (task.note, task.result) == ("call", "reached")


async def test_names_and_addresses_of_people_are_the_latest(world: World) -> None:
    texts = await told(
        world,
        PutAgent(by=principal(), agent="sara", name="Sara", email="A@B.c"),
        PutAgent(by=principal(), agent="sara", name="سارة"),
        PutAgent(by=principal(), agent="sara", capacity=3),
        PutCustomer(by=principal(), customer="c1", name="Huda"),
        PutCustomer(by=principal(), customer="c1", tier="vip"),
        LinkContactPoint(by=principal(), customer="c1", contact=contact("p5", "H")),
    )
    agent = (await texts.agents(["sara"]))["sara"]
    assert (agent.name, agent.email) == ("سارة", "a@b.c")
    assert (await texts.customers(["c1"]))["c1"].name == "Huda"
    assert (await texts.contacts(["p5"]))["p5"].name == "H"


async def test_only_the_first_answer_of_a_survey_has_words(world: World) -> None:
    def answer(comment: str) -> AnswerSurvey:
        return AnswerSurvey(
            by=principal(), survey="s", ticket="t1", resolution=1, kind="csat", score=1, comment=comment, language="ar"
        )

    texts = await told(world, answer("بطيء"), answer("changed my mind"))
    assert (await texts.surveys(["s"]))["s"].comment == "بطيء"


@pytest.mark.parametrize(("kind", "kept"), [("automatic", True), ("survey", True), ("reply", False)])
async def test_what_the_desk_writes_by_itself_is_kept_from_its_delivery(world: World, kind: Any, kept: bool) -> None:
    delivery = DeliverMessage(
        delivery="d", message="a1", conversation="v", ticket="t", number=1, channel=Channel.EMAIL, account="mail",
        to="p1", kind=kind, text="استلمنا", follow_up=FollowUp(ticket="t", number=1, team="first"),
    )  # fmt: skip
    texts = await told(world, delivery)
    assert (await texts.message("a1") is not None) is kept


async def test_words_of_one_desk_are_not_another_desks(world: World) -> None:
    await told(world, mail())
    assert await Texts(world.documents.of(THEIRS)).message("m1") is None


async def test_commands_without_words_leave_nothing(world: World) -> None:
    await told(world, tick())
    records = await world.broker.read(COMMANDS.name, 0, 0)
    assert TextProjector().apply(records[0]) == []


async def test_what_cannot_be_read_is_left_to_the_decider(world: World) -> None:
    assert TextProjector().apply(Record(COMMANDS.name, 0, 0, NOW, b"k", b"{")) == []
