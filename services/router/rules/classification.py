"""What a new ticket is about, how urgent it is and whose it is: the policy's ordered rules, first match."""

from dataclasses import dataclass

from services.router.desk.desk import Desk
from services.router.desk.needs import Needs, one_object
from services.router.rules.inbound import Inbound
from shared.catalogue.values import FollowUp
from shared.policy.policy import Policy
from shared.policy.terms import Priority, TicketType
from shared.policy.traits import Traits


@dataclass(frozen=True, slots=True)
class Classified:
    """The rule that decided, and what it said."""

    rule: str
    ticket_type: TicketType
    category: str
    priority: Priority
    team: str
    needs: Needs
    tags: tuple[str, ...]
    brand: str | None
    language: str | None
    customer_tier: str


def classify(desk: Desk, policy: Policy, inbound: Inbound, customer: str, follow_up: FollowUp | None) -> Classified:
    """By traits only. A follow-up keeps category, priority and team of the ticket it follows, as its token says."""
    account = policy.accounts.get(inbound.account)
    language = inbound.language or (account.language if account else None) or policy.desk.language
    tier = tier_of(desk, policy, customer)
    rule = policy.rule_for(
        Traits(
            account=inbound.account, channel=inbound.channel, brand=account.brand if account else "",
            address=inbound.address, language=language, tier=tier, conditions=frozenset(inbound.words),
        )
    )  # fmt: skip
    said = rule.then
    category = (follow_up and follow_up.category) or said.category
    team = said.team or policy.team_for(category, inbound.account).id
    if follow_up and follow_up.team in policy.teams:
        team = follow_up.team
    return Classified(
        rule=rule.id, ticket_type=said.type, category=category,
        priority=(follow_up and follow_up.priority) or said.priority, team=team,
        needs=_needs(policy, said.skills, language), tags=said.tags, brand=(account.brand or None) if account else None,
        language=language, customer_tier=tier,
    )  # fmt: skip


def tier_of(desk: Desk, policy: Policy, customer: str) -> str:
    """What is known of the customer, else the policy's default."""
    row = desk.customers.get(customer)
    return (row.tier if row is not None else None) or policy.desk.customer_tier


def _needs(policy: Policy, skills: dict[str, int], language: str) -> Needs:
    asked = dict(skills)
    if policy.desk.language_is_a_skill:
        spoken = language.partition("-")[0]
        # a form may hint at any language; nobody has the skill of one the desk does not speak
        spoken = spoken if spoken in policy.desk.languages else policy.desk.language
        asked.setdefault(f"language:{spoken}", 1)
    return one_object(tuple(sorted(asked.items())))
