"""Customers: new problems, replies in and out of order, thanks, forged threads, automatic mail, quotes, answers."""

from random import Random

from shared.catalogue.commands import AnswerSurvey, ReceiveMessage, ReportDelivery
from shared.catalogue.values import Thread
from shared.clock import DAY, HOUR, MINUTE
from shared.ids import message_id
from shared.policy.policy import Policy
from shared.policy.terms import Channel
from tests.simulation.clients.people import CONTACTS, contact, principal
from tests.simulation.clients.view import View
from tests.simulation.post import Post

DOORS = (("mail", Channel.EMAIL), ("form", Channel.WEBFORM), ("chat", Channel.CHAT), ("mail", Channel.EMAIL))


class Customers:
    """All customers of a desk."""

    def __init__(self, view: View, post: Post, policy: Policy, rng: Random) -> None:
        self.view, self.post, self.rng = view, post, rng
        self.words = tuple(policy.conditions)
        self.sent = 0

    async def write(self) -> None:
        """One message from somebody."""
        desk, rng = self.view.desk, self.rng
        self.sent += 1
        account, channel = rng.choice(DOORS)
        name = f"{desk} says {self.sent if rng.random() > 0.05 else rng.randint(1, self.sent)}"
        now = self.view.world.time.now
        odd = rng.random()
        message = ReceiveMessage(
            by=principal(desk, "ingest", "system"), message=message_id(desk, account, name), channel=channel,
            account=account, sender=contact(desk, rng.randrange(CONTACTS)), text="…",
            sent_at=now - rng.choice((0, 0, 0, 0, 0, 1_000, MINUTE, HOUR, 9 * DAY, -MINUTE)), language=rng.choice(("ar", "en", None)),
            words=tuple(word for word in self.words if rng.random() < 0.3),
            copied=(contact(desk, rng.randrange(CONTACTS)),) if rng.random() < 0.2 else (),
            automatic="auto-reply" if odd < 0.05 else None, spam="score" if 0.05 < odd < 0.09 else None,
            opt_out=0.09 < odd < 0.11, thanks=0.11 < odd < 0.2, assurance=rng.choice(("none", "aligned_mail")),
        )  # fmt: skip
        await self.post.send(self._reply(message) if rng.random() < 0.5 else message, source="ingest")

    def _reply(self, message: ReceiveMessage) -> ReceiveMessage:
        """The same, within a conversation: mostly its own, sometimes a stranger's; or quoting a message."""
        view, rng = self.view, self.rng
        if not view.conversations:
            return message
        conversation = view.any(rng, list(view.conversations))
        who, account, channel, ticket = view.conversations[conversation]
        if rng.random() < 0.15:
            quoted = tuple(view.tickets[ticket].messages[-2:])
            return message.model_copy(update={"quoted": quoted})
        update: dict[str, object] = {
            "thread": Thread(conversation=conversation),
            "account": account,
            "channel": channel,
        }
        if rng.random() < 0.85:
            update["sender"] = message.sender.model_copy(update={"id": who})
        return message.model_copy(update=update)

    async def answer(self) -> None:
        """A score for a survey that was asked; sometimes again, with another score."""
        view, rng = self.view, self.rng
        survey = view.any(rng, view.surveys)
        await self.post.send(
            AnswerSurvey(
                by=principal(view.desk, "page", "customer"), survey=survey.survey, ticket=survey.ticket,
                resolution=survey.resolution, kind=survey.kind, score=rng.randint(1, 5), language="ar",
            ), source="survey",
        )  # fmt: skip

    async def report(self) -> None:
        """What became of something that went out, perhaps a bounce after all."""
        view, rng = self.view, self.rng
        delivery = view.any(rng, view.deliveries)
        report = ReportDelivery(
            by=principal(view.desk, "ingest", "system"), delivery=delivery.delivery, message=delivery.message,
            conversation=delivery.conversation, outcome="delivered",
        )  # fmt: skip
        kind = rng.choice(("delivered", "delivered", "failed", "unknown"))
        permanent = kind == "failed" and rng.random() < 0.7
        became = {"outcome": kind, "permanent": permanent, "unreachable": permanent and rng.random() < 0.6}
        await self.post.send(report.model_copy(update=became), source="ingest")
