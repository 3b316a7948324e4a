"""Look-ups: who is the place for what, which calendar, window, head start and promise apply."""

from dataclasses import replace

from shared.clock import DAY, HOUR
from shared.policy.desk import Consent
from shared.policy.terms import Purpose, TargetKind
from shared.policy.traits import Traits
from tests.unit.policy.samples import compiled

BANK = compiled(
    """\
brands: {main: {name: Main, calendar: brand}}
calendars:
  desk: {hours: 08:00-16:00}
  brand: {hours: 08:00-16:00}
  account: {hours: 08:00-16:00}
  team: {hours: 08:00-16:00}
categories: {cards: {name: Cards}, cards/lost: {name: Lost}, loans: {name: Loans}}
words: {lost: {en: [lost], ar: [ضاع*]}, card: {en: [card], ar: [بطاق*]}}
priorities: {urgent: {name: Urgent, head_start: 8h}}
tiers: {standard: {name: S}, vip: {name: V, head_start: 1h}}
sla:
  - {id: cards, when: {category: cards}, targets: {first_reply: {within: 5m}}}
  - {id: mail, when: {channel: email}, targets: {first_reply: {within: 2h}}}
""",
    desk="  calendar: desk\n  reopen_window: 7d\n",
    accounts="""\
accounts:
  web: {channel: webform, key: pk_acme_web, calendar: account, reopen_window: 3d, consent: {survey: never}}
  mail: {channel: email, address: Help@Example.com, also: [hilfe@example.com], team: loans}
""",
    teams="""\
teams:
  front: {name: Front}
  cards: {name: Cards, specialties: cards, calendar: team, reopen_window: 1d, break_limit: 5m}
  vault: {name: Vault, specialties: [cards/lost]}
  loans: {name: Loans}
""",
    rules="""\
rules:
  - {id: lost, when: {all_words: [lost, card]}, then: {category: cards/lost, priority: urgent, skills: {"language:ar": 2}}}
  - {id: card, when: {words: card}, then: {category: cards}}
  - {id: default}
""",
)


def test_the_longest_specialty_that_begins_a_category_wins() -> None:
    assert BANK.team_for("cards/lost").id == "vault"
    assert BANK.team_for("cards/lost/abroad").id == "vault"
    assert BANK.team_for("cards/pin").id == "cards"
    assert BANK.team_for("cards").id == "cards"


def test_without_a_specialty_the_account_decides_then_the_first_team() -> None:
    assert BANK.team_for("loans", "mail").id == "loans"
    assert BANK.team_for("loans", "web").id == "front"
    assert BANK.team_for("cardsharks").id == "front"


def test_the_narrowest_calendar_wins() -> None:
    assert BANK.calendar_for("cards", "main", "web").id == "team"
    assert BANK.calendar_for("front", "main", "web").id == "brand"
    assert BANK.calendar_for("front", "", "web").id == "account"
    assert BANK.calendar_for("front", "", "mail").id == "desk"
    assert BANK.calendar_for().id == "desk"


def test_a_team_nobody_knows_any_more_falls_back_to_the_desk() -> None:
    assert BANK.calendar_for("dissolved").id == "desk"
    assert BANK.reopen_window("dissolved", "dissolved") == 7 * DAY


def test_the_narrowest_reopen_window_wins() -> None:
    assert BANK.reopen_window("cards", "web") == DAY
    assert BANK.reopen_window("front", "web") == 3 * DAY
    assert BANK.reopen_window("front", "mail") == 7 * DAY


def test_head_starts_of_priority_and_tier_add_up() -> None:
    assert BANK.head_start("urgent", "vip") == 9 * HOUR
    assert BANK.head_start("normal", "vip") == HOUR
    assert BANK.head_start("urgent", "") == 8 * HOUR
    assert BANK.head_start("low", "unheard of") == 0


def test_the_first_rule_that_holds_decides() -> None:
    found = {name: words.condition for name, words in BANK.words.items()}
    both = Traits(conditions=frozenset(found.values()))
    assert BANK.rule_for(both).id == "lost"
    assert BANK.rule_for(replace(both, conditions=frozenset({found["card"]}))).id == "card"
    assert BANK.rule_for(replace(both, conditions=frozenset({found["lost"]}))).id == "default"
    assert BANK.rule_for(both).then.skills == {"language:ar": 2}


def test_the_first_sla_policy_that_holds_applies() -> None:
    cards, mail = Traits(category="cards/lost", channel="email"), Traits(category="loans", channel="email")
    assert [policy.id for policy in (BANK.sla_for(cards), BANK.sla_for(mail)) if policy] == ["cards", "mail"]
    assert BANK.sla_for(Traits(channel="webform")) is None


def test_the_shipped_promise_is_an_hour_and_at_the_latest_a_day() -> None:
    shipped = compiled().sla_for(Traits())
    assert shipped is not None
    for target in (TargetKind.FIRST_REPLY, TargetKind.NEXT_REPLY):
        assert (shipped.targets[target].within, shipped.targets[target].at_latest) == (HOUR, 24 * HOUR)
        assert shipped.targets[target].time == "business"


def test_accounts_are_found_by_address_and_key() -> None:
    for address in ("help@example.com", "HELP@EXAMPLE.COM", "hilfe@example.com"):
        found = BANK.account_by_address(address)
        assert found is not None
        assert found.id == "mail"
    assert BANK.account_by_address("other@example.com") is None
    by_key = BANK.account_by_key("pk_acme_web")
    assert by_key is not None
    assert by_key.id == "web"
    assert BANK.account_by_key("") is None


def test_consent_rules_are_those_of_the_account() -> None:
    assert BANK.accounts["web"].consent.rule(Purpose.SURVEY) is Consent.NEVER
    assert BANK.accounts["mail"].consent.rule(Purpose.SURVEY) is Consent.IMPLIED
    assert BANK.accounts["mail"].consent.rule(Purpose.SERVICE) is Consent.IMPLIED
    assert BANK.accounts["mail"].consent.rule(Purpose.PROACTIVE) is Consent.REQUIRED


def test_a_team_may_shorten_its_breaks_only() -> None:
    assert BANK.break_limit("cards", "break") == 5 * 60_000
    assert BANK.break_limit("front", "break") == 20 * 60_000
    assert BANK.break_limit("cards", "prayer") == 30 * 60_000
    assert BANK.break_limit("cards", "training") is None


def test_a_condition_is_its_phrases_whatever_the_list_is_called() -> None:
    renamed = compiled("words: {perdu: {ar: [ضاع*], en: [lost]}}\n")
    changed = compiled("words: {lost: {ar: [ضاع*], en: [lost, gone]}}\n")
    assert renamed.words["perdu"].condition == BANK.words["lost"].condition
    assert changed.words["lost"].condition != BANK.words["lost"].condition
    assert BANK.conditions[BANK.words["lost"].condition] == ("ضاع*", "lost")


def test_thanks_and_opt_out_words_count_only_alone() -> None:
    assert BANK.thanks.alone("  شُكراً!! ")
    assert BANK.thanks.alone("Many thanks.")
    assert not BANK.thanks.alone("Thanks, but it is still lost")
    assert BANK.opt_out.alone("STOP")
    assert BANK.opt_out.alone("إيقاف")
    assert not BANK.opt_out.alone("إلغاء")
    assert not BANK.opt_out.alone("stop my card")
