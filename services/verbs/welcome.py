"""What a newcomer is told when the desk is up: where to go, and what to try."""

from typing import Any

from rich.console import Console

from services.gateway.accounts.sessions import Sessions
from services.gateway.accounts.sign_in import FIRST_LIFETIME, SignIn
from services.gateway.store import DESK
from services.verbs.address import KEY_FILE
from services.verbs.first_start import ADMIN
from shared.desks import Desks
from shared.moves import Movements
from shared.service import Ports


async def greet(terminal: Console, ports: Ports, url: str, desk: str, *, people: int) -> None:
    """Print it. A fresh sign-in link every time: one that nobody uses is gone in a day."""
    settings = ports.settings
    form, address = await _doors(ports, desk)
    lines = [
        f"The desk {desk} is up.",
        f"  board          {url}/",
        f"  sign in        {url}{sign_in_path(ports, desk)}",
    ]
    if form:
        lines.append(f"  customers      {url}/in/forms/{form}")
    if address:
        lines.append(f"  mail           {address}, taken on {settings.smtp_host}:{settings.smtp_port}")
    if not settings.relay_host:
        lines.append(
            f"  mail out       no relay is set: kept in {settings.folder}/outbox and on {url}/outbox, not sent"
        )
    lines.append(f"  key for verbs  {settings.folder}/{KEY_FILE}")
    if people:
        lines.append(f"{people} example people are ready to work (deploy/people.csv).")
    if form:
        lines += [
            "Try this in another terminal; the ticket appears on the board, assigned by specialty:",
            f"  curl -s {url}/in/forms/{form} -H 'Origin: {url}' -H 'Content-Type: application/json' \\",
            '    -d \'{"name": "Amal", "email": "amal@example.com", "message": "I lost my card, please help"}\'',
        ]
    lines += await _sealed(ports, desk)
    lines.append("Ctrl-C stops it; nothing that was taken in is lost.")
    terminal.print("\n".join(lines), markup=False, soft_wrap=True)


async def _sealed(ports: Ports, desk: str) -> list[str]:
    movement = await Movements(ports.documents).find(desk)
    if movement is None or movement.seal is None:
        return []
    where = f", to {movement.seal.to}" if movement.seal.to else ""
    return [
        f"But it is sealed since its export{where}: it takes and sends nothing here.",
        f"  take it back   python -m services export --desk {desk} --unseal",
    ]


def sign_in_path(ports: Ports, desk: str) -> str:
    """A fresh one-time link for the administrator."""
    desks = Desks(ports.documents, ports.broker.partitions)
    sign_in = SignIn(ports.documents, desks, Sessions(ports.documents, desks), ports.secrets.links)
    return sign_in.link(desk, ADMIN, ports.clock.now(), FIRST_LIFETIME)


async def _doors(ports: Ports, desk: str) -> tuple[str | None, str | None]:
    """The first form's key and the first mail address of the policy in force."""
    found = await ports.documents.of(desk).get(DESK.name, "policy")
    accounts: list[dict[str, Any]] = list(found.body["policy"]["accounts"].values()) if found else []
    forms = (account["key"] for account in accounts if account["channel"] == "webform")
    addresses = (account["address"] for account in accounts if account["channel"] == "email")
    return next(forms, None), next(addresses, None)
