"""What every row of TARGETS must keep, so that a new one is told when it is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sla.rules.plan import Promises, concerning, promise_alike, trait, with_trait
from services.sla.rules.waits import join, mark, oldest, part_conversation, part_message
from services.sla.store.ticket import NO_PAST, Past, Ticket
from services.sla.targets import REPLY, RESOLVED, TARGETS, Target
from shared.catalogue.facts import TargetMet
from shared.clock import HOUR
from shared.policy.sla import EarlyWarning
from shared.policy.terms import Status, TargetKind
from tests.unit.sla.driving import Sla
from tests.unit.sla.policies import MONDAY, plain, policy

PROFILE = ("web", "webform", "main", "", "", "general", "question", "normal", "front")
TIMES = st.integers(0, 10**13)
PASTS = st.builds(Past, spam=st.booleans(), updated=st.none() | TIMES, merged=st.none() | st.just("host"))
TICKETS = st.builds(
    Ticket,
    slot=st.just(0), status=st.sampled_from(Status), since=TIMES, profile=st.just(PROFILE), edition=st.just(1),
    replied=st.booleans(), waits=st.lists(TIMES, max_size=3).map(lambda times: tuple(x for at in sorted(times) for x in (at, 7))),
    past=st.just(NO_PAST) | PASTS,
)  # fmt: skip
EVERY = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


def test_every_promise_a_policy_can_make_has_one_row() -> None:
    assert sorted(target.name for target in TARGETS) == sorted(kind.value for kind in TargetKind)


@EVERY
@given(ticket=TICKETS)
def test_nothing_is_owed_by_spam_nor_by_what_lives_on_elsewhere_nor_once_settled(
    target: Target, ticket: Ticket
) -> None:
    gone = ticket.past.spam or ticket.past.merged is not None
    if gone or ticket.status in {Status.RESOLVED, Status.CLOSED}:
        assert target.since(ticket) is None


@pytest.mark.slow
@EVERY
@given(ticket=TICKETS, late=TIMES)
def test_nothing_is_owed_from_before_it_was_promised(target: Target, ticket: Ticket, late: int) -> None:
    before = target.since(ticket)
    ticket.remember(late=((target.name, late),))
    assert target.since(ticket) == (None if before is None else max(before, late))


@EVERY
@given(ticket=TICKETS)
def test_a_pause_has_the_name_of_a_status_and_ends_in_open(target: Target, ticket: Ticket) -> None:
    if target.pause is not None:
        terms = Promises(policy()).to(PROFILE)[target.name]
        assert target.pause(ticket, terms) in {None, ticket.status.value}
        ticket.status = Status.OPEN
        assert target.pause(ticket, terms) is None


@given(ticket=TICKETS)
def test_a_wait_is_the_first_replys_or_the_next_replys_never_boths(ticket: Ticket) -> None:
    owed = [target.since(ticket) for target in TARGETS if target.pause is None]
    assert len([since for since in owed if since is not None]) <= 1


@EVERY
def test_what_keeps_it_just_happening_meets_it(target: Target) -> None:
    assert target.kept_by in {REPLY, RESOLVED}
    sla = Sla(MONDAY).policy(policy()).open().reply().later(HOUR).write().reply().turn(Status.RESOLVED)
    assert sla.said(TargetMet, target.name) != []


@EVERY
def test_it_is_planned_where_the_policy_promises_it_and_only_there(target: Target) -> None:
    assert target.name in Promises(policy()).to(PROFILE)
    other = next(kind.value for kind in TargetKind if kind.value != target.name)
    alone = policy(f"sla:\n  - id: one\n    targets: {{{other}: {{within: 1h}}}}\n")
    assert target.name not in Promises(alone).to(PROFILE)


def test_the_plan_is_worked_out_once_for_all_tickets_alike() -> None:
    promises = Promises(policy(calendar="office"))
    assert promises.to(PROFILE) is promises.to((*PROFILE,))
    night = promises.to(with_trait(PROFILE, team="night"))
    assert (promises.to(PROFILE)["first_reply"].calendar, night["first_reply"].calendar) == ("office", "always")


def test_a_customer_nobody_knows_has_the_desks_own_tier() -> None:
    rules = policy("""\
sla:
  - id: known
    when: {tier: standard}
    targets: {first_reply: {within: 5m}}
  - id: others
    targets: {first_reply: {within: 1h}}
""")
    assert trait(PROFILE, "tier") == ""
    assert Promises(rules).to(PROFILE)["first_reply"].policy == "known"
    assert Promises(rules).to(with_trait(PROFILE, tier="vip"))["first_reply"].policy == "others"


def test_wall_time_has_no_calendar() -> None:
    wall = policy("sla:\n  - id: w\n    targets: {resolution: {within: 24h, time: wall}}\n", "office")
    terms = Promises(wall).to(PROFILE)["resolution"]
    assert (terms.calendar, terms.hours) == (None, None)
    assert Sla(MONDAY).policy(wall).open().due("resolution") == MONDAY + 24 * HOUR


def test_items_keep_their_place_in_the_policy() -> None:
    first = EarlyWarning(share=50, targets=(TargetKind.UPDATE,))
    second = EarlyWarning(share=75)
    assert concerning((first, second), "first_reply") == ((1, second),)
    assert concerning((first, second), "update") == ((0, first), (1, second))


def test_policies_promise_alike_when_nothing_a_clock_reads_differs() -> None:
    one = policy()
    assert promise_alike(one, one.at_version(9))
    assert not promise_alike(one, policy(calendar="office"))
    assert not promise_alike(one, plain())
    team = one.teams["front"].model_copy(update={"calendar": "office"})
    assert not promise_alike(one, one.model_copy(update={"teams": {**one.teams, "front": team}}))
    desk = one.desk.model_copy(update={"name": one.desk.name.model_copy(update={"en": "New name"})})
    assert promise_alike(one, one.model_copy(update={"desk": desk}))


MARKED = st.tuples(st.integers(0, 99), st.sampled_from("abcdef"), st.sampled_from("xyz"))
RUNS = st.lists(MARKED, max_size=12, unique_by=lambda one: one[1])


def run_of(messages: list[tuple[int, str, str]]) -> tuple[int, ...]:
    run: tuple[int, ...] = ()
    for sent_at, message, conversation in messages:
        run = join(run, (sent_at, mark(message, conversation)))
    return run


@given(RUNS)
def test_the_oldest_message_is_the_oldest_in_whatever_order_they_came(messages: list[tuple[int, str, str]]) -> None:
    assert oldest(run_of(messages)) == min((sent_at for sent_at, *_ in messages), default=None)
    assert run_of(messages) == run_of(messages[::-1])


@given(RUNS, st.sampled_from("xyz"))
def test_a_conversation_goes_as_a_whole_and_comes_back(messages: list[tuple[int, str, str]], conversation: str) -> None:
    kept, moved = part_conversation(run_of(messages), conversation)
    assert moved == run_of([one for one in messages if one[2] == conversation])
    assert join(kept, moved) == run_of(messages)


@given(RUNS, st.sampled_from("abcdef"))
def test_a_message_goes_alone_and_lies_in_its_new_conversation(
    messages: list[tuple[int, str, str]], message: str
) -> None:
    kept, moved = part_message(run_of(messages), message, "new")
    assert kept == run_of([one for one in messages if one[1] != message])
    assert moved == run_of([(sent_at, one, "new") for sent_at, one, _ in messages if one == message])
