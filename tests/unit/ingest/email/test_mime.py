from pathlib import Path
from xml.etree.ElementTree import fromstring

from services.ingest.channels.email.charsets import decode_bytes
from services.ingest.channels.email.parse import parse_mail
from services.ingest.channels.email.parts import Node, read_message, walk
from services.ingest.channels.email.repair import repair
from tests.unit.ingest.email.material import real_mail


def _expected(folder: Path, name: str) -> dict[str, bytes]:
    """The leaves the sample's makers expect, by place ("1.2")."""
    tree = fromstring((folder / f"{name}_decoded.xml").read_text(errors="replace"))  # noqa: S314 - a sample on our disk
    files = [str(part.get("name")) for part in tree.iter() if part.tag in ("text-body", "binary-body")]
    return {Path(file).stem.rsplit("_decoded_", 1)[1].replace("_", "."): (folder / file).read_bytes() for file in files}


def _lines(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").rstrip(b"\n")


def _same(node: Node, expected: bytes) -> bool:
    content = node.content
    return _lines(content) == _lines(expected) or _lines(
        decode_bytes(content, node.parameter("charset")).encode()
    ) == _lines(expected)


def test_at_least_nine_of_ten_samples_yield_the_expected_parts() -> None:
    folder = real_mail("mime")
    samples = sorted(folder.glob("*.msg"))
    wrong = []
    for sample in samples:
        expected = _expected(folder, sample.stem)
        leaves = {node.path: node for node in walk(read_message(repair(sample.read_bytes()).raw)) if node.leaf}
        if leaves.keys() != expected.keys() or not all(_same(leaves[path], expected[path]) for path in expected):
            wrong.append(sample.name)
    print(f"\nMIME samples with the expected parts: {len(samples) - len(wrong)} of {len(samples)}")
    assert len(wrong) <= 0.1 * len(samples), wrong


def test_every_sample_is_readable_and_shows_its_text() -> None:
    folder = real_mail("mime")
    for sample in sorted(folder.glob("*.msg")):
        read = parse_mail(sample.read_bytes())
        shown = read.text.encode() + b"".join(file.content for file in read.files)
        expected = [content for path, content in _expected(folder, sample.stem).items() if path in ("1", "1.1")]
        words = [word for content in expected for word in content.split() if word.isalpha()]
        assert all(word in shown for word in words), sample.name
