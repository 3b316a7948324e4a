"""Merge and unmerge: two tickets are one problem, or were not after all."""

import pytest

from services.router.rules import regroup
from shared.catalogue.commands import MergeCustomers, MergeTickets, UnmergeTicket
from shared.catalogue.facts import (
    ConversationMoved,
    MessageReceived,
    StatusChanged,
    TicketMerged,
    TicketsLinked,
    TicketsUnlinked,
    TicketUnmerged,
    WorkAssigned,
    WorkFinished,
    WorkQueued,
)
from shared.catalogue.values import Principal, Thread
from shared.clock import DAY, HOUR
from shared.policy.terms import Status
from tests.unit.router.driving import LEAD, Outcome, World, principal
from tests.unit.router.opened import open_ticket
from tests.unit.router.policies import changed


@pytest.fixture
def world() -> World:
    return World()


def merge(world: World, ticket: str, into: str, by: Principal = LEAD) -> Outcome:
    return world.send(MergeTickets(by=by, ticket=ticket, into=into))


def unmerge(world: World, ticket: str) -> Outcome:
    return world.send(UnmergeTicket(by=LEAD, ticket=ticket))


def two(world: World) -> tuple[str, str]:
    return world.mail("sara").ticket, world.mail("sara").ticket


def test_a_merge_moves_the_conversations_and_links_the_tickets(world: World) -> None:
    first, second = two(world)
    conversation = world.desk.tickets[second].conversations[0]
    outcome = merge(world, second, first)
    moved, link = outcome.one(ConversationMoved), outcome.one(TicketsLinked)
    assert (moved.conversation, moved.ticket, moved.former_ticket) == (conversation, first, second)
    assert (link.ticket, link.other, link.kind) == (second, first, "merged_into")
    assert outcome.one(WorkFinished).cause == "merged"
    assert outcome.settled.made == {"ticket": first}


def test_the_earliest_start_counts(world: World) -> None:
    first, second = two(world)
    since = world.desk.tickets[first].opened
    assert merge(world, first, second).one(TicketMerged).since == since
    third = world.mail("sara").ticket
    assert merge(world, second, third).one(TicketMerged).since == since


def test_who_waits_longest_of_both_decides_the_place_in_the_queue(world: World) -> None:
    first, second = two(world)
    since = world.desk.tickets[first].opened
    assert merge(world, first, second).one(WorkQueued).waiting_since == since


def test_replies_to_either_come_to_the_same_ticket(world: World) -> None:
    first, second = two(world)
    conversation = world.desk.tickets[second].conversations[0]
    merge(world, second, first)
    received = world.mail("sara", thread=Thread(conversation=conversation)).one(MessageReceived)
    assert (received.ticket, received.conversation) == (first, conversation)


def test_merging_a_merged_ticket_moves_everything_on(world: World) -> None:
    first, second = two(world)
    third = world.mail("sara").ticket
    merge(world, first, second)
    outcome = merge(world, second, third)
    assert len(outcome.of(ConversationMoved)) == 2
    assert len(world.desk.tickets[third].conversations) == 3


@pytest.mark.parametrize("status", [Status.PENDING, Status.RESOLVED, Status.ON_HOLD])
def test_the_wait_of_the_merged_one_wakes_the_other(world: World, status: Status) -> None:
    world.agent("amal")
    first, second = two(world)
    world.update(first, "amal", status=status, hold_reason="supplier" if status is Status.ON_HOLD else None)
    outcome = merge(world, second, first)
    assert (outcome.one(StatusChanged).status, outcome.one(StatusChanged).cause) == (Status.OPEN, "merged")
    assert (outcome.one(WorkAssigned).work, outcome.one(WorkAssigned).how) == (first, "returned")


def test_merging_what_waits_for_nobody_wakes_nobody(world: World) -> None:
    first, second = two(world)
    for ticket in (first, second):
        world.update(ticket, reply={"text": "which card?"}, status=Status.PENDING)
    assert merge(world, second, first).of(StatusChanged) == []


