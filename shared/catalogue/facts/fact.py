"""What every fact has."""

from typing import ClassVar

from shared.catalogue.values import Value


class Fact(Value):
    """Something that happened, past tense, small, without text, subject line, name, address or comment.

    TYPE is its wire type; SUBJECT the kind of thing it is about and the field naming it.
    """

    TYPE: ClassVar[str]
    SUBJECT: ClassVar[tuple[str, str]]
