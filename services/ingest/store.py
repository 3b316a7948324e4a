"""Where ingest keeps what must go out."""

from shared.documents import Collection

OUTBOX = Collection("outbox", indexed=("state", "due_at", "conversation", "place", "at"))
"""Keys are delivery ids. Written once by the fold; every change after that is the sender's, by compare and set."""

COLLECTIONS: tuple[Collection, ...] = (OUTBOX,)
