"""A person or a program opens a ticket: for a customer, or for the desk alone."""

from typing import Any

import pytest

from shared.catalogue.commands import (
    LinkContactPoint,
    MergeCustomers,
    PutCustomer,
)  # fmt: skip
from shared.catalogue.facts import (
    ConversationOpened,
    FieldsChanged,
    MessageNoted,
    OwnerChanged,
    TicketOpened,
    WorkAssigned,
    WorkQueued,
)  # fmt: skip
from shared.catalogue.values import Principal
from shared.clock import HOUR
from shared.ids import note_id, ticket_id
from shared.policy.terms import Channel, Priority, Status, TicketType
from tests.unit.router.driving import ADMIN, LEAD, SYSTEM, World, contact, principal
from tests.unit.router.opened import AMAL, HELLO, met, open_ticket


@pytest.fixture
def world() -> World:
    return World()


# What comes of it.


def test_a_customers_ticket_is_numbered_classified_and_given_to_whoever_can(world: World) -> None:
    point = met(world)
    world.agent("amal")
    outcome = open_ticket(world, contact=point, command_id="call-1", note="She called.")
    opened = outcome.one(TicketOpened)
    assert (opened.ticket, opened.number, opened.cause) == (ticket_id("call-1"), 2, "agent")
    assert (opened.customer, opened.category, opened.team, opened.rule) == (point, "general", "front", "default")
    assert (opened.channel, opened.account, opened.brand, opened.since) == (Channel.EMAIL, "mail", "acme", world.at)
    assert (outcome.one(WorkQueued).cause, outcome.one(WorkAssigned).how, outcome.assignee) == (
        "opened", "automatic", "amal",
    )  # fmt: skip
    assert [one.agent for one in outcome.one(WorkAssigned).why.candidates] == ["amal"]
    assert outcome.settled.made == {"ticket": opened.ticket, "number": "2", "note": note_id("call-1")}


def test_without_a_customer_it_is_the_desks_own(world: World) -> None:
    outcome = open_ticket(world, note="The printer is on fire.", team="billing")
    opened = outcome.one(TicketOpened)
    assert (opened.customer, opened.conversation, opened.team) == (opened.ticket, None, "billing")
    assert not {"ConversationOpened", "CustomerRegistered"} & {*outcome.names}
    assert outcome.one(MessageNoted).by == "lena"
    assert world.desk.tickets[opened.ticket].conversations == ()


def test_a_note_only_says_what_it_is_about(world: World) -> None:
    outcome = open_ticket(world, note="Nobody has looked at it yet.")
    assert world.desk.tickets[outcome.ticket].status is Status.NEW


def test_what_is_given_overrules_the_rules(world: World) -> None:
    outcome = open_ticket(
        world, category="cards/fraud", priority=Priority.URGENT, ticket_type=TicketType.INCIDENT, tags=("vip", "vip"),
        account="web", language="ar", fields={"order": "A-17"},
    )  # fmt: skip
    opened = outcome.one(TicketOpened)
    assert (opened.category, opened.team, opened.priority) == ("cards/fraud", "cards", Priority.URGENT)
    assert (opened.ticket_type, opened.tags, opened.language) == (TicketType.INCIDENT, ("vip",), "ar")
    assert (opened.channel, opened.account) == (Channel.WEBFORM, "web")
    assert outcome.one(FieldsChanged).names == ("order",)
    assert not any(b"A-17" in record.value or b"Charged" in record.value for record in world.published)


def test_a_team_that_is_named_counts_more_than_the_category(world: World) -> None:
    assert open_ticket(world, category="cards/fraud", team="experts").one(TicketOpened).team == "experts"
    assert world.desk.tickets[world.facts[-2].work].tier == 2  # type: ignore[attr-defined] # the queued fact's item


def test_what_is_known_of_the_customer_counts(world: World) -> None:
    world.send(PutCustomer(by=LEAD, customer="customer-7", tier="vip", language="ar"))
    opened = open_ticket(world, customer="customer-7").one(TicketOpened)
    assert (opened.customer, opened.customer_tier, opened.language) == ("customer-7", "vip", "ar")
    assert opened.conversation is None


# Who it is for, and where they are written to.


def test_a_contact_point_says_whose_it_is(world: World) -> None:
    world.send(LinkContactPoint(by=LEAD, customer="customer-7", contact=contact("sara")))
    outcome = open_ticket(world, contact=contact("sara").id)
    assert outcome.one(TicketOpened).customer == "customer-7"
    assert outcome.one(ConversationOpened).contact == contact("sara").id


