"""A delivery as a letter: addresses, subject and thread are looked up now, links are minted now, nothing is kept."""

from dataclasses import dataclass

from services.ingest.channels.email.compose import Enclosure, Letter, reply_subject
from services.ingest.channels.email.mail import Address
from services.ingest.channels.email.threads import own_message_id, reply_address
from services.ingest.channels.mailbox.marks import loop_marks
from services.ingest.policies import DeskDoor
from shared.blobs import BlobMissing, Blobs
from shared.catalogue.deliveries import DeliverMessage
from shared.catalogue.values import MOST_FILE_BYTES, MOST_FILES
from shared.clock import HOUR, Clock, Ms
from shared.documents import Documents
from shared.ids import first_conversation_id
from shared.policy.desk import Account
from shared.policy.terms import Channel
from shared.secrets import Secrets
from shared.survey_links import SurveyLink, survey_path
from shared.texts import MessageText, Texts

LINK = "{link}"
COPIES_AWAITED: Ms = HOUR
"""So long a reply waits for the addresses of those it copies: they come with the very command that sends it."""


class NotReady(Exception):
    """It cannot be written now. `code` says what is missing; `later`: it may still come by itself."""

    def __init__(self, code: str, *, later: bool) -> None:
        super().__init__(code)
        self.code, self.later = code, later


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything about the desk that a letter shows: taken from the policy now in force."""

    door: DeskDoor
    mailbox: Account
    language: str

    @property
    def sender(self) -> Address:
        return Address(self.mailbox.address, self.brand)

    @property
    def brand(self) -> str:
        """The name customers know."""
        brand = self.door.policy.brands.get(self.mailbox.brand)
        return (brand.name if brand else self.door.policy.desk.name).in_language(self.language)

    def reference(self, number: int) -> str:
        return f"{self.door.policy.desk.prefix}-{number}"


class Letters:
    """Writes letters for all desks."""

    def __init__(self, documents: Documents, blobs: Blobs, secrets: Secrets, public_url: str, clock: Clock) -> None:
        self._documents, self._blobs, self._secrets = documents, blobs, secrets
        self._public_url, self._clock = public_url.rstrip("/"), clock

    async def write(self, door: DeskDoor, delivery: DeliverMessage, written_at: Ms) -> Letter:
        """The letter; the same delivery is always the same one, but for a survey's link. Raises NotReady."""
        desk = Desk(door, _mailbox(door, delivery.account), delivery.language or door.policy.desk.language)
        texts = Texts(self._documents.of(door.place.id))
        addresses = await self._find_addresses(texts, delivery, written_at)
        answered = await _answered(texts, delivery)
        keys, mailbox = self._secrets.mail, desk.mailbox.address
        automatic = delivery.kind != "reply"
        return Letter(
            message_id=own_message_id(
                mailbox.rpartition("@")[2], door.place.id, delivery.conversation, delivery.delivery, delivery.follow_up,
                keys,
            ),
            sender=desk.sender,
            reply_to=reply_address(mailbox, door.place.id, delivery.conversation, keys),
            to=addresses[delivery.to],
            copied=tuple(addresses[one] for one in delivery.copied if one in addresses),
            subject=_subject(desk, delivery, answered),
            text=self._text(desk, delivery),
            date=written_at,
            language=desk.language,
            in_reply_to=answered.external_id if answered and answered.external_id else None,
            references=answered.references if answered else (),
            automatic=automatic,
            loop_mark=loop_marks(keys)[0] if automatic else "",
            files=await self._enclose(door.place.id, delivery),
        )  # fmt: skip

    async def _find_addresses(self, texts: Texts, delivery: DeliverMessage, written_at: Ms) -> dict[str, Address]:
        """By contact point. Raises NotReady without the customer's, and while those of the copied may still come."""
        contacts = await texts.contacts((delivery.to, *delivery.copied))
        addresses = {key: Address(one.address, one.name) for key, one in contacts.items() if one.kind == "email"}
        missing = [one for one in delivery.copied if one not in contacts]
        soon = self._clock.now() - written_at < COPIES_AWAITED
        if delivery.to not in addresses or (soon and await texts.unheard(missing)):
            raise NotReady("no_address", later=True)
        return addresses

    def _text(self, desk: Desk, delivery: DeliverMessage) -> str:
        """The text with its link, where it has one: signed now, for as long as the question stays open."""
        if delivery.survey is None or delivery.survey_kind is None:
            return delivery.text
        expires_at = self._clock.now() + desk.door.policy.surveys.csat.expires_after
        link = SurveyLink(
            desk.door.place.id, delivery.survey, delivery.ticket, delivery.resolution, delivery.survey_kind,
            desk.language, expires_at,
        )  # fmt: skip
        return delivery.text.replace(LINK, self._public_url + survey_path(self._secrets.links, link))

    async def _enclose(self, desk: str, delivery: DeliverMessage) -> tuple[Enclosure, ...]:
        """The files. Raises NotReady, before any is fetched where they are more than one letter takes."""
        files = delivery.attachments
        if len(files) > MOST_FILES:
            raise NotReady("too_many_attachments", later=False)
        sizes = await self._blobs.sizes(desk, [file.blob for file in files])
        if sum(sizes.get(file.blob, 0) for file in files) > MOST_FILE_BYTES:
            raise NotReady("attachments_too_large", later=False)
        try:
            return tuple(
                [Enclosure(file.name, file.media_type, await self._blobs.get(desk, file.blob)) for file in files]
            )
        except BlobMissing:
            raise NotReady("no_attachment", later=False) from None


async def _answered(texts: Texts, delivery: DeliverMessage) -> MessageText | None:
    """What is replied to. The subject line of a ticket opened by hand comes in the same moment as its first letter, by
    another way, so it is waited for. Raises NotReady."""
    answered = await texts.message(delivery.answers) if delivery.answers else None
    if answered is None and _opened_by_hand(delivery):
        raise NotReady("no_subject", later=True)
    return answered


def _opened_by_hand(delivery: DeliverMessage) -> bool:
    """Whether the customer has not written yet: it answers what its ticket was opened with."""
    return delivery.answers is not None and delivery.conversation == first_conversation_id(delivery.answers)


def _mailbox(door: DeskDoor, account: str) -> Account:
    """The account itself where it has an address, else a mailbox of its brand, else any. Raises NotReady."""
    policy = door.policy
    own = policy.accounts.get(account)
    if own is not None and own.address:
        return own
    mailboxes = [one for one in policy.accounts.values() if one.channel is Channel.EMAIL and one.address]
    if not mailboxes:
        raise NotReady("no_mailbox", later=False)
    return next((one for one in mailboxes if own is not None and one.brand == own.brand), mailboxes[0])


def _subject(desk: Desk, delivery: DeliverMessage, answered: MessageText | None) -> str:
    """A reply keeps the customer's subject line; what the desk writes by itself repeats nothing of the customer's."""
    policy, reference = desk.door.policy, desk.reference(delivery.number)
    if delivery.kind != "reply":
        texts = policy.texts
        text = texts.survey_invitation if delivery.kind == "survey" else texts.acknowledgement
        name = policy.desk.name.in_language(desk.language)
        return text.written(desk.language, number=reference, desk=name, brand=desk.brand)[0]
    subject = answered.subject if answered else ""
    if not subject.strip():
        return f"{policy.desk.name.in_language(desk.language)} – {reference}"
    line = subject if _opened_by_hand(delivery) else reply_subject(subject)
    return line if reference in line else f"{line} [{reference}]"
