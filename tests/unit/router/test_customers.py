"""Who a person is to the desk."""

import pytest

from shared.catalogue.commands import (
    BlockContactPoint,
    LinkContactPoint,
    MergeCustomers,
    PutCustomer,
    UnlinkContactPoint,
)
from shared.catalogue.facts import (
    ContactPointBlocked,
    ContactPointLinked,
    ContactPointUnlinked,
    CustomerChanged,
    CustomerRegistered,
    CustomersMerged,
    TicketOpened,
)
from shared.catalogue.values import Principal
from tests.unit.router.driving import LEAD, World, contact, principal


@pytest.fixture
def world() -> World:
    return World()


def customer_of(world: World, sender: str) -> str:
    return world.mail(sender).one(TicketOpened).customer


def test_what_is_told_later_is_added_to_what_is_known(world: World) -> None:
    sara = customer_of(world, "sara")
    world.send(PutCustomer(by=LEAD, customer=sara, tier="vip"))
    fact = world.send(PutCustomer(by=LEAD, customer=sara, account="globex", language="ar")).one(CustomerChanged)
    assert (fact.tier, fact.account, fact.language) == ("vip", "globex", "ar")


def test_a_tier_must_be_in_the_policy(world: World) -> None:
    assert world.send(PutCustomer(by=LEAD, customer="x", tier="platinum")).refusal == "unknown_tier"


def test_names_stay_out_of_facts(world: World) -> None:
    world.send(PutCustomer(by=LEAD, customer="x", name="Sara Secret"))
    assert not any(b"Secret" in record.value for record in world.published)


def test_somebody_may_be_known_before_they_write(world: World) -> None:
    sara = contact("sara").id
    world.send(PutCustomer(by=LEAD, customer="crm-7", tier="vip"))
    linked = world.send(LinkContactPoint(by=LEAD, customer="crm-7", contact=contact("sara")))
    assert linked.one(ContactPointLinked).contact == sara
    outcome = world.mail("sara")
    assert (outcome.one(TicketOpened).customer, outcome.one(TicketOpened).customer_tier) == ("crm-7", "vip")
    assert outcome.of(CustomerRegistered) == []


def test_addresses_stay_out_of_facts(world: World) -> None:
    world.send(LinkContactPoint(by=LEAD, customer="crm-7", contact=contact("sara")))
    assert not any(b"sara@" in record.value for record in world.published)


def test_an_address_belongs_to_one_person(world: World) -> None:
    world.send(LinkContactPoint(by=LEAD, customer="crm-7", contact=contact("sara")))
    assert (
        world.send(LinkContactPoint(by=LEAD, customer="other", contact=contact("sara"))).refusal == "belongs_to_another"
    )
    assert world.send(LinkContactPoint(by=LEAD, customer="crm-7", contact=contact("sara"))).refusal is None


def test_whose_tickets_are_open_is_not_somebody_else_meanwhile(world: World) -> None:
    customer_of(world, "sara")
    assert (
        world.send(LinkContactPoint(by=LEAD, customer="other", contact=contact("sara"))).refusal == "belongs_to_another"
    )


def test_a_recycled_number_is_a_new_person(world: World) -> None:
    before = customer_of(world, "sara")
    outcome = world.send(UnlinkContactPoint(by=LEAD, customer=before, contact=contact("sara").id))
    assert outcome.one(ContactPointUnlinked).customer == before
    again = world.mail("sara")
    assert again.one(TicketOpened).customer != before
    assert again.one(CustomerRegistered).customer == again.one(TicketOpened).customer


def test_a_number_can_be_recycled_again(world: World) -> None:
    people = set()
    for _ in range(3):
        people.add(customer_of(world, "sara"))
        world.send(UnlinkContactPoint(by=LEAD, customer=customer_of(world, "sara"), contact=contact("sara").id))
    assert len(people) == 3


def test_what_does_not_belong_to_them_is_not_taken_from_them(world: World) -> None:
    command = UnlinkContactPoint(by=LEAD, customer="somebody", contact=contact("sara").id)
    assert world.send(command).refusal == "not_linked"


def test_merged_customers_are_one(world: World) -> None:
    sara, home = customer_of(world, "sara"), customer_of(world, "sara.home")
    fact = world.send(MergeCustomers(by=LEAD, customer=home, into=sara)).one(CustomersMerged)
    assert (fact.customer, fact.into) == (home, sara)
    assert customer_of(world, "sara.home") == sara
    assert len(world.desk.tickets_of(sara)) == 3
    assert world.desk.tickets_of(home) == ()


def test_merging_goes_on_from_where_they_are(world: World) -> None:
    first, second, third = (customer_of(world, name) for name in ("a", "b", "c"))
    world.send(MergeCustomers(by=LEAD, customer=first, into=second))
    world.send(MergeCustomers(by=LEAD, customer=second, into=third))
    assert customer_of(world, "a") == third
    assert world.send(MergeCustomers(by=LEAD, customer=third, into=first)).refusal == "same_customer"


def test_what_is_told_of_a_merged_record_counts_for_the_person(world: World) -> None:
    first, second = customer_of(world, "a"), customer_of(world, "b")
    world.send(MergeCustomers(by=LEAD, customer=first, into=second))
    outcome = world.send(PutCustomer(by=LEAD, customer=first, tier="vip"))
    assert outcome.settled.made == {"customer": second}
    assert world.mail("a").one(TicketOpened).customer_tier == "vip"


def test_only_leads_merge_people(world: World) -> None:
    world.agent("amal")
    command = MergeCustomers(by=principal("amal"), customer="a", into="b")
    assert world.send(command).refusal == "forbidden"


def test_blocking_twice_is_said_once(world: World) -> None:
    sara = contact("sara").id
    command = BlockContactPoint(by=LEAD, contact=sara, blocked=True)
    assert world.send(command).one(ContactPointBlocked).blocked
    assert world.send(command).names == ["CommandSettled"]
    never = BlockContactPoint(by=LEAD, contact="other", blocked=False)
    assert world.send(never).names == ["CommandSettled"]


@pytest.mark.parametrize(
    ("by", "refusal"),
    [
        (principal("amal"), None),
        (principal("crm", "integrator", ("customers:write",)), None),
        (principal("crm", "integrator", ("tickets:write",)), "forbidden"),
        (principal("sara", "customer"), "forbidden"),
    ],
)
def test_who_may_say_something_about_customers(world: World, by: Principal, refusal: str | None) -> None:
    assert world.send(PutCustomer(by=by, customer="x", language="ar")).refusal == refusal
