"""The signed address of a survey's question: minted by whoever sends the invitation, read by the page that asks.

`{public_url}/s/<token>`; the token carries ids, a kind and a language, nothing about the customer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast, get_args

from shared.catalogue.values import SurveyKind
from shared.clock import Ms
from shared.links import Link, LinkRefused, mint, verify

PURPOSE = "survey"
PATH = "/s/"
PARTS = 5
SEPARATOR = "\n"


@dataclass(frozen=True, slots=True)
class SurveyLink:
    """One question about one resolution of a ticket, open until `expires_at`, asked in `language`."""

    desk: str
    survey: str
    ticket: str
    resolution: int
    kind: SurveyKind
    language: str
    expires_at: Ms


def survey_path(keys: Sequence[bytes], link: SurveyLink) -> str:
    """The path of the question's page, to be put behind the installation's public address."""
    subject = SEPARATOR.join((link.survey, link.ticket, str(link.resolution), link.kind, link.language))
    return PATH + mint(keys, PURPOSE, Link(link.desk, subject, link.expires_at))


def read_survey_token(keys: Sequence[bytes], token: str, at: Ms) -> SurveyLink:
    """What a token opens at `at`. Raises LinkRefused (`forged`, `expired`)."""
    link = verify(keys, PURPOSE, token, at)
    parts = link.subject.split(SEPARATOR)
    if len(parts) != PARTS or not parts[2].isdecimal() or parts[3] not in get_args(SurveyKind):
        raise LinkRefused("forged")  # signed by us, for another version of this page
    survey, ticket, resolution, kind, language = parts
    return SurveyLink(link.desk, survey, ticket, int(resolution), cast("SurveyKind", kind), language, link.expires_at)
