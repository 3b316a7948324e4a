"""Mails written for tests."""

from services.ingest.channels.email.automatic import LOOP_HEADER

HEAD = {
    "From": "Sara Ali <sara@example.org>",
    "To": "support@example.com",
    "Subject": "The printer",
    "Date": "Mon, 05 Aug 2024 10:00:00 +0300",
    "Message-ID": "<1@example.org>",
}
LOOP = {LOOP_HEADER: "mark"}


def mail(body: bytes | str = "hello\r\n", /, **fields: str | None) -> bytes:
    """A plain mail; fields are given with underscores, None leaves one out."""
    given = {name.replace("_", "-"): value for name, value in fields.items()}
    head = {**HEAD, **given}
    lines = [
        f"{name}: {value}\r\n".encode("utf-8", "surrogateescape") for name, value in head.items() if value is not None
    ]
    return b"".join([*lines, b"\r\n", body if isinstance(body, bytes) else body.encode()])


def multipart(*parts: bytes, kind: str = "mixed", **fields: str | None) -> bytes:
    """A multipart mail of parts with their own fields."""
    body = b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n"
    return mail(body, MIME_Version="1.0", Content_Type=f'multipart/{kind}; boundary="edge"', **fields)
