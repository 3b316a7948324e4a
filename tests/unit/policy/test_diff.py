from services.gateway.policy_file.diff import diff
from tests.unit.policy.samples import RULES, TEAMS, compiled


def lines(
    old: str = "", new: str = "", *, old_teams: str = "", new_teams: str = "", old_rules: str = "", new_rules: str = ""
) -> list[str]:
    before = compiled(old, teams=old_teams, rules=old_rules)
    return [str(change) for change in diff(before, compiled(new, teams=new_teams, rules=new_rules))]


def test_equal_policies_differ_in_nothing_whatever_their_version() -> None:
    assert diff(compiled(), compiled().at_version(4)) == []


def test_lengths_are_shown_as_people_write_them() -> None:
    changed = lines(
        new_teams="teams:\n  front: {name: {en: Front, ar: الخط الأول}, offer_timeout: 1m30s, break_limit: 10m}\n"
    )
    assert changed == ["~ teams.front.offer_timeout: 30s → 1m30s", "~ teams.front.break_limit: none → 10m"]


def test_what_comes_and_goes_is_named_by_its_id() -> None:
    changed = lines(new_teams=TEAMS + "  back: {name: Back, tier: 2}\n")
    assert changed == ["+ teams.back: {name: Back, tier: 2}"]
    assert lines(old_teams=TEAMS + "  back: {name: Back}\n") == ["- teams.back: {name: Back}"]


def test_texts_show_both_languages() -> None:
    changed = lines(new_teams="teams:\n  front: {name: {en: Front, ar: الواجهة}}\n")
    assert changed == ["~ teams.front.name: Front / الخط الأول → Front / الواجهة"]


def test_rules_are_compared_by_id_and_a_new_order_is_said() -> None:
    two = "rules:\n  - {{id: a, when: {{tier: {a}}}}}\n  - {{id: b, when: {{language: ar}}}}\n  - {{id: default}}\n"
    turned = "rules:\n  - {id: b, when: {language: ar}}\n  - {id: a, when: {tier: vip}}\n  - {id: default}\n"
    assert lines(old_rules=two.format(a="vip"), new_rules=turned) == ["~ rules (order): a, b, default → b, a, default"]
    assert lines(old_rules=two.format(a="vip"), new_rules=two.format(a="standard")) == [
        "~ rules.a.when.tier: [vip] → [standard]"
    ]
    assert lines(old_rules=two.format(a="vip"), new_rules=RULES) == [
        "- rules.a: {when: {tier: [vip]}}",
        "- rules.b: {when: {language: [ar]}}",
    ]


def test_a_changed_day_is_shown_by_its_date() -> None:
    calendar = "calendars: {{c: {{hours: 08:00-17:00, days: [{{first: 2027-03-09, name: Eid, hours: {}}}]}}}}\n"
    assert lines(calendar.format("[]"), calendar.format("09:00-12:00")) == [
        "~ calendars.c.exceptions.2027-03-09: closed Eid → [09:00-12:00] Eid"
    ]


def test_changed_words_are_shown_but_not_their_hash() -> None:
    changed = lines("words: {w: {en: [a]}}\n", "words: {w: {en: [a, b]}}\n")
    assert changed == ["~ words.w.en: [a] → [a, b]"]


def test_targets_are_compared_one_by_one() -> None:
    sla = "sla: [{{id: s, targets: {{first_reply: {{within: {}}}}}}}]\n"
    assert lines(sla.format("1h"), sla.format("30m")) == ["~ sla.s.targets.first_reply.within: 1h → 30m"]
