"""Whom a reply copies: addresses in the request, contact points in the command (R6).

The organisation's secret names them here, as ingest does for those a customer copies; the desk never sees it.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from services.gateway.api.asking import Asking
from services.gateway.api.wording import NotBlank
from shared.catalogue.commands.tickets import MOST_COPIES, Reply
from shared.text.mail_address import LONGEST_ADDRESS, mail_address

MailAddress = Annotated[str, Field(max_length=LONGEST_ADDRESS), AfterValidator(mail_address)]
Copies = Annotated[
    tuple[MailAddress, ...],
    Field(max_length=MOST_COPIES, description="Addresses that get it too, and take part in the conversation from then on."),
]  # fmt: skip


def _reply_body() -> type[BaseModel]:
    kept: dict[str, Any] = {
        name: (Annotated[info.annotation, info], ... if info.is_required() else info.default)
        for name, info in Reply.model_fields.items()
        if name != "cc"
    }
    text, required = kept["text"]
    kept["text"] = (Annotated[text, NotBlank], required)
    config = ConfigDict(extra="ignore", hide_input_in_errors=True)
    return create_model("ReplyBody", __config__=config, __doc__="A public reply.", **kept, cc=(Copies, ()))


ReplyBody = _reply_body()
"""A reply as a caller writes it."""


async def name_copies(asking: Asking, parts: dict[str, Any]) -> dict[str, Any]:
    """The command's parts, with a contact point for every address."""
    body = parts.get("reply")
    if body is None:
        return parts
    reply = {name: getattr(body, name) for name in body.model_fields_set}
    addresses: tuple[str, ...] = reply.pop("cc", ())
    contacts = [asking.contact("email", address) for address in addresses]
    return {**parts, "reply": {**reply, "cc": contacts} if contacts else reply}
