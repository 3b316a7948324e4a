"""The console: pages for agents and leads, in Arabic and English. They show documents and write through the API only.

One table of pages, each with the act it needs; what goes wrong is told as a page in the visitor's language.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import Response
from starlette.convertors import Convertor, register_url_convertor

from services.gateway.console import board, desk_pages, sign_in, ticket, tickets
from services.gateway.console.assets import read_assets
from services.gateway.console.entrance import Entrance
from services.gateway.console.visit import Page, Visit
from services.gateway.gate import Gate
from shared.http import Problem
from shared.pages import Pages

FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "Cross-Origin-Resource-Policy": "cross-origin"}
"""Cross-origin, because the frame of a letter has no origin at all."""
A_DAY = {"Cache-Control": "public, max-age=86400"}


async def show_nothing(_visit: Visit) -> Response:
    """An address nobody has."""
    raise Problem(404)


PAGES: tuple[Page, ...] = (*board.PAGES, *tickets.PAGES, *ticket.PAGES, *desk_pages.PAGES, *sign_in.PAGES)
LOST = Page("/{rest:lost}", show_nothing, None)


class Lost(Convertor[str]):
    """Paths that programs ask for are not ours to answer with a page."""

    regex = r"(?!v1(/|$)|in/|s/|console/|metrics$|livez$|readyz$).+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


def build_console(gate: Gate) -> APIRouter:
    """All pages, standing on this gate. The last one takes every address that is nobody else's: mount it last."""
    register_url_convertor("lost", Lost())
    router = APIRouter(include_in_schema=False)
    assets = read_assets()
    entrance = Entrance(gate, Pages(Path(__file__).parent / "templates"), assets)

    @router.get(f"{assets.root}/{{name}}")
    async def show_asset(name: str) -> Response:
        if name not in assets.files:
            raise Problem(404)
        return Response(assets.files[name], media_type=assets.media_type(name), headers=FOREVER)

    @router.get("/favicon.ico")
    async def show_mark() -> Response:
        """Asked for by browsers on pages that name none."""
        return Response(assets.files["mark.svg"], media_type=assets.media_type("mark.svg"), headers=A_DAY)

    for page in (*PAGES, LOST):
        router.add_api_route(page.path, _endpoint(entrance, page), methods=[page.method], name=f"page {page.path}")
    return router


def _endpoint(entrance: Entrance, page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await entrance.enter(request, page)

    return endpoint
