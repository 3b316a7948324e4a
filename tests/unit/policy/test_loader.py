import pytest

from services.gateway.policy_file.findings import PolicyErrors
from services.gateway.policy_file.loader import load_policy
from shared.policy.policy import Policy
from shared.policy.terms import Channel
from tests.unit.policy.samples import NOW, compiled, findings, written

CHANNELS = ", ".join(f"'{channel}'" for channel in list(Channel)[:-1]) + " or 'api'"
LENGTHS = 'write it as "15m", "1h", "1h30m" or "7d" (units w d h m s ms)'
PRIORITIES = "write 'urgent', 'high', 'normal' or 'low'"


def test_a_minimal_file_is_a_whole_policy() -> None:
    text = written()
    assert len(text.splitlines()) <= 20
    policy = load_policy(text, at=NOW)
    assert policy.calendar_for().id == "always"
    assert policy.accounts["web"].brand == "main"
    assert set(policy.priorities) == {"urgent", "high", "normal", "low"}
    assert set(policy.presence) == {"break", "prayer", "training", "meeting", "offline", "disconnected"}


def test_a_policy_survives_its_journey_in_a_fact() -> None:
    policy = compiled("words: {w: {en: [card], ar: [بطاق*]}}\n").at_version(7)
    arrived = Policy.model_validate_json(policy.model_dump_json())
    assert arrived == policy
    assert arrived.content == policy.content
    assert arrived.version == 7


def test_the_version_is_no_part_of_the_content() -> None:
    assert compiled().content == compiled().at_version(3).content
    assert compiled().content != compiled(desk="  prefix: HLP\n").content


def test_an_override_of_one_priority_keeps_the_others() -> None:
    policy = compiled("priorities: {urgent: {name: Now, head_start: 9h}}\npresence: {break: {name: Tea, limit: 5m}}\n")
    assert policy.priorities["urgent"].head_start == 9 * 3_600_000
    assert policy.priorities["high"].head_start > 0
    assert policy.break_limit("front", "break") == 300_000
    assert policy.break_limit("front", "prayer") == 30 * 60_000


def test_every_mistake_is_found_at_once_with_place_and_remedy() -> None:
    text = written(
        "sla:\n  - id: default\n    targets: {first_reply: {within: 60}}\n    warnings: [{share: 75%, to: owner}]\n",
        desk="  weekned: [friday]\n  calendar: offce\n",
        accounts="accounts:\n  web: {channel: webfrm, key: pk_acme_web}\n",
        teams="teams:\n  front: {name: Front, calendar: night, offer_timeout: soon}\n",
        rules="rules:\n  - {id: default, then: {team: frnt, priority: urgnt}}\n",
    )
    assert findings(text) == [
        "line 7, column 3: desk.weekned: there is no setting 'weekned' here; did you mean 'weekend'?",
        "line 8, column 13: desk.calendar: there is no calendar 'offce'; choose from always",
        f"line 10, column 18: accounts.web.channel: this is not one of the known words; write {CHANNELS}",
        "line 12, column 34: teams.front.calendar: there is no calendar 'night'; choose from always",
        "line 12, column 56: teams.front.offer_timeout: this is no length of time; " + LENGTHS,
        "line 14, column 32: rules[0].then.team: there is no team 'frnt'; did you mean 'front'?",
        "line 14, column 48: rules[0].then.priority: this is not one of the known words; " + PRIORITIES,
        'line 17, column 37: sla[0].targets.first_reply.within: a length of time needs its unit; write it as "15m", "1h" or "7d"',
    ]


