"""Zones and countries exist."""

from collections.abc import Iterator

from services.gateway.policy_file.checks.names import Names
from services.gateway.policy_file.document import PolicyFile
from services.gateway.policy_file.findings import Fault, Steps
from services.gateway.policy_file.public_holidays import public_holidays
from services.gateway.policy_file.zones import known_zone
from shared.policy.noun import Misfit


def check_zones(file: PolicyFile, names: Names) -> Iterator[Fault]:
    del names
    yield from _check_zone(file.desk.zone, ("desk", "zone"))
    for name, calendar in file.calendars.items():
        if calendar.zone:
            yield from _check_zone(calendar.zone, ("calendars", name, "zone"))
        if calendar.country:
            try:
                next(public_holidays(calendar.country, 2026, 2026), None)
            except Misfit as misfit:
                yield Fault(("calendars", name, "country"), misfit.wrong, misfit.fix)


def _check_zone(zone: str, steps: Steps) -> Iterator[Fault]:
    try:
        known_zone(zone)
    except Misfit as misfit:
        yield Fault(steps, misfit.wrong, misfit.fix)
