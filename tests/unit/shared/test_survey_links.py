import pytest

from shared.links import Link, LinkRefused, mint
from shared.survey_links import PATH, PURPOSE, SurveyLink, read_survey_token, survey_path

KEYS = (b"newest", b"older")
LINK = SurveyLink("support", "s1", "t1", 2, "csat", "ar", 1_000)


def token(keys: tuple[bytes, ...] = KEYS, link: SurveyLink = LINK) -> str:
    return survey_path(keys, link).removeprefix(PATH)


def test_what_is_minted_is_read_back() -> None:
    assert read_survey_token(KEYS, token(), at=1_000) == LINK


def test_a_link_minted_before_the_keys_were_replaced_still_opens() -> None:
    assert read_survey_token(KEYS, token((b"older",)), at=0) == LINK


def test_a_link_opens_up_to_its_expiry_and_not_after() -> None:
    with pytest.raises(LinkRefused, match="expired"):
        read_survey_token(KEYS, token(), at=1_001)


def test_a_link_of_uuids_fits_into_one_line_of_a_mail_reader() -> None:
    uuid = "864b287d-da2f-5069-a329-338890e9b29d"
    assert len(token(link=SurveyLink("support", uuid, uuid, 1, "csat", "ar", 1_767_225_600_000))) < 240


@pytest.mark.parametrize("purpose", ["sign-in", "reply"])
def test_a_link_for_another_purpose_opens_no_question(purpose: str) -> None:
    other = mint(KEYS, purpose, Link("support", "s1\nt1\n1\ncsat\nar", 1_000))
    with pytest.raises(LinkRefused, match="forged"):
        read_survey_token(KEYS, other, at=0)


@pytest.mark.parametrize(
    "subject", ["", "s1", "s1\nt1\none\ncsat\nar", "s1\nt1\n1\nstars\nar", "s1\nt1\n1\ncsat\nar\nx"]
)
def test_a_link_of_another_shape_opens_no_question(subject: str) -> None:
    strange = mint(KEYS, PURPOSE, Link("support", subject, 1_000))
    with pytest.raises(LinkRefused, match="forged"):
        read_survey_token(KEYS, strange, at=0)
