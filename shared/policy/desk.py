"""The desk itself, its brands and the channel accounts it is reached by."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.policy.noun import Id, Language, Length, Localised, Noun, Some, Text
from shared.policy.terms import Channel, Purpose

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY = f"^({'|'.join(WEEKDAYS)})$"
PREFIX = r"^[A-Z][A-Z0-9]{0,9}$"
ADDRESS = r"^$|^[^@\s]+@[^@\s]+$"
KEY = r"^$|^[A-Za-z0-9_-]{8,80}$"
Weekday = Annotated[str, Field(pattern=WEEKDAY)]


class Desk(Noun):
    """The unit of order and capacity, with what holds wherever nothing narrower says otherwise."""

    id: Id
    organisation: Id
    name: Text
    prefix: str = Field(default="SUP", pattern=PREFIX)
    language: Language = "en"
    languages: Some[Language] = Field(default=("ar", "en"), min_length=1)
    zone: str = "UTC"
    weekend: Some[Weekday] = ("saturday", "sunday")
    calendar: Id = "always"
    reopen_window: Length = 604_800_000
    customer_tier: Id = "standard"
    """The tier of a customer of whom nothing is known."""
    language_is_a_skill: bool = False
    """Every work item also needs `language:<the customer's>`; only for desks whose people carry those skills."""


class Brand(Noun):
    id: Id
    name: Text
    calendar: Id | None = None


class Consent(StrEnum):
    """How a purpose may be served: on the contact itself, after an explicit yes, or not at all."""

    IMPLIED = "implied"
    REQUIRED = "required"
    NEVER = "never"


class ConsentRules(Noun):
    """Per channel account, because the law differs by channel; checked when something is sent."""

    service: Consent = Consent.IMPLIED
    survey: Consent = Consent.IMPLIED
    proactive: Consent = Consent.REQUIRED

    def rule(self, purpose: Purpose) -> Consent:
        return {Purpose.SERVICE: self.service, Purpose.SURVEY: self.survey}.get(purpose, self.proactive)


class Account(Noun):
    """A mailbox, number, page or form. `address` for mail, `key` (public, no secret) and `origins` for forms."""

    id: Id
    channel: Channel
    name: Text = Localised()
    brand: Id = ""
    """Filled in when the desk has one brand only; always set in a compiled policy."""
    address: str = Field(default="", pattern=ADDRESS, max_length=254)
    also: Some[str] = ()
    """Further addresses that reach this account."""
    key: str = Field(default="", pattern=KEY)
    origins: Some[str] = ()
    """Sites allowed to post the form; none given: only the desk's own pages."""
    team: Id | None = None
    language: Language | None = None
    calendar: Id | None = None
    reopen_window: Length | None = None
    consent: ConsentRules = ConsentRules()

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(address.casefold() for address in (self.address, *self.also) if address)
