"""What people and the desk write: a fact that it is in the conversation, and beside it the delivery with its text.

A note stays inside: a fact is all there is of it.
"""

from typing import Any

from services.router.desk.conversations import Conversation
from services.router.desk.desk import Desk
from services.router.desk.work import Ticket
from services.router.evolve.messages import brand_of
from services.router.rules.copying import copy_in
from services.router.rules.reach import is_unreachable
from services.router.rules.rejected import Part, Rule
from shared.catalogue.commands import InviteToSurvey, Reply
from shared.catalogue.deliveries import DeliverMessage
from shared.catalogue.facts import MessageNoted, MessageSent
from shared.catalogue.values import AuthorKind, FollowUp, Principal
from shared.ids import first_conversation_id, invitation_id, named_id, note_id, reply_id
from shared.policy.desk import Consent
from shared.policy.policy import Policy
from shared.policy.terms import Purpose
from shared.policy.texts import AutomaticText

LINK = "{link}"
"""Stays in an automatic text: links are minted when it is sent."""


def acknowledgement_of(conversation: str) -> str:
    """Id of the message that acknowledges a conversation's opening."""
    return named_id(conversation, "acknowledgement")


def is_known(conversation: str, row: Conversation, message: str) -> bool:
    """Whether the message is in the conversation, whoever wrote it."""
    return message in row.messages or message in row.surveys or message == acknowledgement_of(conversation)


def follow_up_of(ticket: str, row: Ticket) -> FollowUp:
    """What a late reply's token will carry."""
    return FollowUp(
        ticket=ticket, number=row.number, team=row.team, owner=row.owner, category=row.category, priority=row.priority
    )


def reply(desk: Desk, command_id: str, by: Principal, said: Reply, conversation: str) -> Rule:
    """A public reply to the conversation's requester, with its participants copied; its id as `message`."""
    yield from copy_in(desk, said, conversation)
    row = desk.conversations[conversation]
    ticket = desk.tickets[row.ticket]
    message = reply_id(command_id)
    delivery = named_id(message, "delivery")
    yield MessageSent(
        message=message, delivery=delivery, conversation=conversation, ticket=row.ticket, by=by.id,
        author_kind=author_kind(by), channel=row.channel, attachments=len(said.attachments),
    )  # fmt: skip
    yield _deliver(
        row, ticket, row.ticket, conversation, message, kind="reply", copied=row.participants, text=said.text,
        attachments=said.attachments, language=said.language or ticket.language,
    )  # fmt: skip
    return {"message": message}


def note(command_id: str, by: Principal, ticket: str) -> Rule:
    """What only colleagues read; its id as `note`."""
    yield MessageNoted(message=note_id(command_id), ticket=ticket, by=by.id)
    return {"note": note_id(command_id)}


def author_kind(by: Principal) -> AuthorKind:
    """A reply through the API counts as a person's: integrations carry replies their own people wrote."""
    return "system" if by.role == "system" else "agent"


def _deliver(
    row: Conversation, ticket: Ticket, ticket_id: str, conversation: str, message: str, **more: Any
) -> DeliverMessage:
    return DeliverMessage(
        delivery=named_id(message, "delivery"), message=message, conversation=conversation, ticket=ticket_id,
        number=ticket.number, channel=row.channel, account=row.account, to=row.contact,
        answers=row.latest or _opened_with(row, conversation), follow_up=follow_up_of(ticket_id, ticket), **more,
    )  # fmt: skip


def _opened_with(row: Conversation, conversation: str) -> str | None:
    """Before the customer has written: the text its ticket was opened with by hand, if it was."""
    return row.home if conversation == first_conversation_id(row.home) else None


def acknowledge(desk: Desk, ticket_id: str, conversation: str) -> Part:
    """Say that it arrived and under which number: to nobody twice a day, never to those who want no messages."""
    policy, ticket, row = desk.policy, desk.tickets[ticket_id], desk.conversations[conversation]
    if policy is None or not policy.texts.acknowledgement.enabled or not policy.texts.acknowledgement.body:
        return
    a_day = policy.limits.automatic_replies_per_day
    answered = all(f"{row.contact}:{turn}" in desk.memories["answered"] for turn in range(a_day))
    if answered or silence(desk, row, Purpose.SERVICE) is not None:
        return
    message = acknowledgement_of(conversation)
    delivery = named_id(message, "delivery")
    yield MessageSent(
        message=message, delivery=delivery, conversation=conversation, ticket=ticket_id, by="desk",
        author_kind="system", channel=row.channel, automatic=True,
    )  # fmt: skip
    language = ticket.language or policy.desk.language
    text = written(policy, policy.texts.acknowledgement, row.account, ticket, language)
    yield _deliver(row, ticket, ticket_id, conversation, message, kind="automatic", text=text, language=language)


def written(policy: Policy, text: AutomaticText, account: str, ticket: Ticket, language: str) -> str:
    """An automatic text with all its placeholders filled in but the link."""
    door = policy.accounts.get(account)
    brand = policy.brands.get(door.brand) if door else None
    desk_name = policy.desk.name.in_language(language)
    _, body = text.written(
        language, number=f"{policy.desk.prefix}-{ticket.number}", desk=desk_name, link=LINK,
        brand=brand.name.in_language(language) if brand else desk_name,
    )  # fmt: skip
    return body


def refusal(desk: Desk, account_id: str, contact_id: str, purpose: Purpose) -> str | None:
    """Why the desk may not write unasked from this account to this contact point for this purpose; None: it may."""
    account = desk.policy.accounts.get(account_id) if desk.policy else None
    contact = desk.contacts.get(contact_id)
    rule = account.consent.rule(purpose) if account else Consent.IMPLIED
    if rule is Consent.NEVER:
        return "consent_never"
    if rule is Consent.REQUIRED:
        # nobody can say yes yet: there is no command for it, so nobody has
        return "no_consent"
    if contact is not None and contact.blocked:
        return "blocked"
    return "opted_out" if contact is not None and brand_of(desk, account_id) in contact.opted_out else None


def silence(desk: Desk, row: Conversation, purpose: Purpose) -> str | None:
    """Why the desk writes nothing by itself into this conversation. People may try where nobody was reached."""
    against = refusal(desk, row.account, row.contact, purpose)
    return against or ("unreachable" if is_unreachable(desk, row.contact) else None)


def question(policy: Policy, *, reminder: bool) -> AutomaticText:
    """The text a survey's question is asked, or asked again, with."""
    return policy.texts.survey_reminder if reminder else policy.texts.survey_invitation


def invite(desk: Desk, policy: Policy, command_id: str, command: InviteToSurvey, conversation: str) -> Part:
    """A survey's question, or its reminder, in the policy's words."""
    ticket, row = desk.tickets[command.ticket], desk.conversations[conversation]
    message = invitation_id(command_id)
    delivery = named_id(message, "delivery")
    yield MessageSent(
        message=message, delivery=delivery, conversation=conversation, ticket=command.ticket, by=command.by.id,
        author_kind="system", channel=row.channel, automatic=True, survey=command.survey, survey_kind=command.kind,
        reminder=command.reminder,
    )  # fmt: skip
    text = question(policy, reminder=command.reminder)
    yield _deliver(
        row, ticket, command.ticket, conversation, message, kind="survey", purpose=policy.surveys.csat.purpose,
        language=command.language, text=written(policy, text, row.account, ticket, command.language),
        survey=command.survey, survey_kind=command.kind, resolution=command.resolution,
    )  # fmt: skip
