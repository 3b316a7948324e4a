"""A filled-in form: what each field must be, and the message it makes."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.ingest.arrival import Address, Arrival, File
from services.ingest.channel import Refusal
from services.ingest.channels.web_form.written import Body
from services.ingest.rules import (
    LONGEST_FIELD,
    LONGEST_NAME,
    LONGEST_SUBJECT,
    MOST_FIELDS,
    normalise_address,
    one_line,
    well_formed,
)
from shared.ids import random_id
from shared.policy.limits import Limits
from shared.text.mail_address import mail_address

NAME, EMAIL, SUBJECT, MESSAGE, LANGUAGE, KEY = "name", "email", "subject", "message", "language", "idempotency_key"
HONEYPOT = "confirm_url"
"""No person sees this field; whoever fills it in is a program."""
OWN = frozenset({NAME, EMAIL, SUBJECT, MESSAGE, LANGUAGE, KEY, HONEYPOT})
LONGEST_KEY = 200
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_SEPARATOR = b"\x1f"


@dataclass(frozen=True, slots=True)
class Filled:
    """The form's values, each within its bounds."""

    email: str
    message: str = field(repr=False)
    name: str = ""
    subject: str = field(default="", repr=False)
    language: str = ""
    key: str = ""
    trapped: bool = False
    fields: dict[str, str] = field(default_factory=dict, repr=False)
    files: tuple[File, ...] = ()


class Misfilled(Refusal):
    """Some fields do not fit. `values` is what was filled in, to be shown to whoever filled it in and to nobody else.
    `with_files`: files had come along, which no page can give back."""

    def __init__(self, findings: tuple[tuple[str, str], ...], values: Mapping[str, str], *, with_files: bool) -> None:
        super().__init__(422, "invalid", "Some fields do not fit; see `findings`.", findings=findings)
        self.values, self.with_files = values, with_files


def read_form(body: Body, limits: Limits) -> Filled:
    """The form as filled in. Raises Misfilled."""
    values = _by_name(body)
    findings = tuple(_findings(values, limits))
    if findings:
        raise Misfilled(findings, values, with_files=bool(body.files))
    return Filled(
        email=values[EMAIL].strip(),
        message=values[MESSAGE],
        name=one_line(values.get(NAME, "")),
        subject=one_line(values.get(SUBJECT, "")),
        language=values.get(LANGUAGE, ""),
        key=values.get(KEY, ""),
        trapped=bool(values.get(HONEYPOT, "").strip()),
        fields={name: value for name, value in values.items() if name not in OWN and value},
        files=tuple(body.files),
    )


def _by_name(body: Body) -> dict[str, str]:
    """Several values of one name (boxes that are ticked) a line each, as they were sent."""
    values: dict[str, list[str]] = {}
    for name, value in body.values:
        values.setdefault(name, []).append(well_formed(value))
    return {name: "\n".join(several) for name, several in values.items()}


def _findings(values: dict[str, str], limits: Limits) -> list[tuple[str, str]]:
    """What is wrong, by field. A name the sender made up is repeated only where it is a plain word."""
    found = [(name, "missing") for name in (EMAIL, MESSAGE) if not values.get(name, "").strip()]
    email = values.get(EMAIL, "").strip()
    if email and not _is_address(email):
        found.append((EMAIL, "no_address"))
    bounds = {NAME: LONGEST_NAME, SUBJECT: LONGEST_SUBJECT, LANGUAGE: LONGEST_NAME, KEY: LONGEST_KEY}
    found += [(name, "too_long") for name, longest in bounds.items() if len(values.get(name, "")) > longest]
    if len(values.get(MESSAGE, "").encode()) > limits.message_bytes:
        found.append((MESSAGE, "too_long"))
    own = [name for name in values if name not in OWN]
    found += [(name, "too_long") for name in own if len(values[name]) > LONGEST_FIELD and _FIELD_NAME.fullmatch(name)]
    if any(not _FIELD_NAME.fullmatch(name) for name in own):
        found.append(("…", "no_field_name"))
    if len(own) > MOST_FIELDS:
        found.append(("…", "too_many_fields"))
    return found


def _is_address(email: str) -> bool:
    try:
        mail_address(email)
    except ValueError:
        return False
    return True


def arrive(filled: Filled, account: str, key: str) -> Arrival:
    """The message. With a key (the header's, else the page's) a repeat of the same form is the same message; the same
    key with anything else in the form is another one, so nobody's key hides what somebody else wrote."""
    key = key or filled.key
    return Arrival(
        account=account,
        sender_id=f"key:{key}" if key else f"random:{random_id()}",
        content=_digest(filled) if key else "",
        sender=Address(filled.email, filled.name),
        subject=filled.subject,
        text=filled.message,
        files=filled.files,
        fields=filled.fields,
        language=filled.language or None,
        spam="honeypot" if filled.trapped else None,
    )


def _digest(filled: Filled) -> str:
    parts = [normalise_address("email", filled.email), filled.name, filled.subject, filled.message]
    parts += [f"{name}={value}" for name, value in sorted(filled.fields.items())]
    parts += [f"{file.name} {hashlib.sha256(file.content).hexdigest()}" for file in filled.files]
    return hashlib.sha256(_SEPARATOR.join(part.encode() for part in parts)).hexdigest()
