"""The running desk, asked over HTTP like anybody else asks it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from services.verbs.address import KEY_FILE, noted
from shared.settings import Settings

if TYPE_CHECKING:
    import httpx2

PATIENCE = 30
"""Seconds one answer may take."""
UNDECIDED = 202


class NoAnswer(Exception):
    """Nothing answers, or not as a desk does; the message says what to do."""


class Refused(Exception):
    """The desk said no. `findings` are the details, where there are any."""

    def __init__(self, status: int, reason: str, detail: str, findings: list[Any]) -> None:
        super().__init__(f"{detail.rstrip('.')} ({reason})" if detail else reason)
        self.status, self.reason, self.findings = status, reason, findings


class Remote:
    """One desk, with one key. Use as a context manager."""

    def __init__(self, url: str, key: str, transport: "httpx2.BaseTransport | None" = None) -> None:
        import httpx2

        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {key}"}
        self._errors = httpx2.TransportError
        self._client = httpx2.Client(
            base_url=self.url, headers=headers, timeout=PATIENCE, transport=transport, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, **query: Any) -> Any:
        """What is there. Raises NoAnswer, Refused."""
        return self._ask("GET", path, params={name: value for name, value in query.items() if value is not None})

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """All items of a list, page after page."""
        after: str | None = None
        while True:
            page = self.get(path, limit=200, after=after, **query)
            yield from page["items"]
            after = page["next"]
            if after is None:
                return

    def send(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Do something, and wait until it is decided. Raises NoAnswer, Refused."""
        return self._decided(self._ask(method, path, params=query, json=body))

    def upload(self, path: str, content: bytes, media_type: str, **query: Any) -> Any:
        """Send a file, and wait until what it asks for is decided. Raises NoAnswer, Refused."""
        headers = {"Content-Type": media_type}
        return self._decided(self._ask("POST", path, params=query, content=content, headers=headers))

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        try:
            response = self._client.request(method, path, **more)
        except self._errors as fault:
            wrong = f"nothing answers at {self.url} ({type(fault).__name__})"
            raise NoAnswer(f"{wrong}: start the desk with `make run`, or set SANAD_URL") from None
        if response.is_success:
            return response.json() if response.content else {}
        try:
            told = response.json()
            raise Refused(response.status_code, told["reason"], told.get("detail", ""), told.get("findings", []))
        except (ValueError, KeyError, TypeError, AttributeError):
            wrong = f"{self.url} answers {response.status_code}, but not as a desk does"
            raise NoAnswer(f"{wrong}: is SANAD_URL right?") from None

    def _decided(self, answer: Any) -> Any:
        """A write that is durable but not decided yet is asked for until it is."""
        deadline = time.monotonic() + PATIENCE
        while isinstance(answer, dict) and answer.get("state") == "accepted" and "command" in answer:
            if time.monotonic() > deadline:
                raise Refused(UNDECIDED, "not_decided_yet", f"It was taken as command {answer['command']}.", [])
            answer = self.get(f"/v1/commands/{answer['command']}", wait=True)
            if answer.get("state") in {"refused", "internal"}:
                raise Refused(409, answer.get("reason") or "internal", "The desk refuses this.", [])
        return answer


def open_remote(settings: Settings) -> Remote:
    """The desk the settings mean. Raises NoAnswer: there is no key to ask it with."""
    url = settings.url or noted(settings.folder) or f"http://{settings.http_host}:{settings.http_port}"
    return Remote(url, settings.key or _read_key(settings.folder / KEY_FILE))


def _read_key(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        raise NoAnswer(f"there is no key in {path}: start the desk once with `make run`, or set SANAD_KEY") from None