@pytest.mark.parametrize("status", [Status.PENDING, Status.RESOLVED])
def test_an_unanswered_wait_that_was_put_aside_goes_on_in_what_nobody_holds(world: World, status: Status) -> None:
    first, second = two(world)
    world.update(first, reply={"text": "done"}, status=status)
    world.agent("amal")
    world.update(second, "amal", status=Status.PENDING)
    assert merge(world, second, first).one(StatusChanged).status is Status.OPEN
    assert world.holders() == {first: "amal"}


def test_what_one_person_has_put_aside_stays_aside_as_one(world: World) -> None:
    world.agent("amal")
    first, second = two(world)
    for ticket in (first, second):
        world.update(ticket, "amal", status=Status.PENDING)
    assert merge(world, second, first).of(StatusChanged) == []
    assert world.holders() == {first: "amal"}


def test_whoever_held_the_merged_one_has_room_again(world: World) -> None:
    world.agent("amal", capacity=2)
    first, second = two(world)
    assert world.holders() == {first: "amal"}
    merge(world, first, second)
    assert world.holders() == {second: "amal"}


@pytest.mark.parametrize("who", ["ticket", "into"])
def test_a_merged_ticket_answers_no_more_commands(world: World, who: str) -> None:
    first, second = two(world)
    third = world.mail("sara").ticket
    merge(world, second, first)
    assert world.update(second, note="n").refusal == "ticket_merged"
    ticket, into = (second, third) if who == "ticket" else (third, second)
    assert merge(world, ticket, into).refusal == "ticket_merged"


def test_a_ticket_is_not_merged_into_itself(world: World) -> None:
    first, _ = two(world)
    assert merge(world, first, first).refusal == "same_ticket"


def test_spam_is_merged_into_nothing(world: World) -> None:
    first, second = two(world)
    world.update(second, spam=True)
    assert merge(world, second, first).refusal == merge(world, first, second).refusal == "spam"


def test_closed_and_unknown_tickets_are_not_merged(world: World) -> None:
    first, _ = two(world)
    assert merge(world, "nothing", first).refusal == merge(world, first, "nothing").refusal == "ticket_not_live"


def test_only_a_lead_merges_across_customers(world: World) -> None:
    world.agent("amal")
    first, second = world.mail("sara").ticket, world.mail("omar").ticket
    assert merge(world, second, first, principal("amal")).refusal == "forbidden"
    assert merge(world, second, first, LEAD).refusal is None


def test_an_agent_merges_tickets_of_one_customer(world: World) -> None:
    world.agent("amal")
    first, second = two(world)
    assert merge(world, second, first, principal("amal")).refusal is None


def test_two_records_of_one_person_are_one_customer(world: World) -> None:
    world.agent("amal")
    first, second = world.mail("sara").ticket, world.mail("sara.home").ticket
    customers = [world.desk.tickets[ticket].customer for ticket in (first, second)]
    world.send(MergeCustomers(by=LEAD, customer=customers[1], into=customers[0]))
    assert merge(world, second, first, principal("amal")).refusal is None


def test_an_unmerge_takes_everything_back(world: World) -> None:
    first, second = two(world)
    conversation = world.desk.tickets[second].conversations[0]
    merge(world, second, first)
    outcome = unmerge(world, second)
    assert outcome.one(TicketUnmerged).former_into == first
    assert outcome.one(ConversationMoved).ticket == second
    assert outcome.one(TicketsUnlinked).kind == "merged_into"
    assert outcome.one(WorkQueued).work == second
    assert world.desk.tickets[second].conversations == (conversation,)
    assert world.desk.tickets[second].links == ()


def test_an_unmerged_ticket_goes_back_to_its_owner(world: World) -> None:
    world.agent("amal")
    first, second = two(world)
    merge(world, second, first)
    assert unmerge(world, second).one(WorkAssigned).agent == "amal"


