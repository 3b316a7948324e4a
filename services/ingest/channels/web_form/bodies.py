"""A request's body as named values and files: JSON, form-encoded or multipart, each within its limits."""

import re
from urllib.parse import parse_qsl

import orjson
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from services.ingest.channel import Refusal
from services.ingest.channels.web_form.written import Body, Sent, decode
from shared.policy.limits import MIB, Limits

MOST_VALUES = 60
MOST_TEXT_BYTES = 1 * MIB
MOST_BYTES = 26 * MIB
"""Of a whole request, whatever a desk allows per file."""
MOST_HEADERS_OF_A_PART = 8
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")


def most_bytes(content_type: str, limits: Limits) -> int:
    """How much of this kind of body may be read at all."""
    if not content_type.lower().startswith("multipart/form-data"):
        return MOST_TEXT_BYTES
    return MOST_TEXT_BYTES + most_together(limits)


def most_together(limits: Limits) -> int:
    """How large all files of a form may be together."""
    return min(MOST_BYTES - MOST_TEXT_BYTES, limits.attachments * limits.attachment_bytes)


def read_body(content: bytes, content_type: str, limits: Limits) -> Body:
    """The values and files. Raises Refusal: 400, 413, 415, 422."""
    kind, options = parse_options_header(content_type.encode("latin-1", "replace"))
    charset = options.get(b"charset", b"")
    match kind:
        case b"application/json":
            return Body(_read_json(content))
        case b"application/x-www-form-urlencoded":
            return decode(Sent(_read_encoded(content), charset=charset))
        case b"multipart/form-data":
            return decode(_Multipart(limits, charset).read(content, options.get(b"boundary", b"")))
    raise Refusal(415, "unsupported_media_type", "Send JSON, a form-encoded or a multipart form.")


def _read_json(content: bytes) -> list[tuple[str, str]]:
    try:
        sent = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise Refusal(400, "malformed", "The body is not JSON.") from None
    if not isinstance(sent, dict) or len(sent) > MOST_VALUES:
        raise Refusal(400, "malformed", f"Send an object of at most {MOST_VALUES} texts.")
    wrong = tuple((name[:64], "text_expected") for name, value in sent.items() if not isinstance(value, str | None))
    if wrong:
        raise Refusal(422, "invalid", "Some values are no text.", findings=wrong)
    return [(name, value or "") for name, value in sent.items()]


def _read_encoded(content: bytes) -> list[tuple[bytes, bytes]]:
    try:
        # a letter of Latin-1 is the byte it was sent as
        found = parse_qsl(
            content.decode("ascii"), keep_blank_values=True, encoding="latin-1", max_num_fields=MOST_VALUES
        )
    except ValueError:
        raise Refusal(400, "malformed", f"Send at most {MOST_VALUES} form-encoded values.") from None
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in found]


class _Multipart:
    """Takes a multipart body apart; refuses at the first part too many, before more is copied."""

    def __init__(self, limits: Limits, charset: bytes) -> None:
        self._limits = limits
        self._sent = Sent(charset=charset)
        self._header = (bytearray(), bytearray())
        self._headers: dict[bytes, bytes] = {}
        self._content = bytearray()
        self._text_bytes = self._parts = 0

    def read(self, content: bytes, boundary: bytes) -> Sent:
        if not boundary:
            raise Refusal(400, "malformed", "The multipart form names no boundary.")
        try:
            parser = MultipartParser(
                boundary, {
                    "on_part_begin": self._begin, "on_header_field": self._add_name, "on_header_value": self._add_value,
                    "on_header_end": self._end_header, "on_part_data": self._add, "on_part_end": self._end,
                }, max_header_count=MOST_HEADERS_OF_A_PART,
            )  # fmt: skip
            parser.write(content)
            parser.finalize()
        except (FormParserError, UnicodeError):
            raise Refusal(400, "malformed", "The multipart form cannot be read.") from None
        return self._sent

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_VALUES + self._limits.attachments:
            raise Refusal(413, "too_many_parts", f"Send at most {MOST_VALUES} values.")
        self._headers, self._content = {}, bytearray()

    def _add_name(self, content: bytes, start: int, end: int) -> None:
        self._header[0].extend(content[start:end])

    def _add_value(self, content: bytes, start: int, end: int) -> None:
        self._header[1].extend(content[start:end])

    def _end_header(self) -> None:
        name, value = self._header
        self._headers[bytes(name).lower()] = bytes(value)
        self._header = (bytearray(), bytearray())

    def _add(self, content: bytes, start: int, end: int) -> None:
        self._content.extend(content[start:end])
        if len(self._content) > self._limits.attachment_bytes:
            raise Refusal(413, "too_large", "A file is larger than this desk takes.")

    def _end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if b"filename" not in options:
            self._add_text(options.get(b"name", b""))
        elif options[b"filename"] or self._content:
            # a file input left empty sends an unnamed part without content
            self._add_file(options[b"filename"])

    def _add_text(self, name: bytes) -> None:
        self._text_bytes += len(self._content)
        if self._text_bytes > MOST_TEXT_BYTES:
            raise Refusal(413, "too_large", "The text is larger than any desk takes.")
        _, options = parse_options_header(self._headers.get(b"content-type", b""))
        self._sent.charset = self._sent.charset or options.get(b"charset", b"")
        self._sent.values.append((name, bytes(self._content)))

    def _add_file(self, name: bytes) -> None:
        if len(self._sent.files) >= self._limits.attachments:
            raise Refusal(413, "too_many_files", f"Send at most {self._limits.attachments} files.")
        stated = self._headers.get(b"content-type", b"").decode("latin-1").split(";")[0].strip().lower()
        media_type = stated if _MEDIA_TYPE.fullmatch(stated) else "application/octet-stream"
        self._sent.files.append((name, media_type, bytes(self._content)))
