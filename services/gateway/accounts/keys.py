"""API keys: `sk_<id>_<32 bytes>`. Looked up by id, compared by digest, shown once."""

import hmac
import re
import secrets
from dataclasses import dataclass
from hashlib import sha256

from services.gateway.store import KEYS
from shared.catalogue.values import Principal, Role
from shared.clock import Ms
from shared.desks import INSTALLATION
from shared.documents import Body, Conflict, Document, Documents, by

FORM = re.compile(r"sk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")
NO_DIGEST = "0" * 64
MOST = 200


@dataclass(frozen=True, slots=True)
class Key:
    """A key as its desk's admins see it. Its principal's id is `key-<id>`."""

    id: str
    name: str
    role: Role
    scopes: tuple[str, ...]
    created_at: Ms
    created_by: str
    revoked_at: Ms | None


class Keys:
    """All desks' keys; each belongs to one desk."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents.of(INSTALLATION)

    async def create(self, admin: Principal, name: str, role: Role, scopes: tuple[str, ...], at: Ms) -> tuple[Key, str]:
        """A new key of the admin's desk, and its only showing."""
        key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
        body: Body = {
            "desk": admin.desk, "organisation": admin.organisation, "digest": _digest(secret), "name": name,
            "role": role, "scopes": list(scopes), "created_at": at, "created_by": admin.id, "revoked_at": None,
        }  # fmt: skip
        await self._documents.replace(KEYS.name, key_id, body, None)
        return _key(Document(key_id, 1, body)), f"sk_{key_id}_{secret}"

    async def principal(self, token: str) -> Principal | None:
        """Whose key this is; None for one that is unknown, wrong or revoked. The time taken tells nothing."""
        parts = FORM.fullmatch(token)
        found = await self._documents.get(KEYS.name, parts[1]) if parts else None
        kept: Body = found.body if found else {"digest": NO_DIGEST, "revoked_at": 0}
        right = hmac.compare_digest(_digest(parts[2] if parts else ""), kept["digest"])
        if not right or parts is None or kept["revoked_at"] is not None:
            return None
        return Principal(
            organisation=kept["organisation"], desk=kept["desk"], id=f"key-{parts[1]}", role=kept["role"],
            scopes=tuple(kept["scopes"]),
        )  # fmt: skip

    async def of_desk(self, desk: str, after: str | None = None, limit: int = MOST) -> tuple[list[Key], str | None]:
        """A page of the desk's keys, revoked ones too, and the cursor of the next. Raises ValueError for a cursor of
        another list."""
        page = await self._documents.page(KEYS.name, where=by(desk=desk), after=after, limit=limit)
        return [_key(document) for document in page.documents], page.next

    async def revoke(self, desk: str, key_id: str, at: Ms) -> bool:
        """The key opens nothing from now on. False where the desk has no such key."""
        while True:
            found = await self._documents.get(KEYS.name, key_id)
            if found is None or found.body["desk"] != desk:
                return False
            if found.body["revoked_at"] is not None:
                return True
            try:
                await self._documents.replace(KEYS.name, key_id, {**found.body, "revoked_at": at}, found.seq)
            except Conflict:
                continue


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _key(document: Document) -> Key:
    body = document.body
    return Key(
        document.key, body["name"], body["role"], tuple(body["scopes"]), body["created_at"], body["created_by"],
        body["revoked_at"],
    )  # fmt: skip
