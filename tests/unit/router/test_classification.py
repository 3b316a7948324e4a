"""The first rule whose conditions hold decides what a ticket is and whose."""

from typing import Any

import pytest

from shared.catalogue.commands import PutCustomer
from shared.catalogue.facts import TicketOpened, WorkQueued
from shared.clock import HOUR
from shared.policy.terms import Channel, Priority, TicketType
from tests.unit.router.driving import LEAD, World
from tests.unit.router.policies import changed, policy


def opened(world: World, sender: str = "sara", words: str | tuple[str, ...] = (), **fields: Any) -> TicketOpened:
    return world.mail(sender, words, **fields).one(TicketOpened)


def test_the_first_match_decides_everything_it_says() -> None:
    ticket = opened(World(), words=("card", "fraud"))
    assert (ticket.rule, ticket.category, ticket.ticket_type) == ("fraud", "cards/fraud", TicketType.INCIDENT)
    assert (ticket.priority, ticket.team, ticket.tags) == (Priority.URGENT, "cards", ("fraud",))
    assert [(skill.id, skill.level) for skill in ticket.skills] == [("fraud", 3)]


@pytest.mark.parametrize(
    ("words", "rule", "team"),
    [("card", "cards", "cards"), ("bill", "billing", "billing"), ("offer", "asked", "asked"), ((), "default", "front")],
)
def test_the_specialty_of_the_category_finds_the_team(words: str, rule: str, team: str) -> None:
    ticket = opened(World(), words=words)
    assert (ticket.rule, ticket.team) == (rule, team)


@pytest.mark.parametrize("sender", ["boss@client.example", "anyone@vip.example", "BOSS@Client.Example"])
def test_rules_may_name_addresses_and_domains(sender: str) -> None:
    assert opened(World(), sender).rule == "boss"


def test_an_address_may_be_written_with_capitals() -> None:
    world = World(changed('boss@client.example, "@vip.example"', 'Boss@Client.example, "@VIP.example"'))
    assert opened(world, "boss@client.example").rule == opened(world, "anyone@vip.example").rule == "boss"


@pytest.mark.parametrize("sender", ["noboss@client.example", "anyone@vip.example.org"])
def test_an_address_is_matched_whole(sender: str) -> None:
    assert opened(World(), sender).rule == "default"


def test_words_of_another_policy_version_are_nothing_to_this_one() -> None:
    assert (
        World().send(World().message().model_copy(update={"words": ("w_0123456789abcdef",)})).one(TicketOpened).rule
        == "default"
    )


def test_the_rule_and_the_policy_version_are_recorded() -> None:
    world = World()
    assert opened(world).policy_version == 1
    world.apply(changed("front: {name: Front,", "front: {name: Vorne,"))
    assert opened(world).policy_version == 2


def test_a_customer_of_whom_nothing_is_known_has_the_default_tier() -> None:
    assert opened(World()).customer_tier == "standard"


def test_a_known_tier_gives_a_head_start_in_the_queue() -> None:
    world = World()
    customer = opened(world).customer
    world.send(PutCustomer(by=LEAD, customer=customer, tier="vip"))
    outcome = world.mail("sara")
    assert outcome.one(TicketOpened).customer_tier == "vip"
    assert outcome.one(WorkQueued).head_start == 2 * HOUR


def test_priority_and_tier_add_up_to_one_head_start() -> None:
    world = World()
    customer = opened(world).customer
    world.send(PutCustomer(by=LEAD, customer=customer, tier="vip"))
    expected = policy().head_start("urgent", "vip")
    assert world.mail("sara", "fraud").one(WorkQueued).head_start == expected > 2 * HOUR


def test_rules_may_ask_for_the_tier() -> None:
    rules = changed(
        "  - {id: default, then",
        "  - {id: vips, when: {tier: [vip]}, then: {category: billing}}\n  - {id: default, then",
    )
    world = World(rules)
    customer = opened(world).customer
    world.send(PutCustomer(by=LEAD, customer=customer, tier="vip"))
    assert opened(world).rule == "vips"
    assert opened(world, "omar").rule == "default"


def test_rules_may_ask_for_channel_account_and_language() -> None:
    extra = (
        "  - {id: arabic_form, when: {channel: [webform], account: [web], language: [ar]}, then: {category: billing}}\n"
    )
    world = World(changed("  - {id: default, then", extra + "  - {id: default, then"))
    assert opened(world, channel=Channel.WEBFORM, account="web", language="ar").rule == "arabic_form"
    assert opened(world, channel=Channel.WEBFORM, account="web", language="en").rule == "default"
    assert opened(world, channel=Channel.EMAIL, account="web", language="ar").rule == "default"


@pytest.mark.parametrize(
    ("written", "account", "language"), [("en", "phone", "en"), (None, "phone", "ar"), (None, "mail", "en")]
)
def test_the_language_is_the_messages_else_the_accounts_else_the_desks(
    written: str | None, account: str, language: str
) -> None:
    assert opened(World(), language=written, account=account).language == language


def test_a_desk_may_ask_for_the_customers_language_as_a_skill() -> None:
    world = World(changed("reopen_window: 7d", "reopen_window: 7d\n  language_is_a_skill: true"))
    skills = opened(world, words="fraud", language="ar").skills
    assert [(skill.id, skill.level) for skill in skills] == [("fraud", 3), ("language:ar", 1)]


def test_a_language_the_desk_does_not_speak_asks_for_the_desks_own() -> None:
    world = World(changed("reopen_window: 7d", "reopen_window: 7d\n  language_is_a_skill: true"))
    ticket = opened(world, language="ru")
    assert (ticket.language, [skill.id for skill in ticket.skills]) == ("ru", ["language:en"])


def test_a_ticket_waits_for_somebody_who_speaks_its_language() -> None:
    world = World(changed("reopen_window: 7d", "reopen_window: 7d\n  language_is_a_skill: true"))
    world.agent("emma", skills={"language:en": 5})
    arabic = world.mail("sara", language="ar")
    assert arabic.assignee is None
    assert world.mail("omar", language="en").assignee == "emma"
    assert world.agent("amal", skills={"language:ar": 3}).assignee == "amal"


def test_the_tier_of_the_team_is_the_tickets() -> None:
    rules = changed("then: {category: general, team: asked}", "then: {category: general, team: experts}")
    assert opened(World(rules), words="offer").tier == 2
