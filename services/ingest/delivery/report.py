"""What the desk is told of a delivery: one command per outcome, under an id that a repeat has too."""

from services.ingest.delivery.outbox import Item
from shared.catalogue.commands import ReportDelivery
from shared.catalogue.values import Principal
from shared.desks import DeskPlace
from shared.ids import named_id


def report(place: DeskPlace, item: Item) -> tuple[str, ReportDelivery]:
    """Id and command for the outcome the outbox holds."""
    body = item.body
    # an older release concluded without it
    unreachable = body.get("unreachable", False)
    command = _report(
        place, item, outcome=body["outcome"], permanent=body["permanent"], code=body["code"], unreachable=unreachable
    )
    return named_id(item.id, "report", body["attempts"]), command


def report_bounce(
    place: DeskPlace, item: Item, *, permanent: bool, code: str, unreachable: bool
) -> tuple[str, ReportDelivery]:
    """The other side took it first and gave it back later."""
    command = _report(place, item, outcome="failed", permanent=permanent, code=code, unreachable=unreachable)
    return named_id(item.id, "bounce", int(permanent)), command


def _report(place: DeskPlace, item: Item, **outcome: object) -> ReportDelivery:
    delivery = item.delivery
    by = Principal(organisation=place.organisation, desk=place.id, id="ingest", role="system")
    about = {"by": by, "delivery": item.id, "message": delivery.message, "conversation": delivery.conversation}
    return ReportDelivery.model_validate({**about, **outcome})