def test_what_was_said_after_the_merge_goes_with_its_conversation(world: World) -> None:
    first, second = two(world)
    merge(world, second, first)
    conversation = world.desk.tickets[first].conversations[-1]
    message = world.mail("sara", thread=Thread(conversation=conversation)).one(MessageReceived).message
    unmerge(world, second)
    assert message in world.desk.conversations[conversation].messages
    assert world.desk.conversations[conversation].ticket == second


def test_what_came_with_a_merged_ticket_leaves_with_it(world: World) -> None:
    first, second = two(world)
    third = world.mail("sara").ticket
    merge(world, first, second)
    merge(world, second, third)
    assert len(unmerge(world, second).of(ConversationMoved)) == 2
    assert unmerge(world, first).one(ConversationMoved).former_ticket == second


def test_what_was_merged_on_comes_back_from_where_it_is(world: World) -> None:
    first, second = two(world)
    third = world.mail("sara").ticket
    merge(world, first, second)
    merge(world, second, third)
    assert unmerge(world, first).one(ConversationMoved).former_ticket == third
    assert len(world.desk.tickets[third].conversations) == 2


def test_a_resolved_ticket_is_resolved_again_after_an_unmerge_and_closes(world: World) -> None:
    first, second = two(world)
    world.update(second, status=Status.RESOLVED)
    merge(world, second, first)
    assert world.wait(8 * DAY).of(StatusChanged) == []
    unmerge(world, second)
    closed = world.wait(HOUR).one(StatusChanged)
    assert (closed.ticket, closed.status) == (second, Status.CLOSED)


@pytest.mark.parametrize("longest", ["", ", longest: 10d"], ids=["no end", "an end"])
@pytest.mark.parametrize("status", [Status.PENDING, Status.RESOLVED, Status.ON_HOLD])
def test_who_wrote_while_it_was_merged_waits_for_its_owner_afterwards(
    world: World, status: Status, longest: str
) -> None:
    world.agent("amal")
    first, second = two(world)
    hold = "supplier" if status is Status.ON_HOLD else None
    world.apply(changed("{name: Supplier, longest: 10d}", f"{{name: Supplier{longest}}}"))
    world.update(second, "amal", reply={"text": "done"}, status=status, hold_reason=hold)
    merge(world, second, first)
    since = world.mail("sara", thread=Thread(conversation=world.desk.tickets[first].conversations[-1])).one(
        MessageReceived
    )
    outcome = unmerge(world, second)
    assert (outcome.one(StatusChanged).status, outcome.one(StatusChanged).cause) == (Status.OPEN, "unmerged")
    assert (outcome.one(WorkAssigned).work, outcome.assignee) == (second, "amal")
    assert world.desk.tickets[second].waiting_since == since.sent_at


def test_an_answered_hold_is_one_again_after_an_unmerge(world: World) -> None:
    first, second = two(world)
    world.update(second, status=Status.ON_HOLD, hold_reason="supplier", reply={"text": "we ask"})
    merge(world, second, first)
    assert unmerge(world, second).of(StatusChanged) == []
    assert world.desk.tickets[second].status is Status.ON_HOLD


@pytest.mark.parametrize("given_up", [True, False])
def test_a_wait_that_had_ended_before_a_merge_has_ended_after_it(world: World, *, given_up: bool) -> None:
    world.agent("amal")
    first, second = two(world)
    world.mail("sara", thread=Thread(conversation=world.desk.tickets[second].conversations[0]))
    if not given_up:
        world.update(second, "amal", reply={"text": "done"})
        world.answer(second, thanks=True)
    world.update(second, "amal", status=Status.RESOLVED, resolution_cause="silent")
    merge(world, second, first)
    assert unmerge(world, second).of(StatusChanged) == []
    assert world.desk.tickets[second].waiting_since is None
    assert world.desk.tickets[first].waiting_since == world.desk.tickets[first].opened


