"""Two sets of documents, read side by side by key."""

from collections.abc import AsyncIterator

from shared.documents import Document

Pair = tuple[Document | None, Document | None]


async def side_by_side(
    left: AsyncIterator[Document], right: AsyncIterator[Document]
) -> AsyncIterator[tuple[str, Pair]]:
    """Every key with what lies under it on each side. Where the sides do not order keys alike, one may come twice, each
    time with one side only."""
    one, other = await anext(left, None), await anext(right, None)
    while one is not None or other is not None:
        key = min(document.key for document in (one, other) if document is not None)
        mine = one if one is not None and one.key == key else None
        theirs = other if other is not None and other.key == key else None
        yield key, (mine, theirs)
        if mine is not None:
            one = await anext(left, None)
        if theirs is not None:
            other = await anext(right, None)
