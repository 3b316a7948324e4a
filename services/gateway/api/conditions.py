"""What must hold when a write arrives for the first time. Its repeats are told what became of it."""

from fastapi import Header

from services.gateway.api.asking import Asking
from services.gateway.store import TICKETS
from shared.catalogue.commands import Command, OpenTicket, UpdateTicket
from shared.catalogue.values import MOST_FILE_BYTES, MOST_FILES
from shared.http import Problem

IfMatch = Header(
    alias="If-Match",
    max_length=64,
    description="The ticket's ETag, or *: 412 where the ticket that can be read when the request arrives is another. Of two"
    " writers at the same moment both may pass. With a reply it is `seen`, which the desk judges when it decides.",
)


async def check_match(asking: Asking, command: Command, ticket: str | None, match: str | None) -> Command:
    """If-Match names what the writer saw, judged now and against what is readable now. Raises Problem 412.

    Of two writers who saw the same and write at the same moment both may pass: only what a command carries as `seen` is
    judged again, by the desk itself and for a reply.
    """
    if match is None:
        return command
    found = await asking.gate.documents.of(asking.principal.desk).get(TICKETS.name, ticket) if ticket else None
    if found is None or match.strip() not in {"*", f'"{found.seq}"'}:
        raise Problem(412, "changed_meanwhile", "The ticket has changed; read it again.", seq=found.seq if found else 0)
    return command.model_copy(update={"seen": found.seq}) if "seen" in type(command).model_fields else command


async def check_files(asking: Asking, command: Command) -> None:
    """A reply names files that are here, and no more than its sender can hold. Raises Problem 422."""
    if not isinstance(command, OpenTicket | UpdateTicket) or command.reply is None:
        return
    named = [file.blob for file in command.reply.attachments]
    if len(named) > MOST_FILES:
        raise Problem(422, "too_many_attachments", f"A reply takes at most {MOST_FILES} files.")
    sizes = await asking.gate.blobs.sizes(asking.principal.desk, named)
    findings = [
        {"where": ["body", "reply", "attachments", place, "blob"], "wrong": "unknown"}
        for place, blob in enumerate(named)
        if blob not in sizes
    ]
    if findings:
        raise Problem(422, "unknown_attachment", "Upload the files of a reply first.", findings=findings)
    if sum(sizes[blob] for blob in named) > MOST_FILE_BYTES:
        raise Problem(422, "attachments_too_large", f"A reply takes files of {MOST_FILE_BYTES >> 20} MiB together.")