def test_a_customer_is_written_to_where_they_were_last_in_touch(world: World) -> None:
    world.send(LinkContactPoint(by=LEAD, customer="customer-7", contact=contact("sara")))
    world.mail("sara")
    assert open_ticket(world, customer="customer-7").one(ConversationOpened).contact == contact("sara").id


def test_a_customer_of_whom_nothing_else_is_known_is_their_contact_point(world: World) -> None:
    point = met(world)
    assert open_ticket(world, customer=point).one(ConversationOpened).contact == point


def test_a_contact_point_that_went_to_somebody_else_is_not_the_former_ones_any_more(world: World) -> None:
    point = met(world)
    world.send(PutCustomer(by=LEAD, customer=point, tier="vip"))
    world.send(LinkContactPoint(by=LEAD, customer="customer-7", contact=contact("sara")))
    outcome = open_ticket(world, customer=point)
    assert (outcome.one(TicketOpened).customer, outcome.of(ConversationOpened)) == (point, [])


def test_who_was_merged_is_who_they_are_now(world: World) -> None:
    point, other = met(world), met(world, "omar")
    world.send(MergeCustomers(by=LEAD, customer=point, into=other))
    assert open_ticket(world, customer=point).one(TicketOpened).customer == other


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"customer": "nobody"}, "no_such_customer"), ({"contact": "nowhere"}, "no_such_contact"),
        ({"account": "gone"}, "no_such_account"), ({"team": "gone"}, "no_such_team"),
        ({"category": "gone"}, "unknown_category"), ({"owner": "gone"}, "no_such_agent"),
        ({"tags": ("two words",)}, "invalid_word"), ({"fields": {"two words": "x"}}, "invalid_word"),
        ({"tags": tuple(f"tag{one}" for one in range(40))}, "too_many_tags"),
        ({"fields": {f"field{one}": "x" for one in range(101)}}, "too_many_fields"),
        ({"reply": HELLO}, "no_contact_point"),
    ],
)  # fmt: skip
def test_what_does_not_exist_or_does_not_fit_is_refused_as_a_whole(
    world: World, fields: dict[str, Any], refusal: str
) -> None:
    outcome = open_ticket(world, **fields)
    assert (outcome.refusal, outcome.names) == (refusal, ["CommandSettled"])


def test_a_customer_and_somebody_elses_contact_point_are_refused(world: World) -> None:
    assert open_ticket(world, customer=met(world), contact=met(world, "omar")).refusal == "belongs_to_another"


def test_before_any_policy_nothing_is_opened() -> None:
    assert open_ticket(World.without_policy()).refusal == "no_policy"


# Who may.


@pytest.mark.parametrize(
    ("by", "refusal"),
    [
        (AMAL, None), (ADMIN, None), (SYSTEM, "forbidden"), (principal("sara", "customer"), "forbidden"),
        (principal("shop", "integrator", ("tickets:write",)), None),
        (principal("shop", "integrator", ("tickets:read",)), "forbidden"),
    ],
)  # fmt: skip
def test_who_may_open_one(world: World, by: Principal, refusal: str | None) -> None:
    assert open_ticket(world, by).refusal == refusal


def test_an_agent_keeps_what_they_open_and_a_lead_gives_it_to_anybody(world: World) -> None:
    world.agent("amal")
    world.agent("basim")
    kept = open_ticket(world, AMAL, owner="amal", team="billing")
    assert (kept.one(OwnerChanged).owner, kept.one(WorkAssigned).why.strategy) == ("amal", "taken")
    assert open_ticket(world, AMAL, owner="basim").refusal == "forbidden"
    given = open_ticket(world, LEAD, owner="basim")
    assert (given.one(OwnerChanged).owner, given.one(WorkAssigned).how) == ("basim", "given")
    assert world.desk.tickets[given.ticket].status is Status.NEW


def test_a_command_opens_one_ticket_however_often_it_arrives(world: World) -> None:
    first = open_ticket(world, command_id="call-1")
    assert (first.ticket, open_ticket(world, command_id="call-1").facts) == (ticket_id("call-1"), [])


def test_a_command_whose_outcome_is_forgotten_opens_no_second_one(world: World) -> None:
    ticket = open_ticket(world, command_id="call-1").ticket
    world.wait(9 * 24 * HOUR)
    for _ in range(100):
        world.update(ticket, note="still here")
    again = open_ticket(world, command_id="call-1")
    assert (again.refusal, world.desk.tickets[ticket].number) == ("already_exists", 1)
