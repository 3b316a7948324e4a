"""Styles and scripts, under a path that names their content: whoever has one keeps it, a new release has another."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from services.gateway.console.labels import Labels
from shared.i18n import LANGUAGES

FOLDER = Path(__file__).parent / "static"
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Assets:
    """All files by name. `root` is the path they lie under."""

    files: dict[str, bytes]
    root: str

    def media_type(self, name: str) -> str:
        return MEDIA_TYPES[Path(name).suffix]


def read_assets() -> Assets:
    """The files of the folder, and the scripts' words in each language."""
    files = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in MEDIA_TYPES}
    for language in LANGUAGES:
        files[f"words-{language}.js"] = _words(language)
    digest = sha256(b"".join(name.encode() + content for name, content in sorted(files.items()))).hexdigest()
    return Assets(files, f"/console/{digest[:16]}")


def _words(language: str) -> bytes:
    """An ES module: what scripts say, and why the desk refuses."""
    labels = Labels(None, language)
    words = {table: labels.words(table) for table in ("script", "refusal", "delivery", "letter")}
    return f"export const words = {json.dumps(words, ensure_ascii=False)};\n".encode()