@pytest.mark.parametrize(
    ("text", "place", "wrong"),
    [
        ("a: &x [1]\nb: 2\n", (1, 4), "anchors and aliases are not allowed"),
        ("a: 1\nb: *x\n", (2, 4), "anchors and aliases are not allowed"),
        ("a: 1\n<<: *x\n", (2, 1), "merge keys are not allowed"),
        ("a: 1\nb: {<<: 5}\n", (2, 5), "merge keys are not allowed"),
        ("a: 1\nb: {<<: {c: 1}}\n", (2, 5), "merge keys are not allowed"),
        ("a: 1\nb: [<<]\n", (2, 5), "merge keys are not allowed"),
        ("a: !!python/object:os.system {}\n", (1, 4), "YAML tags are not allowed"),
        ("a: !!str 5\n", (1, 4), "YAML tags are not allowed"),
        ("a: 1\n---\nb: 2\n", (2, 1), "a second document begins here"),
        ("a: [1\n", (2, 1), "this is not valid YAML"),
        ("a: 1\n  b: 2\n", (2, 4), "this is not valid YAML"),
        ("? [a]\n: 1\n", (1, 3), "a key must be a plain word"),
        ("[" * 50, (1, 21), "this is nested more than 20 levels deep"),
        ("a: \x07\n", (1, 1), "this is not valid YAML"),
        ("", (1, 1), "this is no policy"),
        ("- a\n", (1, 1), "this is no policy"),
        ("a: " + "1" * 300_000, (1, 1), "this file is larger than 256 KiB"),
        ("a: 1\nb: " + "1" * 5_000, (2, 4), "this number has more than 100 digits"),
        ("a: 1\nb: -" + "1_1" * 2_000, (2, 4), "this number has more than 100 digits"),
        ("a: 1\n" + "1" * 1_000 + ": 1", (2, 1), "this number has more than 100 digits"),
        ("a: 1\n0x" + "f" * 1_000 + ": 1", (2, 1), "this number has more than 100 digits"),
    ],
)
def test_what_is_no_policy_file_is_refused_with_its_place(text: str, place: tuple[int, int], wrong: str) -> None:
    with pytest.raises(PolicyErrors) as refused:
        load_policy(text, at=NOW)
    first = refused.value.findings[0]
    assert (first.line, first.column) == place
    assert first.wrong.startswith(wrong)


def test_a_text_may_be_a_merge_key_or_a_number_of_many_digits() -> None:
    policy = compiled(teams=f"teams: {{front: {{name: \"{'1' * 5_000}\"}}, b: {{name: '<<'}}}}\n")
    assert (policy.teams["front"].name.en, policy.teams["b"].name.en) == ("1" * 5_000, "<<")


def test_an_alias_bomb_is_refused_before_it_unfolds() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))
    assert all("anchors and aliases" in finding for finding in findings(bomb))
    assert findings(bomb)


def test_a_key_that_stands_twice_is_found_together_with_the_rest() -> None:
    found = findings(written(desk="  id: again\n  prefix: lower\n"))
    assert found == [
        "line 7, column 3: desk.id: the key 'id' stands here twice; keep one of the two",
        "line 8, column 11: desk.prefix: this is no number prefix; use up to ten capital letters and digits, such as SUP",
    ]


def test_yaml_1_2_reads_times_and_norway_as_text() -> None:
    policy = compiled(
        'calendars: {no: {hours: [08:00-17:00], days: [{first: 2026-12-24, hours: "09:00-12:00"}]}}\n',
        desk="  calendar: no\n",
    )
    assert policy.calendar_for().id == "no"
    assert policy.calendar_for().week[0][0].closes == 17 * 60


@pytest.mark.parametrize(
    ("day", "wrong"),
    [("2026-02-30", "this is no date"), ("2026-02-03 10:00:00", "this is no date"), ("tomorrow", "this is no date")],
)
def test_a_date_that_does_not_exist_has_a_place_like_any_mistake(day: str, wrong: str) -> None:
    found = findings(written(f"calendars:\n  c:\n    hours: []\n    days:\n      - first: {day}\n"))
    assert len(found) == 1
    assert found[0].startswith("line 18, column 16: calendars.c.days[0].first: " + wrong)


def test_missing_things_are_named_where_they_belong() -> None:
    found = findings("desk: {organisation: acme, name: Acme}\naccounts: {web: {key: pk_acme_web}}\n" + "rules: []\n")
    assert found == [
        "line 1, column 1: 'teams' is missing; add teams: …",
        "line 1, column 7: desk: 'id' is missing; add id: …",
        "line 2, column 17: accounts.web: 'channel' is missing; add channel: …",
        "line 3, column 8: rules: at least one is needed here; add one",
    ]


def test_one_mistake_causes_no_second_finding() -> None:
    text = written(
        "calendars: {c: {hours: [9-17]}}\n",
        accounts="accounts:\n  mail: {channel: email, address: nobody}\n",
        rules="rules:\n  - {id: a, when: {chanel: email}}\n  - {id: default}\n",
    )
    assert [finding.split(";")[0] for finding in findings(text)] == [
        "line 8, column 35: accounts.mail.address: this is no mail address",
        "line 12, column 20: rules[0].when.chanel: there is no setting 'chanel' here",
        "line 14, column 25: calendars.c.hours[0]: this is no shift",
    ]


def test_a_finding_never_repeats_a_faulty_value_it_does_not_know() -> None:
    secret = "sk-very-secret-value"
    assert not any(
        secret in finding for finding in findings(written(desk=f"  prefix: {secret}\n  reopen_window: {secret}\n"))
    )
    assert findings(written(desk=f"  prefix: {secret}\n"))
