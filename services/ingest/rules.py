"""From what arrived to the command the desk decides on: bounded, normalised, read once, here and never again (R2).

Pure: language, word conditions, thanks and opt-outs are worked out at the door with the policy then in force and travel
in the command.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from services.ingest.arrival import Address, Arrival, ContactKind
from shared.catalogue.commands import ReceiveMessage
from shared.catalogue.values import Attachment, Contact, Language, Principal
from shared.clock import DAY, Ms
from shared.ids import contact_point_id, message_id, one_spelling
from shared.policy.policy import Policy
from shared.text.courtesy import is_opt_out_only, is_thanks_only
from shared.text.language import detect_language
from shared.text.phrases import WordIndex

OLDEST: Ms = 7 * DAY
LONGEST_SUBJECT = 500
LONGEST_NAME = 200
LONGEST_ADDRESS = 320
MOST_REFERENCES = 30
LONGEST_REFERENCE = 1_000
MOST_FIELDS = 30
LONGEST_FIELD = 2_000
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_BREAKS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Stored:
    """What of an arrival lies in the blobs: its files, and the texts that are too long to travel."""

    attachments: tuple[Attachment, ...] = ()
    html_blob: str | None = None
    text_blob: str | None = None


def receive(
    arrival: Arrival, stored: Stored, policy: Policy, index: WordIndex, now: Ms, contact: Callable[[Address], Contact]
) -> ReceiveMessage:
    """The command. What is in `stored.text_blob` does not travel inline as well."""
    desk = policy.desk
    text, subject = well_formed(arrival.text), one_line(arrival.subject)[:LONGEST_SUBJECT]
    full = well_formed(arrival.full_text) if arrival.full_text is not None else None
    sender = contact(arrival.sender)
    return ReceiveMessage(
        by=Principal(organisation=desk.organisation, desk=desk.id, id="ingest", role="system"),
        message=name_message(desk.id, arrival),
        channel=policy.accounts[arrival.account].channel,
        account=arrival.account,
        sent_at=clamp(arrival.sent_at, now),
        sender=sender,
        external_id=one_line(arrival.external_id)[:LONGEST_REFERENCE],
        references=tuple(one_line(one)[:LONGEST_REFERENCE] for one in arrival.references[-MOST_REFERENCES:]),
        copied=tuple(contact(one) for one in arrival.copied[: policy.limits.participants]),
        subject=subject,
        text="" if stored.text_blob else text,
        full_text=full if full != text and not stored.text_blob and fits_inline(text, full or "", policy) else None,
        text_blob=stored.text_blob,
        html_blob=stored.html_blob,
        raw_blob=arrival.raw_blob,
        attachments=stored.attachments,
        language=language_of(f"{subject}\n{text}", arrival, policy),
        words=index.find(f"{subject}\n{text}"),
        policy_version=policy.version,
        automatic=arrival.automatic,
        spam=arrival.spam,
        thanks=is_thanks(text, sender.name, policy) and not stored.attachments,
        opt_out=is_opt_out_only(text) or policy.opt_out.alone(text),
        assurance=arrival.assurance,
        thread=arrival.thread,
        fields=bounded_fields(arrival.fields),
    )


def name_message(desk: str, arrival: Arrival) -> str:
    """The message's id: a retry has the same one, and a forged sender's id names another message (R6)."""
    return message_id(desk, arrival.account, _named(arrival.sender_id), _named(arrival.content))


def make_contact(secret: bytes, address: Address) -> Contact:
    """The contact point of an address; one id for every way of writing it."""
    normal = normalise_address(address.kind, address.address)
    name = one_line(address.name)[:LONGEST_NAME]
    return Contact(id=contact_point_id(secret, address.kind, normal), kind=address.kind, address=normal, name=name)


def normalise_address(kind: ContactKind, address: str) -> str:
    """One spelling: mail in lower case with the domain in ASCII (IDNA), the rest without blanks around it."""
    return one_spelling(kind, one_line(address)[:LONGEST_ADDRESS])


def clamp(sent_at: Ms | None, now: Ms) -> Ms:
    """When it was taken from the customer: never in the future, at most 7 days ago; now where nobody says."""
    return now if sent_at is None else max(min(sent_at, now), now - OLDEST)


def fits_inline(text: str, full: str, policy: Policy) -> bool:
    """Whether the texts may travel in the command, measured as they are written there."""
    most = policy.limits.message_bytes
    return len(text) + len(full) <= most and len(json.dumps([text, full], ensure_ascii=False).encode()) <= most


def is_thanks(text: str, name: str, policy: Policy) -> bool:
    """Whether the message only says thanks, by what every desk takes for it or by the desk's own list."""
    return is_thanks_only(text, name) or policy.thanks.alone(text)


def language_of(text: str, arrival: Arrival, policy: Policy) -> Language | None:
    """What the text shows, else what the channel hints at, else the account's; None: the desk's own applies."""
    hint = arrival.language if arrival.language and _LANGUAGE.fullmatch(arrival.language) else None
    return detect_language(text, policy.desk.languages) or hint or policy.accounts[arrival.account].language


def bounded_fields(fields: dict[str, str]) -> dict[str, str]:
    """A form's own fields, few and short enough to travel."""
    kept = list(fields.items())[:MOST_FIELDS]
    return {one_line(name)[:LONGEST_NAME]: well_formed(value)[:LONGEST_FIELD] for name, value in kept}


def well_formed(text: str) -> str:
    """The text as it is; only halves of characters, which no store takes, are replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def one_line(text: str) -> str:
    """Text for a line: no breaks or controls, no blanks around it."""
    return _BREAKS.sub(" ", well_formed(text)).strip()


def _named(part: str) -> str:
    """A part of an id: without the one character that parts are separated by."""
    return well_formed(part).replace("\x1f", "\ufffd")
