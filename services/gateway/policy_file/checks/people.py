"""The desk and its teams: languages, calendars, specialties, tiers."""

from collections.abc import Iterator

from services.gateway.policy_file.checks.names import Names
from services.gateway.policy_file.document import PolicyFile
from services.gateway.policy_file.findings import Fault


def check_desk(file: PolicyFile, names: Names) -> Iterator[Fault]:
    yield from names.check("languages", file.desk.language, ("desk", "language"))
    yield from names.check("calendars", file.desk.calendar, ("desk", "calendar"))
    yield from names.check("tiers", file.desk.customer_tier, ("desk", "customer_tier"))
    for name, brand in file.brands.items():
        yield from names.check("calendars", brand.calendar, ("brands", name, "calendar"))


def check_teams(file: PolicyFile, names: Names) -> Iterator[Fault]:
    owners: dict[str, str] = {}
    for name, team in file.teams.items():
        steps = ("teams", name)
        yield from names.check("calendars", team.calendar, (*steps, "calendar"))
        yield from names.check("teams", team.escalates_to, (*steps, "escalates_to"))
        yield from names.check_all("categories", team.specialties, (*steps, "specialties"))
        if not team.offer_timeout:
            wrong = "nobody can accept an offer in no time"
            yield Fault((*steps, "offer_timeout"), wrong, 'give them a while, such as "30s"')
        for place, step in enumerate(team.relaxation):
            yield from names.check_all("skills", step.drop, (*steps, "relaxation", place, "drop"))
        for place, path in enumerate(team.specialties):
            first = owners.setdefault(path, name)
            if first != name and team.tier == file.teams[first].tier:
                wrong = f"{path!r} is already the specialty of {first!r}"
                yield Fault((*steps, "specialties", place), wrong, "give it to one team of a tier only")
        if _escalates_in_a_circle(file, name):
            yield Fault(
                (*steps, "escalates_to"), "these teams escalate in a circle", "let the last tier escalate nowhere"
            )


def _escalates_in_a_circle(file: PolicyFile, name: str) -> bool:
    met: set[str] = set()
    following: str | None = name
    while following and following not in met:
        met.add(following)
        team = file.teams.get(following)
        following = team.escalates_to if team else None
    return following == name
