"""The one way a command is decided: due timers, its rule, assignment, one outcome."""

from typing import Any

import pytest

from services.router import handlers
from services.router.app import LOGIC
from services.router.desk.desk import Desk
from services.router.rules.rejected import Rejected, Rule
from services.router.rules.timers import DUE
from shared.broker import Outgoing
from shared.catalogue.commands import (
    COMMANDS,
    ApplyPolicy,
    PutCustomer,
    SplitTicket,
    SwitchRules,
    Tick,
    UpdateTicket,
)
from shared.catalogue.envelope import Envelope
from shared.catalogue.facts import (
    DESK_FACTS,
    CommandSettled,
    CustomerChanged,
    MessageReceived,
    PolicyApplied,
    RulesSwitched,
    StatusChanged,
    TimeReached,
    WorkAssigned,
)
from shared.catalogue.values import Principal
from shared.clock import DAY, HOUR, Ms
from shared.emissions import Output, Unreadable
from shared.fold import Spoiled
from shared.policy.terms import Status
from tests.unit.router.driving import ADMIN, DESK_ID, LEAD, ORGANISATION, SYSTEM, World, principal
from tests.unit.router.examining import reloaded
from tests.unit.router.policies import changed, policy

TABLE: Any = handlers.DECIDE
WITHOUT_EFFECT = {
    "MessageNoted", "FieldsChanged", "SubStatusChanged", "TicketEscalated", "TaskCompleted", "SurveyAnswerReceived",
}  # fmt: skip
"""Facts that change nothing the desk decides by."""


def test_every_command_has_its_rule() -> None:
    assert set(handlers.DECIDE) == set(COMMANDS)


def test_every_fact_is_folded_or_known_to_be_for_others() -> None:
    assert {fact.__name__ for fact in set(DESK_FACTS) - set(handlers.EVOLVE)} == WITHOUT_EFFECT
    assert set(handlers.EVOLVE) <= set(DESK_FACTS)


def test_every_kind_of_timer_has_its_rule() -> None:
    desk = Desk(DESK_ID, ORGANISATION)
    assert set(DUE) == set(desk.timers.kinds)


def test_the_outcome_comes_last_and_once() -> None:
    world = World()
    world.mail("sara")
    outcome = world.agent("amal")
    assert outcome.names[-1] == "CommandSettled"
    assert outcome.names.count("CommandSettled") == 1
    assert (outcome.settled.command_type, outcome.settled.by) == ("sanad.agent.set_presence.v1", "amal")


@pytest.mark.parametrize("kind", COMMANDS)
def test_commands_nobody_waits_for_are_three(kind: type) -> None:
    silent = {"ReceiveMessage", "Tick", "ReportDelivery"}
    assert issubclass(kind, handlers.UNSETTLED) is (kind.__name__ in silent)


def test_a_repeated_command_says_nothing() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    command = UpdateTicket(by=LEAD, ticket=ticket, note="n")
    assert world.send(command, "once").names[-1] == "CommandSettled"
    assert world.send(command, "once").facts == []


def test_a_refused_command_stays_refused() -> None:
    world = World()
    command = UpdateTicket(by=LEAD, ticket="nothing", note="n")
    assert world.send(command, "once").refusal == "ticket_not_live"
    assert world.send(command, "once").facts == []


def test_a_command_is_remembered_for_eight_days_of_the_log() -> None:
    world = World()
    command = SwitchRules(by=ADMIN, desk=DESK_ID, rules="new", on=True)
    world.send(command, "once")
    world.wait(8 * DAY - HOUR)
    assert world.send(command, "once").facts == []


@pytest.mark.parametrize(
    "stranger",
    [
        Principal(organisation="other", desk=DESK_ID, id="boss", role="admin"),
        Principal(organisation=ORGANISATION, desk="other", id="boss", role="admin"),
    ],
)
def test_nobody_commands_another_desk(stranger: Principal) -> None:
    world = World()
    assert world.send(PutCustomer(by=stranger, customer="x")).refusal == "forbidden"


def test_what_is_due_comes_before_the_command() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    world.update(ticket, status=Status.ON_HOLD, hold_reason="snoozed", until=world.at + HOUR)
    world.at += HOUR
    outcome = world.update(ticket, status=Status.RESOLVED)
    assert [fact.status for fact in outcome.of(StatusChanged)] == [Status.OPEN, Status.RESOLVED]


def test_what_is_due_happens_even_when_the_command_is_refused() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    world.update(ticket, status=Status.ON_HOLD, hold_reason="snoozed", until=world.at + HOUR)
    world.agent("amal")
    world.at += HOUR
    outcome = world.update("nothing", note="n")
    assert (outcome.refusal, outcome.one(WorkAssigned).work) == ("ticket_not_live", ticket)


def test_a_tick_always_says_the_time() -> None:
    world = World()
    assert world.tick(7).one(TimeReached).due == 7
    assert world.tick(7).one(TimeReached).due == 7


def test_many_timers_at_once_are_taken_in_slices() -> None:
    world = World()
    tickets = [world.mail(f"customer{n}").ticket for n in range(60)]
    until = world.at + HOUR
    for ticket in tickets:
        world.update(ticket, status=Status.ON_HOLD, hold_reason="snoozed", until=until)
    world.at = until
    first = world.tick()
    assert 10 <= len(first.of(StatusChanged)) < 60
    world.wait(HOUR)
    assert {world.desk.tickets[ticket].status for ticket in tickets} == {Status.OPEN}


def test_the_next_timer_is_the_nearest() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    assert world.decider.timers() == {}
    world.update(ticket, status=Status.ON_HOLD, hold_reason="snoozed", until=world.at + HOUR)
    assert world.decider.timers() == {DESK_ID: (ORGANISATION, world.desk.tickets[ticket].until)}


