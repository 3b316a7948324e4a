"""What people write to others: never nothing but blanks."""

from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from shared.catalogue.commands.tickets import Text


def not_blank(text: str) -> str:
    """The text as it is. Raises PydanticCustomError."""
    if not text.strip():
        raise PydanticCustomError("blank", "nothing is written here")
    return text


NotBlank = AfterValidator(not_blank)
"""Here and not in the command: what was taken before stays readable."""
Note = Annotated[Text, NotBlank]
