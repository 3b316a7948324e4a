"""Who takes part in a simulated desk."""

from shared.catalogue.values import Contact, Principal, Role, Skill

AGENTS = ("amal", "basim", "dina", "ehab")
LEAD = "layla"
SEATS = (*AGENTS, LEAD)
CONTACTS = 5
SKILLS = (
    (),
    (Skill(id="french", level=3),),
    (Skill(id="language:ar", level=4), Skill(id="french", level=1)),
)  # fmt: skip


def principal(desk: str, who: str, role: Role = "agent") -> Principal:
    return Principal(organisation=f"organisation-{desk}", desk=desk, id=who, role=role)


def staff(desk: str, who: str) -> Principal:
    return principal(desk, who, "lead" if who == LEAD else "agent")


def admin(desk: str) -> Principal:
    return principal(desk, "admin", "admin")


def contact(desk: str, number: int) -> Contact:
    return Contact(id=f"{desk} contact {number}", kind="email", address=f"c{number}@{desk}.example.net")
