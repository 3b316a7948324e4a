"""What counts as a mail address where one is typed."""

import pytest

from shared.text.mail_address import LONGEST_ADDRESS, mail_address


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        (" Bank@Example.com ", "bank@example.com"),
        ("court@بريد.مثال", "court@xn--ngbof4h.xn--mgbh0fb"),
        ("Bank@بريد.مثال", "bank@xn--ngbof4h.xn--mgbh0fb"),
        ("bank@example.com.", "bank@example.com"),
        ("two..dots.@mail.example", "two..dots.@mail.example"),
        (".leading@mail.example", ".leading@mail.example"),
        ("o'hara+sanad@mail.example", "o'hara+sanad@mail.example"),
    ],
)
def test_however_it_is_typed_it_has_one_spelling(written: str, spelled: str) -> None:
    assert mail_address(written) == spelled
    assert mail_address(spelled) == spelled


@pytest.mark.parametrize(
    "written",
    ["", "bank", "bank@", "@example.com", "a@b@example.com", "bank@localhost", "b nk@example.com", "bank@-a.com",
     "bank@a_b.example", "bank@a..b", "بنك@example.com", "a@b.example\r\nBcc: c@d.example", "a" * (LONGEST_ADDRESS + 1)],
)  # fmt: skip
def test_what_nothing_can_be_sent_to_is_none(written: str) -> None:
    with pytest.raises(ValueError, match="no e-mail address"):
        mail_address(written)
