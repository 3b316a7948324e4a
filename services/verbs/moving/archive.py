"""The file of an export: a tar whose last member says what it must hold. Whatever is not whole is refused.

`format.json` is first, so that another version is refused at once; `manifest.json` is last and holds a digest over the
names, lengths and digests of all members before it, so that a file that was cut, bent or pieced together never passes.
"""

import gzip
import io
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, cast

import orjson

FORMAT = 1
VERSION = "0.1.0"
"""Of Sanad, told in every export: who finds a newer format knows what to fetch."""
FORMAT_NAME, MANIFEST_NAME = "format.json", "manifest.json"
KIND = "a desk of Sanad"
ENDINGS = (".tar", ".tar.gz", ".tgz")
COMPRESSION = 3
"""Facts are much alike: more would take three times as long for a tenth less."""
LONGEST_MEMBER = 80 << 20
GZIP = b"\x1f\x8b"
BROKEN = (tarfile.TarError, zlib.error, EOFError, OSError, UnicodeDecodeError)


class Unfit(Exception):
    """The file cannot be taken in; nothing was changed. The message says why."""


class Digest:
    """Over all members, in order."""

    def __init__(self) -> None:
        self._chain, self.members = sha256(), 0

    def take(self, name: str, content: bytes) -> None:
        self._chain.update(f"{name}\n{len(content)}\n{sha256(content).hexdigest()}\n".encode())
        self.members += 1

    def told(self) -> dict[str, Any]:
        return {"members": self.members, "sha256": self._chain.hexdigest()}


class Writing:
    """An export under way, beside where it will be: the file itself is there whole or not at all."""

    def __init__(self, path: Path) -> None:
        if not path.name.endswith(ENDINGS):
            raise Unfit(f"{path}: call it {' or '.join(ENDINGS)}")
        if path.exists():
            raise Unfit(f"{path} is there already; give another name")
        self._path, self._part = path, path.with_name(f"{path.name}.part")
        self._part.unlink(missing_ok=True)
        descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        packed = not path.name.endswith(".tar")
        self._packed = gzip.GzipFile("", "wb", COMPRESSION, self._file, 0) if packed else None
        under = cast("IO[bytes]", self._packed or self._file)
        self._tar = tarfile.open(fileobj=under, mode="w|")  # noqa: SIM115 - closed by finish or abandon
        self._digest = Digest()
        self.add(FORMAT_NAME, orjson.dumps({"kind": KIND, "format": FORMAT, "made_by": VERSION}))

    def add(self, name: str, content: bytes) -> None:
        """One member. Raises OSError."""
        self._digest.take(name, content)
        self._write(name, content)

    def finish(self, manifest: dict[str, Any]) -> None:
        """The last member; durable and under its name when it returns. Raises OSError."""
        self._write(MANIFEST_NAME, orjson.dumps({**manifest, **self._digest.told()}))
        self._tar.close()
        if self._packed:
            self._packed.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def abandon(self) -> None:
        """It failed: leave nothing."""
        # from the inside out, or what is forgotten open writes its end into a closed file, and says so
        for one in (self._tar, self._packed, self._file):
            with suppress(OSError):
                if one is not None:
                    one.close()
        self._part.unlink(missing_ok=True)

    def _write(self, name: str, content: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(content), 0o600
        self._tar.addfile(member, io.BytesIO(content))


def members(path: Path) -> Iterator[tuple[str, bytes]]:
    """All members in order, the manifest last, one in memory at a time. Raises Unfit, at the end if not before."""
    digest, last = Digest(), ""
    try:
        with path.open("rb") as file:
            packed = file.read(len(GZIP)) == GZIP
            file.seek(0)
            source = cast("IO[bytes]", gzip.GzipFile(fileobj=file) if packed else file)
            with tarfile.open(fileobj=source, mode="r|") as tar:
                for member in tar:
                    name, content = member.name, _content(tar, member)
                    if last == MANIFEST_NAME:
                        raise Unfit(f"{path} goes on after its end")
                    if not last:
                        _require_known(path, name, content)
                    if name == MANIFEST_NAME:
                        _require_whole(path, content, digest)
                    else:
                        digest.take(name, content)
                    yield name, content
                    last = name
            # what a cut or bent file hides behind the last member shows when the packing is read to its end
            while source.read(1 << 20):
                pass
    except BROKEN as fault:
        raise Unfit(f"{path} cannot be read as an export ({type(fault).__name__}): is it whole?") from None
    if last != MANIFEST_NAME:
        raise Unfit(f"{path} is not whole: its end is missing")


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member) if member.isreg() and member.size <= LONGEST_MEMBER else None
    if file is None:
        raise tarfile.ReadError
    return file.read()


def _require_known(path: Path, name: str, content: bytes) -> None:
    told = _json(content) if name == FORMAT_NAME else {}
    if told.get("kind") != KIND or not isinstance(told.get("format"), int):
        raise Unfit(f"{path} is no export of a desk")
    if told["format"] != FORMAT:
        raise Unfit(
            f"{path} has format {told['format']}, written by Sanad {told.get('made_by')}; this one reads {FORMAT}"
        )


def _require_whole(path: Path, content: bytes, digest: Digest) -> None:
    manifest = _json(content)
    if any(manifest.get(name) != value for name, value in digest.told().items()):
        raise Unfit(f"{path} is damaged: its content is not what its manifest says")


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
