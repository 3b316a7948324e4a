"""Two sets of documents, read side by side by key, a page at a time."""

from collections.abc import AsyncIterator

from shared.documents import DeskDocuments, Document

PAGE = 500
"""Documents read at once: few calls, and still no pause that anybody feels."""
Pair = tuple[Document | None, Document | None]


async def all_of(documents: DeskDocuments, collection: str) -> AsyncIterator[Document]:
    """Every document of a collection, by key."""
    after: str | None = None
    while True:
        page = await documents.page(collection, after=after, limit=PAGE)
        for document in page.documents:
            yield document
        after = page.next
        if after is None:
            return


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