# Policy and switches.


def test_versions_count_up_and_the_same_policy_keeps_its_own() -> None:
    world = World()
    assert world.facts[0] == PolicyApplied(desk=DESK_ID, version=1, policy=policy().at_version(1))
    again = world.apply()
    assert (again.names, again.settled.made) == (["CommandSettled"], {"version": "1"})
    other = world.apply(changed("{name: Experts, tier: 2}", "{name: Gurus, tier: 2}"))
    assert (other.one(PolicyApplied).version, other.settled.made) == (2, {"version": "2"})


def test_only_those_who_answer_for_the_desk_change_its_policy() -> None:
    world = World()
    assert world.send(ApplyPolicy(by=LEAD, desk=DESK_ID, policy=policy())).refusal == "forbidden"


def test_rules_are_switched_once() -> None:
    world = World()
    switch = SwitchRules(by=SYSTEM, desk=DESK_ID, rules="new", on=True)
    assert world.send(switch).one(RulesSwitched).on
    assert world.send(switch).names == ["CommandSettled"]
    assert world.desk.switches == {"new": True}
    assert world.send(switch.model_copy(update={"by": principal("amal")})).refusal == "forbidden"


# Broken rules.


def broken_after(facts: int) -> Rule:
    for _ in range(facts):
        yield CustomerChanged(customer="half")
    raise ZeroDivisionError


def plant(facts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def rule(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
        return broken_after(facts)

    monkeypatch.setitem(TABLE, PutCustomer, rule)


def check_settled_as_internal(outputs: list[Output]) -> None:
    settled, letter = outputs
    assert isinstance(settled, Outgoing)
    assert b'"outcome":"internal"' in settled.value
    assert isinstance(letter, Unreadable)


def test_a_rule_that_breaks_before_its_first_fact_is_settled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    plant(0, monkeypatch)
    check_settled_as_internal(world.decider.apply(world.record(PutCustomer(by=LEAD, customer="x"))))
    assert len(world.desk.customers) == 0


@pytest.mark.parametrize("facts", [1, 2])
def test_a_rule_that_breaks_later_is_settled_after_loading_again(facts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    plant(facts, monkeypatch)
    before = reloaded(world.decider)
    record = world.record(PutCustomer(by=LEAD, customer="x"))
    with pytest.raises(Spoiled):
        world.decider.apply(record)
    before.condemn(record.offset)
    check_settled_as_internal(before.apply(record))
    assert len(before.states[DESK_ID].customers) == 0


def test_a_fact_that_cannot_be_folded_spoils_the_state(monkeypatch: pytest.MonkeyPatch) -> None:
    def evolve(desk: Desk, fact: CustomerChanged, at: Ms) -> None:
        raise ZeroDivisionError

    folds: Any = handlers.EVOLVE
    monkeypatch.setitem(folds, CustomerChanged, evolve)
    world = World()
    with pytest.raises(Spoiled):
        world.decider.apply(world.record(PutCustomer(by=LEAD, customer="x")))


def test_a_broken_message_is_a_dead_letter_and_nothing_else() -> None:
    world = World()
    world.decider.condemn(1)
    outputs = world.decider.apply(world.record(world.message("sara")))
    assert [type(output) for output in outputs] == [Unreadable]


def test_a_refusal_after_the_first_fact_is_a_fault_not_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def rule(desk: Desk, envelope: Envelope, at: Ms) -> Rule:
        yield CustomerChanged(customer="half")
        raise Rejected("too_late")

    world = World()
    monkeypatch.setitem(TABLE, PutCustomer, rule)
    with pytest.raises(Spoiled):
        world.decider.apply(world.record(PutCustomer(by=LEAD, customer="x")))


def test_ticks_and_reports_that_break_are_settled_by_nobody() -> None:
    world = World()
    tick = Envelope("t", "test", 0, ORGANISATION, DESK_ID, "t", "t", Tick(by=SYSTEM, desk=DESK_ID, due=1))
    assert list(LOGIC.broken(world.desk, tick)) == []


def test_a_break_of_what_was_settled_before_says_nothing() -> None:
    world = World()
    command = PutCustomer(by=LEAD, customer="x")
    settled = world.send(command, "once").settled
    envelope = Envelope("once", "test", 0, ORGANISATION, DESK_ID, "t", "t", command)
    assert isinstance(settled, CommandSettled)
    assert list(LOGIC.broken(world.desk, envelope)) == []


def test_a_message_forgotten_by_its_id_is_known_by_what_it_opened() -> None:
    world = World()
    message = world.message("sara")
    world.send(message, "once")
    world.wait(9 * DAY)
    world.mail("omar")
    assert message.message not in world.desk.memories["heard"]
    assert world.send(message, "once").facts == []
    assert world.send(message, "once more").facts == []


def test_old_commands_do_not_make_the_same_thing_twice() -> None:
    world = World()
    ticket = world.mail("sara").ticket
    second, third = (world.answer(ticket, "sara").one(MessageReceived).message for _ in range(2))
    split = SplitTicket(by=LEAD, ticket=ticket, messages=(second,))
    promise = UpdateTicket.model_validate({"by": LEAD, "ticket": ticket, "promise": {"due_at": world.at + 90 * DAY}})
    for command in (split, promise):
        world.send(command, type(command).__name__)
    world.wait(20 * DAY)
    for name in ("a", "b"):
        world.send(SwitchRules(by=ADMIN, desk=DESK_ID, rules=name, on=True))
    again = split.model_copy(update={"messages": (third,)})
    assert world.send(again, "SplitTicket").refusal == "already_exists"
    assert world.send(promise, "UpdateTicket").refusal == "already_exists"