def test_a_lost_reply_lets_all_it_had_answered_wait_again_wherever_it_is_by_then(world: World) -> None:
    world.agent("amal")
    first, second = two(world)
    since = world.desk.tickets[second].opened
    delivery = world.update(second, "amal", reply={"text": "done"}).deliveries[0]
    world.update(first, "amal", reply={"text": "done"})
    merge(world, second, first)
    world.report(delivery, "failed", permanent=True)
    assert world.desk.tickets[first].waiting_since == since
    unmerge(world, second)
    assert (world.desk.tickets[first].waiting_since, world.desk.tickets[second].waiting_since) == (None, since)


def test_what_was_never_merged_is_not_unmerged(world: World) -> None:
    first, _ = two(world)
    assert unmerge(world, first).refusal == "not_merged"
    assert unmerge(world, "nothing").refusal == "ticket_not_live"


@pytest.mark.parametrize("merged_on", [False, True])
def test_what_was_closed_with_its_host_is_not_unmerged(world: World, *, merged_on: bool) -> None:
    world.agent("cara", "cards")
    first, second = (world.mail("sara", "card").ticket for _ in range(2))
    host = first
    merge(world, second, first)
    if merged_on:
        host = world.mail("sara", "card").ticket
        merge(world, first, host)
    world.update(host, status=Status.RESOLVED)
    world.wait(DAY + HOUR)
    assert world.desk.tickets[host].status is Status.CLOSED
    outcome = unmerge(world, second)
    assert (outcome.refusal, outcome.names) == ("ticket_not_live", ["CommandSettled"])


def test_merged_tickets_leave_together(world: World) -> None:
    first, second = two(world)
    merge(world, second, first)
    world.update(first, status=Status.RESOLVED)
    world.wait(8 * DAY)
    assert (len(world.desk.tickets), len(world.desk.conversations)) == (0, 0)


def test_a_merge_of_too_much_is_refused(world: World) -> None:
    first = world.mail("sara").ticket
    for _ in range(41):
        merge(world, world.mail("sara").ticket, first)
    last = world.mail("sara").ticket
    assert merge(world, first, last).refusal == "too_many_conversations"
    assert merge(world, last, first).refusal is None


def test_tickets_of_a_customer_do_not_count_the_merged(world: World) -> None:
    first, second = two(world)
    customer = world.desk.tickets[first].customer
    merge(world, second, first)
    assert world.desk.tickets_of(customer) == (first,)
    unmerge(world, second)
    assert world.desk.tickets_of(customer) == (first, second)


def chain(world: World, length: int) -> str:
    """So many tickets of the desk alone, each merged into the next; the last."""
    last = open_ticket(world).settled.made["ticket"]
    for _ in range(length - 1):
        former, last = last, open_ticket(world).settled.made["ticket"]
        assert merge(world, former, last).refusal is None
    return last


def test_a_family_of_merged_tickets_has_a_limit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regroup, "MOST_MERGED", 4)
    first, second = chain(world, 3), chain(world, 2)
    assert merge(world, first, second).refusal == merge(world, second, first).refusal == "too_many_merged"
    assert merge(world, chain(world, 1), first).refusal is None


@pytest.mark.slow
def test_a_longer_chain_than_anybody_may_make_is_merged_undone_and_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regroup, "MOST_MERGED", 10_000)
    monkeypatch.setattr("tests.unit.router.driving.check_desk", lambda _: None)
    last = chain(world, 1_100)
    host = world.mail("sara").ticket
    assert (merge(world, last, host).refusal, unmerge(world, last).refusal) == (None, None)
    merge(world, last, host)
    delivery = world.update(host, reply={"text": "done"}, status=Status.RESOLVED).deliveries[0]
    world.report(delivery, "failed", permanent=True)
    world.update(host, status=Status.RESOLVED)
    world.wait(8 * DAY)
    assert len(world.desk.tickets) == 0
