import os
from base64 import encodebytes

import pytest

from services.ingest.channels.email.parse import parse_mail
from tests.unit.ingest.email.letters import mail, multipart


def carrying(content: bytes) -> bytes:
    """A mail with a long subject line and a file."""
    coded = encodebytes(content).replace(b"\n", b"\r\n")
    part = b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + coded
    raw = multipart(b"\r\nold words", part, Subject=f"Old matter {'of long ago ' * 10}".strip())
    return inside(raw)


def inside(raw: bytes) -> bytes:
    """A mail that may lie in another one."""
    return raw.replace(b'"edge', b'"inner-edge').replace(b"--edge", b"--inner-edge")


def forwarding(inner: bytes, encoding: str = "8bit") -> bytes:
    head = f"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    return multipart(b"\r\nsee below", head + inner)


@pytest.mark.parametrize("size", [10, 200_000])
def test_a_forwarded_mail_is_kept_byte_for_byte(size: int) -> None:
    inner = carrying(os.urandom(size))
    (file,) = parse_mail(forwarding(inner)).files
    assert file.content == inner


@pytest.mark.parametrize("size", [10, 200_000])
def test_a_forwarded_mail_that_was_encoded_is_kept_byte_for_byte(size: int) -> None:
    inner = carrying(os.urandom(size))
    read = parse_mail(forwarding(encodebytes(inner).replace(b"\n", b"\r\n"), "base64"))
    (file,) = read.files
    assert file.content == inner
    assert file.name.startswith("Old matter of long ago")
    assert [(part.media_type, part.size) for part in read.parts][-1] == ("application/pdf", size)


@pytest.mark.parametrize(
    "raw",
    [
        forwarding(carrying(b"x" * 200_000)),
        forwarding(encodebytes(carrying(b"x" * 200_000)), "base64"),
        forwarding(inside(forwarding(carrying(b"x" * 200_000)))),
        mail("x" * 100_000 + "\r\nend", Content_Type="multipart/mixed; boundary=never", MIME_Version="1.0"),
    ],
)
def test_a_mail_that_comes_again_has_the_same_fingerprint(raw: bytes) -> None:
    assert parse_mail(raw).fingerprint == parse_mail(raw).fingerprint
