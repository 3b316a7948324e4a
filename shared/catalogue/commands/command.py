"""What every command has."""

from typing import ClassVar

from shared.catalogue.values import Principal, Value


class Command(Value):
    """A request, in the imperative. TYPE is its wire type; SUBJECT the kind of thing it is about and the field naming it."""

    TYPE: ClassVar[str]
    SUBJECT: ClassVar[tuple[str, str]]

    by: Principal
