"""Customers answer what they were asked; somebody forges a token, somebody lets a stranger write."""

from dataclasses import dataclass, field
from typing import Any

from tests.e2e.letters import Letter, answer
from tests.e2e.story.stage import MAILBOX, Stage
from tests.e2e.waiting import until

FORGED, STRANGERS = 4, 4


@dataclass(frozen=True, slots=True)
class Answered:
    """By the mark in each mail: the conversation and ticket whose letter it answers."""

    customers: dict[str, tuple[str, str]] = field(default_factory=dict)
    forged: dict[str, tuple[str, str]] = field(default_factory=dict)
    strangers: dict[str, tuple[str, str]] = field(default_factory=dict)


async def converse(stage: Stage) -> Answered:
    """Everybody whose ticket is pending answers, once to three times the same mail."""
    answered = Answered()
    before = len(await stage.facts("message.received"))
    asked = await _questions(stage)
    for place, (sent, letter) in enumerate(asked):
        mark = f"answer{place:04d}x"
        by_id = bool(place % 2)
        text = f"Here is what you asked for. {mark}"
        mail = answer(letter, text, mark=mark, by_id=by_id, mailbox=MAILBOX)
        for _ in range(1 + place % 3):
            await stage.mail(mail, letter.to, MAILBOX if by_id else letter.reply_to)
        answered.customers[mark] = _home(sent)
    for place, (sent, letter) in enumerate(asked[:FORGED]):
        answered.forged[mark := f"forged{place:04d}x"] = _home(sent)
        address = forge(letter.reply_to)
        mail = answer(letter, f"Tell me all about it. {mark}", mark=mark)
        mail.replace_header("To", address)
        await stage.mail(mail, letter.to, address)
    for place, (sent, letter) in enumerate(asked[FORGED : FORGED + STRANGERS]):
        answered.strangers[mark := f"stranger{place:04d}x"] = _home(sent)
        sender = f"brother{place}@elsewhere.example"
        mail = answer(letter, f"I write for my sister. {mark}", mark=mark, sender=sender)
        await stage.mail(mail, sender, letter.reply_to)
    expected = before + len(asked) + FORGED + STRANGERS

    async def arrived() -> bool:
        return len(await stage.facts("message.received")) >= expected

    await until("every answer has arrived", arrived)
    return answered


def forge(address: str) -> str:
    """A reply address with one letter of its token changed."""
    name, _, domain = address.rpartition("@")
    return f"{name[:-8]}{'b' if name[-8] == 'a' else 'a'}{name[-7:]}@{domain}"


async def _questions(stage: Stage) -> list[tuple[dict[str, Any], Letter]]:
    """The agents' questions to whom we wait for, each with its letter."""
    pending = {ticket["id"] for ticket in await stage.tickets(status="pending")}
    sent = [body for body in await stage.facts("message.sent") if body["ticket"] in pending and not body["automatic"]]
    letters = await stage.letters_of("every question lies in the outbox", sent)
    return [(body, letters[body["delivery"]]) for body in sent]


def _home(sent: dict[str, Any]) -> tuple[str, str]:
    return sent["conversation"], sent["ticket"]
